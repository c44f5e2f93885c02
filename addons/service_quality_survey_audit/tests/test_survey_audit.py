from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.service_quality_callback.tests.callback_common import CallbackCase
from odoo.addons.service_quality_regulation.tests.regulation_common import (
    RegulationCase,
)
from odoo.addons.service_quality_survey.tests.outcome_common import OutcomeCase
from odoo.addons.service_quality_survey.tests.survey_common import SurveyCase


@tagged("post_install", "-at_install")
class TestSurveyPeopleOfCalls(SurveyCase, CallbackCase):
    """Who was spoken to in follow-up calls had to do with the service."""

    def test_who_was_called_is_proposed_before_others(self):
        ticket = self._handled(partner_id=self.people[1].id)
        self._complete(ticket.service_callback_ids, "2026-03-02 11:00")
        self._ticket("2026-03-02 12:00", partner_id=self.people[2].id)
        survey = self._survey(date_from="2026-01-01")
        weights = survey._person_weights(self.customers)
        self.assertEqual(weights[self.people[1]], 2)
        self.assertEqual(weights[self.people[2]], 1)


@tagged("post_install", "-at_install")
class TestSurveyMajor(OutcomeCase, RegulationCase):
    """Regulation A4.2.4: major quality problems are tracked; answers are measures."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls._in_field()
        people = cls.survey.contact_ids
        cls.ann = people.filtered(lambda one: one.name == "Ash Ann")
        cls.dan = people.filtered(lambda one: one.name == "Birch Dan")
        cls.eve = people.filtered(lambda one: one.name == "Cedar Eve")

    def _raised(self):
        return self.env["mgmtsystem.nonconformity"].search(
            [("res_model", "in", (self.survey._name, "service.quality.survey.part"))]
        )

    def _close(self, *scores):
        for contact, score in zip((self.ann, self.dan), scores, strict=True):
            self._answer(contact, score=score)
        self.survey.action_take_results()
        self.assertFalse(self._raised(), "figures still move")
        self.survey.action_close()

    def test_a_dissatisfied_customer_is_a_nonconformity(self):
        before = self._raised()
        self._close(2, 9)
        raised = self._raised() - before
        self.assertEqual(len(raised), 1)
        self.assertIn("Ash", raised.name)
        self.assertIn("11.1 of 100 (1 answers)", raised.description)
        self.assertEqual(raised.responsible_user_id, self.manager)
        self.assertNotIn("Ann", raised.name + raised.description)

    def test_the_limit_is_a_setting(self):
        self.company.service_survey_major_index = 0
        self._close(2, 9)
        self.assertFalse(self._raised())

    def test_none_where_no_regulation_asks(self):
        self._forget_regulations()
        self._close(2, 9)
        self.assertFalse(self._raised())

    def test_the_quality_department_judges_a_part(self):
        self._close(7, 9)
        self.assertFalse(self._raised())
        self.survey.action_make_parts()
        part = self.survey.part_ids[:1]
        with self.assertRaises(AccessError):
            part.with_user(part.user_id).action_raise_nonconformity()
        for _time in range(2):
            action = part.with_user(self.quality).action_raise_nonconformity()
        raised = self._raised()
        self.assertEqual((len(raised), raised.id), (1, action["res_id"]))

    def test_an_answer_is_a_measure(self):
        self._close(7, 9)
        self.survey.action_make_parts()
        part = self.survey.part_ids.filtered("team_id")
        own = part.with_user(self.lead)
        until = fields.Date.add(self.company._service_day(), days=30)
        own.write(
            {
                "analysis": "Two people were ill in spring, and nobody stood in.",
                "measure": "A third person answers calls from eight to ten.",
                "measure_until": until,
            }
        )
        own.action_answer()
        measure = part.service_measure_ids
        self.assertEqual(measure.user_id, self.lead)
        self.assertEqual(measure.date_deadline, until)
        self.assertEqual(measure.service_team_id, self.team)


@tagged("post_install", "-at_install")
class TestSurveyRegister(OutcomeCase, RegulationCase):
    """What the register finds of a survey, step by step."""

    def _found(self, code):
        """Return how an obligation of this year stands now."""
        obligation = self.env.ref(f"service_quality_regulation.obligation_{code}")
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        cells = self.judge(str(tomorrow), obligation)
        year = self.company._service_day().year
        return cells.filtered(lambda one: one.date_from.year == year)[-1:].state

    def test_the_register_follows_a_survey(self):
        """Regulations A3.2.4, A5.1.1, A5.1.3, A4.2.4 and A3.4.2: one survey's course.

        Regulation A3.2.4: nothing is proved before somebody has answered. Regulation
        A5.1.3: few agreements covered need a person's judgement. Regulation A4.2.4: it
        is fed back when all is answered. Regulation A3.4.2: each part is answered.
        """
        survey = self._in_field()
        for contact in survey.contact_ids:
            contact.sudo()._write_as_step({"state": "asked"})
        self.assertEqual(self._found("a3_2_4_1"), "due")
        ann = survey.contact_ids.filtered(lambda one: one.name == "Ash Ann")
        self._answer(ann, score=8)
        survey.action_close()
        self.assertEqual(self._found("a3_2_4_1"), "fulfilled")
        self.assertEqual(self._found("a5_1_1_2"), "fulfilled")
        self.assertEqual(survey.covered_count, 1)
        self.assertNotEqual(self._found("a5_1_3_1"), "fulfilled")
        survey.coverage_note = "The two others were asked three times by telephone"
        with self.assertRaises(AccessError):
            survey.action_accept_coverage()
        survey.with_user(self.second).action_accept_coverage()
        self.assertEqual(self._found("a5_1_3_1"), "fulfilled")
        self.assertEqual(self._found("a4_2_4_1"), "due")
        survey.action_make_parts()
        self.assertNotEqual(self._found("a3_4_2_2"), "fulfilled")
        for part in survey.part_ids:
            own = part.with_user(part.user_id)
            own.write(
                {
                    "analysis": "Two people were ill in spring, nobody stood in.",
                    "no_measure_reason": "Both are back, and nobody else is missing",
                }
            )
            own.action_answer()
        self.assertEqual(self._found("a3_4_2_2"), "fulfilled")
        with self.assertRaises(UserError):
            survey.action_finish()
        survey.sudo()._write_as_step(
            {"state": "done", "finished_at": fields.Datetime.now()}
        )
        self.assertEqual(self._found("a4_2_4_1"), "fulfilled")
