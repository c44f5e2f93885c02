from odoo import api, models

from odoo.addons.service_quality_escalation.models.escalation_data import Shipped

RECALL = [
    # when, at, whom, what
    ("days", 1, "assignee", "activity"),
    ("days", 2, "quality", "activity"),
    ("days", 5, "executive", "activity"),
]


class ServiceQualityEscalation(models.Model):
    """Each company starts with a rule about calls after a survey."""

    _inherit = "service.quality.escalation"

    @api.model
    def _shipped(self):
        name = self.env._("Calls after a survey not made in time")
        return super()._shipped() | {
            "survey_recall": Shipped(95, name, "survey_recall", RECALL)
        }
