from odoo import api, models
from odoo.fields import Domain

OURS = (
    "mgmtsystem.action", "mgmtsystem.nonconformity", "mgmtsystem.audit",
    "mgmtsystem.review",
)  # fmt: skip


class ResUsers(models.Model):
    """Hands on nonconformities and measures of users who leave."""

    _inherit = "res.users"

    @api.model
    def _service_duties(self):
        return super()._service_duties() | {
            "mgmtsystem.nonconformity": (
                "responsible_user_id",
                Domain("state", "not in", ("done", "cancel")),
            ),
            "mgmtsystem.action": (
                "user_id",
                Domain("service_state", "in", ("proposed", "open")),
            ),
        }

    @api.model
    def _service_activity_domain(self):
        return super()._service_activity_domain() | Domain("res_model", "in", OURS)
