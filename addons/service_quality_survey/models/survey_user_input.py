from odoo import fields, models


class SurveyUserInput(models.Model):
    _inherit = "survey.user_input"

    service_contact_ids = fields.One2many(
        "service.quality.survey.contact", "user_input_id", string="Person Asked"
    )
