"""Half a year of tickets that are over, and the figures of its months."""

from datetime import UTC, datetime, time, timedelta
from itertools import cycle
from zoneinfo import ZoneInfo

from odoo import fields

from ..tools.period import Period

MONTHS = 6

CUSTOMERS = {
    "bank_it": ("operations", "chen", "applications", "3"),
    "bank_branch": ("operations", "yue", "network", "2"),
    "hospital_it": ("site", "wang", "workplace", "2"),
    "logistics_it": ("operations", "jonas", "servers", "1"),
    "coffee": ("site", "liu", "printers", "1"),
}
"""Contact: team, engineer, category and priority of their tickets."""

TITLES = {
    "applications": "网银批量转账失败 Batch transfers fail",
    "network": "Branch line drops",
    "workplace": "门诊工作站无法登录 Cannot log in at the ward",
    "servers": "Backup job ends with errors",
    "printers": "打印机卡纸 Label printer jams",
}

HANDLED_AFTER = (40, 95, 150, 215, 330, 70, 125, 1900)
"""Minutes until tickets are resolved, one after the other; the last is late."""

TICKETS = (14, 12, 15, 11, 13, 12)
"""So many a month, the oldest first."""

SPARED = (5, 6, 7, 8, 10, 12)
"""Every so-manieth ticket of a month is late: things get better."""

GOALS = [
    # code, goal, tolerance
    ("sla_attainment", 95, 5),
    ("sla_first_response", 95, 3),
    ("sla_resolution", 90, 5),
    ("callback_reached", 90, 10),
    ("satisfaction_mean", 4, 0.3),
    ("first_contact", 70, 10),
    ("reopened", 5, 3),
]


def tell_figures(demo):
    """Import half a year of tickets, approve targets, and take the figures."""
    company = demo.env.ref("base.main_company")
    today = fields.Date.context_today(demo)
    running = Period.around("month", today)
    months = [running.shifted(number - MONTHS) for number in range(MONTHS)]
    records = [
        record
        for number, month in enumerate(months)
        for record in _month(demo, number, month)
    ]
    demo.env["helpdesk.ticket"].service_import(records)
    _approve_goals(demo, company, months[0].start)
    quarter = Period.around("quarter", today)
    for period in (*months, running, quarter.previous(), quarter):
        demo.env["service.quality.figure"]._take(company, period)


def _month(demo, number, month):
    """Yield the records of a month's tickets, on its working days."""
    zone = ZoneInfo("Asia/Shanghai")
    contacts, courses = cycle(CUSTOMERS.items()), cycle(HANDLED_AFTER[:-1])
    days = [month.start + timedelta(days=day) for day in range(25)]
    days = cycle(day for day in days if day.weekday() < 5)
    for index in range(TICKETS[number]):
        contact, (team, engineer, category, priority) = next(contacts)
        is_late = index % SPARED[number] == 1
        minutes = HANDLED_AFTER[-1] if is_late else next(courses)
        local = datetime.combine(next(days), time(9, 7 * index % 60), zone)
        opened = local.astimezone(UTC).replace(tzinfo=None)
        yield {
            "external_ref": f"demo-{month.label}-{index:02}",
            "name": TITLES[category],
            "opened_at": f"{opened}",
            "partner": demo._ref("partner", contact).id,
            "team": demo._ref("team", team).id,
            "category": demo._ref("category", category).id,
            "priority": priority,
            "events": _events(demo, opened, minutes, engineer, index),
        }


def _events(demo, opened, minutes, engineer, index):
    """List what was done on a ticket; every ninth one waits for its customer."""
    user = demo._ref("user", engineer).login
    steps = [(4, {"kind": "assigned", "user": user})]
    steps.append((min(10 + index, minutes), {"kind": "responded"}))
    steps.append((min(12 + index, minutes), {"kind": "phase", "phase": "active"}))
    if index % 9 == 8:
        steps.append((30, {"kind": "phase", "phase": "waiting_customer"}))
        steps.append((60, {"kind": "phase", "phase": "active"}))
    steps.append((minutes + 30, {"kind": "phase", "phase": "resolved"}))
    steps.append((minutes + 2000, {"kind": "phase", "phase": "closed"}))
    return [
        {"at": f"{opened + timedelta(minutes=after)}", **step} for after, step in steps
    ]


def _approve_goals(demo, company, start):
    """Have an executive approve what the indicators are to reach, once."""
    Target = demo.env["service.quality.indicator.target"]
    known = Target.search([("state", "=", "approved"), ("scope", "=", "company")])
    decided = set(known.indicator_id.mapped("code"))
    targets = Target.create(
        [
            {
                "indicator_id": demo.env.ref(f"service_quality.indicator_{code}").id,
                "company_id": company.id,
                "date_from": start,
                "goal": goal,
                "tolerance": tolerance,
                "reason": "上年度结果 What last year showed to be possible",
            }
            for code, goal, tolerance in GOALS
            if code not in decided
        ]
    )
    targets.with_user(demo._ref("user", "he")).action_approve()
