from odoo.tests import HttpCase, tagged

from odoo.addons.service_quality_core.models.roles import ROLES

from .common import ServiceQualityCase

LANDED = """
    const seen = setInterval(() => {
        const page = document.querySelector(
            ".o_service_overview_action, .o_view_controller, .o-mail-Discuss"
        );
        if (page) {
            clearInterval(seen);
            const ours = page.classList.contains("o_service_overview_action");
            console.log(ours === %s ? "test successful" : "landed elsewhere");
        }
    }, 100);
"""


@tagged("post_install", "-at_install")
class TestLanding(ServiceQualityCase):
    def test_each_role_has_its_first_page_first(self):
        """Who logs in is shown the first entry of the first menu."""
        overview = self.env.ref("service_quality_core.service_quality_overview_action")
        root = self.env.ref("service_quality_core.service_quality_menu_root")
        for role in dict(ROLES):
            user = self._user(f"landing_{role}", role)
            menus = self.env["ir.ui.menu"].with_user(user).load_web_menus(False)
            with self.subTest(role):
                self.assertEqual(menus["root"]["children"][0], root.id)
                self.assertEqual(menus[root.id]["actionID"], overview.id)

    def test_who_holds_no_role_is_not_led_here(self):
        user = self._user("landing_nobody")
        user.group_ids = self.env.ref("base.group_user")
        menus = self.env["ir.ui.menu"].with_user(user).load_web_menus(False)
        root = self.env.ref("service_quality_core.service_quality_menu_root")
        self.assertNotIn(root.id, menus["root"]["children"])


@tagged("post_install", "-at_install", "browser")
class TestLandingBrowser(HttpCase, ServiceQualityCase):
    def _land(self, is_ours):
        words = "true" if is_ours else "false"
        self.browser_js("/odoo", LANDED % words, login="landing_browser")

    def test_login_and_own_home_action(self):
        """A user's own home action wins over the first page."""
        user = self._user("landing_browser", "quality")
        self._land(True)
        user.action_id = self.env.ref("service_quality_core.helpdesk_ticket_action").id
        self._land(False)
