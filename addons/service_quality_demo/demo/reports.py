"""Makes the reports of the demo's company: sent, acknowledged, objected to, drafts."""

import logging

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import UserError

from odoo.addons.service_quality_core.models.printing import CHROMIUM_PARAMETER
from odoo.addons.service_quality_core.tools.chromium import find_chromium
from odoo.addons.service_quality_core.tools.period import Period

from .figures import ANALYSES, OTHERWISE

_logger = logging.getLogger(__name__)

COURSE = {
    4: {
        "summary": "这是半年来最差的一个月：达成率跌破八成。\n"
        "三次集中变更都在同一周，值守人员不足。\n"
        "客户满意度随之下降，投诉两件。",
        "decisions": "变更日历须经服务经理批准，请何总决定。",
        "analysis": "<p>超时工单六成集中在变更周，两成为备件等待。</p>",
    },
    3: {
        "summary": "协议达成率回升到九成，响应明显加快。\n"
        "变更日历执行后积压已清空。\n"
        "满意度回到 4 以上。",
        "decisions": "备件前移到两个城市的预算，请何总在月底前批准。",
        "analysis": "<p>未达标主要出在备件取件时间，占全部超时的一半。</p>",
    },
    2: {
        "summary": "Attainment is above nine of ten for the second month.\n"
        "Customers are reached by telephone more often than ever.\n"
        "What is still late is on site, not at the desk.",
        "decisions": "",
        "analysis": "<p>Visits start too late in the day: half of them are planned "
        "after noon.</p>",
    },
}
"""What people wrote in the monthly quality report of some months ago.

The executive has taken note of all but the last one.
"""

INSTRUCTION = "同意变更日历，由服务经理批准后执行，下月质量月报中说明效果。"
DONE = "变更日历已执行一个月，变更周无一件工单超时。"
PENDING = "备件前移按方案执行，年底前报效果。"

ASSESSED = {
    4: "变更过于集中是管理问题，不是人手问题；同意变更日历。",
    3: "备件前移应先做银行一家，见效后再推广。",
}
"""What the technical service centre concluded from the report of some months ago."""

LATE = 6
"""So many days late the first report of the company was sent."""

REASONS = ("备件从外地调拨，到货晚于约定。", "A part had to come from another city.")

OBJECTION = "八月第二周的停机时间与我们的记录相差四十分钟，请核对。"


def tell_reports(demo):
    """Write the reports of the last months; most of those before the last were sent.

    Of the first month the one of the company is late, and those of departments and
    customers are missing. Of the quarter that ended, the departments' are missing.
    """
    demo = demo.with_context(mail_activity_quick_update=True)
    company = demo.env.ref("base.main_company")
    creation = demo.env["service.quality.report.creation"]
    month = Period.around("month", fields.Date.today())
    sent = {}
    for back, texts in COURSE.items():
        sent[back] = _write(demo, company, "organisation", month.shifted(-back), texts)
    for back in (3, 2):
        period = month.shifted(-back)
        for agreement in creation._agreements_to_report(company, period):
            report = _write(demo, company, "customer", period, {}, agreement.id)
            sent[f"customer_{agreement.id}_{back}"] = report
        for team in creation._departments(company, period):
            report = _write(demo, company, "department", period, {}, team.id)
            sent[f"department_{team.id}_{back}"] = report
    sent |= _write_quarter(demo, company, month)
    demo._name_records("report", {str(key): one for key, one in sent.items()})
    if _send_all(demo, sent.values()):
        _send_late(sent[4])
        _acknowledge(demo, sent[4], sent[3])
        _take_note(one for key, one in sent.items() if key not in (4, 3, 2))
        _assess(demo, sent)
        _respond(demo, *(_of_customer(demo, sent, key) for key in ("bank", "hospital")))
    drafts = creation._make_of_period(company, month.shifted(-1))
    drafts.filtered(lambda one: one.kind == "organisation").user_id = demo._ref(
        "user", "wu"
    )
    # the last days of a month's reports, whatever day it is
    drafts.filtered(lambda one: one.kind != "customer").due_date = fields.Date.add(
        fields.Date.today(), days=4
    )
    cancel_mails(demo)


def _write_quarter(demo, company, month):
    """Write the reports on the quarter that ended, where they are due already."""
    quarter = Period.around("quarter", month.start).previous()
    if quarter.end > month.shifted(-1).start:
        return {}
    texts = dict(COURSE[2], summary=COURSE[3]["summary"])
    sent = {"quarter": _write(demo, company, "organisation", quarter, texts)}
    creation = demo.env["service.quality.report.creation"]
    for project in creation._projects(company, quarter):
        texts = {"analysis": COURSE[3]["analysis"]}
        report = _write(demo, company, "project", quarter, texts, project.id)
        sent[f"project_{project.id}"] = report
    return sent


def _of_customer(demo, sent, key):
    """Return the report of two months ago on the agreement with a customer."""
    agreement = demo._ref("agreement", f"{key}_2") or demo._ref("agreement", key)
    return sent[f"customer_{agreement.id}_2"]


