from odoo import api, fields, models


class ServiceQualityAgreement(models.Model):
    _inherit = "service.quality.agreement"

    report_cadence = fields.Selection(
        [
            ("none", "None"),
            ("month", "Monthly"),
            ("quarter", "Quarterly"),
            ("year", "Yearly"),
        ],
        string="Service Report",
        default="month",
        required=True,
    )
    report_partner_ids = fields.Many2many(
        "res.partner",
        "service_quality_agreement_report_partner_rel",
        string="Report Recipients",
        check_company=True,
        ondelete="restrict",
    )

    @api.model
    def _free_when_signed(self):
        return super()._free_when_signed() | {"report_partner_ids"}

    @api.model
    def _contact_fields(self):
        return (*super()._contact_fields(), "report_partner_ids")
