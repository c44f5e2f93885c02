from odoo import api, models

from odoo.addons.service_quality_escalation.models.escalation_data import Shipped

RECALL = [
    # when, at, whom, what
    ("days", 1, "assignee", "activity"),
    ("days", 2, "quality", "activity"),
    ("days", 5, "executive", "activity"),
]

FEEDBACK = [
    # when, at, whom, what
    ("days", 1, "assignee", "activity"),
    ("days", 1, "quality", "activity"),
    ("days", 7, "executive", "activity"),
]


class ServiceQualityEscalation(models.Model):
    """Each company starts with rules about what has to be done after a survey."""

    _inherit = "service.quality.escalation"

    @api.model
    def _shipped(self):
        _ = self.env._
        recalls = _("Calls after a survey not made in time")
        parts = _("Feedback of customer surveys not answered in time")
        return super()._shipped() | {
            "survey_recall": Shipped(95, recalls, "survey_recall", RECALL),
            "survey_part": Shipped(96, parts, "survey_part", FEEDBACK),
        }
