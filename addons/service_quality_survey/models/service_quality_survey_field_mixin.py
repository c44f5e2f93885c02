from odoo import models


class ServiceQualitySurveyFieldMixin(models.AbstractModel):
    """Asks people, and reminds those who have not answered."""

    _name = "service.quality.survey.field.mixin"
    _description = "Field of a Survey"

    def _start_field(self):
        """Have the people who are asked invited; called when a survey starts."""

    def _stop_field(self):
        """End what is still to be sent; called when a survey is closed or cancelled."""

    def _field_problems(self):
        """Return what is wrong in the field of one survey, a list of texts."""
        return []
