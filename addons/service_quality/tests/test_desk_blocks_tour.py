from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.service_quality_core.tests.common import ServiceQualityCase


@tagged("post_install", "-at_install", "browser")
class TestDeskBlocksTour(ServiceQualityCase, HttpCase):
    def test_desk_blocks_tour(self):
        """Regulation A3.5.1: from calls and complaints on the desk to their lists."""
        self._ticket(name="Tour: rude on the phone", service_is_complaint=True)
        done = self._ticket(fields.Datetime.now(), name="Tour: done")
        self._move(done, "resolved", fields.Datetime.now())
        self._user("tour_watcher", "desk", password="tour_watcher")
        self.start_tour(
            "/odoo/service-desk",
            "service_quality_desk_blocks_tour",
            login="tour_watcher",
        )
