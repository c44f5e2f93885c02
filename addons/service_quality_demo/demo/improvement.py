"""Tells of measures, nonconformities, the management review and the improvement plan.

People take the steps, and the rules raise what they raise on any day; only the days
are set back afterwards.
"""

import logging

from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tools import SQL, mute_logger

from odoo.addons.service_quality_core.tools.period import Period

_logger = logging.getLogger(__name__)

MONTHS = 4
"""How long the regulation has been in force."""

MEASURE = "mgmtsystem.action"
PRINTER = "odoo.addons.base.models.ir_actions_report"

DONE = "已按计划执行，记录见项目文件夹。"
CHECKED = "抽查本月工单十件，均已按新要求办理。"

SUGGESTIONS = [
    ("bank_26", "bank", "上门前一小时请先打电话确认。", "closed"),
    ("hospital_05", "hospital", "希望夜间也能现场维修。", "cancelled"),
    (
        "logistics_07",
        "logistics",
        "Send us one list of all open tickets each Monday.",
        "",
    ),
]
"""Ticket, who suggests it in the portal, what, and what became of it."""

CALLED_FIRST = "排班系统已增加提醒：工程师出发前先致电客户。"
NO_NIGHTS = "夜间现场服务不在协议范围内；夜间远程支持照旧，续约时可另行约定。"

DIGEST = (
    "Nobody told the caller that a part was missing.",
    "备件缺货当天由调度电话告知客户。",
)

COMPLAINT_CORRECTION = "已切换到备用控制器，柜面四十分钟后恢复营业。"
COMPLAINT_WHYS = [
    ("为什么柜面停业？", "存储控制器切换失败。"),
    ("为什么切换失败？", "固件缺陷在切换时触发，切换从未演练。"),
]

CLOSED = {
    "name": "Change made without a way back",
    "description": "A firewall rule was changed on a Friday night; nobody had written "
    "down how to undo it, and the branch was offline for two hours.",
}
CLOSED_CORRECTION = "The old rules were restored from the backup of the week before."
CLOSED_CAUSES = [
    ("Why was the branch offline?", "The new rule blocked the branch's own network."),
    ("Why was it not undone at once?", "The way back was not written down."),
    ("Why was it not written down?", "The form of a change does not ask for it."),
]
CLOSED_EVIDENCE = "Change records of the last quarter: none of nine has a way back."
CLOSED_ACTION = "Ask for the way back in the form of each change"
CLOSED_LOOK = "Ten changes of the next month: does each say how to undo it?"
CLOSED_RESULT = "The form has a field for it since Monday; all engineers were told."
CLOSED_FOUND = "Ten changes were looked at; each says how to undo it."

FAILED_CORRECTION = "超时工单已逐件致电客户说明，并当天办结。"
FAILED_CAUSES = [
    ("为什么工单超时？", "午间和变更周值守人员不足。"),
    ("为什么人员不足？", "排班按平均工作量安排，没有看变更日历。"),
    ("为什么没有看变更日历？", "排班人员收不到变更日历。"),
]
FAILED_EVIDENCE = "对照三个月的排班表与变更日历。"
FAILED_ACTION = "每周五把变更日历发给排班人员"
FAILED_LOOK = "下月抽查十件工单，看变更周是否仍有超时。"
FAILED_RESULT = "变更日历已连续四周按时发给排班人员。"
FAILED_FOUND = "抽查十件，仍有三件在变更周超时：收到日历但未据此排班。"

AGAIN_CAUSES = [
    ("为什么收到日历仍未增加人手？", "没有规定变更周最少几人值守。"),
    ("为什么没有规定？", "值守标准三年未修订。"),
    ("为什么三年未修订？", "没有指定谁负责修订值守标准。"),
]
AGAIN_EVIDENCE = "值守标准文件的版本日期，以及与排班人员的谈话记录。"
AGAIN_ACTION = "修订值守标准：变更周每班至少两人，由服务经理每季度复核"
AGAIN_LOOK = "下月变更周的排班表，以及该周十件工单的办结时间。"

