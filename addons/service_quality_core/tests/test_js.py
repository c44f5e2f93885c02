from odoo.tests import tagged

from .js_common import JavaScriptCase


@tagged("post_install", "-at_install", "browser")
class TestJavaScript(JavaScriptCase):
    def test_hoot(self):
        """Screens: countdowns count in open hours, and without asking the server."""
        self._run_hoot("service_quality_core")
