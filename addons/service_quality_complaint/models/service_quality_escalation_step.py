from odoo import api, models

from odoo.addons.service_quality_escalation.models.escalation_data import Trigger

ARRIVAL = "complaint_answer"
"""The metric whose clock starts when a complaint arrives, one for each complaint."""


class ServiceQualityEscalationStep(models.Model):
    """A step may come when a complaint arrives."""

    _inherit = "service.quality.escalation.step"

    @api.model
    def _triggers(self):
        arrival = Trigger(
            self.env._("A complaint arrives"), is_counted=False, metric=ARRIVAL
        )
        return super()._triggers() | {"complaint": arrival}

    def _when(self):
        if self.trigger == "complaint":
            return self.env._("a complaint arrives")
        return super()._when()
