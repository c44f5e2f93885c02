"""Tells of the complaints in the demo's story, and what becomes of them."""

from odoo import Command

from .course import Course, opening

COMPLAINTS = [
    {
        "ref": "past_counter",
        "contact": "bank_branch",
        "opened": "128d10:15",
        "title": "柜台终端修了三天",
        "text": "说好当天修好，第三天才换件。",
        "cause": "备件不在本地，须从外地调拨。",
        "answer": "备件当时缺货，现已前移备件，向您致歉。",
        "course": "45m acknowledge;1d10:00 answer mail yes;2d10:00 accept;"
        "3d09:00 close",
    },
    {
        "ref": "past_scanner",
        "contact": "logistics_it",
        "opened": "104d09:30",
        "title": "Scanner broke again a week after its repair",
        "text": "The same fault, and again two days without it.",
        "cause": "A loose battery contact was overlooked at the first repair.",
        "answer": "The battery contact was loose; the scanner was exchanged.",
        "course": "20m acknowledge;3h investigate;1d11:00 answer phone yes;"
        "2d09:30 accept;3d10:00 close",
    },
    {
        "ref": "past_night",
        "contact": "hospital_it",
        "severity": "important",
        "opened": "91d09:10",
        "title": "夜间报修无人接听",
        "text": "凌晨两次拨打热线都没有人接。",
        "answer": "夜班排班有空档，已补齐，并设置了转接。",
        "cause": "夜班交接时间没有重叠。",
        "handling": "交接重叠半小时，热线自动转接。",
        "course": "2h acknowledge;4h investigate;6h find;5d10:00 answer mail yes;"
        "6d10:00 accept;7d09:00 close",
    },
    {
        "ref": "past_change",
        "contact": "bank_it",
        "opened": "88d14:20",
        "title": "变更没有提前通知",
        "text": "防火墙策略周五下午调整，我们周一才知道。",
        "cause": "变更通知名单没有随值班表更新。",
        "answer": "变更通知遗漏了贵方值班组，名单已更正。",
        "course": "30m acknowledge;1d09:40 answer mail yes;1d16:00 accept;"
        "2d09:00 close",
    },
    {
        "ref": "past_english",
        "contact": "logistics_it",
        "opened": "58d10:40",
        "title": "Reports come in Chinese only",
        "text": "Our shift leaders cannot read them.",
        "cause": "The language of the reports was not set at the contract.",
        "answer": "From this month on your reports come in English.",
        "course": "25m acknowledge;4h answer mail yes;1d09:00 accept;1d15:00 close",
    },
    {
        "ref": "late_visit",
        "contact": "bank_branch",
        "opened": "24d10:00",
        "about": "bank_26",
        "title": "工程师比约定晚到两小时",
        "text": "约好九点，十一点才到，柜台一直停着。",
        "cause": "排班没有计入路上时间。",
        "answer": "您说得对，我们排班时没有留出路上的时间，已向您道歉。",
        "course": "40m acknowledge;3h investigate;1d10:30 answer mail yes;"
        "1d16:00 accept;2d09:30 close",
    },
    {
        "ref": "wrong_bill",
        "contact": "logistics_it",
        "opened": "21d14:10",
        "title": "Charged for a visit that never took place",
        "text": "The invoice lists a visit on a day when nobody came.",
        "cause": "Two customers' service sheets were mixed up.",
        "answer": "The visit was another customer's. The invoice is corrected.",
        "redress": "The line is refunded.",
        "course": "25m acknowledge;2h answer phone yes;3h accept;1d09:00 close",
    },
    {
        "ref": "noise",
        "contact": "hospital_it",
        "opened": "17d09:20",
        "title": "夜间维护噪音扰民",
        "text": "凌晨两点机房施工，病区能听到。",
        "cause": "维护窗口未提前通知病区。",
        "answer": "维护窗口是按协议约定的，噪音低于限值；今后会提前通知病区。",
        "course": "1h acknowledge;5h investigate;2d11:00 answer mail no;5d09:00 close",
    },
    {
        "ref": "no_answer",
        "contact": "bank_it",
        "severity": "important",
        "opened": "12d09:15",
        "about": "bank_24",
        "title": "同一故障一个月内第三次",
        "text": "手机银行转账故障反复发生，要求说明根本原因。",
        "answer": "已找到原因：限额参数没有纳入变更管理。",
        "words": "只说了原因，没有说怎么防止再发生。",
        "cause": "限额参数不在变更管理范围内。",
        "handling": "参数纳入变更管理，上线前由第二人复核。",
        "course": "30m acknowledge;2h investigate;1d10:00 answer mail yes;"
        "1d15:00 refuse;1d16:00 find;2d10:00 answer mail yes;3d09:30 accept;"
        "4d09:00 close",
    },
    {
        "ref": "warranty",
        "contact": "logistics_it",
        "opened": "9d11:30",
        "title": "Repair refused although under warranty",
        "text": "The printer broke after eleven months and we are asked to pay.",
        "cause": "Damage by a fall, which the warranty leaves out.",
        "answer": "The damage is from a fall, which the warranty leaves out.",
        "words": "Nobody dropped it.",
        "reason": "An independent workshop confirms a fall; its report is enclosed.",
        "course": "1h acknowledge;4h investigate;1d10:00 answer mail no;"
        "1d14:00 refuse;2d10:00 answer mail no;2d15:00 refuse;3d09:00 close",
    },
    {
        "ref": "core_down",
        "contact": "bank_it",
        "severity": "major",
        "opened": "20h",
        "about": "bank_03",
        "title": "核心系统中断，柜面停业四十分钟",
        "text": "存储故障导致全行柜面停业，要求书面说明并赔偿。",
        "cause": "控制器固件缺陷在切换时触发，备用路径未演练。",
        "course": "10m acknowledge;30m investigate;3h find",
    },
    {
        "ref": "third_outage",
        "contact": "hospital_it",
        "severity": "important",
        "opened": "26h",
        "title": "挂号系统本月第三次变慢",
        "text": "周一早高峰挂号排队超过一小时。",
        "course": "35m acknowledge;2h investigate",
    },
    {
        "ref": "rude",
        "contact": "bank_branch",
        "opened": "30h",
        "person": "liu",
        "title": "现场工程师态度生硬",
        "text": "说我们自己不会用，拒绝演示。",
        "course": "50m acknowledge",
    },
    {
        "ref": "told_twice",
        "contact": "logistics_it",
        "opened": "3d10:20",
        "title": "Had to explain the same problem four times",
        "text": "Each time somebody else called and asked from the beginning.",
        "answer": "From now on one engineer stays with a ticket until it is solved.",
        "course": "20m acknowledge;1h investigate;1d11:00 answer mail partly",
    },
    {
        "ref": "red_packet",
        "anonymous": True,
        "opened": "5h",
        "about_team": "site",
        "title": "反映现场人员收取红包",
        "text": "上门安装后向客户索要好处费。",
        "course": "",
    },
    {
        "ref": "queue",
        "contact": "coffee",
        "opened": "25m",
        "product": "Espresso machine, telemetry",
        "title": "Waited forty minutes on the phone",
        "text": "Twice cut off while waiting.",
        "course": "",
    },
]


