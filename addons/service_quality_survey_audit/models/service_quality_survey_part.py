from odoo import models
from odoo.exceptions import AccessError, UserError

from odoo.addons.service_quality_core.models.roles import group_of


class ServiceQualitySurveyPart(models.Model):
    """What is answered to a part of a survey is a measure (regulation A4.2.4)."""

    _name = "service.quality.survey.part"
    _inherit = ["service.quality.survey.part", "service.quality.measure.source.mixin"]

    def _measure_values(self):
        return {
            "name": self.measure,
            "type_action": "improvement",
            "company_id": self.company_id.id,
            "user_id": self.user_id.id,
            "date_deadline": self.measure_until,
            "service_about_on": self.company_id._service_day(),
            "service_team_id": self.team_id.id,
        }

    def action_answer(self):
        """Hand in the answer, and make a measure of what was typed."""
        result = super().action_answer()
        self._commit_measures()
        return result

    def action_raise_nonconformity(self):
        """Judge that what a part says is a major quality problem.

        :return: the action that opens the nonconformity
        :raise AccessError: for who is not of the quality department
        :raise UserError: where no regulation is in force
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group(group_of("quality")):
            raise AccessError(
                self.env._("The quality department judges what is a major problem.")
            )
        survey = self.survey_id
        raised = survey._raise_major([survey._prepare_major_part(self)])
        if not raised:
            raise UserError(
                self.env._("No regulation is in force here: nothing asks for it.")
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": raised._name,
            "res_id": raised.id,
            "views": [(False, "form")],
        }
