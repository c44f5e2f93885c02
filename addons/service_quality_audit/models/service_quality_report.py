from odoo import models


class ServiceQualityReport(models.Model):
    _inherit = "service.quality.report"

    def _send(self):
        """Make measures of what the report says is done about missed goals."""
        result = super()._send()
        self.line_ids.filtered("action")._commit_measures()
        return result
