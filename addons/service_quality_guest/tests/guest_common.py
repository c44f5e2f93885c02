from odoo.addons.service_quality_core.tests.page_common import PageCase

BROWSER = "Mozilla/5.0 (Phone) GuestBrowser/77.31"
ADDRESS = "203.0.113.77"


class GuestCase(PageCase):
    """Somebody whom we do not know opens our pages."""

    def setUp(self):
        super().setUp()
        self.opener.headers["User-Agent"] = BROWSER
