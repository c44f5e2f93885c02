"""Tells of goals, measured values, patrols, exclusions and deviations in the demo."""

from dateutil.relativedelta import relativedelta

from odoo import Command, fields

from odoo.addons.service_quality_core.tools.period import Period

from .history import MONTHS

GOALS = [
    ("sla_attainment", "company", 90, 5, "合同承诺的底线。"),
    ("sla_first_response", "company", 90, 5, "客户最先感受到的是响应。"),
    ("sla_resolution", "company", 90, 8, "Two customers asked for it at renewal."),
    ("callback_attempted", "company", 90, 8, "二十四小时内电话回访。"),
    ("callback_reached", "company", 85, 8, "打通才算数。"),
    ("satisfaction_mean", "company", 4.2, 0.3, "与去年持平是底线。"),
    ("first_contact", "company", 70, 10, "上年度结果。"),
    ("reopened", "company", 4, 3, "Solved once, solved for good."),
    ("complaints_answered", "company", 100, 10, "每件投诉都要有答复。"),
    ("complaints_per_thousand", "company", 40, 20, "不多于去年。"),
    ("availability", "project", 99.5, 0.4, "As the agreements ask for."),
    ("backup_success", "project", 98, 3, "备份失败次日补做。"),
]
"""Indicator, scope, goal, tolerance, and why; approved when the past begins."""

PROPOSED = ("satisfaction_good", "company", 90, 5, "Nine of ten customers satisfied.")

OWNERS = {
    "sla_attainment": "zhou",
    "sla_first_response": "zhou",
    "sla_resolution": "xu",
    "sla_arrival": "zhou",
    "sla_update": "zhou",
    "callback_attempted": "zhou",
    "callback_reached": "zhou",
    "satisfaction_mean": "zhou",
    "reopened": "xu",
    "complaints_answered": "zhou",
}
"""Who answers for an indicator, and analyses what is beyond its goal."""

MEASURED = [
    (
        "availability",
        "系统可用率 Availability",
        "The systems of a service project could be used for so much of the month.",
        "Monitoring, monthly availability report",
    ),
    (
        "backup_success",
        "备份成功率 Backup success",
        "Of the backups planned in the month, so many can be restored.",
        "Backup log with restore test",
    ),
]

VALUES = {
    ("availability", "bank"): (99.61, 99.70, 98.95, 99.72, 99.81, 99.86),
    ("availability", "hospital"): (99.25, 99.52, 99.40, 99.58, 99.66, 99.71),
    ("backup_success", "bank"): (96.8, 97.1, 93.5, 98.4, 98.9, 99.2),
    ("backup_success", "hospital"): (97.3, 98.1, 96.6, 98.0, 98.6, 99.0),
}
"""What was measured in the months before this one, the oldest first."""

PATROLS = [
    ("bank", "机房巡检 Data centre rounds", "xu", 1, "months", "电源、空调、告警灯。"),
    ("hospital", "门诊终端巡检 Outpatient desks", "wang", 2, "weeks", "屏幕、读卡器。"),
]
"""Project, what is inspected, by whom, how often, and what to look at."""

IN_ORDER = "<p>逐项检查，均正常。</p>"
FOUND = "<p>两台风扇转速异常，已更换；其余正常。</p>"

EXCLUSIONS = [
    ("客户机房停电，有物业通知为证。", "power_cut.txt", "停电通知：09:00 至 18:00。"),
    ("客户当日未开放现场，有邮件为证。", "no_access.txt", "The site stays closed."),
]
"""What is said for it, and the document; the first one is approved."""

ANALYSES = {
    "sla_first_response": (
        "午休时段只有一人值守，工单排队。",
        "午间增加一名值守，下月起执行。",
    ),
    "sla_resolution": (
        "Spare parts had to be fetched from the other city.",
        "Two sets of parts move to the branch by the end of the month.",
    ),
}
OTHERWISE = ("夜间变更集中，人手不足。", "变更分散到两周，提前一周排班。")

FOLLOWED_UP = "三个月内未再出现同样原因，措施有效。"

JUDGED = {
    4: "达成率跌破八成，集中变更是主因；变更日历提请批准。",
    3: "达成率回升，备件等待仍占超时的一半。",
    2: "两个月稳定在九成以上；上门安排偏晚，继续跟踪。",
}
"""What the quality department said of the figures of some months ago; the first of
them it said late."""


