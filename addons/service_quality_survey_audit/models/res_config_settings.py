from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Adds up to which satisfaction a survey finds a major problem."""

    _inherit = "res.config.settings"

    service_survey_major_index = fields.Float(
        related="company_id.service_survey_major_index", readonly=False
    )
