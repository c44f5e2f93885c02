from odoo import Command

from odoo.addons.service_quality_guest.controllers.form import Upload

from .survey_common import SurveyCase

SCAN = Upload("1.png", b"\x89PNG\r\n\x1a\n of a stamped paper", "image/png")


class AnswerCase(SurveyCase):
    """A survey in the field, of which Ann of Ash is asked, among others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.interviewer = cls._user(
            "survey_interviewer", "desk", password="survey_interviewer"
        )
        cls.survey = cls._in_field()
        cls.ann, cls.bea = (cls._asked(cls.people[number]) for number in (0, 1))
        cls.questions = {
            question.service_block: question for question in cls.survey.question_ids
        }

    @classmethod
    def _in_field(cls, **values):
        survey = cls._survey(**values)
        survey.interviewer_ids = [Command.link(cls.interviewer.id)]
        survey.action_freeze()
        survey.action_propose_questions()
        survey.action_start()
        return survey

    @classmethod
    def _asked(cls, person, survey=None):
        survey = survey or cls.survey
        return survey.contact_ids.filtered(lambda one: one.partner_id == person).sudo()

    @classmethod
    def _values(cls, **given):
        """Return answers to the mandatory questions, and to others by their block."""
        values = {"overall": 8, "expectation": 7, "ideal": 7} | given
        return {cls.questions[block].id: value for block, value in values.items()}

    def _lines(self, contact):
        """Return what was answered: dict of block to what is shown of the answer."""
        return {
            line.question_id.service_block: line.display_name
            for line in contact.user_input_id.user_input_line_ids
            if not line.skipped
        }
