from odoo import models


class ServiceQualityEscalationAlarm(models.Model):
    """An alarm says that a complaint has arrived."""

    _inherit = "service.quality.escalation.alarm"

    def _in_words(self, metric):
        if self.trigger == "complaint":
            return self.env._("A complaint has arrived")
        return super()._in_words(metric)
