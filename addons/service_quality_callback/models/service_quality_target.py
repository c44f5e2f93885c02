from odoo import api, models


class ServiceQualityTarget(models.Model):
    """A target can promise a follow-up call."""

    _inherit = "service.quality.target"

    @api.model
    def _metrics(self):
        _ = self.env._
        return super()._metrics() | {
            "callback": _("Follow-up call"),
        }

    @api.model
    def _house_rules(self):
        return [
            *super()._house_rules(),
            ("callback", False, 24),  # Regulation A5.1.2
        ]
