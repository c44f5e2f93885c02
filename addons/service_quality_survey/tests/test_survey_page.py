import io

from PIL import Image

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_quality_guest.tests.guest_common import GuestCase

from .answer_common import AnswerCase

SCRIPT = "<script>alert(1)</script>"


def photo():
    """Return a small picture, as a scan."""
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "#336699").save(content, "PNG")
    return content.getvalue()


class SurveyPageCase(AnswerCase, GuestCase):
    def _path(self, contact, channel="mail"):
        contact.flush_recordset()
        return contact._path(channel)

    def _given(self, **blocks):
        """Return what a form sends: the mandatory questions, and others by block."""
        values = {"overall": "8", "expectation": "7", "ideal": "7"} | blocks
        return {
            f"q{self.questions[block].id}": value
            for block, value in values.items()
            if value is not None
        }


@tagged("post_install", "-at_install", "browser")
class TestSurveyPage(SurveyPageCase):
    """A customer answers by the link that only they have."""

    def test_answers(self):
        page = self.visit(self._path(self.ann))
        self.assertEqual(page.status_code, 200)
        words = self.words(page)
        for expected in (
            "Ash Ann",
            "Overall, how satisfied",
            "matters are solved",
            "quality department",
        ):
            self.assertIn(expected, words)
        done = self.send(page, self._given(open="Fine") | {"action": "send"})
        self.assertEqual(self.title(done), "Thank you")
        self.assertEqual((self.ann.state, self.ann.channel), ("answered", "mail"))
        lines = self._lines(self.ann)
        self.assertEqual((lines["overall"], lines["open"]), ("8", "Fine"))

    def test_no_secret_of_odoo_leaves_the_house(self):
        page = self.visit(self._path(self.ann))
        self.send(page, self._given(ideal=None) | {"action": "later"})
        page = self.visit(self._path(self.ann))
        for secret in (
            self.survey.questionnaire_id.access_token,
            self.ann.user_input_id.access_token,
        ):
            self.assertTrue(secret)
            self.assertNotIn(secret, page.text)

    def test_the_channel_is_in_the_link(self):
        for channel, kept in (("qr", "qr"), ("portal", "portal"), ("paper", "link")):
            with self.subTest(channel):
                survey = self._in_field(name=f"By {channel}")
                contact = self._asked(self.people[0], survey)
                self.questions = {one.service_block: one for one in survey.question_ids}
                page = self.visit(self._path(contact, channel))
                self.send(page, self._given() | {"action": "send"})
                self.assertEqual(contact.channel, kept)

    def test_opening_answers_nothing(self):
        """Programs that look through mails open links, with all that is in them."""
        overall = self.questions["overall"].id
        self.visit(f"{self._path(self.ann)}?q{overall}=1&action=send")
        self.url_open(self._path(self.ann), method="HEAD")
        self.assertFalse(self.ann.user_input_id)
        self.assertEqual(self.ann.state, "not_asked")

    def test_nothing_is_fetched_and_nothing_runs(self):
        page = self.visit(self._path(self.ann))
        self.assertFalse(page.tree.xpath("//script | //link[@rel='stylesheet']"))
        self.assertFalse(page.tree.xpath("//*[@style]"), "the page allows none")
        self.assertIn("default-src 'none'", page.headers["Content-Security-Policy"])

    def test_missing_answers_keep_what_was_entered(self):
        page = self.visit(self._path(self.ann))
        page = self.send(
            page, self._given(ideal=None, open=SCRIPT) | {"action": "send"}
        )
        self.assertEqual(page.status_code, 400)
        self.assertIn("Something is missing", self.words(page))
        self.assertEqual(self.ann.state, "partial")
        self.assertNotIn(SCRIPT, page.text)
        again = self.visit(self._path(self.ann))
        form = dict(again.tree.forms[-1].form_values())
        self.assertEqual(form[f"q{self.questions['overall'].id}"], "8")
        self.assertEqual(form[f"q{self.questions['open'].id}"], SCRIPT)
        done = self.send(again, self._given() | {"action": "send"})
        self.assertEqual(self.title(done), "Thank you")

    def test_later(self):
        page = self.visit(self._path(self.ann))
        saved = self.send(page, self._given(ideal=None) | {"action": "later"})
        self.assertEqual(self.title(saved), "Saved")
        self.assertEqual(self.ann.state, "partial")

    def test_too_long_and_wrong_values(self):
        call = self.questions["call"].id
        page = self.visit(self._path(self.ann))
        for given, words in (
            ({f"q{self.questions['open'].id}": "x" * 5000}, "too long: 5000"),
            ({f"q{self.questions['overall'].id}": "99"}, "one of the numbers"),
            ({f"q{call}": ["1", "2"]}, "one of the answers"),
            ({f"c{call}": "9" * 999}, "too long: 999"),
        ):
            with self.subTest(words):
                answer = self.send(page, self._given() | {"action": "send"} | given)
                self.assertEqual(answer.status_code, 400)
                self.assertIn(words, self.words(answer))
                self.assertEqual(self.ann.state, "partial")

    def test_refuses(self):
        page = self.visit(self._path(self.ann))
        done = self.send(page, {"action": "refuse", "words": f"No time {SCRIPT}"})
        self.assertEqual(self.title(done), "You do not take part")
        self.assertEqual(self.ann.state, "refused")
        self.assertEqual(self.ann.words, f"No time {SCRIPT}")

    def test_another_person(self):
        page = self.visit(self._path(self.ann))
        self.send(page, {"action": "wrong", "words": "I am Zoe"})
        self.assertEqual((self.ann.state, self.ann.words), ("wrong_person", "I am Zoe"))

    def test_a_colleague_opens_the_invitation(self):
        """The page says whom it asks; two links in one browser are two people."""
        first = self.visit(self._path(self.ann))
        second = self.visit(self._path(self.bea))
        self.assertIn("Ash Bea", self.words(second))
        self.send(first, self._given(overall="9") | {"action": "send"})
        self.send(second, self._given(overall="2") | {"action": "send"})
        self.assertEqual(self._lines(self.ann)["overall"], "9")
        self.assertEqual(self._lines(self.bea)["overall"], "2")

    def test_somebody_who_is_logged_in(self):
        """Whose browser it is says nothing about who answers."""
        self.authenticate("survey_interviewer", "survey_interviewer")
        page = self.visit(self._path(self.ann))
        self.send(page, self._given() | {"action": "send"})
        self.assertEqual(self.ann.state, "answered")
        self.assertFalse(self.ann.entered_by_id)

    def test_twice(self):
        page = self.visit(self._path(self.ann))
        self.send(page, self._given() | {"action": "send"})
        for again in (
            self.send(page, self._given(overall="1") | {"action": "send"}),
            self.send(page, {"action": "refuse"}),
            self.visit(self._path(self.ann, "qr")),
        ):
            self.assertEqual(self.title(again), "You have answered already")
            self.assertFalse(again.tree.forms)
        self.assertEqual(self._lines(self.ann)["overall"], "8")

    def test_last_years_link(self):
        """It does not lead into this year's survey, nor does it say anything."""
        last = self._in_field(name="Last year")
        old = self._asked(self.people[0], last)
        form = self.visit(self._path(old))
        last.action_close()
        old.flush_recordset()
        for page in (
            self.visit(self._path(old)),
            self.send(form, self._given() | {"action": "send"}),
        ):
            self.assertEqual(self.title(page), "This survey takes no answers")
            self.assertFalse(page.tree.forms)
        self.assertFalse(old.user_input_id)
        self.assertEqual(self.ann.state, "not_asked")
        page = self.visit(self._path(self.ann))
        self.send(page, self._given() | {"action": "send"})
        self.assertEqual(self.ann.user_input_id.survey_id, self.survey.questionnaire_id)

    def test_after_the_last_day(self):
        self.survey.close_date = fields.Date.subtract(
            self.company._service_day(), days=1
        )
        page = self.visit(self._path(self.ann))
        self.assertEqual(self.title(page), "This survey takes no answers")

    def test_unknown_long_and_strange_tokens(self):
        for token in (
            "x" * 32, "x" * 5000, "%00" * 30, "' OR 1=1 --" * 3, "%F0%9F%98%80" * 8,
            self.ann.token[:-1], self.ann.token.swapcase(), "False", "0" * 20,
        ):  # fmt: skip
            with self.subTest(token[:20]):
                page = self.visit(f"/service/survey/{token}/mail")
                self.assertEqual(page.status_code, 404)
                self.assertEqual(self.title(page), "This link is not valid")

    @mute_logger("odoo.http")
    def test_forged_and_machine_made(self):
        path = self._path(self.ann)
        page = self.visit(path)
        for given in ({"csrf_token": "x"}, {"csrf_token": None}, {"website": "spam"}):
            answer = self.send(page, self._given() | {"action": "send"} | given)
            self.assertEqual(answer.status_code, 400)
            self.assertFalse(self.ann.user_input_id)
            form = dict(answer.tree.forms[-1].form_values())
            self.assertEqual(form[f"q{self.questions['overall'].id}"], "8")

    def test_languages(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        survey = self._in_field(name="Two languages")
        contact = self._asked(self.people[0], survey)
        for lang, code, words in (
            ("zh_CN", "zh-CN", "您对我们的服务满意程度如何"),
            ("tlh", "en-US", "Overall, how satisfied"),  # not installed
            (False, "en-US", "Overall, how satisfied"),
        ):
            with self.subTest(lang):
                contact._write_as_step({"lang": lang})
                page = self.visit(self._path(contact))
                self.assertEqual(page.tree.get("lang"), code)
                self.assertIn(words, self.words(page))
        page = self.visit(f"{self._path(contact)}?lang=zh_CN")
        self.assertIn("非常满意", self.words(page))
        self.assertIn(self._path(contact), page.text, "the switch keeps the channel")

    def test_queries_do_not_grow_with_the_people(self):
        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            self.env.registry.clear_all_caches()
            self.visit(self._path(self.ann))
            start = self.env.cr.sql_log_count
            self.env.invalidate_all()
            self.visit(self._path(self.ann))
            return self.env.cr.sql_log_count - start

        first = queries()
        partners = self.env["res.partner"].create(
            [{"name": f"More {number}"} for number in range(50)]
        )
        self.env["service.quality.survey.contact"]._create_as_step(
            [
                {"survey_id": self.survey.id, "partner_id": one.id, "is_drawn": True}
                for one in partners
            ]
        )
        self.assertLessEqual(queries(), first + 1)
        self.assertLess(first, 60)


@tagged("post_install", "-at_install", "browser")
class TestOdooSurveyPages(SurveyPageCase):
    """Odoo's own pages give nothing for our questionnaires."""

    def test_neither_start_nor_answer_nor_print(self):
        self.ann._save_answers(
            {self.questions["overall"].id: 5}, "mail", is_whole=False
        )
        survey = self.survey.questionnaire_id.access_token
        answer = self.ann.user_input_id.access_token
        title = self.questions["overall"].title
        self.env.flush_all()
        for login in (None, "survey_interviewer", "admin"):
            self.authenticate(login, login)
            for path in (
                f"/survey/start/{survey}",
                f"/survey/start/{survey}?answer_token={answer}",
                f"/survey/{survey}/{answer}",
                f"/survey/print/{survey}?answer_token={answer}",
                f"/survey/retry/{survey}/{answer}",
                f"/survey/test/{survey}",
            ):
                with self.subTest(login=login, path=path):
                    page = self.url_open(path)
                    self.assertNotIn(title, page.text)
                    self.assertNotIn("o_survey_form", page.text)
        self.assertEqual(len(self.survey.questionnaire_id.user_input_ids), 1)

    def test_nothing_is_submitted(self):
        self.ann._save_answers(
            {self.questions["overall"].id: 5}, "mail", is_whole=False
        )
        survey = self.survey.questionnaire_id.access_token
        answer = self.ann.user_input_id.access_token
        self.env.flush_all()
        for route in ("begin", "submit", "next_question"):
            response = self.url_open(
                f"/survey/{route}/{survey}/{answer}",
                json={"params": {str(self.questions["overall"].id): "1"}},
            )
            self.assertNotIn("survey_content", response.text)
        self.assertEqual(self._lines(self.ann)["overall"], "5")
        self.assertEqual(self.ann.user_input_id.state, "in_progress")

    def test_other_surveys_are_shown(self):
        survey = self.env["survey.survey"].create(
            {"title": "Other", "access_mode": "public"}
        )
        self.env["survey.question"].create({"survey_id": survey.id, "title": "Really?"})
        self.env.flush_all()
        page = self.url_open(f"/survey/start/{survey.access_token}")
        self.assertIn("o_survey_form", page.text)


@tagged("post_install", "-at_install", "browser")
class TestSurveyEntry(SurveyPageCase):
    """Interviewers ask by telephone and enter papers, and nobody else does."""

    def _open(self, contact, channel="phone", login="survey_interviewer"):
        self.env.flush_all()
        self.authenticate(login, login)
        return self.visit(f"/service-quality/survey/{contact.id}/{channel}")

    def test_by_telephone(self):
        page = self._open(self.ann)
        self.assertIn("Read out", self.words(page))
        done = self.send(page, self._given(overall="3") | {"action": "send"})
        self.assertEqual(self.title(done), "Saved")
        self.assertEqual((self.ann.state, self.ann.channel), ("answered", "phone"))
        self.assertEqual(self.ann.entered_by_id, self.interviewer)
        again = self._open(self.ann)
        self.assertIn("answered already", self.words(again))
        self.assertNotIn("How satisfied", self.words(again))

    def test_a_paper_needs_its_scan(self):
        page = self._open(self.ann, "paper")
        page = self.send(page, self._given() | {"action": "send"})
        self.assertEqual(page.status_code, 400)
        self.assertIn("Attach the scan", self.words(page))
        self.assertFalse(self.ann.user_input_id)
        self.send(
            page,
            self._given() | {"action": "send"},
            files={"files": ("scan.png", photo(), "image/png")},
        )
        self.assertEqual((self.ann.state, self.ann.channel), ("answered", "paper"))
        self.assertEqual(self.ann.scan_ids.mimetype, "image/png")

    def test_a_scan_that_is_none(self):
        page = self._open(self.ann, "paper")
        page = self.send(
            page,
            self._given() | {"action": "send"},
            files={"files": ("scan.html", SCRIPT.encode(), "text/html")},
        )
        self.assertEqual(page.status_code, 400)
        self.assertFalse(self.ann.scan_ids)
        self.assertFalse(self.ann.user_input_id)

    def test_in_the_language_of_the_person(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        survey = self._in_field(name="Two languages")
        contact = self._asked(self.people[0], survey)
        contact._write_as_step({"lang": "zh_CN"})
        self.assertIn("请朗读", self.words(self._open(contact)))

    def test_refused_on_the_telephone(self):
        self.send(self._open(self.ann), {"action": "refuse", "words": "Not now"})
        self.assertEqual((self.ann.state, self.ann.words), ("refused", "Not now"))

    @mute_logger("odoo.http")
    def test_others_do_not_get_in(self):
        self.manager.password = "survey_manager"
        self._user("survey_clerk", "desk", password="survey_clerk")
        for login in ("survey_manager", "survey_clerk"):
            page = self._open(self.ann, login=login)
            self.assertEqual(page.status_code, 404)
        page = self._open(self.ann, login=None)
        self.assertIn("/web/login", page.url)

    @mute_logger("odoo.http")
    def test_of_another_survey(self):
        other = self._survey(name="Without interviewers")
        other.action_freeze()
        other.action_propose_questions()
        other.action_start()
        contact = self._asked(self.people[0], other)
        self.assertEqual(self._open(contact).status_code, 404)
        self.assertEqual(
            self.visit("/service-quality/survey/999999999/phone").status_code, 404
        )


@tagged("post_install", "-at_install", "browser")
class TestPortalSurvey(SurveyPageCase):
    """Customers find their own survey in the portal, and nobody else's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for login, person in (("ann", cls.people[0]), ("dan", cls.people[3])):
            cls.env["res.users"].create(
                {
                    "login": login,
                    "password": login,
                    "partner_id": person.id,
                    "group_ids": cls.env.ref("base.group_portal").ids,
                }
            )

    def _open(self, login, path="/my/surveys"):
        self.env.flush_all()
        self.authenticate(login, login)
        return self.visit(path)

    def test_answers(self):
        page = self._open("ann")
        self.assertIn(self.survey.name, self.words(page))
        self.assertNotIn(self.ann.token, page.text)
        page = self.visit(f"/my/surveys/{self.ann.id}")
        self.send(page, self._given() | {"action": "send"})
        self.assertEqual((self.ann.state, self.ann.channel), ("answered", "portal"))
        page = self._open("ann")
        self.assertIn("no survey in which you are asked", self.words(page))

    def test_of_another_customer(self):
        page = self._open("dan", f"/my/surveys/{self.ann.id}")
        self.assertNotIn("Ash Ann", page.text)
        self.assertTrue(page.url.endswith("/my") or page.url.endswith("/my/home"))

    def test_of_a_colleague(self):
        page = self._open("ann", f"/my/surveys/{self.bea.id}")
        self.assertNotIn("Ash Bea", page.text)

    def test_nobody(self):
        page = self._open(None)
        self.assertIn("/web/login", page.url)

    def test_counted_on_the_first_page(self):
        self._open("ann", "/my")
        response = self.url_open(
            "/my/counters", json={"params": {"counters": ["service_survey_count"]}}
        )
        self.assertEqual(response.json()["result"]["service_survey_count"], 1)


@tagged("post_install", "-at_install", "browser")
class TestPaperQuestionnaire(SurveyPageCase):
    """The same questions on paper, with a code and a place for the stamp."""

    def test_in_the_language_of_the_person(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        survey = self._in_field(name="Two languages")
        contact = self._asked(self.people[0], survey)
        contact._write_as_step({"lang": "zh_CN"})
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "service_quality_survey.report_paper_questionnaire", contact.ids
        )
        text = html.decode()
        for question in contact.with_context(lang="zh_CN")._questions():
            self.assertIn(question.title, text)
        for words in ("公司盖章", "data:image/png;base64", "不清楚"):
            self.assertIn(words, text)
        self.assertNotIn("Stamp", text)

    def test_each_person_has_a_code_of_their_own(self):
        codes = {contact._qr() for contact in self.survey.contact_ids}
        self.assertEqual(len(codes), len(self.survey.contact_ids))
        self.assertTrue(self.ann._link("qr").endswith(f"{self.ann.token}/qr"))
