from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.service_quality_core.tests.common import ServiceQualityCase


@tagged("post_install", "-at_install", "browser")
class TestDeskTour(ServiceQualityCase, HttpCase):
    def test_desk_tour(self):
        """Regulation A3.5.1: from what burns to the ticket and to the list."""
        self._agreement(
            {"metric": "resolution", "duration": 1, "unit": "hour", "always": True}
        )
        opened = fields.Datetime.now() - timedelta(days=300)
        self._ticket(opened, name="Tour: router down")
        watcher = self._user("tour_watcher", "desk", password="tour_watcher")
        self.start_tour(
            "/odoo/service-desk", "service_quality_desk_tour", login="tour_watcher"
        )
        self.env.invalidate_all()
        self.assertEqual(watcher.res_users_settings_id.service_desk_scope, "all")

    def test_handover_tour(self):
        """Regulation A3.5.1: a shift is handed over, and taken over by the next."""
        self._agreement(
            {"metric": "resolution", "duration": 1, "unit": "hour", "always": True}
        )
        opened = fields.Datetime.now() - timedelta(days=300)
        self._ticket(opened, name="Tour: router down")
        giver = self._user("tour_giver", "desk", password="tour_giver")
        taker = self._user(
            "tour_taker", "desk", password="tour_taker", name="Tour: next"
        )
        self.team.user_ids = giver | taker
        for login, name in (("tour_giver", "hand"), ("tour_taker", "take")):
            self.start_tour(
                "/odoo/service-desk", f"service_quality_{name}_over_tour", login=login
            )
        self.env.invalidate_all()
        handover = self.env["service.quality.handover"].search(
            [("from_user_id", "=", giver.id)]
        )
        self.assertEqual(handover.to_user_id, taker)
        self.assertEqual(handover.state, "taken_over")
