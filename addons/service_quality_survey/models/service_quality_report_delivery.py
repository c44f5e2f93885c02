from odoo import api, models

from odoo.addons.service_quality_report.models.report_data import ROLES_CONCERNED

from .service_quality_report import KIND


class ServiceQualityReportDelivery(models.Model):
    """Delivers the report of a survey to all whom it concerns."""

    _inherit = "service.quality.report.delivery"

    @api.model
    def _roles_concerned(self, report):
        if report.kind == KIND:
            return ROLES_CONCERNED["event"]
        return super()._roles_concerned(report)

    @api.model
    def _users_concerned(self, report):
        """Add whoever answers for what was said."""
        users = super()._users_concerned(report)
        return users | report.survey_id.user_id | report.survey_id.part_ids.user_id
