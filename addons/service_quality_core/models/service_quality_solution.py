from odoo import fields, models


class ServiceQualitySolution(models.Model):
    _name = "service.quality.solution"
    _description = "Solution Category"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, ondelete="restrict")
