from odoo import fields, models


class ServiceQualityPatrolDrop(models.TransientModel):
    """Asks why a patrol is not made, and drops it."""

    _name = "service.quality.patrol.drop"
    _description = "Drop a Patrol"

    patrol_id = fields.Many2one(
        "service.quality.patrol", required=True, readonly=True, ondelete="cascade"
    )
    reason = fields.Char(required=True, help="It stands in the list of patrols.")

    def action_confirm(self):
        """Drop the patrol with its reason."""
        self.ensure_one()
        return self.patrol_id.drop(self.reason)