REVIEW = {
    "service_suitable": "yes",
    "service_suitable_reason": "方针和目标与公司经营方向一致，客户结构没有大的变化。",
    "service_adequate": "partly",
    "service_adequate_reason": "夜间值守人手不足，备件仓库只有一处。",
    "service_effective": "partly",
    "service_effective_reason": "达成率全年九成以上，但投诉答复偏慢。",
    "service_direction": "From repairing fast to failing less: causes before speed.",
}
REVIEW_DECISION = ("备件前移", "在第二个城市设备件点，先做银行一家。")
REVIEW_DONE = "备件点已启用，银行工单平均等待缩短一天。"
NO_INPUT = "去年尚未建立该项记录，本次会议未见相关材料。"

PLAN = "By the end of the quarter nobody waits for a part longer than a day."
PLAN_TAKEN = (
    "变更周每班增加一人值守，由服务经理每周检查。",
    "Two sets of spare parts move to the branch.",
    "投诉答复由服务经理每日晨会过问。",
)
PLAN_WAITS = "影响较小，先观察一个季度，下季度再议。"


def tell_measures(demo):
    """Let the measures of the last months go their ways, and customers suggest some."""
    demo = demo.with_context(mail_activity_quick_update=True)
    _tell_digests(demo)
    deviations = demo.env["service.quality.deviation"].search([])
    closed = deviations.filtered(lambda one: one.state == "closed")
    begun = (deviations - closed).filtered(
        lambda one: one.date_from < _month().shifted(-1).start
    )
    past = closed.service_measure_ids
    orders = demo.env["service.quality.report.instruction"].search([])
    past |= orders.service_measure_ids.filtered(lambda one: one.service_state == "done")
    past |= demo.env["service.quality.survey.part"].search([]).service_measure_ids
    _approve(past | begun.service_measure_ids)
    over = begun.service_measure_ids.filtered(
        lambda one: one.date_deadline < fields.Date.today()
    )
    # the last one waits in vain
    _report_done(past | over[:-1], DONE)
    _check(demo, past, CHECKED)
    _tell_suggestions(demo)
    _set_back(past | begun.service_measure_ids)


def _month():
    return Period.around("month", fields.Date.today())


def _tell_digests(demo):
    """Make the results of last week's calls; the leaders answer what was bad."""
    today = fields.Date.today()
    monday = today - relativedelta(days=today.weekday())
    company = demo.env.ref("base.main_company")
    digests = demo.env["service.quality.callback.digest"]._make(company, monday)
    analysis, action = DIGEST
    for leader, lines in digests.line_ids.grouped(
        lambda x: x.digest_id.user_id
    ).items():
        own = lines.with_user(leader)
        own.write({"analysis": analysis, "action": action})  # batched: by leader


def _tell_suggestions(demo):
    """Let customers suggest something in the portal, and be told what becomes of it."""
    for ref, customer, text, outcome in SUGGESTIONS:
        user = demo._ref("user", customer)
        ticket = demo._ref("ticket", ref).with_user(user)
        measure = ticket._service_suggest(text, user.partner_id).with_env(demo.env)
        if outcome == "cancelled":
            boss = measure._second_persons().users[:1]
            measure.with_user(boss)._cancel(NO_NIGHTS)
        elif outcome:
            _approve(measure)
            _report_done(measure, CALLED_FIRST)
            _check(demo, measure, CHECKED)


def _approve(measures):
    """Let those approve who may."""
    waiting = measures.filtered(lambda one: one.service_state == "proposed")
    for user, own in waiting.grouped(
        lambda one: one._second_persons().users[:1]
    ).items():
        own.with_user(user).action_approve()


def _report_done(measures, text):
    open_ = measures.filtered(lambda one: one.service_state == "open")
    for user, own in open_.grouped("user_id").items():
        own.with_user(user)._report_done(text)


def _check(demo, measures, text, answer="yes"):
    wu = demo._ref("user", "wu")
    done = measures.filtered(lambda one: one.service_state == "done")
    done = done.filtered(lambda one: one.user_id != wu)
    if done:
        done.with_user(wu)._check_done(answer, text)


