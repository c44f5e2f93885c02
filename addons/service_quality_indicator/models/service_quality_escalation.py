from odoo import api, models

from odoo.addons.service_quality_escalation.models.escalation_data import Shipped

DEVIATION = [
    # when, at, whom, what
    ("days", 1, "assignee", "activity"),
    ("days", 1, "quality", "activity"),
    ("days", 7, "service_manager", "activity"),
    ("days", 7, "executive", "activity"),
]


class ServiceQualityEscalation(models.Model):
    """Adds the rule about deviations that each company starts with."""

    _inherit = "service.quality.escalation"

    @api.model
    def _shipped(self):
        name = self.env._("Deviations not analysed in time")
        return super()._shipped() | {
            "deviation": Shipped(70, name, "deviation", DEVIATION)
        }
