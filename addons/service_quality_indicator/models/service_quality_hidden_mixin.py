from odoo import api, models


class ServiceQualityHiddenMixin(models.AbstractModel):
    """Hides exclusions with their ticket."""

    _inherit = "service.quality.hidden.mixin"

    @api.model
    def _service_hidden_with(self):
        return super()._service_hidden_with() | {
            "service.quality.exclusion": "ticket_id",
        }
