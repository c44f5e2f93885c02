from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from .test_visit import LEFT, OPENED, VisitCase

PHONE = "odoo.addons.service_quality_visit.models.service_quality_visit_phone"


@tagged("post_install", "-at_install")
class TestVisitDay(VisitCase):
    """What an engineer's phone lists, on the 2nd of March at 16:00 UTC."""

    def _day(self, moment="2026-03-02 16:00:00", user=None):
        with freeze_time(moment):
            return self.as_(user or self.engineer).my_day()

    def _groups(self, **values):
        cards = self._day(**values)["cards"]
        return [(card["group"], card["ticket"]) for card in cards]

    def _own_ticket(self, **values):
        return self._ticket(OPENED, user_id=self.engineer.id, **values)

    def _plan(self, ticket, moment):
        values = {"ticket_id": ticket.id, "user_id": self.engineer.id}
        return self.visits.create(values | {"planned_at": moment})

    def test_own_open_tickets_by_what_is_due_first(self):
        self._agreement({"metric": "resolution", "duration": 4, "priority": "3"})
        urgent = self._own_ticket(priority="3")
        self._ticket(OPENED, user_id=self.colleague.id)
        self._move(self._own_ticket(), "resolved", LEFT)
        self.assertEqual(
            self._groups(), [("ticket", urgent.number), ("ticket", self.ticket.number)]
        )

    def test_each_visit_is_in_the_group_of_its_turn(self):
        tickets = [self._own_ticket() for _number in range(5)]
        there, left, signed, today, later = tickets
        self._arrive(there)
        self._leave(self._arrive(left))
        self._sign(self._arrive(signed))
        self._plan(today, "2026-03-02 18:00:00")
        self._plan(later, "2026-03-05 08:00:00")
        self._plan(self.ticket, "2026-03-29 08:00:00")
        groups = dict((number, group) for group, number in self._groups())
        self.assertEqual(
            groups,
            {
                there.number: "on_site",
                left.number: "to_sign",
                today.number: "today",
                later.number: "later",
                # planned for far ahead: the ticket itself is listed
                self.ticket.number: "ticket",
                # signed and still open: one may have to come again
                signed.number: "ticket",
            },
        )
        self.assertIn(("done", signed.number), self._groups())

    def test_a_visit_that_nobody_signs_is_no_longer_listed(self):
        visit = self._arrive()
        self._leave(visit)
        self.as_(self.engineer, visit).save_work(unsigned_reason="Nobody was there")
        self.assertEqual(self._groups(), [("ticket", self.ticket.number)])

    def test_the_day_begins_at_the_engineers_midnight(self):
        """What was signed yesterday evening in Shanghai is not of today."""
        self.engineer.tz = "Asia/Shanghai"
        self._sign(self._arrive(moment="2026-03-02 15:00:00"), "2026-03-02 15:30:00")
        done = ("done", self.ticket.number)
        self.assertIn(done, self._groups(moment="2026-03-02 15:45:00"))
        self.assertNotIn(done, self._groups(moment="2026-03-02 16:15:00"))

    def test_a_card_says_where_and_whom(self):
        self.acme.write({"street": "1 Main St", "city": "Bonn", "phone": "1"})
        self.acme.partner_latitude = 50.7  # a new address takes the old place away
        [card] = self._day()["cards"]
        self.assertEqual((card["customer"], card["contact"]), ("Acme", "Ann"))
        self.assertEqual(card["phone"], "1", "the company's where the person has none")
        self.assertEqual(card["address"].splitlines()[0], "1 Main St")
        self.assertAlmostEqual(card["latitude"], 50.7)
        self.contact.write({"street": "2 Side St", "phone": "2"})
        [card] = self._day()["cards"]
        self.assertEqual(card["phone"], "2")
        self.assertEqual(card["address"].splitlines()[0], "2 Side St")

    def test_a_ticket_without_a_contact(self):
        ticket = self._own_ticket(partner_id=False)
        card = self._day()["cards"][-1]
        self.assertEqual(card["ticket"], ticket.number)
        self.assertEqual((card["customer"], card["phone"], card["address"]), ("",) * 3)

    def test_what_does_not_fit_is_counted(self):
        for _number in range(3):
            self._own_ticket()
        with patch(f"{PHONE}.MAX_TICKETS", 2):
            day = self._day()
        self.assertEqual((len(day["cards"]), day["more"]), (2, 2))

    def test_queries_do_not_grow_with_the_visits(self):
        counts = []
        for number in (2, 8):
            for _number in range(number):
                visit = self._arrive(self._own_ticket())
                self._leave(visit)
                visit.save_work(parts=[{"name": "Fan"}])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._day()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    def test_visit(self):
        """An arrival ends the arrival target, and shows that somebody is there."""
        self._agreement({"metric": "arrival", "duration": 2})
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 10:30:00"):
            ticket.action_service_arrived()
        self.assertTrue(ticket.service_on_site)
        self.assertEqual(self.clock(ticket, "arrival").verdict, "met")
        with freeze_time("2026-03-02 11:30:00"):
            ticket.action_service_left()
        self.assertFalse(ticket.service_on_site)
