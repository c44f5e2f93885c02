from odoo.tests import HttpCase, tagged

from odoo.addons.web.tests.test_js import unit_test_error_checker

SUITE = "@service_quality"


def hoot_id(name):
    """Return the id that HOOT gives to the suite of a name."""
    found = 0
    for char in name:
        found = ((found << 5) - found + ord(char)) & 0xFFFFFFFF
    return f"{found:08x}"


@tagged("post_install", "-at_install", "browser")
class TestJavaScript(HttpCase):
    """What ticks in the client: the JavaScript tests of this addon."""

    def test_hoot(self):
        """Screens: countdowns count in open hours, and without asking the server."""
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset=desktop&id={hoot_id(SUITE)}",
            "",
            "",
            login="admin",
            timeout=180,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=unit_test_error_checker,
        )
