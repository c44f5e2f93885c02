from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .sending_common import SendingCase


class RecallCase(SendingCase):
    """A survey with questions from the agreements, in the field."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls._survey()
        cls.survey.action_propose_questions()
        cls.survey.action_freeze()
        cls.survey.action_start()

    def _answer(self, person, score=8, low=None, wish=False, phone=""):
        """Answer all of the questions of one person; return the call, if any."""
        contact = self._contact_of(self.survey, person)
        values, comments = {}, {}
        for question in contact._questions():
            if question.service_block == "call":
                choice = question.suggested_answer_ids.filtered(
                    lambda one: one.service_is_wish == wish
                )
                values[question.id] = choice.ids
                comments[question.id] = phone
            elif question.question_type == "scale":
                values[question.id] = str(score)
                if question.service_block == low:
                    values[question.id] = "2"
        wrong = contact._save_answers(values, "link", comments=comments)
        self.assertFalse(wrong)
        return contact.sudo().recall_ids


@tagged("post_install", "-at_install")
class TestSurveyRecall(RecallCase):
    """A low score, or a wish to be called, makes a call within 48 hours."""

    def test_a_low_score_is_followed_by_a_call(self):
        call = self._answer(self.people[0], low="overall")
        self.assertEqual((call.reason, call.score), ("low", 2))
        self.assertIn("satisfied", call.asked)
        self.assertEqual(call.due_at - call.answered_at, timedelta(hours=48))
        self.assertEqual(call.user_id, self.quality)
        self.assertEqual(call.phone, self.people[0].phone)
        [todo] = call.activity_ids
        self.assertEqual(todo.user_id, self.quality)
        self.assertEqual(todo.date_deadline, call.deadline)
        self.assertEqual(self.survey.recall_open_count, 1)

    def test_a_promise_that_was_rated_low_too(self):
        call = self._answer(self.people[0], low="promise")
        self.assertEqual((call.reason, call.score), ("low", 2))

    def test_a_wish_with_another_number(self):
        call = self._answer(self.people[0], wish=True, phone="+49 30 1234")
        self.assertEqual((call.reason, call.score), ("wish", 0))
        self.assertEqual(call.phone, "+49 30 1234")

    def test_both_make_one_call(self):
        call = self._answer(self.people[0], low="overall", wish=True)
        self.assertEqual(call.reason, "both")
        self.assertFalse(call._raise_for(call.contact_id), "and not a second one")

    def test_content_customers_are_not_called(self):
        self.assertFalse(self._answer(self.people[0]))

    def test_nobody_is_called_where_the_limit_is_off(self):
        self.survey.low_score = 0
        self.assertFalse(self._answer(self.people[0], low="overall"))

    def test_who_was_rated_does_not_call(self):
        self.agreements.manager_id = self.quality
        self._user("recall_other", "quality")
        call = self._answer(self.people[0], wish=True)
        self.assertNotEqual(call.user_id, self.quality)
        with self.assertRaisesRegex(UserError, "was rated"):
            call.with_user(self.second).user_id = self.quality

    def test_called_with_what_was_said(self):
        call = self._answer(self.people[0], wish=True).with_user(self.quality)
        with self.assertRaisesRegex(UserError, "what came of"):
            call.action_done()
        call.outcome = "agreed"
        with self.assertRaisesRegex(UserError, "what the customer said"):
            call.action_done()
        call.note = "Wants monthly reports on paper as well"
        call.action_done()
        self.assertEqual((call.state, call.done_by_id), ("done", self.quality))
        self.assertFalse(call.is_late)
        self.assertFalse(call.activity_ids)
        with self.assertRaisesRegex(UserError, "stays on record"):
            call.note = "Wants nothing"
        with self.assertRaises(UserError):
            call.action_done()
        with self.assertRaises(UserError):
            call.sudo().unlink()

    def test_later_than_48_hours_is_counted(self):
        call = self._answer(self.people[0], wish=True).with_user(self.quality)
        with freeze_time(fields.Datetime.now() + timedelta(hours=47)):
            self.survey.invalidate_recordset()
            self.assertEqual(self.survey.recall_late_count, 0)
        with freeze_time(fields.Datetime.now() + timedelta(hours=49)):
            self.survey.invalidate_recordset()
            self.assertEqual(self.survey.recall_late_count, 1)
            self.assertIn("48 hours", self.survey.next_problem)
            call.write({"outcome": "settled", "note": "All is well by now"})
            call.action_done()
        self.assertTrue(call.is_late)
        self.survey.invalidate_recordset()
        self.assertEqual(self.survey.recall_late_count, 1)
        self.assertEqual(self.survey.recall_open_count, 0)

    def test_overdue_for_the_rules_of_escalation(self):
        call = self._answer(self.people[0], wish=True)
        self.assertFalse(call.is_overdue)
        with freeze_time(fields.Datetime.now() + timedelta(days=4)):
            call.invalidate_recordset()
            self.assertTrue(call.is_overdue)
            Recall = self.env["service.quality.survey.recall"]
            self.assertIn(call, Recall.search([("is_overdue", "=", True)]))
        Rule = self.env["service.quality.escalation"]
        self.assertIn("survey_recall", Rule._subjects())
        self.assertTrue(
            Rule.search(
                [
                    ("subject", "=", "survey_recall"),
                    ("company_id", "=", self.company.id),
                ]
            )
        )

    def test_given_up_after_three_tries(self):
        call = self._answer(self.people[0], wish=True).with_user(self.quality)
        for number in (1, 2, 3):
            self.assertEqual(call.state, "open")
            call.action_not_reached()
            self.assertEqual(call.try_count, number)
        self.assertEqual((call.state, call.outcome), ("done", "unreachable"))

    def test_cancelled_with_a_reason(self):
        call = self._answer(self.people[0], wish=True).with_user(self.quality)
        with self.assertRaisesRegex(UserError, "why nobody calls"):
            call.action_cancel()
        call.note = "They have called us themselves"
        call.action_cancel()
        self.assertEqual(self.survey.recall_count, 0)

    def test_the_tile_of_who_calls(self):
        staff = self._user("recall_staff", "staff")
        call = self._answer(self.people[0], wish=True)
        call.with_user(self.quality).user_id = staff
        tile = (
            self.env["service.quality.overview"].with_user(staff)._tile_survey_calls()
        )
        self.assertEqual(tile["value"], "1")


@tagged("post_install", "-at_install", "security")
class TestSurveyRecallSecurity(RecallCase):
    """Who calls reads their own calls, the quality department all of its companies."""

    def test_others_read_no_call(self):
        call = self._answer(self.people[0], wish=True)
        for role in ("staff", "sales", "service_manager", "desk", "executive"):
            user = self._user(f"recall_{role}", role)
            own = call.with_user(user)
            with self.subTest(role):
                self.assertFalse(own.search([("id", "=", call.id)]))
                with self.assertRaises(AccessError):
                    own.action_done()
                with self.assertRaises(AccessError):
                    own.action_cancel()
                with self.assertRaises(AccessError):
                    own.note = "Nothing was wrong at all"
        self.assertFalse(call.with_user(self.manager).search([("id", "=", call.id)]))

    def test_who_calls_reads_and_ends_their_own(self):
        interviewer = self._user("recall_interviewer", "staff")
        call = self._answer(self.people[0], wish=True)
        other = self._answer(self.people[1], wish=True)
        call.with_user(self.quality).user_id = interviewer
        own = call.with_user(interviewer)
        self.assertEqual(own.name, call.name)
        self.assertTrue(own.phone)
        own.write({"outcome": "settled", "note": "All is well by now"})
        own.action_done()
        self.assertEqual(call.state, "done")
        with self.assertRaises(AccessError):
            other.with_user(interviewer).read(["score"])

    def test_what_steps_write_is_not_written_by_hand(self):
        call = self._answer(self.people[0], wish=True).with_user(self.quality)
        for values in ({"state": "done"}, {"score": 9}, {"due_at": "2099-01-01"}):
            with self.subTest(values=values), self.assertRaises(AccessError):
                call.write(values)

    def test_a_company_reads_its_own(self):
        call = self._answer(self.people[0], wish=True)
        company = self.env["res.company"].create({"name": "Other house"})
        stranger = self._user(
            "recall_stranger",
            "quality",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.assertFalse(call.with_user(stranger).search([("id", "=", call.id)]))
