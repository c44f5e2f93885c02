from odoo import api, models

from odoo.addons.service_quality_escalation.models.escalation_data import Trigger


class ServiceQualityEscalationStep(models.Model):
    """A step may come as many days before as each obligation says."""

    _inherit = "service.quality.escalation.step"

    @api.model
    def _triggers(self):
        lead = Trigger(
            self.env._("Days before, as set at the obligation"),
            by_day=True,
            is_counted=False,
            subject="obligation",
        )
        return super()._triggers() | {"lead": lead}

    def _when(self):
        if self.trigger == "lead":
            return self.env._("as many days before as the obligation says")
        return super()._when()
