from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from odoo.addons.service_quality_core.controllers.limits import THROTTLES
from odoo.addons.service_quality_guest.tests.guest_common import GuestCase

CONTENT = {"solved": "yes", "satisfaction": "5"}
NOBODY = "x" * 43
SCRIPT = "<script>alert(1)</script>"


@tagged("post_install", "-at_install", "browser")
class TestFollowUpPage(GuestCase):
    """Regulation A5.1.2: the customer can also answer by the link that was sent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls._ticket(
            service_opened_at=fields.Datetime.now() - timedelta(hours=2),
            name="Printer <b>on fire</b>",
        )
        cls.ticket.stage_id = cls.stages["resolved"]
        cls.call = cls.ticket.service_callback_ids
        cls.path = cls._link(cls.call)

    @classmethod
    def _link(cls, call):
        return "/service" + call._make_links()[call].partition("/service")[2]

    def test_answers(self):
        page = self.visit(self.path)
        self.assertEqual(page.status_code, 200)
        self.assertIn("Printer <b>on fire</b>", self.words(page))
        done = self.send(page, CONTENT | {"comment": "All fine"})
        self.assertEqual(self.title(done), "Thank you")
        answer = self.call.answer_ids
        self.assertEqual(
            (answer.solved, answer.satisfaction, answer.comment, answer.channel),
            ("yes", "5", "All fine", "link"),
        )

    def test_reasons(self):
        slow = self.env.ref("service_quality_callback.callback_reason_slow")
        skill = self.env.ref("service_quality_callback.callback_reason_skill")
        self.send(
            self.visit(self.path),
            {"solved": "no", "satisfaction": "1", "reason": [slow.id, skill.id]},
        )
        self.assertEqual(self.call.answer_ids.reason_ids, slow | skill)

    def test_opening_answers_nothing(self):
        """Programs that look through mails open links, with all that is in them."""
        self.visit(f"{self.path}?solved=no&satisfaction=1")
        self.url_open(self.path, method="HEAD")
        self.assertFalse(self.call.answer_ids)

    def test_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.contact.lang = "zh_CN"
        page = self.visit(self.path)
        self.assertEqual(page.tree.get("lang"), "zh-CN")
        page = self.visit(f"{self.path}?lang=en_US")
        self.assertEqual(page.tree.get("lang"), "en-US")

    def test_incomplete_keeps_what_was_entered(self):
        page = self.send(
            self.visit(self.path), {"satisfaction": "2", "comment": "Hm <i>"}
        )
        self.assertEqual(page.status_code, 400)
        self.assertIn("whether it was solved", self.words(page))
        self.assertEqual(page.tree.find(".//textarea").text, "Hm <i>")
        form = dict(page.tree.forms[-1].form_values())
        self.assertEqual(form["satisfaction"], "2")
        self.assertFalse(self.call.answer_ids)

    # ------------------------------------------------------------------
    # Who should not get in
    # ------------------------------------------------------------------

    def test_used(self):
        page = self.visit(self.path)
        self.send(page, CONTENT)
        again = self.send(page, {"solved": "no", "satisfaction": "1"})
        self.assertEqual(self.title(again), "Nothing more to answer here")
        self.assertEqual(self.call.answer_ids.solved, "yes")
        self.assertIn("call us", self.words(self.visit(self.path)))

    def test_expired(self):
        after = fields.Datetime.now() + timedelta(days=31)
        with freeze_time(after):
            page = self.visit(self.path)
        self.assertEqual(page.status_code, 404)
        self.assertEqual(self.title(page), "This link is not valid any more")
        self.assertIn("customer portal", self.words(page))

    def test_wrong_links_look_alike(self):
        pages = [
            self.visit(f"/service/follow-up/{token}")
            for token in (NOBODY, "short", "%00", "..", self.call.link_hash)
        ]
        self.assertEqual({page.status_code for page in pages}, {404})
        texts = {self.words(page) for page in pages[:2]}
        self.assertEqual(len(texts), 1)
        self.assertNotIn(self.ticket.number, texts.pop())

    def test_answer_to_a_wrong_link(self):
        page = self.visit(self.path)
        data = dict(page.tree.forms[-1].form_values()) | CONTENT
        self.assertEqual(
            self.visit(f"/service/follow-up/{NOBODY}", data=data).status_code, 404
        )

    def test_forged(self):
        """A form that is not ours, or lost its cookie, answers nothing at once."""
        page = self.visit(self.path)
        for token in (None, "", "0o0", "x" * 60):
            with self.subTest(token):
                refused = self.send(page, CONTENT | {"csrf_token": token})
                self.assertEqual(refused.status_code, 400)
                self.assertFalse(self.call.answer_ids)
        done = self.send(refused, {})
        self.assertEqual(self.title(done), "Thank you", "nothing was lost")

    def test_machine(self):
        page = self.visit(self.path)
        refused = self.send(page, CONTENT | {"website": "https://spam.example"})
        self.assertEqual(refused.status_code, 400)
        self.assertFalse(self.call.answer_ids)

    def test_limit(self):
        with patch.object(THROTTLES["read"], "most", 3):
            codes = [self.visit(self.path).status_code for _try in range(4)]
        self.assertEqual(codes, [200, 200, 200, 429])

    def test_script_is_text(self):
        self.send(
            self.visit(self.path),
            {
                "solved": "no",
                "satisfaction": "1",
                "comment": "<script>alert(1)</script>",
            },
        )
        self.assertEqual(self.call.answer_ids.comment, "<script>alert(1)</script>")
        self.assertNotIn("<script", "".join(self.ticket.message_ids.mapped("body")))

    def test_long_words(self):
        done = self.send(self.visit(self.path), CONTENT | {"comment": "x" * 1_000_000})
        self.assertEqual(self.title(done), "Thank you")
        self.assertEqual(len(self.call.answer_ids.comment), 2000)
