from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .answer_common import SCAN, AnswerCase


class TestSurveyAnswer(AnswerCase):
    """One person answers once, whatever the channel."""

    def test_a_whole_answer(self):
        self.assertEqual(self.ann._save_answers(self._values(open="Go on"), "mail"), {})
        self.assertEqual((self.ann.state, self.ann.channel), ("answered", "mail"))
        self.assertTrue(self.ann.answered_at)
        answer = self.ann.user_input_id
        self.assertEqual(answer.state, "done")
        self.assertEqual(answer.survey_id, self.survey.questionnaire_id)
        self.assertEqual(answer.partner_id, self.people[0])
        lines = self._lines(self.ann)
        self.assertEqual((lines["overall"], lines["open"]), ("8", "Go on"))
        self.assertEqual(self.survey.answered_count, 1)

    def test_by_a_second_channel(self):
        self.ann._save_answers(self._values(), "mail")
        for channel, options in (
            ("qr", {}),
            ("paper", {"files": [SCAN], "user": self.interviewer}),
            ("phone", {"user": self.interviewer}),
        ):
            with self.assertRaisesRegex(UserError, "answers once"):
                self.ann._save_answers(self._values(overall=1), channel, **options)
        self.assertEqual(self._lines(self.ann)["overall"], "8")
        self.assertEqual(self.ann.channel, "mail")
        self.assertFalse(self.ann.scan_ids)

    def test_two_people_with_one_address(self):
        """Each has an answer of their own, in whatever order they come."""
        self.bea._write_as_step({"email": self.ann.email})
        self.ann._save_answers(self._values(overall=9), "mail")
        self.assertEqual(self.bea.state, "not_asked")
        self.bea._save_answers(self._values(overall=2), "mail")
        self.assertNotEqual(self.ann.user_input_id, self.bea.user_input_id)
        self.assertEqual(self._lines(self.ann)["overall"], "9")
        self.assertEqual(self._lines(self.bea)["overall"], "2")

    def test_half_way_and_on_by_another_channel(self):
        values = {self.questions["overall"].id: 5}
        self.assertEqual(self.ann._save_answers(values, "mail", is_whole=False), {})
        self.assertEqual(self.ann.state, "partial")
        self.assertFalse(self.ann.answered_at)
        self.assertEqual(self.ann._saved(), {self.questions["overall"].id: "5"})
        self.ann._save_answers(self._values(overall=6), "phone", user=self.interviewer)
        self.assertEqual(self.ann.state, "answered")
        self.assertEqual(self._lines(self.ann)["overall"], "6")
        self.assertEqual(self.ann.entered_by_id, self.interviewer)

    def test_what_is_missing_keeps_what_is_there(self):
        values = {self.questions["overall"].id: "5"}
        problems = self.ann._save_answers(values, "mail")
        self.assertEqual(
            problems.keys(),
            {self.questions["expectation"].id, self.questions["ideal"].id},
        )
        self.assertEqual(self.ann.state, "partial")
        self.assertEqual(self._lines(self.ann)["overall"], "5")

    def test_nothing_at_all_opens_no_answer(self):
        self.assertTrue(self.ann._save_answers({}, "mail"))
        self.assertTrue(self.ann._save_answers({}, "mail", is_whole=False))
        self.assertEqual(self.ann.state, "not_asked")
        self.assertFalse(self.ann.user_input_id)

    def test_wrong_values(self):
        """Neither a wrong choice nor a wrong number is kept, whatever was sent."""
        overall, open_one = self.questions["overall"].id, self.questions["open"].id
        call = self.questions["call"]
        foreign = self.env["survey.question.answer"].create(
            {
                "question_id": self.env["survey.question"]
                .create({"title": "Other", "question_type": "simple_choice"})
                .id,
                "value": "Foreign",
            }
        )
        both = call.suggested_answer_ids.ids
        for key, value in (
            (overall, "0"),
            (overall, "11"),
            (overall, "7.5"),
            (overall, "-1"),
            (overall, "٥"),
            (overall, "eight"),
            (call.id, [str(foreign.id)]),
            (call.id, ["999999999999999999999"]),
            (call.id, ["x"]),
            (call.id, both),
            (open_one, "x" * 2001),
        ):
            with self.subTest(value):
                problems = self.bea._save_answers(self._values() | {key: value}, "mail")
                self.assertEqual(list(problems), [key])
                self.assertEqual(self.bea.state, "partial")
        self.assertNotIn("open", self._lines(self.bea))

    def test_numbers(self):
        question = self.env["survey.question"].new({"question_type": "numerical_box"})
        for given, kept in (("1,5", "1.5"), (" 12 ", "12.0"), (3, "3.0"), ("", "")):
            self.assertEqual(question._service_read(given)[0], kept)
        for given in ("nan", "inf", "-Infinity", "1e300", "two"):
            self.assertTrue(question._service_read(given)[2])

    def test_text_is_kept_as_text(self):
        text = "<script>alert(1)</script>\x00\x1b[0m"
        self.ann._save_answers(self._values(open=text), "mail")
        [line] = self.ann.user_input_id.user_input_line_ids.filtered("value_text_box")
        self.assertEqual(line.value_text_box, "<script>alert(1)</script>[0m")

    def test_a_wish_to_be_called(self):
        call = self.questions["call"]
        wish = call.suggested_answer_ids.filtered("service_is_wish")
        self.ann._save_answers(
            self._values(call=[wish.id]), "mail", comments={call.id: "+86 10 5"}
        )
        lines = self.ann.user_input_id.user_input_line_ids.filtered(
            lambda line: line.question_id == call
        )
        self.assertTrue(lines.suggested_answer_id.service_is_wish)
        self.assertIn("+86 10 5", lines.mapped("value_char_box"))

    def test_who_has_answered_is_told_of(self):
        heard = []
        with patch.object(
            self.env.registry["service.quality.survey.contact"],
            "_answered",
            lambda contact: heard.append(contact.id),
        ):
            self.ann._save_answers({self.questions["overall"].id: 1}, "mail")
            self.assertEqual(heard, [])
            self.ann._save_answers(self._values(), "mail")
        self.assertEqual(heard, self.ann.ids)

    def test_an_answer_stays(self):
        self.ann._save_answers(self._values(), "mail")
        answer = self.ann.user_input_id
        line = answer.user_input_line_ids[0]
        for step in (
            lambda: line.write({"value_scale": 1}),
            line.unlink,
            lambda: answer.write({"state": "new"}),
            answer.unlink,
            lambda: line.copy(),
            lambda: self.ann.write({"user_input_id": False}),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                step()

    def test_refused_and_wrong_person(self):
        self.ann._refuse("No time\x00")
        self.assertEqual((self.ann.state, self.ann.words), ("refused", "No time"))
        self.bea._wrong_person("I am Zoe")
        self.assertEqual(self.bea.state, "wrong_person")
        self.ann._save_answers(self._values(), "mail")
        self.assertEqual(self.ann.state, "answered", "who changes their mind answers")
        with self.assertRaises(UserError):
            self.ann._refuse()

    def test_paper_without_scan(self):
        problems = self.ann._save_answers(
            self._values(), "paper", user=self.interviewer
        )
        self.assertIn("scan", problems[None])
        self.assertFalse(self.ann.user_input_id)
        self.assertEqual(
            self.ann._save_answers(
                self._values(), "paper", user=self.interviewer, files=[SCAN]
            ),
            {},
        )
        self.assertEqual(self.ann.channel, "paper")
        self.assertEqual(self.ann.scan_ids.raw, SCAN.content)
        self.assertEqual(self.ann.entered_by_id, self.interviewer)

    def test_outside_of_the_field(self):
        today = self.company._service_day()
        self.survey.close_date = fields.Date.subtract(today, days=1)
        with self.assertRaisesRegex(UserError, "ended"):
            self.ann._save_answers(self._values(), "mail")
        self.bea._save_answers(
            self._values(), "paper", user=self.interviewer, files=[SCAN]
        )
        self.assertEqual(self.bea.state, "answered", "what came late by post")
        self.survey.action_close()
        for channel in ("mail", "phone"):
            with self.assertRaisesRegex(UserError, "ended"):
                self.ann._save_answers(self._values(), channel)

    def test_before_the_field_and_beside_the_sample(self):
        other = self._frozen(name="Not begun")
        contact = self._asked(self.people[0], other)
        with self.assertRaisesRegex(UserError, "not begun"):
            contact._save_answers(self._values(), "mail")
        self.ann._write_as_step({"is_drawn": False})
        with self.assertRaisesRegex(UserError, "not asked"):
            self.ann._save_answers(self._values(), "mail")

    def test_unknown_channel(self):
        with self.assertRaises(UserError):
            self.ann._save_answers(self._values(), "pigeon")

    def test_questions_that_are_not_asked_are_not_answered(self):
        other = self.env["survey.question"].create({"title": "Of another survey"})
        self.ann._save_answers(self._values() | {other.id: "x"}, "mail")
        answered = self.ann.user_input_id.user_input_line_ids.question_id
        self.assertNotIn(other, answered)

    def test_queries_do_not_grow_with_the_people(self):
        """A whole answer takes as many queries among 3 people as among 300."""
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        self.ann._save_answers(self._values(), "mail")
        self.env.flush_all()
        first = self.env.cr.sql_log_count - start
        partners = self.env["res.partner"].create(
            [
                {"name": f"More {number}", "parent_id": self.customers[0].id}
                for number in range(100)
            ]
        )
        self.env["service.quality.survey.contact"]._create_as_step(
            [
                {
                    "survey_id": self.survey.id,
                    "partner_id": partner.id,
                    "is_drawn": True,
                }
                for partner in partners
            ]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        self.bea._save_answers(self._values(), "mail")
        self.env.flush_all()
        self.assertLessEqual(self.env.cr.sql_log_count - start, first + 2)
        self.assertLess(first, 150)


class TestSurveyRights(AnswerCase):
    """Account managers and who is rated neither see nor enter answers."""

    def test_interviewers_see_people_and_no_answers(self):
        self.ann._save_answers(self._values(), "mail")
        own = self.ann.with_user(self.interviewer)
        own.check_access("read")
        self.assertTrue(own.name)
        for step in (
            lambda: own.answer_line_ids,
            lambda: own.token,
            lambda: own.user_input_id.with_user(self.interviewer).email,
            lambda: (
                self.env["survey.user_input.line"]
                .with_user(self.interviewer)
                .search([])
            ),
            lambda: own.write({"state": "answered"}),
        ):
            with self.assertRaises(AccessError):
                step()

    def test_who_enters_answers(self):
        for user in (self.interviewer, self.quality):
            self.ann.with_user(user)._check_interviewer()
        for login, role in (
            ("survey_desk_2", "desk"),
            ("survey_sales", "sales"),
            ("survey_executive", "executive"),
        ):
            with self.assertRaises(AccessError):
                self.ann.with_user(self._user(login, role)).action_enter_phone()
        with self.assertRaises(AccessError):
            self.ann.with_user(self.manager).action_enter_paper()

    def test_an_account_manager_of_the_quality_department(self):
        """Whoever looks after the customer reads none of their answers, in any role."""
        both = self._user("survey_both", "quality")
        self.customers[0].user_id = both
        self.ann._save_answers(self._values(), "mail")
        dan = self._asked(self.people[3])
        dan._save_answers(self._values(), "mail")
        with self.assertRaises(AccessError):
            self.ann.with_user(both)._check_interviewer()
        for model in ("survey.user_input", "survey.user_input.line"):
            answers = self.env[model].with_user(both).search([])
            found = answers if model == "survey.user_input" else answers.user_input_id
            self.assertIn(dan.user_input_id, found)
            self.assertNotIn(self.ann.user_input_id, found)

    def test_answers_are_read_by_the_quality_department_alone(self):
        self.ann._save_answers(self._values(), "mail")
        officer = self._user("survey_officer")
        officer.group_ids += self.env.ref("survey.group_survey_manager")
        self.assertTrue(self.ann.with_user(self.second).answer_line_ids)
        self.assertFalse(
            self.env["survey.user_input"]
            .with_user(officer)
            .search([("id", "=", self.ann.user_input_id.id)])
        )
        for user in (self.manager, self.interviewer):
            with self.assertRaises(AccessError):
                self.env["survey.user_input"].with_user(user).search([])

    def test_forms_open_for_whoever_may_read(self):
        """Who reads no questions and no answers opens the form all the same."""
        self.ann._save_answers(self._values(), "mail")
        executive = self._user("survey_executive_2", "executive")
        for user in (self.quality, self.manager, executive, self.interviewer):
            self.env.invalidate_all()
            form = Form(self.survey.with_user(user))
            self.assertIn("Your matter is solved", form.content_check)
        for user in (self.quality, self.interviewer):
            self.env.invalidate_all()
            self.assertEqual(Form(self.bea.sudo(False).with_user(user)).role, "user")

    def test_nobody_writes_answers_by_hand(self):
        for model, values in (
            ("survey.user_input", {"survey_id": self.survey.questionnaire_id.id}),
            ("service.quality.survey.contact", {"state": "answered"}),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self.env[model].with_user(self.quality).create(values)