def tell_figures(demo):
    """Set goals, measure, inspect, exclude, and take the figures of the past."""
    today = fields.Date.today()
    month = Period.around("month", today)
    since = month.shifted(-len(MONTHS)).start
    _tell_indicators(demo, since)
    _tell_goals(demo, since)
    _tell_values(demo, month)
    _tell_patrols(demo, today)
    _tell_exclusions(demo, month)
    _take(demo, month)
    _tell_deviations(demo, month)
    _tell_reviews(demo, month)


def _tell_indicators(demo, since):
    """Give indicators an owner and a date of review, and add two that are measured."""
    made = demo.env["service.quality.indicator"].create(
        [
            {
                "code": code,
                "name": name,
                "sentence": sentence,
                "sequence": 15,
                "source": "measured",
                "summary": "mean",
                "unit": "percent",
                "owner_id": demo._ref("user", "zhao").id,
                "next_review_date": since + relativedelta(years=1),
            }
            for code, name, sentence, _evidence in MEASURED
        ]
    )
    demo._name_records("indicator", {one.code: one for one in made})
    for code, owner in OWNERS.items():
        _indicator(demo, code).write(  # batched: a handful, each with its owner
            {
                "owner_id": demo._ref("user", owner).id,
                "next_review_date": since + relativedelta(years=1),
            }
        )


def _indicator(demo, code):
    return demo._ref("indicator", code) or demo.env["service.quality.indicator"].browse(
        demo.env["ir.model.data"]
        .search(
            [
                ("module", "=like", "service_quality%"),
                ("name", "=", f"indicator_{code}"),
            ]
        )
        .res_id
    )


def _tell_goals(demo, since):
    """Let the quality department propose goals, and the executive approve them."""
    goals = (
        demo.env["service.quality.indicator.target"]
        .with_user(demo._ref("user", "wu"))
        .create(
            [
                {
                    "indicator_id": _indicator(demo, code).id,
                    "scope": scope,
                    "goal": goal,
                    "tolerance": tolerance,
                    "reason": reason,
                    "date_from": since,
                }
                for code, scope, goal, tolerance, reason in (*GOALS, PROPOSED)
            ]
        )
    )
    goals[:-1].with_user(demo._ref("user", "he")).action_approve()
    decided = fields.Datetime.to_datetime(since)
    goals[:-1]._write_as_step({"date_from": since, "decided_at": decided})


def _tell_values(demo, month):
    evidence = {code: text for code, _name, _sentence, text in MEASURED}
    demo.env["service.quality.measurement"].with_user(demo._ref("user", "zhao")).create(
        [
            {
                "indicator_id": _indicator(demo, code).id,
                "project_id": demo._ref("project", project).id,
                "date_from": period.start,
                "date_to": period.last,
                "value": value,
                "evidence": f"{evidence[code]}, {period.label}",
            }
            for (code, project), values in VALUES.items()
            for period, value in (
                (month.shifted(number - len(values)), value)
                for number, value in enumerate(values)
            )
        ]
    )


def _tell_patrols(demo, today):
    """Plan patrols half a year back; all were made but the last one due."""
    plans = (
        demo.env["service.quality.patrol.plan"]
        .with_user(demo._ref("user", "zhou"))
        .create(
            [
                {
                    "name": name,
                    "project_id": demo._ref("project", project).id,
                    "user_id": demo._ref("user", user).id,
                    "every": every,
                    "unit": unit,
                    "date_start": today - relativedelta(months=6, days=4),
                    "instruction": f"<p>{instruction}</p>",
                }
                for project, name, user, every, unit, instruction in PATROLS
            ]
        )
    )
    demo._name_records(
        "patrol_plan", dict(zip((one[0] for one in PATROLS), plans, strict=True))
    )
    for plan in plans.with_env(demo.env):
        due = plan.patrol_ids.filtered(lambda one: one.date_planned < today)
        due = due.sorted("date_planned")
        if plan.unit == "weeks":
            due = due[:-1]
        for number, patrol in enumerate(due):
            late = 2 if number % 5 == 3 else 0
            _report(patrol, "found" if number % 4 == 2 else "in_order", late, today)


