from odoo import api, fields, models


class ServiceQualityHandover(models.Model):
    """A handover counts the follow-up calls that were promised."""

    _inherit = "service.quality.handover"

    call_count = fields.Integer(string="Promised Calls", compute="_compute_counts")

    @api.model
    def _counted_kinds(self):
        return super()._counted_kinds() | {"call": "call_count"}
