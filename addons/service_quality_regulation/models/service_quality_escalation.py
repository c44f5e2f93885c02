from odoo import api, models

from odoo.addons.service_quality_escalation.models.escalation_data import Shipped

OBLIGATION = [
    # when, at, recipient, action
    ("lead", 0, "assignee", "activity"),
    ("lead", 0, "assignee", "mail"),
    ("days", 1, "quality", "activity"),
    ("days", 7, "executive", "activity"),
]


class ServiceQualityEscalation(models.Model):
    """Each company starts with a rule about obligations."""

    _inherit = "service.quality.escalation"

    @api.model
    def _shipped(self):
        name = self.env._("Obligations overdue")
        rule = Shipped(80, name, "obligation", OBLIGATION)
        return super()._shipped() | {"obligation": rule}
