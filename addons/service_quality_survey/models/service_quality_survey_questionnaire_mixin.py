from odoo import fields, models


class ServiceQualitySurveyQuestionnaireMixin(models.AbstractModel):
    """Is what a survey asks, and whether that matches the agreements."""

    _name = "service.quality.survey.questionnaire.mixin"
    _description = "Questionnaire of a Survey"

    questionnaire_id = fields.Many2one(
        "survey.survey", readonly=True, copy=False, ondelete="restrict"
    )

    def _questionnaire_problems(self):
        """Return what is wrong with the questionnaire of one survey.

        :return: list of texts in the language of the user
        """
        self.ensure_one()
        if not self.questionnaire_id:
            return [self.env._("There are no questions yet.")]
        return []

    def _unasked_promises(self):
        """Return what the agreements promise and one survey asks nothing about."""
        return []
