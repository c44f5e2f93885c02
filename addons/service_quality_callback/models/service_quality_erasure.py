from odoo import fields, models


class ServiceQualityErasure(models.Model):
    _inherit = "service.quality.erasure"

    call_count = fields.Integer(string="Follow-up Calls", readonly=True)
    attempt_count = fields.Integer(string="Attempts", readonly=True)
    answer_count = fields.Integer(string="Answers in Writing", readonly=True)
