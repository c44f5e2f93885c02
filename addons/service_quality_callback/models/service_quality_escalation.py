from odoo import api, models

from odoo.addons.service_quality_escalation.models.escalation_data import Shipped

DIGEST = [
    # when, at, whom, what
    ("days", 1, "service_manager", "activity"),
    ("days", 1, "service_manager", "mail"),
]


class ServiceQualityEscalation(models.Model):
    """Each company starts with a rule about departments that do not answer."""

    _inherit = "service.quality.escalation"

    @api.model
    def _shipped(self):
        name = self.env._("Bad results of follow-up calls not answered in time")
        return super()._shipped() | {"digest": Shipped(90, name, "digest", DIGEST)}
