from odoo import api, models
from odoo.fields import Domain


class ResUsers(models.Model):
    """Hands on deviations and patrols of users who leave."""

    _inherit = "res.users"

    @api.model
    def _service_duties(self):
        return super()._service_duties() | {
            "service.quality.deviation": ("owner_id", Domain("state", "=", "open")),
            "service.quality.patrol": (
                "user_id",
                Domain("state", "in", ("planned", "overdue")),
            ),
            "service.quality.patrol.plan": ("user_id", Domain("active", "=", True)),
        }
