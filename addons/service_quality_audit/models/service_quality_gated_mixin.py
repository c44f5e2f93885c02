from odoo import api, fields, models


class ServiceQualityGatedMixin(models.AbstractModel):
    """Has gates where a regulation is in force; elsewhere it is as others made it."""

    _name = "service.quality.gated.mixin"
    _description = "Gates Where a Regulation Is in Force"
    _inherit = ["service.quality.foreign.steps.mixin"]

    service_is_gated = fields.Boolean(
        string="Under a Regulation", compute="_compute_service_is_gated"
    )

    @api.depends("company_id")
    def _compute_service_is_gated(self):
        for company, records in self.grouped("company_id").items():
            records.service_is_gated = company._service_is_regulated()

    @api.model
    def _is_gated(self, vals):
        """Return True if a record that is created with some values will have gates."""
        company = self.env["res.company"].browse(vals.get("company_id"))
        if "company_id" in vals and not company:
            return False
        return (company or self.env.company)._service_is_regulated()
