from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .survey_common import SurveyCase


class TestQuestionnaire(SurveyCase):
    """Regulation A5.1.3: the questions are consistent with the agreements."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls._frozen()
        cls.survey.action_propose_questions()

    def _titles(self):
        return self.survey.question_ids.mapped("title")

    def _of_block(self, block):
        return self.survey.question_ids.filtered(lambda one: one.service_block == block)

    def test_promises_are_grouped_in_the_words_of_customers(self):
        """Three agreements with two targets each are two promises, not six."""
        promises = self.survey.promise_ids
        self.assertEqual(
            promises.mapped("name"),
            [
                "Your matter is solved within the time that we agreed",
                "An answer to your call within the time that we agreed",
            ],
        )
        for promise in promises:
            self.assertEqual(promise.agreement_ids, self.agreements)
            self.assertEqual(len(promise.target_ids), 3)
            self.assertTrue(promise.is_asked)

    def test_priorities_are_no_promises_of_their_own(self):
        self._agreement(
            {"metric": "resolution", "duration": 4, "priority": "3"},
            {"metric": "resolution", "duration": 8, "priority": "0"},
            partner_ids=[(6, 0, self.customers[0].ids)],
            date_start="2026-01-01",
        )
        survey = self._frozen(name="Another", previous_id=False)
        survey.action_propose_questions()
        self.assertEqual(len(survey.promise_ids), 2)
        self.assertIn("Very High", "".join(survey.promise_ids[0]._terms()))
        self.assertNotIn("Very High", "".join(survey.question_ids.mapped("title")))

    def test_services_are_asked_about_by_name(self):
        category = self.env["helpdesk.ticket.category"].create({"name": "Network"})
        self._agreement(
            {"metric": "resolution", "duration": 4, "category_id": category.id},
            partner_ids=[(6, 0, self.customers[0].ids)],
            date_start="2026-01-01",
        )
        survey = self._frozen(name="Another")
        survey.action_propose_questions()
        self.assertIn(
            "Network: How satisfied are you that your matters are solved within the "
            "time that we agreed?",
            survey.question_ids.mapped("title"),
        )

    def test_standard_questions_in_their_order(self):
        self.assertEqual(
            self.survey.question_ids.mapped("service_block"),
            [
                "overall", "expectation", "ideal", "promise", "promise", "open", "call",
            ],
        )  # fmt: skip
        for block in ("overall", "expectation", "ideal"):
            question = self._of_block(block)
            self.assertEqual((question.scale_min, question.scale_max), (1, 10))
            self.assertTrue(question.constr_mandatory)
        wishes = self._of_block("call").suggested_answer_ids
        self.assertEqual(wishes.mapped("service_is_wish"), [True, False])

    def test_recommendation_and_effort_are_switched_on_and_off(self):
        self.survey.write({"asks_nps": True, "asks_effort": True})
        self.survey.action_propose_questions()
        self.assertEqual(self._of_block("nps").scale_min, 0)
        self.assertEqual(self._of_block("effort").scale_max, 7)
        self.survey.asks_effort = False
        self.survey.action_propose_questions()
        self.assertFalse(self._of_block("effort"))
        self.assertTrue(self._of_block("nps"))

    def test_at_most_fifteen_whatever_is_promised(self):
        """Eleven services are asked about together, and each is linked."""
        categories = self.env["helpdesk.ticket.category"].create(
            [{"name": f"Service {number}"} for number in range(11)]
        )
        self._agreement(
            *(
                {"metric": "arrival", "duration": 4, "category_id": one.id}
                for one in categories
            ),
            partner_ids=[(6, 0, self.customers[0].ids)],
            date_start="2026-01-01",
        )
        survey = self._frozen(name="Another")
        survey.action_propose_questions()
        self.assertLessEqual(len(survey.question_ids), 15)
        self.assertFalse(survey._unasked_promises())
        self.assertEqual(len(survey.promise_ids), 13)
        [question] = survey.promise_ids.filtered(
            lambda one: one.metric == "arrival"
        ).question_ids
        self.assertNotIn("Service", question.title)
        self.assertFalse(survey._questionnaire_problems())

    def test_in_the_languages_of_the_house(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.survey.action_discard_questions()
        self.survey.action_propose_questions()
        overall = self._of_block("overall")
        self.assertIn("satisfied", overall.with_context(lang="en_US").title)
        self.assertIn("满意", overall.with_context(lang="zh_CN").title)
        promise = self.survey.promise_ids[0]
        self.assertIn("约定", promise.with_context(lang="zh_CN").name)
        self.assertIn("满意", overall.with_context(lang="zh_CN").scale_max_label)
        wish = self._of_block("call").suggested_answer_ids[0]
        self.assertIn("是", wish.with_context(lang="zh_CN").value)

    def test_a_language_without_a_text_is_warned_about(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        contact = self.survey.contact_ids[0]
        contact._write_as_step({"lang": "zh_CN"})
        self.env["survey.question"].create(
            {
                "survey_id": self.survey.questionnaire_id.id,
                "title": "By hand",
                "service_block": "open",
            }
        )
        warnings = "\n".join(self.survey._content_warnings())
        self.assertIn("Not yet in the language", warnings)
        contact._write_as_step({"lang": "tlh"})
        warnings = "\n".join(self.survey._content_warnings())
        self.assertIn("not installed", warnings)

    def test_a_promise_without_a_question(self):
        """SLA contents: a promise that nobody is asked about is named, and printed."""
        question = self._of_block("promise")[0]
        promise = question.service_promise_ids
        question.unlink()
        self.assertFalse(promise.is_asked)
        self.assertEqual(self.survey._unasked_promises(), [promise.name])
        self.assertFalse(self.survey._is_proper())
        self.assertIn("no question asks about it", self.survey.content_check)
        self.assertIn(promise.name, self.survey.content_check)
        self.survey.action_propose_questions()
        self.assertTrue(promise.is_asked)
        self.assertFalse(self.survey._content_warnings())

    def test_a_question_without_a_promise(self):
        with Form(self.survey) as form, form.question_ids.new() as line:
            line.title = "How is our coffee?"
        question = self.survey.question_ids.filtered(lambda one: "coffee" in one.title)
        self.assertEqual(question.question_type, "scale")
        self.assertIn(
            "Asked, and no agreement promises it: How is our coffee?",
            self.survey._content_warnings(),
        )
        question.service_promise_ids = self.survey.promise_ids[0]
        self.assertFalse(self.survey._content_warnings())
        self.assertFalse(self.survey._questionnaire_problems())

    def test_a_target_that_no_promise_names(self):
        self.survey.promise_ids[0].target_ids = self.survey.promise_ids[0].target_ids[
            1:
        ]
        self.assertEqual(self.survey._unasked_promises(), ["Resolution"])

    def test_a_promise_by_hand(self):
        """What no clock measures is promised as well."""
        promise = self.env["service.quality.survey.promise"].with_user(self.quality)
        promise = promise.create(
            {"survey_id": self.survey.id, "name": "We are polite on the telephone"}
        )
        self.survey.action_propose_questions()
        self.assertEqual(
            promise.question_ids.title,
            "We are polite on the telephone: how satisfied are you with it?",
        )

    def test_what_forbids_starting(self):
        self.assertFalse(self.survey._questionnaire_problems())
        overall, promise = self._of_block("overall"), self._of_block("promise")[0]
        overall.scale_min = 0
        promise.question_type = "date"
        call = self._of_block("call")
        call.suggested_answer_ids.unlink()
        self._of_block("ideal").unlink()
        problems = "\n".join(self.survey._questionnaire_problems())
        for words in (
            "Not a scale from 1 to 10",
            "Not a type of question",
            "nothing to choose",
            "Against the ideal",
        ):
            self.assertIn(words, problems)
        with self.assertRaises(UserError):
            self.survey.action_start()

    def test_too_many_questions(self):
        self.env["survey.question"].create(
            [
                {
                    "survey_id": self.survey.questionnaire_id.id,
                    "title": f"Number {number}",
                    "question_type": "scale",
                }
                for number in range(9)
            ]
        )
        self.assertIn("too many", self.survey._questionnaire_problems()[0])

    def test_nothing_changes_once_people_are_asked(self):
        self.survey.action_start()
        question = self._of_block("call")
        choice = question.suggested_answer_ids[0]
        questionnaire = self.survey.questionnaire_id
        promise = self.survey.promise_ids[0]
        steps = (
            lambda: question.write({"title": "Other"}),
            lambda: question.with_context(lang="en_US").write({"title": "Other"}),
            question.unlink,
            lambda: choice.write({"value": "Other"}),
            choice.unlink,
            lambda: self.env["survey.question.answer"].create(
                {"question_id": question.id, "value": "Third"}
            ),
            lambda: self.env["survey.question"].create(
                {"survey_id": questionnaire.id, "title": "One more"}
            ),
            lambda: questionnaire.write({"title": "Other"}),
            lambda: questionnaire.write({"survey_type": "survey"}),
            questionnaire.unlink,
            lambda: promise.write({"question_ids": [(5,)]}),
            promise.unlink,
            self.survey.action_propose_questions,
            self.survey.action_discard_questions,
        )
        for step in steps:
            with self.assertRaises(UserError), self.env.cr.savepoint():
                step()
        for step in steps[:12]:
            with self.assertRaises(UserError), self.env.cr.savepoint():
                step()
        promise.note = "Seen with the customer"

    def test_a_question_does_not_come_from_elsewhere(self):
        self.survey.action_start()
        other = self.env["survey.survey"].create({"title": "Other"})
        question = self.env["survey.question"].create(
            {"survey_id": other.id, "title": "Moved"}
        )
        with self.assertRaises(UserError):
            question.survey_id = self.survey.questionnaire_id

    def test_other_surveys_of_odoo_stay_free(self):
        survey = self.env["survey.survey"].create({"title": "Other"})
        question = self.env["survey.question"].create(
            {"survey_id": survey.id, "title": "Free"}
        )
        question.title = "Still free"
        survey.unlink()

    def test_a_question_is_about_promises_of_its_own_survey(self):
        other = self._frozen(name="Another")
        other.action_propose_questions()
        with self.assertRaises(UserError):
            self._of_block("promise")[0].service_promise_ids = other.promise_ids[0]

    def test_who_proposes_questions(self):
        for user in (self.manager, self._user("survey_desk", "desk")):
            with self.assertRaises(AccessError):
                self.survey.with_user(user).action_propose_questions()
        self.assertIn("Promise", self.survey.with_user(self.manager).content_check)

    def test_a_draft_that_is_deleted_takes_its_questions_along(self):
        survey = self._survey(name="Draft")
        survey.action_propose_questions()
        questionnaire = survey.questionnaire_id
        survey.unlink()
        self.assertFalse(questionnaire.exists())

    def test_what_one_is_asked_was_promised_to_oneself(self):
        self._agreement(
            {"metric": "arrival", "duration": 4},
            partner_ids=[(6, 0, self.customers[1].ids)],
            date_start="2026-01-01",
        )
        survey = self._frozen(name="Another")
        survey.action_propose_questions()
        asked = {
            contact.customer_id: "on site"
            in "".join(contact._questions().mapped("title"))
            for contact in survey.contact_ids
        }
        self.assertEqual(
            [asked[customer] for customer in self.customers], [False, True, False]
        )

    def test_the_check_is_printed(self):
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "service_quality_survey.report_content_check", self.survey.ids
        )
        for words in (
            "Your matter is solved",
            "Agreement of Ash",
            "8 h",
            *self._titles(),
        ):
            self.assertIn(words, html.decode())
