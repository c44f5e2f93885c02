from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    service_call_from = fields.Float(
        related="company_id.service_call_from", readonly=False
    )
    service_call_to = fields.Float(related="company_id.service_call_to", readonly=False)
    service_call_gap = fields.Float(
        related="company_id.service_call_gap", readonly=False
    )
    service_call_attempts = fields.Integer(
        related="company_id.service_call_attempts", readonly=False
    )