def _set_back(measures):
    """Date measures to the days until which they were to be done."""
    for deadline, own in measures.grouped("date_deadline").items():
        until = fields.Datetime.to_datetime(deadline)
        now = fields.Datetime.now()
        moments = {
            "service_approved_at": min(until - relativedelta(days=27), now),
            "service_done_at": min(until - relativedelta(days=3), now),
            "service_checked_at": min(until + relativedelta(days=4), now),
        }
        for name, moment in moments.items():  # batched: three, for each day
            own.filtered(name)._write_as_step({name: moment})
        approved = own.filtered("service_approved_at")
        approved._write_as_step({"date_open": moments["service_approved_at"]})
        closed = own.filtered("date_closed")
        closed._write_as_step({"date_closed": moments["service_checked_at"]})
        _create_on(own, min(until - relativedelta(days=29), now))


def _create_on(records, moment):
    """Date when records were made, which no program writes."""
    records.env.flush_all()
    records.env.cr.execute(
        SQL(
            "UPDATE %s SET create_date = %s WHERE id = ANY(%s)",
            SQL.identifier(records._table),
            moment,
            records.ids,
        )
    )
    records.invalidate_recordset(["create_date"])


# ----------------------------------------------------------------------
# Nonconformities
# ----------------------------------------------------------------------


def tell_nonconformities(demo):
    """Tell of one that was closed, one that came back, and one of a complaint."""
    demo = demo.with_context(mail_activity_quick_update=True)
    told = {
        "closed": _tell_closed(demo),
        "again": _tell_again(demo),
        "complaint": _tell_of_complaint(demo),
    }
    demo._name_records("nonconformity", {key: one for key, one in told.items() if one})


def _tell_closed(demo):
    """Let the quality department raise one, which is closed as effective."""
    manager, engineer = demo._ref("user", "zhao"), demo._ref("user", "chen")
    wu = demo._ref("user", "wu")
    record = (
        demo.env["mgmtsystem.nonconformity"]
        .with_user(wu)
        .create(
            CLOSED
            | {
                "partner_id": demo._ref("partner", "bank_it").commercial_partner_id.id,
                "severity_id": demo.env.ref(
                    "mgmtsystem_nonconformity.nonconformity_severity_min"
                ).id,
                "service_team_id": demo._ref("team", "operations").id,
                "responsible_user_id": manager.id,
                "manager_user_id": wu.id,
            }
        )
        .with_env(demo.env)
    )
    _correct(record, CLOSED_CORRECTION)
    _analyse(record, CLOSED_CAUSES, CLOSED_EVIDENCE, "procedure_not_respected")
    _plan(record, CLOSED_ACTION, engineer, CLOSED_LOOK, wu)
    _carry_out(record, CLOSED_RESULT)
    since = fields.Datetime.now() - relativedelta(days=70)
    _judge(record, "yes", CLOSED_FOUND, since)
    _date(record, since, (0, 3, 4, 6, 20, 55))
    return record


def _tell_again(demo):
    """Let the rule raise what was missed often; the first action did not help.

    The second plan waits for an executive.
    """
    Deviation = demo.env["service.quality.deviation"]
    rule = demo.env["service.quality.nonconformity.rule"]
    record = demo.env["mgmtsystem.nonconformity"]
    for back in range(MONTHS, 1, -1):  # batched: month by month, as time went
        period = _month().shifted(-back)
        missed = Deviation.search([("date_from", "=", period.start)]).figure_id
        record |= rule._of_figures(missed.filtered(lambda x: x.period_kind == "month"))
    # one that was told before is linked to, and goes its way
    record = record.filtered(lambda one: not one.service_correction)[:1]
    if not record:
        return record
    yue, wu = demo._ref("user", "yue"), demo._ref("user", "wu")
    _correct(record, FAILED_CORRECTION)
    _analyse(record, FAILED_CAUSES, FAILED_EVIDENCE, "procedure_not_respected")
    _plan(record, FAILED_ACTION, yue, FAILED_LOOK, wu)
    _carry_out(record, FAILED_RESULT)
    since = _month().shifted(-1).start - relativedelta(days=14)
    since = fields.Datetime.to_datetime(since)
    _judge(record, "no", FAILED_FOUND, since)
    _date(record, since, (0, 2, 3, 4, 8, 40))
    _analyse(record, AGAIN_CAUSES, AGAIN_EVIDENCE, "procedure_not_respected")
    _plan(record, AGAIN_ACTION, yue, AGAIN_LOOK, wu, days=21)
    return record


