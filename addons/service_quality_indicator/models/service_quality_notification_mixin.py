from odoo import api, models


class ServiceQualityNotificationMixin(models.AbstractModel):
    """Indicators count the reminders and alarms of a recipient."""

    _inherit = "service.quality.notification.mixin"

    @api.model
    def _models_with_codes(self):
        return [*super()._models_with_codes(), "service.quality.indicator"]
