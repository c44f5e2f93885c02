from odoo import api, models


class ServiceQualityRectification(models.Model):
    _inherit = "service.quality.rectification"

    @api.model
    def _service_hidden_with(self):
        """Hide what was corrected about follow-up calls with their ticket."""
        return super()._service_hidden_with() | {
            "service.quality.callback": "ticket_id",
            "service.quality.callback.digest.line": "callback_id.ticket_id",
        }
