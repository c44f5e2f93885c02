"""Tickets of varied courses, made by the product itself, to be copied by volume.py.

All are opened in one week, in a calendar whose weeks are alike, so that a copy that is
whole weeks later is what its ticket would be had it come then.
"""

from datetime import date, timedelta

from databases import SIGNED, make_calendar
from freezegun import freeze_time

from odoo.fields import Command

ZONE = "Asia/Shanghai"
"""Without daylight saving: 09:00 there is 01:00 UTC in any week."""

CUSTOMERS, CONTACTS = 60, 5
"""One contact for each ticket: a telephone call counts for all open calls of one."""

UNPROMISED = 6
"""So many of the customers have no agreement of their own, only the house rules."""

PROMISES = (("first_response", 1), ("resolution", 8), ("update", 24))
"""Hours by metric; only every fourth agreement promises updates."""

PHASES = {
    "active": "helpdesk_mgmt.helpdesk_ticket_stage_in_progress",
    "waiting_customer": "helpdesk_mgmt.helpdesk_ticket_stage_awaiting",
    "waiting_third_party": (
        "service_quality_core.helpdesk_ticket_stage_waiting_third_party"
    ),
    "resolved": "helpdesk_mgmt.helpdesk_ticket_stage_done",
    "closed": "service_quality_core.helpdesk_ticket_stage_closed",
    "cancelled": "helpdesk_mgmt.helpdesk_ticket_stage_cancelled",
}

TOLD = (("yes", "5"), ("yes", "4"), ("yes", "3"), ("yes", "5"))
"""What customers say who are called: solved, satisfaction."""

PLAIN = ((8, "assign"), (20, "responded"), (21, "active"))
COURSES = (
    # what happens, minutes after the opening; the longest takes nine days
    (*PLAIN, (150, "resolved"), (400, "call")),
    (*PLAIN, (300, "resolved"), (1500, "call")),
    ((30, "assign"), (95, "responded"), (96, "active"), (440, "resolved"),
     (900, "call")),
    (*PLAIN, (100, "waiting_customer"), (1500, "active"), (1600, "resolved"),
     (1700, "missed call"), (2900, "call")),
    (*PLAIN, (60, "waiting_third_party"), (3100, "active"), (3300, "resolved"),
     (6000, "call")),
    (*PLAIN, (40, "pass on"), (90, "active"), (200, "resolved"), (1440, "closed"),
     (1500, "call")),
    ((200, "assign"), (290, "responded"), (291, "active"), (3400, "resolved"),
     (3500, "missed call"), (3800, "missed call"), (4900, "call")),
    (*PLAIN, (180, "resolved"), (500, "call"), (1600, "active"), (1800, "resolved"),
     (2000, "call")),
    ((15, "assign"), (120, "cancelled")),
    (*PLAIN, (140, "resolved"), (300, "refused call")),
)  # fmt: skip
COMPLAINT = (
    *PLAIN, (30, "acknowledge"), (1300, "answer"), (1500, "resolved"), (2600, "call"),
)  # fmt: skip
OPEN = ((*PLAIN, (100, "waiting_customer")), PLAIN, ((60, "assign"),))
"""Courses of tickets that are not handled yet."""

SHARES = (0.05, 0.02)
"""Which part of the tickets is not handled yet, and which is complaints."""


