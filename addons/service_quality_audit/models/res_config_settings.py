from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Adds from which cost on an executive approves a measure."""

    _inherit = "res.config.settings"

    service_costly_from = fields.Float(
        related="company_id.service_costly_from", readonly=False
    )
