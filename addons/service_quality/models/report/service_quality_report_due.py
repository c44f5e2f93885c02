from odoo import api, models
from odoo.fields import Domain


class ServiceQualityReport(models.Model):
    """A report is to be sent until a day."""

    _name = "service.quality.report"
    _inherit = ["service.quality.report", "service.quality.due.mixin"]

    _due_subject = "report"
    _due_sequence = 30
    _due_field = "due_date"
    _due_depends = ("state", "due_date")

    @api.model
    def _due_subject_label(self):
        return self.env._("Reports to be sent")

    @api.model
    def _open_domain(self):
        return Domain("state", "!=", "sent")

    def _due_agreement(self):
        return self.agreement_id

    def _due_project(self):
        return self.project_id

    def _overdue_text(self):
        return self.env._("Report overdue: %s", self.display_name)
