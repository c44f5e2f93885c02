from odoo.tests import HttpCase, tagged

from .report_common import ReportCase


@tagged("post_install", "-at_install", "browser")
class TestQualityReportTour(ReportCase, HttpCase):
    def test_a_service_report_by_hand(self):
        """Regulation A4.3.3: each figure opens its rows, and the report goes out."""
        self.agreement._write_as_step({"name": "Tour support"})
        self._handle("2026-03-02 09:00:00", "2026-03-02 10:00:00")
        late = self._handle("2026-03-03 09:00:00", "2026-03-04 16:00:00")
        user = self._user(
            "tour_quality", "quality", password="tour_quality", tz="UTC", lang="en_US"
        )
        action = self.env.ref(
            "service_quality_report.service_quality_report_action_customer"
        )
        self.start_tour(
            f"/odoo/action-{action.id}",
            "service_quality_report_tour",
            login=user.login,
        )
        report = self.env["service.quality.report"].search(
            [("agreement_id", "=", self.agreement.id)]
        )
        self.assertEqual(report.state, "sent")
        self.assertEqual(report.miss_ids.ticket_id, late)
        self.assertEqual(report.miss_ids.reason, "A part came late")
        self.assertIn("A part came late", report.page)
        self.assertIn(self.contact, report.delivery_ids.partner_id)
