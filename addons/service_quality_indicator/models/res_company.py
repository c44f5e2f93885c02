from odoo import fields, models


class ResCompany(models.Model):
    """Adds whether a company has figures of each engineer."""

    _inherit = "res.company"

    service_engineer_figures = fields.Boolean(
        string="Figures per Engineer",
        help="Take figures for each engineer, too. Ask the works council or whoever "
        "speaks for the staff first: they measure persons.",
    )
