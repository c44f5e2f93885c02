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

    def test_rectify_tour(self):
        """Screens: what was closed is corrected in one dialog, and both are shown."""
        manager = self._user("tour_manager", "service_manager", password="tour_manager")
        cause = self.env.ref("service_quality_core.service_quality_cause_network")
        ticket = self._ticket(
            fields.Datetime.now() - timedelta(days=3), service_cause_id=cause.id
        )
        self._move(
            ticket.with_user(manager),
            "resolved",
            fields.Datetime.now() - timedelta(days=2),
            service_work_done="Replaced the line card",
        )
        self.start_tour(
            f"/odoo/service-tickets/{ticket.id}",
            "service_quality_rectify_tour",
            login="tour_manager",
        )
        self.env.invalidate_all()
        self.assertEqual(ticket.service_work_done, "Replaced the fan")
        self.assertEqual(ticket.service_cause_id, cause)
        rows = ticket._rectifications()
        self.assertEqual(rows.mapped("state"), ["pending", "done"])