class ComplaintCourse(Course):
    """Lets a complaint take its course; the desk takes the steps."""

    def __init__(self, demo, story, ticket):
        self.demo, self.story, self.ticket = demo, story, ticket
        self.env = demo.env
        self.desk = demo._ref("user", "zhou")
        self.zone = ticket.partner_id.tz or "Asia/Shanghai"
        self.at = None

    def _step_acknowledge(self):
        self._by(self.desk).service_complaint_acknowledge(at=self.at)

    def _step_investigate(self):
        self._by(self.desk).service_complaint_investigate(at=self.at)

    def _step_answer(self, way, admitted):
        self._by(self.desk).service_complaint_answer(
            self.story["answer"],
            way,
            at=self.at,
            admitted=admitted,
            redress=self.story.get("redress"),
        )

    def _step_accept(self):
        self._by(self.desk).service_complaint_accepted(at=self.at)

    def _step_refuse(self):
        self._by(self.desk).service_complaint_refused(self.story["words"], at=self.at)

    def _step_find(self):
        self._by(self.desk).write(
            {
                "service_root_cause": self.story["cause"],
                "service_handling": self.story.get("handling"),
            }
        )

    def _step_close(self):
        self._by(self.desk).write(
            {
                "service_work_done": self.story["answer"],
                "service_root_cause": self.story["cause"],
                "service_closing_reason": self.story.get("reason"),
            }
        )
        self._by(self.desk).service_complaint_close()


