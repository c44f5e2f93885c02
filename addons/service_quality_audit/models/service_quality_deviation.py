from odoo import models


class ServiceQualityDeviation(models.Model):
    """What is done about a deviation is a measure (regulations A4.2.2 and A4.3.4)."""

    _name = "service.quality.deviation"
    _inherit = ["service.quality.deviation", "service.quality.measure.source.mixin"]

    def _measure_values(self):
        scope = {"department": "service_team_id", "project": "service_project_id"}
        values = {
            "name": self.action,
            "type_action": "correction",
            "company_id": self.company_id.id,
            "user_id": self.owner_id.id,
            "date_deadline": self.action_until,
            "service_about_on": self.date_from,
            "service_project_id": self.figure_id.project_id.id,
        }
        if self.scope in scope:
            values[scope[self.scope]] = self.scope_id
        return values

    def _has_decision(self):
        """Count measures as what is done about it."""
        return bool(self._standing_measures()) or super()._has_decision()

    def action_answer(self):
        """Hand in the analysis, and make a measure of the action that was typed."""
        result = super().action_answer()
        self._commit_measures()
        return result
