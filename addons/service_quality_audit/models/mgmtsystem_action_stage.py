from odoo import models


class MgmtsystemActionStage(models.Model):
    """Keeps what the stages mean to which the steps of a measure lead."""

    _name = "mgmtsystem.action.stage"
    _inherit = ["service.quality.shipped.mixin", "mgmtsystem.action.stage"]

    _shipped_fields = frozenset({"is_starting", "is_ending"})
