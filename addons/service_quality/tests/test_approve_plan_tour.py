from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.service_quality_audit.tests.nonconformity_common import (
    NonconformityCase,
)


@tagged("post_install", "-at_install", "browser")
class TestApprovePlanTour(NonconformityCase, HttpCase):
    """An executive holds a phone."""

    browser_size = "390x844"
    touch_enabled = True

    def test_an_executive_approves_in_two_taps(self):
        """Regulation A3.2.1: a tap on the plan that waits, and a tap that approves."""
        now = fields.Datetime.to_string(fields.Datetime.now())
        record = self._raise(grade="major", moment=now)
        for step in (self._correct, self._analyse, self._plan):
            step(record, now)
        self.assertTrue(record.service_awaits_approval)
        self.boss.write({"password": self.boss.login, "lang": "en_US"})
        self.start_tour(
            "/odoo/nonconformities-to-approve",
            "service_quality_approve_plan_tour",
            login=self.boss.login,
        )
        self.assertEqual(record.state, "open")
        self.assertEqual(record.service_approved_by_id, self.boss)
        self.assertEqual(set(record.signature_ids.mapped("is_intact")), {True})
