"""Tells of the months before the story by a table, so that trends show something.

Nothing here is drawn by chance: which ticket is late and how a customer grades it
follows from the table below, so that the demo is the same whenever it is told.
"""

import csv
from collections import namedtuple
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.tools import file_open

from odoo.addons.service_quality_core.models.roles import TECHNICAL_CENTRE

from .course import later

ISSUES = "service_quality_demo/demo/history_issues.csv"

Month = namedtuple("Month", "tickets slow_replies late late_calls unreached grades")

MONTHS = (
    Month(33, 5, 6, 4, 3, "4453443544"),
    Month(34, 4, 5, 4, 2, "4454443544"),
    Month(39, 6, 9, 7, 4, "4443543435"),
    Month(36, 3, 4, 3, 2, "4454544543"),
    Month(37, 2, 3, 2, 2, "4554544445"),
    Month(38, 0, 0, 0, 1, "5545454545"),
)
"""The months before this one, the oldest first: it gets better, but for a bad one.

Into the last one the story reaches, with what is late there.
"""

ENGINEERS = {
    "logistics": ("jonas",),
    "site": ("wang", "liu"),
    "operations": ("chen", "xu", "chen"),
}

SAID = {
    "5": ("很及时，谢谢。", "Very quick, thank you."),
    "4": ("解决了。", "It works again."),
    "3": ("还可以，等得久了点。", "All right, but it took a while."),
    "2": ("等了太久，问了两遍才有人理。", "We had to ask twice before anybody came."),
}

DECLINED = "与客户沟通后，客户不作投诉处理。"


class PastTicket:
    """Tells when a ticket of the past took which step, and what its customer said.

    :param number: counts all tickets of the past, from 0
    :param opened: local time without zone
    """

    def __init__(self, number, issue, opened, month):
        self.number, self.issue, self.month = number, issue, month
        self.opened_local = opened
        self.slow_reply = self.is_late = self.late_call = self.is_unreached = False
        self.grade = "4"
        self.calls = []  # (resolved, attempts, disposition, solved, grade)
        self.steps = []

    def tell(self, demo):
        """Work out the steps, up to the present."""
        self.contact = demo._ref("partner", self.issue["contact"])
        self.zone = self.contact.tz
        self.opened = _utc(self.opened_local, self.zone)
        self._take_up(demo)
        self._go_on(demo)
        done = self._resolve()
        if self._is_reopened():
            done = self._reopen(done)
        self._call(done, "yes", self.grade)
        closed = later(done, "3d10:00", self.zone)
        self._step(closed, "phase", phase="closed")

    def _step(self, at, kind, **values):
        self.steps.append({"at": str(at), "kind": kind} | values)

    def _after(self, minutes):
        return self.opened + timedelta(minutes=minutes)

    def _take_up(self, demo):
        customer = self.issue["contact"].split("_")[0]
        team = self.issue["team"]
        people = ENGINEERS.get(customer) or ENGINEERS[team]
        user = demo._ref("user", people[self.number % len(people)])
        self._step(
            self._after(3), "assigned", team=demo._ref("team", team).id, user=user.id
        )
        self.replied = 195 if self.slow_reply else 6 + self.number % 8
        self._step(self._after(self.replied), "responded")
        self._step(self._after(self.replied + 3), "phase", phase="active")

    def _go_on(self, demo):
        """Go there, keep the customer informed, or wait for somebody else."""
        begun = self.replied + 3
        self.lasts = begun + 45 + self.number * 37 % 140
        if self.issue["team"] == "site":
            self._step(self._after(begun + 35), "arrived")
        if self.issue["priority"] == "3":
            self._step(self._after(begun + 60), "updated")
            self._step(self._after(begun + 130), "updated")
        if self.issue["cause"] == "third_party":
            supplier = demo._ref("partner", "carrier").id
            self._wait(begun + 20, "waiting_third_party", party=supplier)
        elif self.number % 7 == 3:
            self._wait(begun + 15, "waiting_customer")

    def _wait(self, since, phase, **values):
        self._step(self._after(since), "phase", phase=phase, **values)
        self.lasts = max(self.lasts, since + 60)
        self._step(self._after(since + 50), "phase", phase="active")

    def _resolve(self):
        done = self._after(self.lasts)
        if self.is_late:
            days = 3 if self.issue["priority"] in "23" else 6
            done = later(self.opened, f"{days}d15:{10 + self.number % 40}", self.zone)
        if self.issue["team"] == "site":
            self._step(done - timedelta(minutes=5), "departed")
        self._step(done, "phase", phase="resolved")
        return done

    def _is_reopened(self):
        return self.number % (17 if self.month.late > 4 else 31) == 9

    def _reopen(self, done):
        """Let the customer say that it is not solved, and solve it the next day."""
        called = self._call(done, "no", "2")
        self._step(called, "phase", phase="active")
        again = called + timedelta(minutes=90)
        self._step(again, "phase", phase="resolved")
        return again

    def _call(self, done, solved, grade):
        """Call the customer after a handling; return when it was last tried."""
        first = done + timedelta(minutes=50 + self.number * 29 % 100)
        if self.late_call:
            first = later(done, "2d10:30", self.zone)
        attempts, result = [(first, "completed")], "completed"
        if self.is_unreached and solved == "yes":
            second = first + timedelta(hours=3)
            attempts = [
                (first, "no_answer"),
                (second, "busy"),
                (later(second, "1d10:15", self.zone), "no_answer"),
            ]
            result = "unreachable"
        self.calls.append((done, attempts, result, solved, grade))
        return attempts[-1][0]

    def prepare(self, demo, now):
        """Return the record for the import."""
        issue = self.issue
        channel = f"helpdesk_mgmt.helpdesk_ticket_channel_{issue['channel']}"
        process = f"service_quality_core.helpdesk_ticket_type_{issue['process']}"
        return {
            "external_ref": f"demo-{self.number + 1:03}",
            "name": issue["title"],
            "opened_at": str(self.opened),
            "partner": self.contact.id,
            "partner_name": self.contact.name,
            "partner_email": self.contact.email,
            "channel": demo.env.ref(channel).id,
            "category": demo._ref("category", issue["category"]).id,
            "process": demo.env.ref(process).id,
            "priority": issue["priority"],
            "events": [step for step in self.steps if step["at"] <= str(now)],
        }


