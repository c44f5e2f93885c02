from odoo import api, models

from odoo.addons.service_quality_escalation.models.escalation_data import (
    PROMISE,
    Shipped,
)

MAJOR_COMPLAINT = [
    # when, at, whom, what
    ("complaint", 0, "technical_centre", "activity"),
    ("complaint", 0, "service_manager", "mail"),
    ("complaint", 0, "executive", "mail"),
]


class ServiceQualityEscalation(models.Model):
    """Each company starts with a rule about major complaints."""

    _inherit = "service.quality.escalation"

    @api.model
    def _shipped(self):
        name = self.env._("Major complaints at once")
        rule = Shipped(20, name, PROMISE, MAJOR_COMPLAINT, {"severity": "major"})
        return super()._shipped() | {"major_complaint": rule}
