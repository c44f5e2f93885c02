"""One more day after the import of a real incident log, for test_day.py.

    python tests/day.py DATABASE MAPPING LOG

imports the log, lives through 1 and 2 March 2027 with a sweep every ten minutes, and
prints what came of it as JSON. The desk works on six tickets of the log (I1 to I6),
three new ones (N1 to N3) and three complaints (C1 to C3), as ``Day.live`` says.
"""

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from freezegun import freeze_time

import odoo
from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.modules.registry import Registry

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "examples"))
import import_incidents  # noqa: E402

BEAT = timedelta(minutes=10)
IMPORTED = [("service_external_ref", "=like", "INC%")]
WORK = {
    "service_work_done": "Settled on the telephone",
    "service_cause_id": "service_quality_core.service_quality_cause_operation",
    "service_solution_id": "service_quality_core.service_quality_solution_explained",
}


class InProcess:
    """The server of the import, without a server."""

    def __init__(self, env):
        self.env = env

    def call(self, model, method, ids=None, context=None, **arguments):
        records = self.env[model].with_context(**context or {})
        if ids:
            records = records.browse(ids)
        result = getattr(records, method)(**arguments)
        return result.ids if isinstance(result, odoo.models.BaseModel) else result


class Day:
    def __init__(self, env):
        self.env = env
        self.now = datetime(2027, 3, 1, 7)
        stages = env["helpdesk.ticket.stage"].search([("team_ids", "=", False)])
        self.stages = {}
        for stage in stages:
            self.stages.setdefault(stage._service_phase(), stage)
        self.people = env["res.partner"].create(
            [
                {
                    "name": f"Customer {number}",
                    "phone": f"+49 30 77{number}",
                    "tz": "UTC",
                }
                for number in range(1, 9)
            ]
        )
        self.caller = env["res.users"].create(
            {
                "name": "Caller",
                "login": "day_caller",
                "tz": "UTC",
                "group_ids": [
                    Command.link(
                        env.ref("service_quality_core.service_quality_group_desk").id
                    )
                ],
            }
        )
        self.work = {
            name: env.ref(value).id if "." in value else value
            for name, value in WORK.items()
        }
        imported = env["helpdesk.ticket"].search(IMPORTED, order="id")
        self.imported = imported
        self.names = {
            ticket: f"I{number}" for number, ticket in enumerate(imported[100:106], 1)
        }

    # ------------------------------------------------------------------
    # Time
    # ------------------------------------------------------------------

    def sweep(self):
        with freeze_time(self.now):
            self.env["service.quality.sweep"]._cron_sweep()

    def until(self, text):
        """Let time pass, with a sweep at each beat."""
        target = datetime.fromisoformat(text)
        while self.now + BEAT <= target:
            self.now += BEAT
            self.sweep()
        self.now = target

    def do(self, act, *args, **kwargs):
        """Do something now."""
        with freeze_time(self.now):
            result = act(*args, **kwargs)
            self.env.flush_all()
        return result

    # ------------------------------------------------------------------
    # What is done
    # ------------------------------------------------------------------

    def new(self, name, partner, **values):
        ticket = self.do(
            self.env["helpdesk.ticket"].create,
            {
                "name": name,
                "description": name,
                "partner_id": partner.id,
                "team_id": False,
                "user_id": False,
                "stage_id": self.stages["new"].id,
                **values,
            },
        )
        self.names[ticket] = name
        return ticket

    def move(self, ticket, phase, **values):
        self.do(ticket.write, {"stage_id": self.stages[phase].id, **values})

    def call(self, ticket, disposition, others=(), **outcome):
        """Enter a call about a ticket, and about others in the same call."""
        calls = [
            ticket.service_callback_ids.filtered(lambda call: call.state == "open")
            for ticket in (ticket, *others)
        ]
        outcomes = [
            {"callback_id": call.id, "solved": "yes", "satisfaction": "5", **outcome}
            for call in calls
            if disposition == "completed"
        ]
        first = calls[0].with_user(self.caller)
        self.do(first.save_call, disposition, outcomes=outcomes)

    def live(self):
        tickets = list(self.names)
        self.until("2027-03-01 08:00")
        # I5 and I6 are of one customer
        for ticket, partner in zip(
            tickets, [*self.people[:5], self.people[4]], strict=True
        ):
            self.move(ticket, "active", partner_id=partner.id)
        self.until("2027-03-01 09:00")
        for ticket in tickets:
            self.move(ticket, "resolved", **self.work)
        self.until("2027-03-01 09:30")
        untouched = self.new("N1", self.people[6])
        begun = self.new("N2", self.people[7])
        self.until("2027-03-01 09:35")
        self.move(begun, "active")
        self.until("2027-03-01 09:40")
        same = self.new("N3", self.people[7])
        self.do(same.write, {"duplicate_id": begun.id})
        self.move(untouched, "cancelled", service_cancel_reason="Not needed")
        self.until("2027-03-01 10:00")
        self.move(begun, "cancelled", service_cancel_reason="Not needed")
        self.until("2027-03-01 11:00")
        self.call(tickets[0], "completed")
        self.until("2027-03-01 11:05")
        self.call(tickets[1], "completed", solved="no", satisfaction="3")
        self.until("2027-03-01 11:10")
        self.call(tickets[2], "refused")
        self.until("2027-03-01 11:15")
        self.call(tickets[3], "no_answer")
        self.until("2027-03-01 11:20")
        self.call(tickets[4], "completed", others=[tickets[5]])
        self.until("2027-03-01 12:00")
        self.move(tickets[1], "resolved")
        self.until("2027-03-01 13:00")
        _minor, important, _major = [
            self.new(
                name,
                self.people[5],
                service_is_complaint=True,
                service_severity=severity,
            )
            for name, severity in (
                ("C1", "minor"),
                ("C2", "important"),
                ("C3", "major"),
            )
        ]
        self.until("2027-03-01 14:00")
        self.do(important.service_complaint_acknowledge)
        self.until("2027-03-01 14:15")
        self.call(tickets[3], "busy")
        self.until("2027-03-01 18:00")
        self.call(tickets[3], "no_answer")
        self.until("2027-03-01 20:00")
        self.do(important.service_complaint_answer, "<p>Sorry</p>", way="phone")
        self.until("2027-03-02 14:00")

    # ------------------------------------------------------------------
    # What came of it
    # ------------------------------------------------------------------

    def result(self):
        env = self.env
        ours = env["helpdesk.ticket"].concat(*self.names)
        rest = self.imported - ours
        alarms = env["service.quality.escalation.alarm"]
        found = alarms.search([("ticket_id", "in", ours.ids)])
        mails = found.filtered(lambda alarm: alarm.action == "mail")
        of_rest = [("ticket_id", "in", rest.ids)]
        messages = [("model", "=", "helpdesk.ticket"), ("res_id", "in", rest.ids)]
        with freeze_time(self.now):  # whether a deadline is past
            clocks = {name: self.clocks(ticket) for ticket, name in self.names.items()}
        return {
            "imported": len(self.imported),
            "calls": {
                name: [
                    [
                        call.result or "open",
                        *call.attempt_ids[::-1].mapped("disposition"),
                    ]
                    for call in ticket.service_callback_ids.sorted("id")
                ]
                for ticket, name in self.names.items()
            },
            "clocks": clocks,
            "alarms": sorted(
                " ".join(
                    map(
                        str,
                        (
                            self.names[alarm.ticket_id],
                            alarm.metric,
                            alarm.trigger,
                            alarm.amount,
                            alarm.action,
                            alarm.due_at,
                        ),
                    )
                )
                for alarm in found
            ),
            "mails": [len(mails), len(mails.mail_id)],
            "of_history": [
                alarms.search_count(of_rest),
                env["service.quality.callback"].search_count(of_rest),
                env["mail.message"].search_count(messages),
            ],
            "differences": env["service.quality.ledger"]._differences(
                (self.imported | ours).ids
            ),
        }

    def clocks(self, ticket):
        """Return the clocks that this day is about, in words."""
        found = ticket.service_clock_ids.filtered(
            lambda clock: clock.metric != "first_response" and clock.counted
        )
        return [
            f"{clock.metric} {clock.verdict or clock.state} {clock.deadline}"
            for clock in found.sorted(lambda clock: (clock.metric, clock.deadline))
        ]


def main(name, mapping, log):
    odoo.tools.config.parse_config(
        ["--no-http", "--max-cron-threads=0", "--log-level=warn"], setup_logging=True
    )
    with Registry(name).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        with patch.object(import_incidents, "connect", lambda options: InProcess(env)):
            failed = import_incidents.main(["--db", name, "--mapping", mapping, log])
        if failed:
            return failed
        day = Day(env)
        day.live()
        print("RESULT", json.dumps(day.result(), default=str))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
