from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    module_service_quality_desk = fields.Boolean(string="Desk")
    module_service_quality_escalation = fields.Boolean(string="Escalation")
    module_service_quality_indicator = fields.Boolean(string="Indicators")
    module_service_quality_callback = fields.Boolean(string="Follow-up Calls")
    module_service_quality_complaint = fields.Boolean(string="Complaints")
    module_service_quality_visit = fields.Boolean(string="Visits")
    module_service_quality_report = fields.Boolean(string="Reports")
    module_service_quality_regulation = fields.Boolean(string="Regulation")
    module_service_quality_audit = fields.Boolean(string="Audit")

    service_process_id = fields.Many2one(
        related="company_id.service_process_id", readonly=False
    )
    service_staff_retention_months = fields.Integer(
        related="company_id.service_staff_retention_months", readonly=False
    )
    service_reply_days = fields.Integer(
        related="company_id.service_reply_days", readonly=False
    )
    service_unmapped_stages = fields.Char(compute="_compute_service_unmapped_stages")

    @api.depends("company_id")
    def _compute_service_unmapped_stages(self):
        stages = self.env["helpdesk.ticket.stage"].search(
            [("service_phase", "=", False)]
        )
        names = ", ".join(stages.mapped("name"))
        for settings in self:
            settings.service_unmapped_stages = names
