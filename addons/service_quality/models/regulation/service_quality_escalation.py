from odoo import api, models

OBLIGATION = [
    # when, at, whom, what
    ("days", 1, "quality", "activity"),
    ("days", 7, "executive", "activity"),
]


class ServiceQualityEscalation(models.Model):
    """Each company starts with a rule about obligations."""

    _inherit = "service.quality.escalation"

    @api.model
    def _shipped(self):
        return super()._shipped() | {
            ("obligation", False): (80, self.env._("Obligations overdue"), OBLIGATION),
        }
