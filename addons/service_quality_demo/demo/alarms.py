"""Tells of the roster in the demo's story, and raises the alarms of open tickets."""

from datetime import datetime, time, timedelta

from odoo import Command, fields

DAYS = range(-1, 7)
"""The days around today that the roster is made for."""

SHIFTS = {
    # team: who takes turns, day by day, from and until which hour UTC
    "operations": [
        (("yue",), 0, 8),
        (("jonas",), 8, 16),
        (("chen", "yue"), 16, 24),
    ],
    "site": [(("wang", "liu"), 0, 10)],
}

CHANNEL = {
    "name": "值班群 Duty chat",
    "kind": "wecom",
    "url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=demo",
}

LONG_AGO = timedelta(days=60)


def tell_alarms(demo):
    """Make the roster, and raise what the rules would have raised in these days."""
    demo = demo.with_context(mail_activity_quick_update=True)
    _tell_roster(demo)
    rule = _tell_channel(demo)
    _raise_alarms(demo)
    # nothing leaves the house because of a story
    rule.active = False
    demo.env["service.quality.agreement.notice"]._warn_ending(
        demo.env.company, demo.env.company._service_day()
    )


def _tell_roster(demo):
    today = datetime.combine(fields.Date.today(), time())
    demo.env["service.quality.duty"].create(
        [
            {
                "team_id": demo._ref("team", team).id,
                "user_id": demo._ref("user", people[day % len(people)]).id,
                "date_from": today + timedelta(days=day, hours=first),
                "date_to": today + timedelta(days=day, hours=last),
            }
            for team, shifts in SHIFTS.items()
            for people, first, last in shifts
            for day in DAYS
        ]
    )


def _tell_channel(demo):
    """Make a channel, and a rule that wrote to it; return the rule."""
    company = demo.env.ref("base.main_company")
    channel = demo.env["service.quality.webhook"].create(
        CHANNEL | {"company_id": company.id}
    )
    rule = demo.env["service.quality.escalation"].create(
        {
            "name": "最高优先级通知值班群 Highest priority to the duty chat",
            "company_id": company.id,
            "sequence": 30,
            "priority": "3",
            "step_ids": [
                Command.create(
                    {"amount": 80, "action": "webhook", "webhook_id": channel.id}
                )
            ],
        }
    )
    demo._name_records("webhook", {"duty": channel})
    demo._name_records("escalation", {"duty": rule})
    return rule


def _raise_alarms(demo):
    """Have the sweep fire what is due, as it would have while the story went on."""
    env = demo.env
    env.flush_all()
    since = fields.Datetime.now() - LONG_AGO
    # those of addons that are being installed
    env["service.quality.escalation"]._ship_rules(env["res.company"].search([]))
    for table in ("escalation", "escalation_step"):
        env.cr.execute(f"UPDATE service_quality_{table} SET since = %s", [since])
    env.invalidate_all()
    env["service.quality.escalation"]._plan_again()
    while env["service.quality.sweep"]._sweep(200):
        continue
    alarms = env["service.quality.escalation.alarm"].search([])
    alarms.mail_id.write({"state": "cancel"})
    env.flush_all()
    env.cr.execute(
        "UPDATE service_quality_escalation_alarm "
        "SET fired_at = due_at + interval '20 seconds', is_late = false"
    )
    env.cr.execute(
        "UPDATE service_quality_webhook_delivery AS delivery "
        "SET state = 'delivered', attempts = 1, next_try_at = NULL, "
        "    last_try_at = alarm.fired_at, result = 'HTTP 200 0 ok', "
        "    create_date = alarm.fired_at "
        "FROM service_quality_escalation_alarm AS alarm "
        "WHERE alarm.id = delivery.alarm_id"
    )
    env.cr.execute(
        "UPDATE mail_activity AS activity SET date_deadline = alarm.fired_at::date "
        "FROM service_quality_escalation_alarm AS alarm "
        "WHERE alarm.id = activity.service_alarm_id"
    )
    env.invalidate_all()
