from odoo import api, models


class ServiceQualityHiddenMixin(models.AbstractModel):
    """Hides what is said of measures and nonconformities with their ticket."""

    _inherit = "service.quality.hidden.mixin"

    @api.model
    def _service_hidden_with(self):
        return super()._service_hidden_with() | {
            "mgmtsystem.action": "service_ticket_id",
            "mgmtsystem.nonconformity": "service_ticket_id",
        }
