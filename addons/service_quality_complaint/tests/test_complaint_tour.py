from odoo.tests import HttpCase, tagged

from .complaint_common import ComplaintCase


@tagged("post_install", "-at_install", "browser")
class TestComplaintTour(ComplaintCase, HttpCase):
    def test_from_ticket_to_closed_complaint(self):
        """Regulations A3.5.3 and C2.3: received, passed on, answered, accepted."""
        clerk = self._user("tour_clerk", "desk", password="tour_clerk")
        ticket = self._ticket(name="Tour: nobody came", team_id=self.outlet.id)
        self.start_tour(
            f"/odoo/service-tickets/{ticket.id}",
            "service_quality_complaint_tour",
            login="tour_clerk",
        )
        self.env.invalidate_all()
        complaint = ticket.service_complaint_ids
        self.assertEqual(complaint.service_complaint_state, "closed")
        self.assertEqual(complaint.service_answer_verdict, "accepted")
        self.assertEqual(complaint.service_admitted, "yes")
        self.assertEqual(complaint.service_received_by_id, clerk)
        self.assertIn("I waited all day", complaint.description)

    def test_taking_note(self):
        """Regulation A3.4.4: whoever was told takes note on the complaint itself."""
        self.head.password = "head"
        complaint = self._complaint(service_severity="important")
        self.start_tour(
            f"/odoo/service-complaints/{complaint.id}",
            "service_quality_note_tour",
            login="head",
        )
        self.env.invalidate_all()
        self.assertTrue(complaint.service_notice_ids.noted_at)

    def test_a_call(self):
        """Regulation A3.5.3: a customer calls, and complains."""
        self._user("tour_phone", "desk", password="tour_phone")
        self.contact.phone = "+86 10 6552 9988"
        self._ticket(name="Tour: nobody came")
        self.start_tour(
            "/odoo/service-phone-call", "service_quality_phone_tour", login="tour_phone"
        )
        complaint = self.env["helpdesk.ticket"].search(
            [("name", "=", "Kept waiting again")]
        )
        self.assertTrue(complaint.service_is_complaint)
        self.assertEqual(complaint.partner_id, self.contact)
