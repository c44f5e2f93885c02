from odoo import fields, models

from .survey_data import BLOCKS


class SurveyQuestion(models.Model):
    _inherit = "survey.question"

    service_block = fields.Selection(BLOCKS, string="About", copy=True)
