from odoo import models


class ServiceQualityDeviation(models.Model):
    """What is said in a deviation is said in the drafts of its period as well."""

    _inherit = "service.quality.deviation"

    def action_answer(self):
        result = super().action_answer()
        # who answers need not read the reports
        drafts = self.env["service.quality.report"].sudo()
        drafts = drafts.search(
            [
                ("company_id", "in", self.company_id.ids),
                ("date_from", "in", self.mapped("date_from")),
                ("state", "=", "draft"),
            ]
        )
        drafts.line_ids._take_over_answers()
        return result
