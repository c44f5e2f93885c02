from odoo import api, models


class ServiceQualityEvent(models.Model):
    _inherit = "service.quality.event"

    @api.model
    def _kinds(self):
        _ = self.env._
        return super()._kinds() | {
            "callback_opened": _("Follow-up call due"),
            "callback_attempted": _("Follow-up call attempted"),
            "callback_ended": _("Follow-up call ended"),
        }

    def _take_back(self):
        """Take back what the row says of a call."""
        result = super()._take_back()
        # who may void the row may take it back
        self.env["service.quality.callback"].sudo()._take_back(self)
        return result
