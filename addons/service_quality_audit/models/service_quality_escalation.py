from odoo import api, models

from odoo.addons.service_quality_escalation.models.escalation_data import Shipped

MEASURE = [
    # when, at, whom, what
    ("days_before", 10, "assignee", "activity"),
    ("days", 1, "assignee", "activity"),
    ("days", 3, "quality", "activity"),
    ("days", 10, "executive", "activity"),
]

NONCONFORMITY = [
    # a step that waits, an approval among them, climbs
    ("days_before", 2, "assignee", "activity"),
    ("days", 1, "assignee", "activity"),
    ("days", 3, "quality", "activity"),
    ("days", 7, "executive", "activity"),
]


class ServiceQualityEscalation(models.Model):
    """Each company starts with a rule about measures, and one about nonconformities
    (regulations A3.2.1 and A3.2.5).
    """

    _inherit = "service.quality.escalation"

    @api.model
    def _shipped(self):
        name = self.env._("Measures not done in time")
        waits = self.env._("Nonconformities that wait")
        return super()._shipped() | {
            "measure": Shipped(90, name, "measure", MEASURE),
            "nonconformity": Shipped(91, waits, "nonconformity", NONCONFORMITY),
        }
