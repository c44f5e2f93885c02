from odoo import models


class ServiceQualitySurveyOutcomeMixin(models.AbstractModel):
    """Is what came out of a survey, and what is done about it."""

    _name = "service.quality.survey.outcome.mixin"
    _description = "Result of a Survey"

    def _take_results(self):
        """Count the answers anew and keep the figures; called when one is closed."""

    def _result_problems(self):
        """Return what is missing of the result of one survey, a list of texts."""
        return []

    def _feedback_problems(self):
        """Return what is missing of the feedback of one survey, a list of texts."""
        return []
