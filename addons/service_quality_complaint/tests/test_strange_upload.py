from odoo.tests import tagged

from odoo.addons.service_quality_core.controllers.limits import THROTTLES
from odoo.addons.service_quality_core.tests.strange_files import BAD

from .test_hotline_page import HotlineCase
from .test_portal_complaint import PortalComplaintCase


@tagged("post_install", "-at_install", "browser")
class TestStrangeFileHotline(HotlineCase):
    """A stranger's file that is made to stop the server gets a sentence."""

    def test_refused_with_what_to_do(self):
        for said, make in BAD.items():
            with self.subTest(said):
                page, complaint = self.complain(files=[("files", ("a", make()))])
                self.assertEqual(page.status_code, 400)
                self.assertIn(said, self.words(page))
                self.assertFalse(complaint)


@tagged("post_install", "-at_install", "browser")
class TestStrangeFileComplaint(PortalComplaintCase):
    """Customers send files with a complaint, too."""

    def test_refused_with_what_to_do(self):
        known = self.env["helpdesk.ticket"].search([])
        for said, make in BAD.items():
            with self.subTest(said):
                self.open("ann")
                page = self.visit(f"{self.path}/complain")
                files = [("files", ("a", make()))]
                page = self.submit(page, "/complain", {"text": "Slow"}, files=files)
                self.assertIn(said, self.words(page))
                self.assertEqual(self.env["helpdesk.ticket"].search([]), known)

    def test_limited_complaints(self):
        """A customer's complaints are limited as the hotline's are."""
        throttle = THROTTLES["report"]
        self.patch(throttle, "most", 2)
        self.open("ann")
        page = self.visit(f"{self.path}/complain")
        codes = [
            self.submit(page, "/complain", {"text": ""}).status_code for _time in "123"
        ]
        self.assertEqual(codes, [400, 400, 429])
