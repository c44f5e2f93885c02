from odoo import api, models

DEVIATION = [
    # when, at, whom, what
    ("days", 1, "assignee", "activity"),
    ("days", 1, "quality", "activity"),
    ("days", 7, "service_manager", "activity"),
    ("days", 7, "executive", "activity"),
]


class ServiceQualityEscalation(models.Model):
    """Each company starts with a rule about deviations."""

    _inherit = "service.quality.escalation"

    @api.model
    def _shipped(self):
        return super()._shipped() | {
            ("deviation", False): (
                70,
                self.env._("Deviations not analysed in time"),
                DEVIATION,
            ),
        }
