from odoo import fields, models


class ServiceQualityEventVoid(models.TransientModel):
    _name = "service.quality.event.void"
    _description = "Void a Row of the Ledger"

    event_id = fields.Many2one(
        "service.quality.event", required=True, readonly=True, ondelete="cascade"
    )
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Void the row by a further one; the clocks are then folded without it."""
        self.ensure_one()
        self.event_id._void(self.reason)
        return True
