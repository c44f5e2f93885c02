from odoo import api, models


class ServiceQualityHiddenMixin(models.AbstractModel):
    _inherit = "service.quality.hidden.mixin"

    @api.model
    def _service_hidden_with(self):
        return super()._service_hidden_with() | {
            "service.quality.report": "event_ticket_id",
            "service.quality.report.instruction": "report_id.event_ticket_id",
            "service.quality.report.response": "report_id.event_ticket_id",
        }
