from odoo import models

REPORT = "service.quality.report"


class ServiceQualityEscalationReminder(models.Model):
    """A person is reminded of a report once, in whatever roles.

    The first reminder stays among the activities until the report is sent; those after
    it would say the same.
    """

    _inherit = "service.quality.escalation.reminder"

    def _plan_activities(self, values):
        report_id = self.env["ir.model"]._get_id(REPORT)
        about = [one for one in values if one["res_model_id"] == report_id]
        if not about:
            return super()._plan_activities(values)
        waiting = self.env["mail.activity"].search(
            [
                ("res_model", "=", REPORT),
                ("res_id", "in", [one["res_id"] for one in about]),
                ("service_reminder_id", "!=", False),
            ]
        )
        known = {(*_thing(one.service_reminder_id), one.user_id.id) for one in waiting}
        things = {one.id: _thing(one) for one in self}
        planned = []
        for one in values:
            key = (*things[one[self._activity_field]], one["user_id"])
            if one["res_model_id"] != report_id or key not in known:
                planned.append(one)
                known.add(key)
        return super()._plan_activities(planned)


def _thing(reminder):
    """Return what a reminder is about: the report, or one acknowledgement of it."""
    return reminder.res_model, reminder.res_id
