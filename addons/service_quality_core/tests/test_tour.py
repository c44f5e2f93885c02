from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import ServiceQualityCase


@tagged("post_install", "-at_install", "browser")
class TestTicketTour(ServiceQualityCase, HttpCase):
    def test_ticket_tour(self):
        """Screens: what burns, why, and out of the way through the dialog."""
        self._agreement(
            {"metric": "resolution", "duration": 1, "unit": "hour", "always": True}
        )
        self.team.service_require_work_done = True
        opened = fields.Datetime.now() - timedelta(days=300)
        ticket = self._ticket(opened, name="Tour: router down")
        self._user("tour_desk", "desk", password="tour_desk")
        self.start_tour(
            "/odoo/service-tickets", "service_quality_ticket_tour", login="tour_desk"
        )
        self.env.invalidate_all()
        self.assertEqual(ticket.stage_id._service_phase(), "resolved")
        self.assertEqual(ticket.service_work_done, "Power supply replaced")
        self.assertEqual(self.clock(ticket).verdict, "missed")
