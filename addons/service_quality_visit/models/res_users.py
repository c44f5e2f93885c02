from odoo import api, models
from odoo.fields import Domain


class ResUsers(models.Model):
    """Hands on the planned visits of a user who leaves."""

    _inherit = "res.users"

    @api.model
    def _service_duties(self):
        return super()._service_duties() | {
            "service.quality.visit": ("user_id", Domain("state", "=", "planned")),
        }
