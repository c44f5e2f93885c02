from odoo import api, models


class ServiceQualityTarget(models.Model):
    """A target can promise when a complaint is acknowledged and answered."""

    _inherit = "service.quality.target"

    @api.model
    def _metrics(self):
        _ = self.env._
        return super()._metrics() | {
            "complaint_acknowledge": _("Complaint acknowledgement"),
            "complaint_answer": _("Complaint answer"),
        }

    @api.model
    def _house_rules(self):
        return [
            *super()._house_rules(),
            ("complaint_acknowledge", "minor", 24),
            ("complaint_acknowledge", "important", 4),
            ("complaint_acknowledge", "major", 1),
            ("complaint_answer", "minor", 7 * 24),
            ("complaint_answer", "important", 3 * 24),
            ("complaint_answer", "major", 24),
        ]
