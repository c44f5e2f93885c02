from odoo import api, models


class ServiceQualityRectification(models.Model):
    _inherit = "service.quality.rectification"

    @api.model
    def _service_hidden_with(self):
        """Hide what was corrected in the lines of a handover with their ticket."""
        return super()._service_hidden_with() | {
            "service.quality.handover.line": "ticket_id",
        }
