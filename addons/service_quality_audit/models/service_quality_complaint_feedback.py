from odoo import models


class ServiceQualityComplaintFeedback(models.Model):
    """What a department does about its complaints is a measure (regulation A3.4.4)."""

    _name = "service.quality.complaint.feedback"
    _inherit = [
        "service.quality.complaint.feedback",
        "service.quality.measure.source.mixin",
    ]

    def _measure_values(self):
        return {
            "name": self.received and self.response,
            "type_action": "correction",
            "company_id": self.company_id.id,
            "user_id": self.user_id.id,
            "service_about_on": self.month,
            "service_team_id": self.team_id.id,
        }

    def _measure_name(self):
        return self.env._("Complaints of a month: %s", self.display_name)

    def write(self, vals):
        """Make a measure of the department's answer."""
        before = self.filtered("responded_at")
        result = super().write(vals)
        if "response" in vals:
            (self - before).filtered("responded_at")._commit_measures()
        return result
