from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    service_report_project_cadence = fields.Selection(
        related="company_id.service_report_project_cadence", readonly=False
    )
    service_report_department_cadence = fields.Selection(
        related="company_id.service_report_department_cadence", readonly=False
    )
    service_report_missed_a_day = fields.Integer(
        related="company_id.service_report_missed_a_day", readonly=False
    )
    service_name_engineers = fields.Boolean(
        related="company_id.service_name_engineers", readonly=False
    )
