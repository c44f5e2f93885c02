from odoo import models


class ServiceQualityPolicyReviewLine(models.Model):
    """What a periodic review changes is a measure, approved with it (A4.1.1)."""

    _name = "service.quality.policy.review.line"
    _inherit = [
        "service.quality.policy.review.line",
        "service.quality.measure.source.mixin",
        "service.quality.steps.mixin",
    ]

    def _measure_values(self):
        return {
            "name": self.result != "keep" and self.action,
            "type_action": "improvement",
            "company_id": self.company_id.id,
            "user_id": self.user_id.id,
            "date_deadline": self.deadline or self.review_id.next_date,
            "service_about_on": self.review_id.date,
        }

    def _measure_name(self):
        return f"{self.review_id.name} · {self.name}"

    def _measure_approval(self):
        return self.review_id.closed_by_id, self.review_id.closed_at

    def _follow_up(self):
        """Make measures of what is to change."""
        result = super()._follow_up()
        self.filtered(lambda line: line.result != "keep")._commit_measures()
        return result
