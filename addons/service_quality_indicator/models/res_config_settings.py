from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Adds the settings for what figures are taken of."""

    _inherit = "res.config.settings"

    service_engineer_figures = fields.Boolean(
        related="company_id.service_engineer_figures", readonly=False
    )
    service_entry_minutes = fields.Integer(
        related="company_id.service_entry_minutes", readonly=False
    )
