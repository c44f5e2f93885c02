from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_quality_core.tests.portal_common import PortalCase

CONTENT = {"solved": "yes", "satisfaction": "4"}


@tagged("post_install", "-at_install", "browser")
class TestPortalFollowUp(PortalCase):
    """Regulation A5.1.2: the customer can also answer in the portal."""

    def setUp(self):
        super().setUp()
        self.ticket.stage_id = self.stages["resolved"]
        self.call = self.ticket.service_callback_ids

    def test_answers(self):
        page = self.open("ann")
        done = self.submit(page, "follow-up#service_follow_up", CONTENT)
        answer = self.call.answer_ids
        self.assertEqual((answer.solved, answer.channel), ("yes", "portal"))
        self.assertIn("Thank you for your answer", self.words(done))
        self.assertFalse(self.form(done, "follow-up#service_follow_up"))

    def test_with_the_link_to_the_ticket(self):
        token = self.ticket._portal_ensure_token()
        page = self.open(None, f"{self.path}?access_token={token}")
        self.submit(page, "follow-up#service_follow_up", CONTENT)
        self.assertEqual(self.call.answer_ids.channel, "portal")

    def test_incomplete(self):
        page = self.submit(
            self.open("ann"), "follow-up#service_follow_up", {"comment": "Hm"}
        )
        self.assertEqual(page.status_code, 400)
        self.assertIn("whether it was solved", self.words(page))
        self.assertEqual(page.tree.get_element_by_id("service_comment").text, "Hm")

    # ------------------------------------------------------------------
    # Who should not get in
    # ------------------------------------------------------------------

    def test_others_are_not_asked(self):
        for login in ("bob", "eve"):
            with self.subTest(login):
                page = self.open(login)
                self.assertFalse(self.form(page, "follow-up#service_follow_up"))
                self.forge(f"{self.path}/follow-up", login, **CONTENT)
                self.assertFalse(self.call.answer_ids)

    def test_nobody(self):
        self.authenticate(None, None)
        login = self.visit("/web/login")
        token = login.tree.xpath("//input[@name='csrf_token']/@value")[0]
        for access in ({}, {"access_token": "x"}, {"access_token": ""}):
            data = CONTENT | access | {"csrf_token": token}
            self.visit(f"{self.path}/follow-up", data=data)
        self.assertFalse(self.call.answer_ids)

    @mute_logger("odoo.http")
    def test_forged(self):
        self.open("ann")
        page = self.visit(f"{self.path}/follow-up", data=CONTENT)
        self.assertEqual(page.status_code, 400)
        self.assertFalse(self.call.answer_ids)

    def test_once(self):
        page = self.open("ann")
        self.submit(page, "follow-up#service_follow_up", CONTENT)
        self.submit(
            page, "follow-up#service_follow_up", {"solved": "no", "satisfaction": "1"}
        )
        self.assertEqual(self.call.answer_ids.solved, "yes")

    def test_not_for_ever(self):
        with freeze_time(fields.Datetime.now() + timedelta(days=31)):
            self.assertFalse(self.ticket._service_portal_call(self.contact))
        self.assertEqual(self.ticket._service_portal_call(self.contact), self.call)
