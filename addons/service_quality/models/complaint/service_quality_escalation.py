from odoo import api, models

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
        return super()._shipped() | {
            ("promise", "major"): (
                20,
                self.env._("Major complaints at once"),
                MAJOR_COMPLAINT,
            ),
        }
