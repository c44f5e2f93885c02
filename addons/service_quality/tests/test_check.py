from odoo.exceptions import UserError
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
            self.env.ref("service_quality.ir_cron_check_ledger").method_direct_trigger()
        check.invalidate_recordset()
        self.assertEqual(check.state, "done")
        self.assertEqual(check.checked_count, check.ticket_count)
        self.assertGreaterEqual(check.checked_count, 1)
        self.assertFalse(
            check.line_ids.filtered(lambda line: line.ticket_id == self.ticket)
        )
        self.assertEqual(self.ticket.service_revision, revision)
