from odoo import fields, models

from .service_quality_callback import COUNTED_OUT


class ServiceQualityCallback(models.Model):
    """The planned activity on the ticket that goes with each call."""

    _inherit = "service.quality.callback"

    def _schedule_activities(self):
        """Plan a call on each ticket, for nobody in particular yet."""
        call_type = self.env.ref("mail.mail_activity_data_call")
        model_id = self.env["ir.model"]._get_id("helpdesk.ticket")
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "res_model_id": model_id,
                    "res_id": callback.ticket_id.id,
                    "activity_type_id": call_type.id,
                    "summary": self.env._("Follow-up call"),
                    "date_deadline": callback._activity_date(),
                    "user_id": False,
                    "automated": True,
                    "service_callback_id": callback.id,
                }
                for callback in self
            ]
        )

    def _activity_date(self):
        """Return the day after the opening, by which the house rule asks for it."""
        return fields.Date.add(self.company_id._service_day(self.opened_at), days=1)

    def _assign_activities(self, user):
        """Let the planned calls be those of whoever has them in hand."""
        self._activities().with_context(mail_activity_quick_update=True).write(
            {"user_id": user.id}
        )

    def _end_activities(self, result, reason):
        """Close the planned calls: done where there was one, gone where not."""
        activities = self._activities()
        if result in COUNTED_OUT:
            activities.unlink()
            return
        label = dict(self._fields["result"]._description_selection(self.env))[result]
        # it is no answer that a response to the customer would count
        activities.with_context(service_automatic=True)._action_done(
            feedback=" · ".join(filter(None, (label, reason)))
        )

    def _activities(self):
        # whoever ends the call may not be whom the activity is assigned to
        Activity = self.env["mail.activity"].sudo()
        return Activity.search([("service_callback_id", "in", self.ids)])