def tell_complaints(demo):
    """Enter the complaints of the story and take their steps, up to the present."""
    company = demo.env.ref("base.main_company")
    company.write(
        {
            "service_technical_centre_id": demo._ref("team", "centre").id,
            "service_complaint_team_id": demo._ref("team", "operations").id,
            "service_hotline": "400 820 8820",
            "service_hotline_tester_id": demo._ref("user", "wu").id,
        }
    )
    demo.env["service.quality.complaint.route"].create(
        {
            "name": "系统与网络 Servers and network",
            "company_id": company.id,
            "category_id": demo._ref("category", "servers").id,
            "told_team_ids": [Command.set(demo._ref("team", "operations").ids)],
        }
    )
    desk = demo.env["helpdesk.ticket"].with_user(demo._ref("user", "yue"))
    found = {}
    for story in COMPLAINTS:
        values = prepare_complaint(demo, company, story)
        found[story["ref"]] = desk._service_as_of(  # batched: a story, in its order
            values["service_opened_at"], is_history=True
        ).create(values)
    demo._name_records("complaint", found)
    for story in COMPLAINTS:
        # the course says itself who takes which step
        ComplaintCourse(demo, story, found[story["ref"]].sudo()).run()
    demo.env["service.quality.hotline.test"]._cron_plan_tests()
    # what was written long ago is not sent now
    demo.env["mail.mail"].search(
        [
            ("state", "=", "outgoing"),
            ("model", "in", ("helpdesk.ticket", *WRITTEN_ABOUT)),
        ]
    ).state = "cancel"


WRITTEN_ABOUT = ("service.quality.complaint.notice", "service.quality.hotline.test")


def prepare_complaint(demo, company, story):
    """Return the values of a complaint of the story."""
    nobody = demo.env["res.partner"]
    contact = demo._ref("partner", story["contact"]) if "contact" in story else nobody
    ticket = demo._ref("ticket", story["about"]) if "about" in story else None
    values = {
        "name": story["title"],
        "description": story["text"],
        "company_id": company.id,
        "partner_id": contact.id,
        "partner_name": contact.name,
        "partner_email": contact.email,
        "channel_id": demo.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_phone").id,
        "team_id": demo._ref("team", "operations").id,
        "user_id": False,
        "service_opened_at": opening(story["opened"], contact.tz or "Asia/Shanghai"),
        "service_is_complaint": True,
        "service_severity": story.get("severity", "minor"),
        "service_is_anonymous": story.get("anonymous", False),
        "service_about_product": story.get("product"),
    }
    if ticket:
        values["service_about_ticket_id"] = ticket.id
        values["category_id"] = ticket.category_id.id
    if "person" in story:
        values["service_about_user_id"] = demo._ref("user", story["person"]).id
    if "about_team" in story:
        values["service_about_team_id"] = demo._ref("team", story["about_team"]).id
        values["service_is_report"] = True
    return values