def _report(patrol, result, days, today):
    """Report a patrol, some days after it was planned."""
    made = min(patrol.date_planned + relativedelta(days=days), today)
    patrol.with_user(patrol.user_id).report_result(
        result, FOUND if result == "found" else IN_ORDER, fields.Date.to_string(made)
    )
    at = fields.Datetime.to_datetime(made) + relativedelta(hours=8)
    # the story takes place in the past
    patrol.sudo()._write_as_step({"done_at": at})


def _tell_exclusions(demo, month):
    """Ask for two misses of the bank to be left out; one is approved."""
    manager = demo._ref("user", "zhou")
    agreement = demo._ref("agreement", "bank_2")
    missed = demo.env["service.quality.clock"].search(
        [
            ("agreement_id", "=", agreement.id),
            ("verdict", "=", "missed"),
            ("counted", "=", True),
            ("metric", "=", "resolution"),
            ("judged_at", "<", fields.Datetime.to_datetime(month.start)),
        ],
        order="judged_at desc, id",
    )
    asked = (
        demo.env["service.quality.exclusion"]
        .with_user(manager)
        .create(
            [
                {
                    "clock_id": clocks[:1].id,
                    "ground_id": agreement.exclusion_ground_ids[:1].id,
                    "evidence": evidence,
                    "document_ids": [
                        Command.create({"name": name, "raw": text.encode()})
                    ],
                }
                for clocks, (evidence, name, text) in zip(
                    missed.grouped("ticket_id").values(), EXCLUSIONS, strict=False
                )
            ]
        )
    )
    asked[:1].with_user(demo._ref("user", "wu")).action_approve()


def _take(demo, month):
    """Take the figures of the months, of two quarters, and of those that run."""
    company = demo.env.ref("base.main_company")
    quarter = Period.around("quarter", month.start)
    periods = [month.shifted(-number) for number in range(len(MONTHS), -1, -1)]
    periods += [quarter.shifted(-number) for number in (2, 1, 0)]
    figures = demo.env["service.quality.figure"]
    for period in periods:
        figures.with_context(mail_activity_quick_update=True)._take(company, period)


def _tell_deviations(demo, month):
    """Analyse what was beyond its goal; the newest are still to be analysed."""
    raised = demo.env["service.quality.deviation"].search([], order="date_from, id")
    newest = month.shifted(-1).start
    older = raised.filtered(lambda one: one.date_from < newest)
    # what waits in vain, and what is answered already
    overdue, early = older[-1:], (raised - older)[:2]
    answered = older - overdue | early
    for last, found in answered.grouped("date_to").items():
        found.action_until = last + relativedelta(days=41)  # batched: a month each
    for (owner, indicator), found in answered.grouped(
        lambda one: (one.owner_id, one.indicator_id)
    ).items():
        analysis, action = ANALYSES.get(indicator.code, OTHERWISE)
        theirs = found.with_user(owner)
        theirs.write({"analysis": analysis, "action": action})  # batched: by owner
        theirs.action_answer()
    wu, since = demo._ref("user", "wu"), month.shifted(-3).start
    closed = answered.filtered(
        lambda one: one.date_from < since and one.answered_by_id != wu
    )
    followed = closed.with_user(wu)
    followed.write({"follow_up": FOLLOWED_UP, "is_effective": "yes"})
    followed.action_close()
    for last, found in older.grouped("date_to").items():
        day = last + relativedelta(days=1)
        at = fields.Datetime.to_datetime(day)
        found.deadline = day + relativedelta(days=10)  # batched: a month each
        (found - overdue)._write_as_step(
            {"answered_at": at + relativedelta(days=6, hours=7)}
        )
        (found & closed)._write_as_step(
            {"closed_at": at + relativedelta(days=68, hours=8)}
        )


def _tell_reviews(demo, month):
    """Let the quality department judge the figures of some months."""
    wu = demo._ref("user", "wu")
    for back, text in JUDGED.items():
        period = month.shifted(-back)
        review = demo.env["service.quality.figure.review"].with_user(wu)
        made = review.create({"date_from": period.start, "text": text})
        late = 9 if back == max(JUDGED) else 0
        at = fields.Datetime.to_datetime(period.end)
        # the story takes place in the past
        made.sudo()._write_as_step({"at": at + relativedelta(days=3 + late, hours=6)})
