from odoo.tests import tagged

from odoo.addons.service_quality_core.tests.js_common import JavaScriptCase


@tagged("post_install", "-at_install", "browser")
class TestJavaScript(JavaScriptCase):
    def test_hoot(self):
        """The client code of this addon does what its tests say."""
        self._run_hoot("service_quality_desk")
