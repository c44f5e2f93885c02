from odoo import fields, models


class ServiceQualityCallbackReason(models.Model):
    """Why a customer is dissatisfied, in the words that reports count by."""

    _name = "service.quality.callback.reason"
    _description = "Reason of Dissatisfaction"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _name_uniq = models.UniqueIndex("(name)", "There is such a reason already.")
