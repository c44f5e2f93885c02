from odoo import models


class ServiceQualityEvent(models.Model):
    _inherit = "service.quality.event"

    def _take_back(self):
        """Take back what the row says of a call."""
        super()._take_back()
        # whoever may void the row may take it back
        self.env["service.quality.callback"].sudo()._take_back(self)
