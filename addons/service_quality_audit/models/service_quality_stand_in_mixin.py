from odoo import api, fields, models
from odoo.fields import Domain


class ServiceQualityStandInMixin(models.AbstractModel):
    """Is read by deputies, for the days in which they decide on it.

    Who stands in for a role that reads all of it need not hold a role of the management
    system. Record rules ask for the field: it is looked up each time, so that reading
    ends with the deputyship.
    """

    _name = "service.quality.stand.in.mixin"
    _description = "Read by Deputies for Their Days"

    service_is_stood_in = fields.Boolean(
        string="Read as a Deputy",
        compute="_compute_service_is_stood_in",
        search="_search_service_is_stood_in",
        compute_sudo=True,  # it is asked before the record may be read
    )

    @api.depends("company_id")
    @api.depends_context("uid")
    def _compute_service_is_stood_in(self):
        companies = self.env["service.quality.deputy"]._companies_read()
        for record in self:
            record.service_is_stood_in = record.company_id in companies

    def _search_service_is_stood_in(self, operator, value):
        if operator != "in":
            return NotImplemented
        companies = self.env["service.quality.deputy"]._companies_read()
        return Domain("company_id", "in", companies.ids)
