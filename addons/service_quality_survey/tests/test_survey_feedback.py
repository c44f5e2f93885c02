import io

from freezegun import freeze_time
from openpyxl import load_workbook

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.service_quality_core.models.period_list import About
from odoo.addons.service_quality_core.tools.period import Period

from .outcome_common import OutcomeCase

WHY = "Calls were answered late in spring, as two people were ill."
DONE = "A third person answers calls from eight to ten."


@tagged("post_install", "-at_install")
class TestSurveyFeedback(OutcomeCase):
    """Regulation A4.2.4: departments and persons get their part, and answer it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls._in_field()
        people = cls.survey.contact_ids
        cls.ann = people.filtered(lambda one: one.name == "Ash Ann")
        cls.dan = people.filtered(lambda one: one.name == "Birch Dan")
        cls._answer(cls.ann, score=3, open="Nobody calls back.")
        cls._answer(cls.dan, score=9, open="A good team.")
        cls.survey.action_close()
        cls.survey.action_make_parts()
        parts = cls.survey.part_ids
        cls.of_team = parts.filtered(lambda one: one.team_id == cls.team)
        cls.of_manager = parts.filtered(lambda one: one.person_id == cls.manager)

    def _hand_in(self, part, user):
        own = part.with_user(user)
        until = fields.Date.add(self.company._service_day(), days=30)
        own.write({"analysis": WHY, "measure": DONE, "measure_until": until})
        own.action_answer()

    def test_department_and_manager_get_their_part_once(self):
        self.assertEqual(self.of_team.user_id, self.lead)
        self.assertEqual(self.of_manager.user_id, self.manager)
        self.survey.action_make_parts()
        self.assertEqual(len(self.survey.part_ids), 2)
        day = fields.Date.add(self.company._service_day(), days=14)
        self.assertEqual(self.of_team.deadline, day)
        self.assertEqual(self.of_team.activity_ids.user_id, self.lead)
        self.assertEqual(self.of_team.activity_ids.date_deadline, day)

    def test_parts_come_after_closing(self):
        other = self._with_people(3)
        with self.assertRaisesRegex(UserError, "Close the survey first"):
            other.action_make_parts()

    def test_who_was_rated_reads_words_without_names(self):
        page = self.of_manager.with_user(self.manager).said_page
        self.assertIn("Nobody calls back.", page)
        for hidden in ("Ash", "Ann", "Birch", "Dan"):
            self.assertNotIn(hidden, page)
        page = self.of_team.with_user(self.lead).said_page
        self.assertIn("Nobody calls back.", page)
        self.assertIn("Ash", page)
        self.assertNotIn("Ann", page)

    def test_who_was_rated_reads_no_single_answer(self):
        survey = self._in_field()
        contact = survey.contact_ids.filtered(lambda one: one.name == "Ash Ann")
        self._answer(contact, score=2)
        survey.action_close()
        survey.action_make_parts()
        part = survey.part_ids.filtered(lambda one: one.person_id == self.manager)
        page = part.with_user(self.manager).figures_page
        self.assertIn("confidential", page)
        self.assertNotIn("satisfied", page)
        for model in ("survey.user_input", "survey.user_input.line"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.manager).search([])
        with self.assertRaises(AccessError):
            survey.result_ids.with_user(self.manager).read(["value"])

    def test_a_part_is_read_by_whom_it_is_for(self):
        for part, user in ((self.of_team, self.manager), (self.of_manager, self.lead)):
            with self.assertRaises(AccessError):
                part.with_user(user).read(["analysis"])
        self.assertTrue(self.of_team.with_user(self.boss).read(["analysis"]))
        with self.assertRaises(AccessError):
            self.of_team.with_user(self.boss).analysis = WHY

    def test_an_answer_says_why_what_and_until_when(self):
        own = self.of_team.with_user(self.lead)
        with self.assertRaisesRegex(ValidationError, "why it is so"):
            own.action_answer()
        own.analysis = WHY
        with self.assertRaisesRegex(ValidationError, "what is done"):
            own.action_answer()
        own.measure = DONE
        with self.assertRaisesRegex(ValidationError, "until when"):
            own.action_answer()
        self._hand_in(self.of_team, self.lead)
        self.assertEqual(self.of_team.state, "answered")
        with self.assertRaises(AccessError):
            own.analysis = "Another reason, after all."

    def test_an_author_accepts_nothing_of_their_own(self):
        self._hand_in(self.of_team, self.lead)
        with self.assertRaises(AccessError):
            self.of_team.with_user(self.lead).action_accept()
        with self.assertRaises(AccessError):
            self.of_team.with_user(self.manager).action_accept()
        self.of_team.with_user(self.quality).action_accept()
        self.assertEqual(self.of_team.state, "accepted")
        self.assertEqual(self.of_team.accepted_by_id, self.quality)
        self.assertIn(DONE, self.survey._propose_told())

    def test_quality_does_not_accept_what_it_wrote(self):
        own = self.of_team.with_user(self.quality)
        own.analysis = WHY
        self._hand_in(self.of_team, self.lead)
        with self.assertRaises(AccessError):
            own.action_accept()
        self.of_team.with_user(self.second).action_accept()

    def test_an_answer_is_sent_back_with_what_is_missing(self):
        self._hand_in(self.of_team, self.lead)
        own = self.of_team.with_user(self.quality)
        with self.assertRaisesRegex(ValidationError, "what is missing"):
            own.action_return()
        with self.assertRaises(AccessError):
            self.of_team.with_user(self.lead).return_note = "Fine as it is"
        own.return_note = "Who does it is not said."
        own.action_return()
        self.assertEqual(self.of_team.state, "open")
        self.assertEqual(self.of_team.activity_ids.user_id, self.lead)
        self._hand_in(self.of_team, self.lead)
        own.action_accept()

    def test_what_is_late_is_reminded_of(self):
        day = fields.Date.add(self.of_team.deadline, days=2)
        with freeze_time(f"{day} 08:00:00"):
            self.env.invalidate_all()
            self.assertTrue(self.of_team.is_overdue)
            self._hand_in(self.of_team, self.lead)
            self.assertFalse(self.of_team.is_overdue)
        with self.assertRaises(AccessError):
            self.of_manager.with_user(self.manager)._move_due(day, "No time for it")

    def test_the_monthly_report_follows_until_done(self):
        def told(day):
            period = Period.around("month", day)
            start, end = period.bounds(self.company._service_tz())
            about = About(self.company, period, start, end)
            lists = self.env["service.quality.period.list"].sudo()._lists(about)
            rows = next(one for one in lists if one.code == "survey_parts").rows
            own = self.survey.part_ids.mapped("display_name")  # not the story's
            return [row for row in rows if row.cells[0] in own]

        today = self.company._service_day()
        later = fields.Date.add(today, months=2)
        last = fields.Date.subtract(today, months=1)
        self.env.flush_all()
        self.assertEqual(len(told(today)), 2)
        self.assertFalse(told(last))
        self._hand_in(self.of_team, self.lead)
        own = self.of_team.with_user(self.quality)
        own.action_accept()
        self.assertIn(DONE, [row.cells[1] for row in told(later)])
        with self.assertRaisesRegex(ValidationError, "What became of it|became of it"):
            own.action_done()
        own.follow_up = "Of ten calls nine are answered in time."
        own.action_done()
        self.assertEqual(self.of_team.state, "done")
        self.assertIn(DONE, [row.cells[1] for row in told(today)])
        self.assertNotIn(DONE, [row.cells[1] for row in told(later)])

    def test_no_measure_ends_with_its_acceptance(self):
        own = self.of_manager.with_user(self.manager)
        own.write({"analysis": WHY, "no_measure_reason": "It has ended by itself."})
        own.action_answer()
        self.of_manager.with_user(self.quality).action_accept()
        self.assertEqual(self.of_manager.state, "done")

    def test_customers_are_told_once(self):
        self.survey.action_propose_told()
        self.assertIn("Thank you", self.survey.told_text)
        self.survey.action_tell_customers()
        notices = self.survey.notice_ids
        self.assertEqual(notices.customer_id, self.customers[:2], "who was asked")
        mails = notices.sudo().mail_id
        self.assertEqual(len(mails), 2)
        self.assertIn(self.ann.partner_id, mails.recipient_ids)
        self.survey.action_tell_customers()
        self.assertEqual(len(self.survey.notice_ids), 2)
        with self.assertRaises(AccessError):
            notices.with_user(self.manager).read(["text"])
        with self.assertRaises(UserError):
            notices.sudo().unlink()

    def test_it_is_fed_back_when_all_is_answered_and_told(self):
        with self.assertRaisesRegex(UserError, "not answered and accepted"):
            self.survey.action_finish()
        for part, user in ((self.of_team, self.lead), (self.of_manager, self.manager)):
            self._hand_in(part, user)
            part.with_user(self.quality).action_accept()
        self.survey.told_text = "You said that calls are answered late. We do more."
        with self.assertRaisesRegex(UserError, "not told yet"):
            self.survey.action_finish()
        self.survey.action_tell_customers()
        with self.assertRaisesRegex(UserError, "report is not sent"):
            self.survey.action_finish()


@tagged("post_install", "-at_install")
class TestSurveyReport(OutcomeCase):
    """The report of a survey is reviewed by another, sent and acknowledged."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls._in_field()
        for contact in cls.survey.contact_ids[:2]:
            cls._answer(contact, score=3, open="Nobody calls back.")
        cls.survey.action_close()
        cls.survey.action_make_parts()
        action = cls.survey.with_user(cls.quality).action_report()
        cls.report = cls.env["service.quality.report"].browse(action["res_id"])

    def _told(self, code):
        return next(one for one in self.report.sudo().told if one["code"] == code)

    def test_it_is_made_once_and_tells_the_survey(self):
        again = self.survey.with_user(self.quality).action_report()
        self.assertEqual(again["res_id"], self.report.id)
        self.assertFalse(self.report.is_provisional)
        self.assertFalse(self.report.needs_centre_review)
        codes = [one["code"] for one in self.report.sudo().told]
        for code in (
            "survey_sample", "survey_contracts", "survey_response", "survey_left_out",
            "survey_silence", "survey_questions", "survey_promises", "survey_customer",
            "survey_team", "survey_problems", "survey_measures",
            "survey_last_measures",
        ):  # fmt: skip
            self.assertIn(code, codes)
        rows = self._told("survey_measures")["rows"]
        self.assertIn(self.lead.name, [row["cells"][3] for row in rows])

    def test_few_agreements_covered_stand_on_the_first_page(self):
        self.assertTrue(self.survey._lacks_coverage())
        page = self.report.with_user(self.quality).page
        first = page.split("o_sq_report_body")[0]
        self.assertIn("Fewer than 80 % of the agreements are covered", first)
        states = {row["cells"][1]: row["state"] for row in
                  self._told("survey_contracts")["rows"]}  # fmt: skip
        self.assertEqual(list(states.values()).count("beyond"), 2)
        problems = self._told("survey_problems")["rows"]
        self.assertTrue(any("Coverage" in row["cells"] for row in problems))

    def test_it_names_no_one_and_no_single_answer(self):
        page = self.report.with_user(self.quality).page
        self.assertNotIn("Nobody calls back", page)
        self.assertNotIn("Ash Ann", page)

    def test_a_single_answer_is_not_told(self):
        survey = self._in_field()
        self._answer(survey.contact_ids[0], score=2)
        survey.action_close()
        action = survey.with_user(self.quality).action_report()
        report = self.env["service.quality.report"].browse(action["res_id"]).sudo()
        rows = next(one for one in report.told if one["code"] == "survey_customer")
        told = [row["cells"][2] for row in rows["rows"]]
        self.assertIn("one answer, confidential", told)
        self.assertNotIn("0 of 1 satisfied", told)

    def test_another_reviews_it_and_all_concerned_get_it(self):
        own = self.report.with_user(self.quality)
        own.summary = "Customers are not satisfied with how calls are answered."
        own.review()
        self.assertFalse(self.report.is_reviewed_by_other)
        own.action_draft()
        self.report.with_user(self.second).review()
        self.assertTrue(self.report.is_reviewed_by_other)
        own.send()
        self.assertEqual(self.report.state, "sent")
        readers = self.report.delivery_ids.user_id
        for user in (self.boss, self.lead, self.manager, self.quality):
            self.assertIn(user, readers)
        self.assertTrue(self.report.with_user(self.lead).display_name)
        self.report.with_user(self.boss).acknowledge()
        self.assertTrue(self.report.is_acknowledged or self.report.delivery_ids)
        self.assertNotIn("The report is not sent yet.", self.survey._result_problems())

    def test_workbook_has_a_sheet_for_each_list(self):
        book = load_workbook(io.BytesIO(self.report._content("xlsx")))
        names = " ".join(book.sheetnames)
        for word in ("Sample and coverage", "Result by customer", "Problems"):
            self.assertIn(word, names)
        self.assertNotIn("Trend", names)

    def test_other_reports_are_made_as_before(self):
        """A survey's report of a year does not stand for the year's report."""
        creation = self.env["service.quality.report.creation"].sudo()
        with freeze_time(f"{self.survey.date_to.year + 1}-01-05 08:00:00"):
            made = creation._make_due(self.company)
        self.assertNotIn("survey", made.mapped("kind"))

    def test_revision_is_of_the_same_survey(self):
        own = self.report.with_user(self.quality)
        own.summary = "Customers are not satisfied with how calls are answered."
        self.report.with_user(self.second).review()
        own.send()
        revised = self.env["service.quality.report"].browse(
            own.revise("A name was wrong in it")
        )
        self.assertEqual(revised.survey_id, self.survey)
        self.assertEqual(revised.revision, 2)
