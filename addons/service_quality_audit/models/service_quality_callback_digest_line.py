from odoo import models


class ServiceQualityCallbackDigestLine(models.Model):
    """What a department does about a bad result is a measure (regulation A3.4.2)."""

    _name = "service.quality.callback.digest.line"
    _inherit = [
        "service.quality.callback.digest.line",
        "service.quality.measure.source.mixin",
    ]

    def _measure_values(self):
        return {
            "name": self.action,
            "type_action": "correction",
            "company_id": self.company_id.id,
            "user_id": (self.answered_by_id or self.digest_id.user_id).id,
            "service_about_on": self.digest_id.date_from,
            "service_team_id": self.team_id.id,
            "service_ticket_id": self.ticket_id.id,
        }

    def _measure_name(self):
        return self.env._("Follow-up call about %s", self.ticket_id.number)

    def _note_answers(self):
        """Make a measure of what was typed, once it is the department's answer."""
        before = self.filtered("answered_at")
        result = super()._note_answers()
        (self - before).filtered("answered_at")._commit_measures()
        return result