def _tell_of_complaint(demo):
    """Let the rule raise the major complaint; its causes are being looked for."""
    complaint = demo._ref("complaint", "core_down")
    rule = demo.env["service.quality.nonconformity.rule"]
    record = rule._of_complaints(complaint)
    if record:
        _correct(record, COMPLAINT_CORRECTION)
        own = record.with_user(record.responsible_user_id)
        own.service_cause_ids = [
            Command.create({"question": why, "answer": because})
            for why, because in COMPLAINT_WHYS
        ]
    return record


def _correct(record, text):
    own = record.with_user(record.responsible_user_id)
    own.service_correction = text
    own.action_correct()


def _analyse(record, whys, evidence, cause):
    """Find the root cause by asking why; the last answer is it."""
    cause = record.env.ref(f"mgmtsystem_nonconformity.{cause}")
    own = record.with_user(record.responsible_user_id)
    own.service_cause_ids = [
        Command.create(
            {"question": why, "answer": because, "sequence": number}
            | (
                {"is_root": True, "cause_id": cause.id, "evidence": evidence}
                if number == len(whys)
                else {}
            )
        )
        for number, (why, because) in enumerate(whys, 1)
    ]
    own.action_analysed()


def _plan(record, action, owner, look_at, looker, days=0):
    """Plan one action and how its effect is seen, and have it approved.

    :param days: until it is done; those that were done had until today: it was signed
    """
    own = record.with_user(record.responsible_user_id)
    today = record.company_id._service_day()
    record.env[MEASURE].with_user(own.env.user).create(
        own._measure_values()
        | own._measure_source()
        | {
            "name": action,
            "user_id": owner.id,
            "date_deadline": today + relativedelta(days=days),
        }
    )
    own.service_check_ids = [
        Command.create({"look_at": look_at, "looker_id": looker.id, "wait_days": 30})
    ]
    own.action_submit()
    if not days:
        record.with_user(record._second_persons().users[:1]).action_approve()


def _carry_out(record, text):
    _report_done(record._service_actions(), text)
    own = record.with_user(record.responsible_user_id)
    own.service_result = text
    own.action_report_done()


def _judge(record, answer, found, since):
    """Let whoever was to look say what was seen, when the time is over."""
    check = record.service_check_id
    started = since.date() + relativedelta(days=8)
    check._write_as_step(
        {"started_on": started, "due_on": started + relativedelta(days=check.wait_days)}
    )
    record.with_user(check.looker_id)._judge_effect(answer, found)


def _date(record, since, days):
    """Date what was signed of the first round, and its actions, to some days after."""
    moments = [since + relativedelta(days=day, hours=3 + day % 5) for day in days]
    for signature, moment in zip(record.signature_ids, moments, strict=True):
        signature._write_as_step({"at": moment})  # batched: six of them
    record.service_check_ids._write_as_step({"ended_at": moments[-1]})
    names = ("service_corrected_at", "service_analysed_at", "service_submitted_at")
    names += ("service_approved_at", "service_done_at", "closing_date")
    dated = {
        name: moment
        for name, moment in zip(names, moments, strict=True)
        if record[name]
    }
    record._write_as_step(
        dated | {"service_raised_at": since, "service_step_since": moments[-1]}
    )
    actions = record._get_all_actions()
    record.immediate_action_id._write_as_step({"date_deadline": moments[0].date()})
    actions._write_as_step({"date_open": moments[3], "service_done_at": moments[4]})
    closed = actions.filtered("date_closed")
    closed._write_as_step(
        {"date_closed": moments[-1], "service_checked_at": moments[-1]}
    )
    actions.filtered("service_approved_at")._write_as_step(
        {"service_approved_at": moments[3]}
    )
    _create_on(actions, moments[2])
    _create_on(record, since)


# ----------------------------------------------------------------------
# Management review and improvement plan
# ----------------------------------------------------------------------