def _write(demo, company, kind, period, texts, subject_id=None):
    """Make a report with its figures and texts, and have it reviewed by another."""
    creation = demo.env["service.quality.report.creation"]
    values = creation._prepare_report(company, kind, period, subject_id)
    wu = demo._ref("user", "wu")
    if kind == "organisation":
        values["user_id"] = wu.id
    report = demo.env["service.quality.report"].create(values | texts)
    for number, miss in enumerate(report.miss_ids):
        miss.reason = REASONS[number % 2]
    for line in report.line_ids.filtered(lambda one: not one._is_explained()):
        cause, action = ANALYSES.get(line.indicator_id.code, OTHERWISE)
        line.write({"cause": cause, "action": action})  # batched: a few lines
    other = demo._ref("user", "zhou") if kind == "organisation" else wu
    report.with_user(other).review()
    # it says when it would have been written
    at = fields.Datetime.to_datetime(report.due_date) + relativedelta(hours=2)
    report._write_as_step({"reviewed_at": at, "taken_at": at - relativedelta(days=4)})
    return report


def _send_all(demo, reports):
    """Send reports where they can be printed; else they stay reviewed."""
    path = demo.env["ir.config_parameter"].get_param(CHROMIUM_PARAMETER)
    if not find_chromium(path):
        return False
    try:
        with demo.env.cr.savepoint():
            for report in reports:
                _send(demo, report)
    except UserError as error:
        _logger.warning("The demo's reports are not sent: %s", error)
        return False
    return True


def _send(demo, report):
    """Send a report, and date what it leaves behind to when it was due."""
    report.with_user(report.reviewed_by_id).send()
    at = report.reviewed_at + relativedelta(hours=3)
    report._write_as_step({"sent_at": at})
    report.delivery_ids.sent_at = at
    for number, delivery in enumerate(report.delivery_ids.filtered("user_id")):
        if number % 3 or delivery.is_executive or report.kind != "organisation":
            delivery.seen_at = at + relativedelta(hours=2 + 5 * number)
    asked = report.delivery_ids.filtered("acknowledge_by")
    asked.acknowledge_by = at.date() + relativedelta(days=5)


def _send_late(report):
    """Date a report to some days after it was due."""
    at = report.sent_at + relativedelta(days=LATE)
    report._write_as_step({"reviewed_at": at - relativedelta(hours=3), "sent_at": at})
    report.delivery_ids.sent_at = at
    for delivery in report.delivery_ids.filtered("seen_at"):
        delivery.seen_at += relativedelta(days=LATE)  # batched: a few people
    asked = report.delivery_ids.filtered("acknowledge_by")
    asked.acknowledge_by = at.date() + relativedelta(days=5)


def _assess(demo, sent):
    """Let the technical service centre say what it concludes."""
    centre = demo._ref("user", "xu")
    for back, text in ASSESSED.items():
        sent[back].with_user(centre).assess(text)
        # the story takes place in the past
        sent[back].assessment_ids.sudo()._write_as_step(
            {"at": sent[back].sent_at + relativedelta(days=2)}
        )


def _acknowledge(demo, *reports):
    """Let the executive take note, and say what is to be done."""
    executive = demo._ref("user", "he")
    owner = demo._ref("user", "zhou")
    orders = []
    for report in reports:
        report.with_user(executive).acknowledge()
        at = report.sent_at + relativedelta(days=1, hours=1)
        own = report.delivery_ids.filtered("acknowledged_at")
        own.write({"acknowledged_at": at, "seen_at": at})  # batched: two reports
        orders.append(
            {
                "report_id": report.id,
                "user_id": owner.id,
                "text": INSTRUCTION if not orders else PENDING,
                "deadline": at.date() + relativedelta(months=1 if not orders else 3),
            }
        )
    given = (
        demo.env["service.quality.report.instruction"]
        .with_user(executive)
        .create(orders)
    )
    for one in given:  # two, each when the executive had read the report
        noted = one.report_id.delivery_ids.filtered("acknowledged_at")[:1]
        one._write_as_step({"given_at": noted.acknowledged_at})
    given[:1].with_user(owner).complete(DONE)


def _take_note(reports):
    """Let the executive take note of some more, three days after they came."""
    for report in reports:
        asked = report.delivery_ids.filtered("acknowledge_by")
        at = report.sent_at + relativedelta(days=3)
        asked.write({"acknowledged_at": at, "seen_at": at})  # batched: by report


def _respond(demo, confirmed, objected):
    """Let one customer confirm in the portal, and another object and be answered."""
    answers = demo.env["service.quality.report.response"]._create_as_step(
        [
            {
                "report_id": report.id,
                "kind": kind,
                "channel": "portal",
                "partner_id": contact.id,
                "given_by": contact.name,
                "given_at": report.sent_at + relativedelta(days=2),
                "text": text,
            }
            for report, kind, contact, text in (
                (confirmed, "confirmed", demo._ref("partner", "bank_it"), False),
                (objected, "objection", demo._ref("partner", "hospital_it"), OBJECTION),
            )
        ]
    )
    for answer in answers:
        seen = answer.report_id.delivery_ids.filtered(lambda one: not one.user_id)
        seen.seen_at = answer.given_at - relativedelta(hours=1)


def cancel_mails(demo):
    """Cancel the mails: what was written long ago is not sent now."""
    deliveries = demo.env["service.quality.report.delivery"].search([])
    mails = deliveries.mail_id | demo.env["mail.mail"].search(
        [("state", "=", "outgoing"), ("model", "=like", "service.quality.%")]
    )
    mails.state = "cancel"
