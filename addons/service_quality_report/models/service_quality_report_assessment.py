from odoo import api, fields, models
from odoo.exceptions import UserError


class ServiceQualityReportAssessment(models.Model):
    """Records that the technical service centre has read and assessed a report.

    Regulation A3.3.2: the centre monitors quality and assesses how the business is run.
    That the quality department sent a report does not prove it.
    """

    _name = "service.quality.report.assessment"
    _description = "Assessment of a Report"
    _inherit = ["service.quality.steps.mixin"]
    _order = "at desc, id desc"
    _rec_name = "report_id"

    report_id = fields.Many2one(
        "service.quality.report",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="report_id.company_id", store=True)
    user_id = fields.Many2one(
        "res.users",
        string="Assessed By",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    at = fields.Datetime(
        string="Assessed At",
        required=True,
        readonly=True,
        default=fields.Datetime.now,
    )
    text = fields.Text(string="Assessment", required=True, readonly=True)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_assessed(self):
        raise UserError(self.env._("An assessment stays in the record."))
