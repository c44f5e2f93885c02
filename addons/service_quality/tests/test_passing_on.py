from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.service_quality_complaint.tests.complaint_common import ComplaintCase


@tagged("post_install", "-at_install")
class TestPassingOn(ComplaintCase):
    """Complaints are passed on as the regulation in force asks."""

    def test_every_complaint(self):
        """Regulation C2.3: in force, the head is told of every complaint."""
        self.env.cr.execute("DELETE FROM service_quality_regulation_term")
        self.env.invalidate_all()
        self.assertFalse(self.company._service_passes_on_every_complaint())
        self.env["service.quality.regulation.term"].create(
            {
                "regulation_id": self.env.ref(
                    "service_quality_regulation.regulation_c"
                ).id,
                "company_id": self.company.id,
                "date_start": "2026-03-01",
            }
        )
        with freeze_time("2026-03-02"):
            self.assertTrue(self.company._service_passes_on_every_complaint())
        complaint = self._complaint("2026-03-02 09:00:00")
        self.assertIn(self.head, complaint.service_notice_ids.user_id)
