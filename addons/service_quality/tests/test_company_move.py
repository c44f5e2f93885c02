from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.service_quality_callback.tests.callback_common import CallbackCase
from odoo.addons.service_quality_core.tests.common import ServiceQualityCase
from odoo.addons.service_quality_core.tools.period import Period

RESOLUTION = {"metric": "resolution", "duration": 8, "unit": "hour"}


@tagged("post_install", "-at_install")
class TestCompanyMove(CallbackCase):
    """A ticket that goes to another company takes along what belongs to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.here = cls.env.company
        cls.there = cls.env["res.company"].create({"name": "There"})
        cls.env.user.company_ids |= cls.there
        cls.office.company_id = False
        cls.env["service.quality.target"].search(
            [("company_id", "=", cls.there.id)]
        ).active = False
        cls.abroad = cls.env["helpdesk.ticket.team"].create(
            {"name": "Abroad", "company_id": cls.there.id}
        )
        cls.manager = cls._user("here", "quality", "service_manager")
        cls.clerk = cls._user("clerk", "desk")
        cls.taker, cls.leader = (
            cls._user("taker", "desk"),
            cls._user("leader", "service_manager"),
        )
        for user in cls.taker | cls.leader:
            user.write(
                {
                    "company_id": cls.there.id,
                    "company_ids": [Command.set(cls.there.ids)],
                }
            )
        cls.ours = cls._agreement(RESOLUTION)
        cls.theirs = cls._agreement_there(RESOLUTION, manager_id=cls.leader.id)

    @classmethod
    def _agreement_there(cls, target, **values):
        return cls._agreement(target, company_id=cls.there.id, **values)

    def _give_away(self, tickets, moment="2026-03-02 11:00:00"):
        with freeze_time(moment):
            tickets.write({"company_id": self.there.id, "team_id": self.abroad.id})

    def _clocks(self, ticket, company):
        return ticket.service_clock_ids.filtered(
            lambda clock: clock.company_id == company and clock.metric == "resolution"
        )

    # ------------------------------------------------------------------
    # Clocks
    # ------------------------------------------------------------------

    def test_open_clock_gives_way_to_the_agreement_of_there(self):
        """It counts from when the ticket came; the old company has no verdict."""
        ticket = self._ticket("2026-03-02 09:00:00")
        self._give_away(ticket)
        [old], [new] = (self._clocks(ticket, one) for one in (self.here, self.there))
        self.assertEqual((old.state, old.verdict), ("cancelled", False))
        self.assertEqual((new.agreement_id, new.state), (self.theirs, "running"))
        self.assertMoment(new.started_at, "2026-03-02 11:00")
        self.assertMoment(new.deadline, "2026-03-03 11:00")
        self.assertConsistent(ticket)

    def test_miss_stays_with_the_company_that_missed(self):
        """What was late ends there as missed, and is no miss of the next one."""
        ticket = self._ticket("2026-03-02 09:00:00")
        self._give_away(ticket, "2026-03-04 10:00:00")
        [old], [new] = (self._clocks(ticket, one) for one in (self.here, self.there))
        self.assertEqual(
            (old.state, old.verdict, old.counted), ("done", "missed", True)
        )
        self.assertMoment(old.judged_at, "2026-03-02 17:00")
        self.assertMoment(old.stopped_at, "2026-03-04 10:00")
        self.assertEqual((new.state, new.counted), ("running", True))
        self._move(ticket, "resolved", "2026-03-04 12:00:00")
        self.assertEqual((new.verdict, old.verdict), ("met", "missed"))
        self.assertConsistent(ticket)

    def test_without_an_agreement_there_nothing_runs(self):
        with freeze_time("2026-03-02 08:00"):
            self.theirs.sudo()._end_on(self.theirs.date_start, "Over")
        ticket = self._ticket("2026-03-02 09:00:00")
        self._give_away(ticket)
        self.assertEqual(ticket.service_clock_ids.mapped("state"), ["cancelled"])
        self.assertFalse(ticket.service_deadline)

    def test_what_was_met_stays_met_when_it_is_reopened_there(self):
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "resolved", "2026-03-02 10:00:00")
        self._give_away(ticket)
        self._move(ticket, "active", "2026-03-05 10:00:00")
        [old], [new] = (self._clocks(ticket, one) for one in (self.here, self.there))
        self.assertEqual((old.state, old.verdict), ("done", "met"))
        self.assertEqual(new.state, "running")
        self.assertConsistent(ticket)

    def test_back_again(self):
        """A ticket that comes back is under the agreement of here again."""
        ticket = self._ticket("2026-03-02 09:00:00")
        self._give_away(ticket)
        with freeze_time("2026-03-02 12:00:00"):
            ticket.write({"company_id": self.here.id, "team_id": self.team.id})
        [old], [new] = (self._clocks(ticket, one) for one in (self.here, self.there))
        self.assertEqual((old.state, new.state), ("running", "cancelled"))
        self.assertConsistent(ticket)

    # ------------------------------------------------------------------
    # What goes along
    # ------------------------------------------------------------------

    def test_open_call_is_made_there(self):
        ticket = self._handled()
        call = ticket.service_callback_ids
        self.assertEqual(self._next("2026-03-02 10:30"), call)
        self._give_away(ticket)
        self.assertEqual(
            (call.company_id, call.team_id, call.user_id),
            (self.there, self.abroad, self.env["res.users"]),
        )
        self.assertFalse(self._next("2026-03-02 11:30"))
        self.assertEqual(self._next("2026-03-02 11:30", self.taker), call)

    def test_activities_and_followers(self):
        """People of the old company are asked for nothing, and hear nothing more."""
        ticket = self._ticket("2026-03-02 09:00:00")
        ticket.message_subscribe(self.clerk.partner_id.ids)
        todo = ticket.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.clerk.id, summary="Ask again"
        )
        self._give_away(ticket)
        self.assertEqual(todo.user_id, self.leader)
        self.assertNotIn(self.clerk.partner_id, ticket.message_partner_ids)

    def test_feed_of_the_old_company_says_that_it_left(self):
        ticket = self._ticket("2026-03-02 09:00:00")
        self._give_away(ticket)
        events = self.env["service.quality.event"].with_user(self.manager)
        mine = events.search([("ticket_id", "=", ticket.id)], order="id")
        self.assertEqual(mine.mapped("kind"), ["opened", "moved"])
        self.assertEqual(mine.company_id, self.here)
        theirs = events.with_user(self.leader).search([("ticket_id", "=", ticket.id)])
        self.assertEqual(theirs.mapped("kind"), ["reclassified", "assigned"])

    # ------------------------------------------------------------------
    # What stays
    # ------------------------------------------------------------------

    def test_lists_of_the_old_company_stay_readable(self):
        """No list of any model breaks because a ticket is another company's by now."""
        tickets = self._handled() | self._ticket("2026-03-02 09:00:00")
        self._complete(tickets[0].service_callback_ids, "2026-03-02 10:30")
        self._give_away(tickets, "2026-03-04 10:00:00")
        self.env.flush_all()
        self.env.invalidate_all()
        read = 0
        for name, Model in self.env.registry.items():
            field = Model._fields.get("ticket_id")
            if (
                not name.startswith("service.quality.")
                or Model._transient
                or field is None
                or not field._description_searchable
            ):
                continue
            mine = self.env[name].with_user(self.manager)
            if not mine.has_access("read"):
                continue
            found = mine.search([("ticket_id", "in", tickets.ids)])
            part = self.env["service.quality.evidence.pack.part"].with_user(
                self.manager
            )
            columns = part._shown_fields(mine)
            with self.subTest(model=name):
                found.web_read({column: {} for column in columns})
                _labels, rows = part._export(found, None)
                self.assertEqual(len(rows), len(found))
            read += len(found)
        self.assertGreater(read, 3, "something was left behind")


