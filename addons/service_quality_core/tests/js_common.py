from odoo.tests import HttpCase

from odoo.addons.web.tests.test_js import unit_test_error_checker


def hoot_id(name):
    """Return the id that HOOT gives to the suite of a name."""
    found = 0
    for char in name:
        found = ((found << 5) - found + ord(char)) & 0xFFFFFFFF
    return f"{found:08x}"


class JavaScriptCase(HttpCase):
    """The JavaScript tests of an addon run in a browser."""

    def _run_hoot(self, addon):
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset=desktop&id={hoot_id('@' + addon)}",
            "",
            "",
            login="admin",
            timeout=180,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=unit_test_error_checker,
        )
