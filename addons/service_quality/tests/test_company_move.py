from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .callback_common import CallbackCase

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
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 10:00"):
            self.theirs.sudo()._end_on(self.theirs.date_start, "Over")
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
                _labels, rows, count = part._export(
                    name, [("id", "in", found.ids)], None
                )
                self.assertEqual(len(rows), count)
            read += len(found)
        self.assertGreater(read, 3, "something was left behind")