def tell_improvement(demo):
    """Tell of last year's management review, of this year's, and of the plan.

    The plan of the quarter waits for an executive.
    """
    demo = demo.with_context(mail_activity_quick_update=True)
    today = fields.Date.today()
    people = [demo._ref("user", name) for name in ("wu", "he", "zhou", "xu")]
    wu, he = people[:2]
    Review = demo.env["mgmtsystem.review"].with_user(wu)
    last, this = (
        Review.create(
            {
                "name": f"管理评审 {year} Management review",
                "date": fields.Datetime.to_datetime(day) + relativedelta(hours=1),
                "service_date_from": first,
                "service_date_to": day - relativedelta(days=10),
                "user_ids": [Command.set([user.id for user in people])],
            }
        ).with_env(demo.env)
        for year, first, day in (
            _review_days(today.year - 1),
            (
                today.year,
                today - relativedelta(months=11),
                today + relativedelta(days=20),
            ),
        )
    )  # batched: two of them
    _hold(demo, last, wu)
    plan = demo.env["service.quality.improvement.plan"].with_user(wu)
    plan = plan.create({"summary": PLAN}).with_env(demo.env)
    _draw_up(demo, plan, wu)
    demo._name_records("management_review", {"last": last, "this": this})
    demo._name_records("improvement_plan", {"quarter": plan})
    _sign(demo, he, last)
    _cancel_mails(demo)


def _review_days(year):
    """Return a year, its first day, and the day of its review."""
    return (
        year,
        fields.Date.to_date(f"{year}-01-01"),
        fields.Date.to_date(f"{year}-12-10"),
    )


def _hold(demo, review, user):
    """Hold last year's review."""
    own = review.with_user(user)
    review.service_event_id._service_plan_as_step(review.date - relativedelta(days=7))
    own.action_service_freeze()
    review._write_as_step({"service_frozen_at": review.date})
    for one in own.service_input_ids.filtered("is_missing"):
        one.note = NO_INPUT  # batched: a handful
    name, decision = REVIEW_DECISION
    own.write(
        REVIEW
        | {
            "line_ids": [
                Command.create(
                    {
                        "name": name,
                        "decision": decision,
                        "service_owner_id": demo._ref("user", "zhao").id,
                        "service_deadline": review.date.date()
                        + relativedelta(months=4),
                    }
                )
            ]
        }
    )


def _draw_up(demo, plan, user):
    """Say of each gap what is done about it, or why it waits."""
    lines = plan.with_user(user).line_ids.sorted("sequence")
    owners = [demo._ref("user", name) for name in ("zhou", "xu", "zhao")]
    taken = lines[: len(PLAN_TAKEN)]
    for line, remedy, owner in zip(taken, PLAN_TAKEN, owners, strict=False):
        line.write(  # batched: three of them
            {
                "decision": "take",
                "remedy": remedy,
                "owner_id": owner.id,
                "deadline": plan.date_to,
            }
        )
    (lines - taken).write({"decision": "wait", "remedy": PLAN_WAITS})


def _sign(demo, executive, review):
    """Let the executive sign, where papers can be printed.

    No server answers yet: wkhtmltopdf warns that it has no style sheets.
    """
    try:
        with mute_logger(PRINTER), demo.env.cr.savepoint():
            review.with_user(executive).button_close()
    except UserError as error:
        _logger.warning("The demo's review is not signed: %s", error)
        return
    held = review.date + relativedelta(hours=3)
    review._write_as_step({"service_signed_at": held})
    review.signature_ids._write_as_step({"at": held})
    measures = review.line_ids.service_measure_ids
    _report_done(measures, REVIEW_DONE)
    _check(demo, measures, CHECKED)
    _set_back(measures)


def _cancel_mails(demo):
    """Cancel the mails: what was written long ago is not sent now."""
    reported = demo.env["service.quality.audit.delivery"].search([]).mail_id
    demo.env["mail.mail"].search(
        [
            ("state", "=", "outgoing"),
            "|",
            ("model", "=like", "mgmtsystem.%"),
            ("id", "in", reported.ids),
        ]
    ).state = "cancel"
