from odoo.tests import tagged

from ..desk.test_desk import DeskCase


@tagged("post_install", "-at_install")
class TestDeskComplaints(DeskCase):
    def test_complaints(self):
        """Regulation A3.5.3: open complaints with what is due next of each."""
        complaint = self._ticket(
            "2026-03-02 11:00:00",
            name="Rude",
            service_is_complaint=True,
            service_severity="major",
        )
        [line] = self.block("complaints")["lines"]
        self.assertEqual(line["title"], "Rude")
        self.assertIn("Major", line["what"])
        self.assertEqual(
            line["deadline"],
            complaint.service_deadline.strftime("%Y-%m-%d %H:%M:%S"),
        )
        self._move(complaint, "cancelled", "2026-03-02 11:30:00")
        self.assertEqual(self.shown("complaints"), [])
