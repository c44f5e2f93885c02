from odoo import api, models


class ServiceQualityHiddenMixin(models.AbstractModel):
    """Hides what is said and planned about a measure with the ticket that it is of."""

    _inherit = "service.quality.hidden.mixin"

    @api.model
    def _service_hidden_with(self):
        return super()._service_hidden_with() | {
            "mgmtsystem.action": "service_ticket_id"
        }