@tagged("post_install", "-at_install")
class TestCompanyPeople(ServiceQualityCase):
    """What a company's people are asked for goes to people of that company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.here = cls.env.company
        cls.there = cls.env["res.company"].create({"name": "There"})
        cls.own, cls.foreign = (
            cls._user(name, "quality", "executive") for name in "ab"
        )
        cls.foreign.write(
            {"company_id": cls.there.id, "company_ids": [Command.set(cls.there.ids)]}
        )
        cls.indicator = cls.env.ref("service_quality_indicator.indicator_backlog")

    def _figures(self):
        """Return a figure of the shared indicator in each company."""
        figures = self.env["service.quality.figure"]
        for company in self.here | self.there:
            self.env["service.quality.figure"]._take(
                company,
                Period("month", date(2026, 2, 1)),
                self.indicator,
                reason="The test asks for it",
            )
            figures += figures.search(
                [
                    ("indicator_id", "=", self.indicator.id),
                    ("company_id", "=", company.id),
                    ("scope", "=", "company"),
                    ("date_from", "=", "2026-02-01"),
                ]
            )
        return figures

    def test_owner_of_a_shared_indicator_is_one_of_each_company(self):
        """No deviation goes to the owner of another company, who cannot open it."""
        self.indicator.with_company(self.here).owner_id = self.own
        self.indicator.with_company(self.there).owner_id = False
        owners = self.env["service.quality.deviation"]._owners(self._figures())
        of_company = {figure.company_id: user for figure, user in owners.items()}
        self.assertEqual(of_company[self.here], self.own)
        self.assertEqual(of_company[self.there], self.foreign)
        self.indicator.with_company(self.there).owner_id = self.own
        owners = self.env["service.quality.deviation"]._owners(self._figures())
        self.assertEqual(
            {
                user
                for figure, user in owners.items()
                if figure.company_id == self.there
            },
            {self.foreign},
            "who does not work there is asked for nothing there",
        )

    def test_roster_takes_none_from_another_company(self):
        values = {
            "team_id": self.team.id,
            "company_id": self.here.id,
            "date_from": "2026-03-02 08:00:00",
            "date_to": "2026-03-02 16:00:00",
        }
        Duty = self.env["service.quality.duty"]
        self.team.company_id = self.here
        with self.assertRaises(UserError):
            Duty.create(values | {"user_id": self.foreign.id})
        self.assertTrue(Duty.create(values | {"user_id": self.own.id}))

    def test_report_of_the_organisation_goes_to_its_people(self):
        """The leader of a shared team who works elsewhere is not among them."""
        self.team.write({"company_id": False, "user_id": self.own.id})
        report = self.env["service.quality.report"].create(
            {
                "kind": "organisation",
                "company_id": self.there.id,
                "period_kind": "month",
                "date_from": "2026-02-01",
            }
        )
        self.assertEqual(report._propose_owner(), self.foreign)
        deliveries = self.env["service.quality.report.delivery"]
        recipients = deliveries._recipients(report)
        self.assertIn(self.foreign.partner_id, recipients)
        self.assertNotIn(self.own.partner_id, recipients)

    def test_complaint_is_told_to_its_company(self):
        self.outlet = self.env["helpdesk.ticket.team"].create(
            {"name": "Shared", "user_id": self.foreign.id, "company_id": False}
        )
        complaint = self._ticket(
            "2026-03-02 09:00",
            service_is_complaint=True,
            service_severity="important",
            team_id=self.outlet.id,
        )
        told = self.env["service.quality.complaint.notice"].search(
            [("ticket_id", "=", complaint.id)]
        )
        self.assertNotIn(self.foreign, told.user_id)
        self.assertFalse(complaint._service_visible_to(self.foreign))
