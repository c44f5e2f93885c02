from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    service_technical_centre_id = fields.Many2one(
        related="company_id.service_technical_centre_id", readonly=False
    )
    service_complaint_team_id = fields.Many2one(
        related="company_id.service_complaint_team_id", readonly=False
    )
    service_pass_on_every_complaint = fields.Boolean(
        related="company_id.service_pass_on_every_complaint", readonly=False
    )
    service_hotline = fields.Char(related="company_id.service_hotline", readonly=False)
    service_hotline_tester_id = fields.Many2one(
        related="company_id.service_hotline_tester_id", readonly=False
    )
