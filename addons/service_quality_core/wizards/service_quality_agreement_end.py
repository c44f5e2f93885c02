from odoo import fields, models

from ..models.base import LEAST_REASON


class ServiceQualityAgreementEnd(models.TransientModel):
    _name = "service.quality.agreement.end"
    _description = "End an Agreement"

    agreement_id = fields.Many2one(
        "service.quality.agreement", required=True, readonly=True, ondelete="cascade"
    )
    date_end = fields.Date(
        string="No Longer in Force From",
        required=True,
        default=lambda self: self.env.company._service_day(),
        help="Today or later. Tickets opened before stay under the agreement.",
    )
    reason = fields.Char(required=True)

    def action_confirm(self):
        """End the agreement; open tickets opened since then are matched again."""
        self.ensure_one()
        agreement = self.agreement_id
        agreement._check_may_decide()
        self._service_check_says(["reason"], LEAST_REASON)
        agreement._check_endable(self.date_end)
        # moving the end concerns what was opened since the earlier of both
        since = min(self.date_end, agreement.date_end or self.date_end)
        agreement._end_on(self.date_end, self.reason)
        agreement._rematch_open_tickets(since, self.reason)
        return True
