from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ServiceQualityCase

TARGET = {"metric": "resolution", "duration": 8}


@tagged("post_install", "-at_install")
class TestCheck(ServiceQualityCase):
    """The ledger is the truth; what is kept beside it can be checked and rebuilt."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._agreement(TARGET)
        cls.ticket = cls._ticket("2026-03-02 09:00:00")
        cls._move(cls.ticket, "resolved", "2026-03-02 12:00:00")

    def _tamper(self, table, assignment):
        self.env.flush_all()
        self.env.cr.execute(
            f"UPDATE {table} SET {assignment} WHERE ticket_id = %s", [self.ticket.id]
        )
        self.env.invalidate_all()

    def _check(self):
        check = self.env["service.quality.check"].create(
            {"ticket_ids": [(6, 0, self.ticket.ids)]}
        )
        while check.state == "running":
            check._process_batch()
        return check

    def test_what_was_tampered_with_is_found_and_rebuilt(self):
        """SLA case 19: no stored verdict can differ from what the ledger says."""
        self._tamper("service_quality_clock", "verdict = 'missed'")
        self._tamper("service_quality_span", "wall_seconds = 1")
        check = self._check()
        self.assertGreaterEqual(check.difference_count, 2)
        self.assertIn("clock", check.line_ids.mapped("what")[0])
        self.assertIn("verdict=missed", check.line_ids[0].stored)
        self.assertIn("verdict=met", check.line_ids[0].rebuilt)
        check.action_rebuild()
        self.assertEqual(self.clock(self.ticket).verdict, "met")
        self.assertFalse(self._check().line_ids)

    def test_too_many_at_once_are_refused_and_not_left_out(self):
        with self.assertRaisesRegex(UserError, "1000"):
            self.env["service.quality.check"].check_tickets(list(range(1, 1002)))

    def test_clock_that_is_gone_is_found(self):
        """A clock that somebody deleted is missing, and comes back."""
        self.env.flush_all()
        self.env.cr.execute(
            "DELETE FROM service_quality_clock WHERE ticket_id = %s", [self.ticket.id]
        )
        self.env.invalidate_all()
        check = self._check()
        self.assertEqual(check.line_ids.mapped("stored"), [""] * len(check.line_ids))
        check.action_rebuild()
        self.assertEqual(self.clock(self.ticket).verdict, "met")

    def test_checking_writes_nothing(self):
        """A check of the whole company finds no difference and changes none."""
        check = self.env["service.quality.check"].create({})
        revision = self.ticket.service_revision
        with self.enter_registry_test_mode():
            self.env.ref(
                "service_quality_core.ir_cron_check_ledger"
            ).method_direct_trigger()
        check.invalidate_recordset()
        self.assertEqual(check.state, "done")
        self.assertEqual(check.checked_count, check.ticket_count)
        self.assertGreaterEqual(check.checked_count, 1)
        self.assertFalse(
            check.line_ids.filtered(lambda line: line.ticket_id == self.ticket)
        )
        self.assertEqual(self.ticket.service_revision, revision)

    def test_tickets_opened_while_it_runs_do_not_count(self):
        """A check is about the tickets that were there when it was asked for."""
        check = self.env["service.quality.check"].create({})
        self._ticket("2026-03-02 09:00:00")
        check._process_batch(limit=check.ticket_count)
        check._process_batch()
        self.assertEqual(check.state, "done")
        self.assertEqual(check.checked_count, check.ticket_count)

    def test_chosen_tickets_of_another_company_are_looked_at(self):
        company = self.env["res.company"].create({"name": "Branch"})
        other = self._ticket(company_id=company.id, team_id=False, partner_id=False)
        check = self.env["service.quality.check"].create({"ticket_ids": other.ids})
        check._process_batch()
        self.assertEqual((check.ticket_count, check.checked_count), (1, 1))

    def test_nobody_writes_what_a_check_finds(self):
        quality = self._user("checker", "quality")
        checks = self.env["service.quality.check"].with_user(quality)
        check = checks.create({"ticket_ids": self.ticket.ids, "state": "done"})
        self.assertEqual(check.state, "running")
        check._process_batch()
        self.assertEqual(check.state, "done")
        with self.assertRaises(AccessError):
            check.checked_count = 99
        with self.assertRaises(AccessError):
            check.unlink()

    def test_old_ticket_in_the_batch_changes_no_other(self):
        """SLA case 16: what is over keeps its working time in any company."""
        late = self._ticket("2026-03-09 09:00:00")
        with freeze_time("2026-03-20 12:00:00"):
            before = self.clock(late).deadline
            self.env["resource.calendar.leaves"].create(
                {
                    "name": "Flood",
                    "calendar_id": self.office.id,
                    "date_from": "2026-03-02 00:00:00",
                    "date_to": "2026-03-14 00:00:00",
                }
            )
            with self.enter_registry_test_mode():  # the cron commits
                cron = self.env.ref("service_quality_core.ir_cron_replan_clocks")
                cron.method_direct_trigger()
            self.env.invalidate_all()
            self.assertEqual(self.clock(late).deadline, before)
            old = self._ticket(service_opened_at="2019-06-03 09:00:00")
            tickets = self.ticket | late | old
            ledger = self.env["service.quality.ledger"]
            self.assertFalse(ledger._differences(tickets.ids))
            ledger._refold(tickets.ids)
            self.assertEqual(self.clock(late).deadline, before)
