from odoo import api, fields, models


class ResCompany(models.Model):
    """A company starts with the shipped escalation rules."""

    _inherit = "res.company"

    service_rules_given = fields.Json(
        string="Shipped Escalation Rules",
        copy=False,
        groups="base.group_system",
        help="The codes of the shipped escalation rules that the company was given.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        founded = companies.sudo()  # its founder need not be a service manager
        founded.env["service.quality.escalation"]._ship_rules(founded)
        return companies
