from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Adds the setting for figures of each engineer."""

    _inherit = "res.config.settings"

    service_engineer_figures = fields.Boolean(
        related="company_id.service_engineer_figures", readonly=False
    )