class Courses:
    """The tickets that the product makes; :attr:`handled` and :attr:`unhandled`.

    :param monday: of the week in which they are opened
    """

    def __init__(self, env, monday):
        self.env = env
        self.monday = monday
        self.stages = {phase: env.ref(xmlid).id for phase, xmlid in PHASES.items()}
        self.handled, self.unhandled = env["helpdesk.ticket"], env["helpdesk.ticket"]
        with freeze_time(monday - timedelta(days=1)):
            self._make_people()
            self._make_agreements()

    # ------------------------------------------------------------------
    # Who is there, and what was promised
    # ------------------------------------------------------------------

    def _make_people(self):
        env = self.env
        env.company.resource_calendar_id.tz = ZONE
        group = env.ref("service_quality_core.service_quality_group_desk")
        self.users = env["res.users"].create(
            [
                {
                    "name": f"Engineer {number}",
                    "login": f"engineer{number}",
                    "tz": ZONE,
                    "group_ids": [Command.link(group.id)],
                }
                for number in range(24)
            ]
        )
        self.teams = env["helpdesk.ticket.team"].create(
            [
                {
                    "name": f"Department {number}",
                    "user_id": self.users[3 * number].id,
                    "user_ids": [Command.set(self.users[3 * number :][:3].ids)],
                }
                for number in range(8)
            ]
        )
        self.categories = env["helpdesk.ticket.category"].create(
            [{"name": f"Category {number}"} for number in range(20)]
        )
        self.processes = env["helpdesk.ticket.type"].search([], order="id")
        self.customers = env["res.partner"].create(
            [
                {"name": f"Customer {number}", "is_company": True, "tz": ZONE}
                for number in range(CUSTOMERS)
            ]
        )
        self.contacts = env["res.partner"].create(
            [
                {
                    "name": f"Contact {number}",
                    "parent_id": self.customers[number % CUSTOMERS].id,
                    "phone": f"+86 10 5555 {number:04}",
                    "tz": ZONE,
                }
                for number in range(CUSTOMERS * CONTACTS)
            ]
        )

    def _make_agreements(self):
        """Every customer but a few is promised a response and a solution."""
        env = self.env
        calendar = make_calendar(env, "Weeks without holidays", ZONE)
        promised = self.customers[UNPROMISED:]
        projects = env["service.quality.project"].create(
            [
                {
                    "name": f"Service for {customer.name}",
                    "partner_id": customer.id,
                    "team_id": self.teams[number % len(self.teams)].id,
                    "date_start": date(2020, 1, 1),
                }
                for number, customer in enumerate(promised)
            ]
        )
        env["service.quality.agreement"].create(
            [
                {
                    "name": project.name,
                    "project_id": project.id,
                    "partner_ids": [Command.link(project.partner_id.id)],
                    "calendar_id": calendar.id if number % 5 else False,
                    **SIGNED,
                    "target_ids": [
                        Command.create(
                            {"metric": metric, "duration": hours, "unit": "hour"}
                        )
                        for metric, hours in PROMISES[: 2 if number % 4 else 3]
                    ],
                }
                for number, project in enumerate(projects)
            ]
        ).action_sign()
        self.calendar = calendar

    # ------------------------------------------------------------------
    # What happened
    # ------------------------------------------------------------------

    def make(self):
        """Make the tickets, one for each contact, a course after the other."""
        total = len(self.contacts)
        unhandled, complaints = (round(total * share) for share in SHARES)
        contacts = list(self.contacts)
        waiting, contacts = contacts[:unhandled], contacts[unhandled:]
        angry, contacts = contacts[:complaints], contacts[complaints:]
        for number, course in enumerate(OPEN):
            self.unhandled |= self._follow(waiting[number :: len(OPEN)], course, number)
        self.handled |= self._follow(angry, COMPLAINT, 3, service_is_complaint=True)
        # each course on several days and at several times
        lots = 2 * len(COURSES)
        for number in range(lots):
            course = COURSES[number % len(COURSES)]
            self.handled |= self._follow(contacts[number::lots], course, number)
        # who asks now needs them as far as calendars are known now
        earliest = int(self._moment(0, 0).timestamp())
        self.calendar._service_store_timetables(earliest)
        return self

    def _moment(self, number, minutes):
        """Return when something happens to the tickets of a lot, naive UTC."""
        day, hour = number % 5, number % 9
        start = self.monday + timedelta(days=day, hours=1 + hour, minutes=7 * hour)
        return start + timedelta(minutes=minutes)

    def _follow(self, contacts, course, number, **values):
        """Open a ticket for each contact and let a course happen to all of them."""
        with freeze_time(self._moment(number, 0)):
            tickets = self._quiet("helpdesk.ticket").create(
                [
                    self._prepare_ticket(contact, number + place) | values
                    for place, contact in enumerate(contacts)
                ]
            )
        for minutes, step in course:
            with freeze_time(self._moment(number, minutes)):
                self._step(tickets, step, number)
                self.env.flush_all()
        return tickets

    def _prepare_ticket(self, contact, number):
        return {
            "name": f"Printer {number} does not print",
            "description": "<p>It did yesterday.</p>",
            "partner_id": contact.id,
            "team_id": self.teams[number % len(self.teams)].id,
            "user_id": False,
            "category_id": self.categories[number % len(self.categories)].id,
            "type_id": self.processes[number % len(self.processes)].id,
            "priority": str(number % 4),
        }

    def _step(self, tickets, step, number):
        """Let one thing happen to some tickets, at the present moment."""
        if step == "assign":
            for team, some in tickets.grouped("team_id").items():
                some.user_id = team.user_ids[number % len(team.user_ids)]
        elif step == "pass on":
            for team, some in tickets.grouped("team_id").items():
                other = self.teams[(self.teams.ids.index(team.id) + 1) % 8]
                some.write({"team_id": other.id, "user_id": other.user_ids[0].id})
        elif step == "acknowledge":
            tickets.service_complaint_acknowledge()
        elif step == "answer":
            tickets.service_complaint_answer("<p>Sorry</p>", "phone")
        elif step in self.stages:
            values = {"stage_id": self.stages[step]}
            if step == "cancelled":
                values["service_cancel_reason"] = "Reported twice"
            tickets.write(values)
        elif step.endswith("call"):
            self._call(tickets, step)
        else:
            tickets.service_record(step)

    def _call(self, tickets, step):
        """Make the open follow-up calls of some tickets."""
        disposition = {"call": "completed", "refused call": "refused"}
        calls = self._quiet("service.quality.callback").search(
            [("ticket_id", "in", tickets.ids), ("state", "=", "open")], order="id"
        )
        for place, call in enumerate(calls):
            solved, satisfaction = TOLD[place % len(TOLD)]
            outcome = {
                "callback_id": call.id,
                "solved": solved,
                "satisfaction": satisfaction,
            }
            found = disposition.get(step, "no_answer")
            call.save_call(found, outcomes=[outcome] if found == "completed" else [])

    def _quiet(self, model):
        return self.env[model].with_context(tracking_disable=True)
