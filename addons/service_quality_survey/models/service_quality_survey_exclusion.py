from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_quality_core.models.base import LEAST_REASON


class ServiceQualitySurveyExclusion(models.Model):
    """Leaves people out of a survey, with a reason and by a second person.

    It is decided before the survey is frozen, so that nobody knows yet what they would
    have answered. The report of the survey lists it.
    """

    _name = "service.quality.survey.exclusion"
    _description = "Exclusion from a Survey"
    _inherit = ["service.quality.approval.mixin"]
    _order = "survey_id desc, id"
    _second_roles = ("quality",)

    survey_id = fields.Many2one(
        "service.quality.survey", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="survey_id.company_id", store=True)
    contact_ids = fields.Many2many(
        "service.quality.survey.contact",
        "service_quality_survey_exclusion_contact_rel",
        string="People",
        required=True,
        ondelete="restrict",
        domain="[('survey_id', '=', survey_id)]",
    )
    reason = fields.Text(required=True)
    state = fields.Selection(
        [("requested", "To decide"), ("approved", "Left out"), ("refused", "Asked")],
        required=True,
        default="requested",
        readonly=True,
        copy=False,
    )
    decided_at = fields.Datetime(string="Decided On", readonly=True, copy=False)
    decided_by_id = fields.Many2one("res.users", readonly=True, copy=False)

    @api.depends("survey_id", "contact_ids")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for exclusion in self:
            names = ", ".join(exclusion.contact_ids.mapped("display_name"))
            exclusion.display_name = self.env._("Left out: %s", names)

    @api.constrains("survey_id", "contact_ids", "reason")
    def _check_contact_ids(self):
        for exclusion in self:
            exclusion.survey_id._check_preparing()
            if not exclusion.contact_ids:
                raise UserError(self.env._("Choose who is left out."))
            if exclusion.contact_ids.survey_id - exclusion.survey_id:
                raise UserError(self.env._("Choose people of this survey."))
            exclusion._service_check_says(["reason"], LEAST_REASON)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        if any(one.state != "requested" for one in self):
            raise UserError(self.env._("What was decided stays on record."))

    def action_refuse(self):
        """Have the people asked all the same.

        :return: True
        :raise AccessError: for who is not the second person
        """
        return self._take_decision("refused", self.env._("Refused"))

    def _check_decidable(self, state):
        for exclusion in self:
            exclusion.survey_id._check_preparing()
            if exclusion.state != "requested":
                raise UserError(self.env._("It was decided already."))

    def _refusal(self):
        return self.env._(
            "Somebody else of the quality department decides who is not asked."
        )

    def _decide(self, state):
        result = super()._decide(state)
        if state == "approved":
            self.contact_ids._write_as_step({"is_excluded": True})
        return result