def past_tickets(today):
    """Return the tickets of the months before a day's, oldest first, not yet told."""
    with file_open(ISSUES, "r") as file:
        issues = list(csv.DictReader(file))
    found = []
    first = today.replace(day=1) - relativedelta(months=len(MONTHS))
    for month in MONTHS:
        days = [first + timedelta(days=day) for day in range(28)]
        days = [day for day in days if day.weekday() < 5]
        opened = [
            datetime.combine(
                days[number * len(days) // month.tickets],
                time(8, 40) if number % 2 else time(11, 20),
            )
            + timedelta(minutes=(number * 53 + len(found)) % 110)
            for number in range(month.tickets)
        ]
        tickets = [
            PastTicket(number, issues[number % len(issues)], moment, month)
            for number, moment in enumerate(sorted(opened), start=len(found))
        ]
        _spread(tickets, month)
        found += tickets
        first += relativedelta(months=1)
    return found


def _spread(tickets, month):
    """Say of which tickets of a month what went wrong, evenly over the month."""
    for number, ticket in enumerate(tickets):
        ticket.grade = month.grades[number % len(month.grades)]
    # who has no agreement was promised nothing that could be missed
    agreed = [one for one in tickets if one.issue["contact"] != "coffee"]
    urgent_last = sorted(agreed, key=lambda one: one.issue["priority"] > "1")
    routine = [one for one in agreed if one.issue["priority"] == "1"]
    for name, number, among in (
        ("is_late", month.late, agreed),
        ("slow_reply", month.slow_replies, routine),
        ("late_call", month.late_calls, urgent_last),
        ("is_unreached", month.unreached, tickets),
    ):
        for count in range(number):
            setattr(among[(2 * count + 1) * len(among) // (2 * number)], name, True)


def tell_history(demo):
    """Bring the tickets of the past, and the calls that were made about them."""
    now = fields.Datetime.now()
    told = past_tickets(fields.Date.today())
    for one in told:
        one.tell(demo)
    outcomes = demo.env["helpdesk.ticket"].service_import(
        [one.prepare(demo, now) for one in told]
    )
    tickets = demo.env["helpdesk.ticket"].browse(
        outcome["ticket_id"] for outcome in outcomes
    )
    demo._name_records(
        "past", {f"{number:03}": one for number, one in enumerate(tickets, start=1)}
    )
    _tell_work(demo, told, tickets)
    _tell_calls(demo, told, tickets, now)


def _tell_work(demo, told, tickets):
    """Write what was done, once for each issue."""
    by_issue = {}
    for one, ticket in zip(told, tickets, strict=True):
        by_issue.setdefault(one.issue["title"], (one.issue, []))[1].append(ticket.id)
    for issue, ids in by_issue.values():
        # of one that ended today its customer may have heard already
        tickets.browse(ids)._rectify_erasing().write(
            {
                "service_cause_id": _code(demo, "cause", issue["cause"]),
                "service_solution_id": _code(demo, "solution", issue["solution"]),
                "service_work_done": issue["work"],
            }
        )


def _code(demo, kind, key):
    return demo.env.ref(f"service_quality_core.service_quality_{kind}_{key}").id


def _tell_calls(demo, told, tickets, now):
    """Enter the calls that were made about handled tickets, all at once."""
    desk = demo._ref("user", "yue")
    # by the desk, which itself makes calls one by one and now
    calls = demo.env["service.quality.callback"].with_user(desk).sudo()
    slow = demo.env.ref("service_quality_callback.callback_reason_slow")
    vals_list, made = [], []
    prepared = calls._prepare_calls(tickets, now)
    for one, values in zip(told, prepared, strict=True):
        for cycle, call in enumerate(one.calls, start=1):
            if call[1][-1][0] < now:
                made.append(call)
                said = _prepare_outcome(one, call, slow)
                vals_list.append(values | said | {"cycle": cycle})
    created = calls.create(vals_list)
    _log(created, made)


def _prepare_outcome(one, call, slow):
    """Return what became of a call."""
    done, attempts, result, solved, grade = call
    values = {
        "opened_at": done,
        "state": "ended",
        "result": result,
        "ended_at": attempts[-1][0],
        "first_attempt_at": attempts[0][0],
        "needs_number": False,
    }
    if result == "completed":
        chinese = not one.issue["title"].isascii()
        values |= {
            "reached_at": attempts[-1][0],
            "channel": "telephone",
            "solved": solved,
            "satisfaction": grade,
            "comment": SAID[grade][0 if chinese else 1],
        }
    if result == "completed" and grade == "2":
        values |= {
            "reason_ids": [Command.set(slow.ids)],
            "complaint_proposal": "declined",
            "decline_reason": DECLINED,
        }
    return values


def _log(calls, made):
    """Write the attempts, and the rows of the ledger that go with them."""
    calls.ended_by_id = calls.env.user
    calls.ended_by_centre = calls.env.user.has_group(TECHNICAL_CENTRE)
    rows, attempts = [], []
    for call, (done, tried, result, _solved, _grade) in zip(calls, made, strict=True):
        rows += calls._prepare_rows(call, "callback_opened", {}, done)
        for at, disposition in tried:
            said = {"disposition": disposition, "channel": "telephone"}
            rows += calls._prepare_rows(call, "callback_attempted", {call: said}, at)
            attempts.append(
                {
                    "callback_id": call.id,
                    "at": at,
                    "user_id": calls.env.uid,
                    "disposition": disposition,
                    "number": call.partner_id.phone,
                }
            )
        ended = {call: {"result": result}}
        rows += calls._prepare_rows(call, "callback_ended", ended, tried[-1][0])
    calls.env["service.quality.callback.attempt"].create(attempts)
    calls.env["service.quality.ledger"]._append(rows)


def _utc(local, zone):
    aware = local.replace(tzinfo=ZoneInfo(zone))
    return aware.astimezone(UTC).replace(tzinfo=None)
