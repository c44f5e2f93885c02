from odoo import api, fields, models
from odoo.exceptions import AccessError


class ServiceQualityGatedMixin(models.AbstractModel):
    """Has gates where a regulation is in force; elsewhere it is as others made it.

    A record without a company belongs to all of them: its gates hold where a
    regulation is in force in any. None begins so, as its steps are those of a company.
    """

    _name = "service.quality.gated.mixin"
    _description = "Gates Where a Regulation Is in Force"
    _inherit = ["service.quality.foreign.steps.mixin", "service.quality.stand.in.mixin"]

    service_is_gated = fields.Boolean(
        string="Under a Regulation", compute="_compute_service_is_gated"
    )

    @api.depends("company_id")
    def _compute_service_is_gated(self):
        for company, records in self.grouped("company_id").items():
            records.service_is_gated = company._service_is_regulated()

    @api.model
    def _company_of(self, vals):
        """Return the company of a record that is created with some values."""
        given = vals if "company_id" in vals else self.default_get(["company_id"])
        return self.env["res.company"].browse(given.get("company_id") or [])

    @api.model
    def _is_gated(self, vals):
        """Return True if a record that is created with some values will have gates."""
        return self._company_of(vals)._service_is_regulated()

    @api.model
    def _with_company(self, vals_list):
        """Return values in which each record that would have gates has a company."""
        return [
            vals
            if self._company_of(vals) or not self._is_gated(vals)
            else vals | {"company_id": self.env.company.id}
            for vals in vals_list
        ]

    def _check_company_kept(self, vals):
        """Refuse to take records out of a regulation, or into one, half way.

        What has no company yet is given one.
        """
        if "company_id" not in vals:
            return
        to = self.env["res.company"].browse(vals["company_id"] or [])
        moved = self.filtered(lambda one: one.company_id and one.company_id != to)
        if moved and (
            to._service_is_regulated() or any(moved.mapped("service_is_gated"))
        ):
            raise AccessError(
                self.env._("%s stays in its company.", moved[0].display_name)
            )
