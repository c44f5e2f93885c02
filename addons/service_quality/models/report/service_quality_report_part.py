from odoo import api, fields, models


class ServiceQualityReportPart(models.AbstractModel):
    """What stands in a report: it changes with the draft and freezes with it."""

    _name = "service.quality.report.part"
    _description = "Part of a Report"
    _inherit = ["service.quality.steps.mixin"]
    _order = "report_id, sequence, id"

    report_id = fields.Many2one(
        "service.quality.report", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="report_id.company_id", store=True)
    sequence = fields.Integer(default=10)

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._check_draft()
        return parts

    def write(self, vals):
        self._check_draft()
        result = super().write(vals)
        self._check_draft()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        self._check_draft()

    def _check_draft(self):
        frozen = self.report_id.filtered(lambda report: report.state != "draft")
        if frozen:
            frozen[:1]._refuse_change()
