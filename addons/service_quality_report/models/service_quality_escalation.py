from odoo import api, models

from odoo.addons.service_quality_escalation.models.escalation_data import Shipped

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
        names = {
            "report": self.env._("Reports not sent in time"),
            "acknowledgement": self.env._("Reports not acknowledged in time"),
            "instruction": self.env._("Instructions not done in time"),
            "objection": self.env._("Objections not answered in time"),
        }
        return super()._shipped() | {
            subject: Shipped(sequence, name, subject, REPORTING)
            for sequence, (subject, name) in zip(
                range(30, 70, 10), names.items(), strict=True
            )
        }
