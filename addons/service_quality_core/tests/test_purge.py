from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ServiceQualityCase


@tagged("post_install", "-at_install")
class TestPurge(ServiceQualityCase):
    """Staff ages out of finished tickets; what was promised and met stays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._agreement({"metric": "resolution", "duration": 4, "unit": "hour"})
        cls.agent = cls._user("agent", "desk")
        cls.team.user_ids = cls.agent
        cls.old = cls._ticket("2026-03-02 09:00", user_id=cls.agent.id)
        cls._move(cls.old, "resolved", "2026-03-02 10:00")
        cls.open = cls._ticket("2026-03-02 09:00", user_id=cls.agent.id)
        cls._move(cls.open, "active", "2026-03-02 09:30")
        cls.purges = cls.env["service.quality.purge"]
        cls.rows = len(cls.old.service_event_ids.filtered("user_id"))

    def _purge(self, months):
        self.env.company.service_staff_retention_months = months
        with freeze_time("2026-09-15 12:00"):
            self.purges._gc_staff()

    def test_old_finished_tickets_forget_who(self):
        """The verdict stays, who held the ticket does not, and the purge is logged."""
        clock = self.clock(self.old)
        self.assertEqual((clock.verdict, clock.user_id), ("met", self.agent))
        self._purge(6)
        self.assertFalse(self.old.service_event_ids.user_id)
        self.assertFalse(self.old.service_span_ids.user_id)
        self.assertEqual((clock.verdict, clock.user_id.ids), ("met", []))
        for name in ("user_id", "create_uid", "write_uid"):
            self.assertFalse(self.old[name], name)
        tracked = self.old.message_ids.sudo().tracking_value_ids
        self.assertNotIn("user_id", tracked.field_id.mapped("name"))
        differences = self.env["service.quality.ledger"]._differences(self.old.ids)
        self.assertFalse(differences)
        log = self.purges.search([])
        self.assertEqual((log.ticket_count, log.row_count), (1, self.rows))

    def test_what_was_left_by_the_ledger(self):
        """A ticket whose rows name nobody any more may still name its assignee."""
        self._purge(6)
        self.env.cr.execute(
            "UPDATE helpdesk_ticket SET user_id = %s WHERE id = %s",
            [self.agent.id, self.old.id],
        )
        self.old.invalidate_recordset()
        self._purge(6)
        self.assertFalse(self.old.user_id)
        self.assertTrue(self.open.user_id)

    def test_open_or_recent_tickets_keep_it(self):
        self._purge(6)
        self.assertIn(self.agent, self.open.service_span_ids.user_id)
        self._purge(7)
        self.assertEqual(len(self.purges.search([])), 1, "nothing is left to purge")

    def test_kept_for_ever_by_default(self):
        self._purge(0)
        self.assertIn(self.agent, self.old.service_span_ids.user_id)
        self.assertFalse(self.purges.search([]))

    def test_the_ledger_is_locked_again(self):
        self._purge(6)
        setting = "SELECT current_setting('service_quality_core.unlocked', true)"
        self.env.cr.execute(setting)
        self.assertEqual(self.env.cr.fetchone(), ("off",))

    def test_who_may_see_the_log(self):
        self._purge(6)
        log = self.purges.search([])
        with self.assertRaises(AccessError):
            log.with_user(self._user("desk", "desk")).read(["row_count"])
        quality = self._user("quality", "quality")
        self.assertEqual(log.with_user(quality).row_count, self.rows)
        with self.assertRaises(AccessError):
            log.with_user(quality).write({"row_count": 0})
