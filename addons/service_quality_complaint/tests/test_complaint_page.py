from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from odoo.addons.service_quality_core.controllers.limits import THROTTLES
from odoo.addons.service_quality_guest.tests.guest_common import GuestCase

from .complaint_common import ComplaintCase

SCRIPT = "<script>alert('seen')</script>"


@tagged("post_install", "-at_install", "browser")
class TestComplaintPage(ComplaintCase, GuestCase):
    """The link in the mail asks, without an account, if the answer is accepted."""

    def setUp(self):
        super().setUp()
        self.complaint = self._complaint(name="Kept waiting <b>")
        self.complaint.service_complaint_answer(f"<p>Sorry</p>{SCRIPT}")
        self.path = self.link()

    def link(self):
        url = self.complaint._service_answer_url()
        return "/service" + url.partition("/service")[2]

    def reply(self, page, index, **values):
        form = page.tree.forms[index]
        data = dict(form.form_values()) | values
        return self.visit(form.action, data=data)

    def test_in_the_mail(self):
        """Regulation C2.3: the complainant is asked whether the answer will do."""
        mail = self.mails(self.complaint)[-1:]
        self.assertIn("/service/complaint/answer/", mail.body_html)

    def test_shows_the_answer_and_no_more(self):
        page = self.visit(self.path)
        self.assertEqual(page.status_code, 200)
        words = self.words(page)
        self.assertIn("Kept waiting <b>", words)
        self.assertIn("Sorry", words)
        self.assertFalse(page.tree.xpath("//script"))
        for hidden in (self.contact.name, self.chief.name, self.outlet.name):
            self.assertNotIn(hidden, words)

    def test_opening_says_nothing(self):
        self.visit(f"{self.path}?action=accept")
        self.url_open(self.path, method="HEAD")
        self.assertFalse(self.complaint.service_answer_verdict)

    def test_accepts(self):
        page = self.reply(self.visit(self.path), 0, action="accept")
        self.assertIn("You have accepted this answer", self.words(page))
        self.assertEqual(self.complaint.service_answer_verdict, "accepted")
        # once
        form = self.visit(self.path)
        self.assertFalse(form.tree.forms)

    def test_refuses(self):
        page = self.reply(self.visit(self.path), 1, action="refuse", words="Not so")
        self.assertIn("not accept", self.words(page))
        self.assertEqual(self.complaint.service_refusal, "Not so")
        self.assertEqual(self.complaint.service_complaint_state, "investigating")

    def test_refusal_says_why(self):
        page = self.reply(self.visit(self.path), 1, action="refuse", words=" ")
        self.assertEqual(page.status_code, 400)
        self.assertIn("write why", self.words(page))
        page = self.reply(page, 1, action="refuse", words="x" * 1_000_000)
        self.assertEqual(page.status_code, 400)
        self.assertIn("too long", self.words(page))
        self.assertFalse(self.complaint.service_answer_verdict)

    def test_in_the_complainants_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.contact.lang = "zh_CN"
        self.assertEqual(self.visit(self.path).tree.get("lang"), "zh-CN")

    # ------------------------------------------------------------------
    # Who should not get in
    # ------------------------------------------------------------------

    def test_used(self):
        page = self.visit(self.path)
        self.reply(page, 0, action="accept")
        again = self.reply(page, 1, action="refuse", words="No")
        self.assertEqual(self.complaint.service_answer_verdict, "accepted")
        self.assertFalse(self.complaint.service_refusal)
        self.assertIn("You have accepted this answer", self.words(again))

    def test_a_later_answer_has_a_later_link(self):
        self.reply(self.visit(self.path), 1, action="refuse", words="Not so")
        page = self.visit(self.path)
        self.assertEqual(page.status_code, 200, "what has become of it is shown")
        self.assertFalse(page.tree.forms)
        self.complaint.service_complaint_answer("<p>Here is cake</p>")
        page = self.visit(self.path)
        self.assertEqual(page.status_code, 404)
        self.assertIn("latest mail", self.words(page))
        self.assertIn("cake", self.words(self.visit(self.link())))

    def test_expired(self):
        with freeze_time(fields.Datetime.now() + timedelta(days=61)):
            page = self.visit(self.path)
        self.assertEqual(page.status_code, 404)
        self.assertNotIn("Sorry", page.text)

    def test_wrong_links_look_alike(self):
        start, _slash, token = self.path.rpartition("/")
        wrong = ("x", "%00", token[:-4], token[:-4] + "AAAA", token + "A" * 8, "é")
        pages = [self.visit(f"{start}/{one}") for one in wrong]
        self.assertEqual({page.status_code for page in pages}, {404})
        self.assertEqual(len({self.words(page) for page in pages}), 1)

    def test_forged(self):
        page = self.visit(self.path)
        for token in ("", "0o0"):
            refused = self.reply(page, 0, action="accept", csrf_token=token)
            self.assertEqual(refused.status_code, 400)
        self.assertFalse(self.complaint.service_answer_verdict)
        self.reply(refused, 0, action="accept")
        self.assertEqual(self.complaint.service_answer_verdict, "accepted")

    def test_machine(self):
        page = self.visit(self.path)
        refused = self.reply(page, 0, action="accept", website="https://spam.example")
        self.assertEqual(refused.status_code, 400)
        self.assertFalse(self.complaint.service_answer_verdict)

    def test_nothing_else_can_be_done(self):
        page = self.visit(self.path)
        before = self.complaint.message_ids
        for action in ("message", "close", "", "__class__"):
            self.reply(page, 0, action=action, words="")
        self.assertEqual(self.complaint.message_ids, before)
        self.assertFalse(self.complaint.service_answer_verdict)

    def test_limit(self):
        with patch.object(THROTTLES["read"], "most", 3):
            codes = [self.visit(self.path).status_code for _try in range(4)]
        self.assertEqual(codes, [200, 200, 200, 429])
