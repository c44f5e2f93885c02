from odoo import fields, models
from odoo.exceptions import ValidationError


class ServiceQualityAgreementEnd(models.TransientModel):
    _name = "service.quality.agreement.end"
    _description = "End an Agreement"

    agreement_id = fields.Many2one(
        "service.quality.agreement", required=True, readonly=True, ondelete="cascade"
    )
    date_end = fields.Date(
        string="No Longer in Force From",
        required=True,
        default=fields.Date.context_today,
        help="Tickets opened before that day stay under the agreement.",
    )
    reason = fields.Char(required=True)

    def action_confirm(self):
        """End the agreement; open tickets opened since then are matched again."""
        self.ensure_one()
        agreement = self.agreement_id
        agreement._check_may_decide()
        if agreement.state != "signed":
            raise ValidationError(
                self.env._("Only an agreement that is signed can be ended.")
            )
        if self.date_end < agreement.date_start:
            raise ValidationError(
                self.env._(
                    "It is in force from %s. Choose that day or a later one.",
                    agreement.date_start,
                )
            )
        agreement._end_on(self.date_end, self.reason)
        agreement._rematch_open_tickets(self.date_end, self.reason)
        return True
