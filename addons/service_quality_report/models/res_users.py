from odoo import api, models
from odoo.fields import Domain


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model
    def _service_duties(self):
        return super()._service_duties() | {
            "service.quality.report": ("user_id", Domain("state", "=", "draft")),
            "service.quality.report.instruction": (
                "user_id",
                Domain("state", "=", "open"),
            ),
        }
