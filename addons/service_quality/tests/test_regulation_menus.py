from freezegun import freeze_time

from odoo.tests import tagged

from .proof_common import ProofCase

CALLS = "service_quality_callback.service_quality_menu_callbacks"
COMPLAINTS = "service_quality_complaint.helpdesk_ticket_complaint_menu"


@tagged("post_install", "-at_install")
class TestRegulationMenus(ProofCase):
    """The menus of calls belong to regulation A, those of complaints to each."""

    def menus(self):
        Menu = self.env["ir.ui.menu"].with_user(self.inspector)
        return {menu.get("xmlid") for menu in Menu.load_menus(False).values()}

    def test_menus_of_calls(self):
        with freeze_time("2026-03-02"):
            self.assertLessEqual({CALLS, COMPLAINTS}, self.menus())
        self.regulation.term_ids.date_end = "2026-03-01"
        self._in_force(self.env.ref("service_quality_regulation.regulation_c"))
        with freeze_time("2026-03-02"):
            self.assertNotIn(CALLS, self.menus())
            self.assertIn(COMPLAINTS, self.menus())
