from odoo import api, models
from odoo.fields import Domain

OURS = (
    "mgmtsystem.action", "mgmtsystem.nonconformity", "mgmtsystem.audit",
    "mgmtsystem.review",
)  # fmt: skip


class ResUsers(models.Model):
    """Hands on nonconformities, measures and audits of users who leave."""

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
            "mgmtsystem.audit": ("user_id", Domain("state", "=", "open")),
            "mgmtsystem.verification.line": (
                "service_owner_id",
                Domain("audit_id.state", "=", "open"),
            ),
            "service.quality.audit.programme": ("user_id", Domain.TRUE),
        }

    @api.model
    def _service_activity_domain(self):
        return super()._service_activity_domain() | Domain("res_model", "in", OURS)
