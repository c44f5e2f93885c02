from odoo import fields, models

from odoo.addons.service_quality_core.models.base import LEAST_REASON


class ServiceQualityVisitRevise(models.TransientModel):
    """Asks why a signed service sheet is to be corrected, and opens it again."""

    _name = "service.quality.visit.revise"
    _description = "Revise a Signed Service Sheet"

    visit_id = fields.Many2one(
        "service.quality.visit", required=True, readonly=True, ondelete="cascade"
    )
    reason = fields.Char(
        required=True,
        help="It stands on the corrected sheet, for the customer to read.",
    )

    def action_confirm(self):
        """Open the visit again; its next sheet says what was corrected."""
        self.ensure_one()
        self._service_check_says(["reason"], LEAST_REASON)
        self.visit_id._revise(self.reason)
        return True
