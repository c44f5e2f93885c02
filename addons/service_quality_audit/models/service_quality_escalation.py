from odoo import api, models

from odoo.addons.service_quality_escalation.models.escalation_data import Shipped

MEASURE = [
    # when, at, whom, what
    ("days_before", 10, "assignee", "activity"),
    ("days", 1, "assignee", "activity"),
    ("days", 3, "quality", "activity"),
    ("days", 10, "executive", "activity"),
]


class ServiceQualityEscalation(models.Model):
    """Each company starts with a rule about its measures (regulation A3.2.5)."""

    _inherit = "service.quality.escalation"

    @api.model
    def _shipped(self):
        name = self.env._("Measures not done in time")
        return super()._shipped() | {"measure": Shipped(90, name, "measure", MEASURE)}
