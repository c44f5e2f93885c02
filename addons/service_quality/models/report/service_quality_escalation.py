from odoo import api, models

REPORTING = [
    # when, at, whom, what
    ("days", 1, "quality", "activity"),
    ("days", 3, "technical_centre", "activity"),
    ("days", 7, "executive", "activity"),
]
"""Who looks after reports, who reviews them, who reads them."""


class ServiceQualityEscalation(models.Model):
    """Each company starts with rules about what becomes of its reports."""

    _inherit = "service.quality.escalation"

    @api.model
    def _shipped(self):
        return super()._shipped() | {
            ("report", False): (30, self.env._("Reports not sent in time"), REPORTING),
            ("acknowledgement", False): (
                40,
                self.env._("Reports not acknowledged in time"),
                REPORTING,
            ),
            ("instruction", False): (
                50,
                self.env._("Instructions not done in time"),
                REPORTING,
            ),
            ("objection", False): (
                60,
                self.env._("Objections not answered in time"),
                REPORTING,
            ),
        }
