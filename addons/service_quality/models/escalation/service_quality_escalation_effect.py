from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_datetime


class ServiceQualityEscalationAlarm(models.Model):
    """What alarms do, each kind in sets and in the transaction that raises them."""

    _inherit = "service.quality.escalation.alarm"

    _activity_field = "service_alarm_id"
    _mail_template = "service_quality.alarm_mail"

    # ------------------------------------------------------------------
    # Telling
    # ------------------------------------------------------------------

    def _tell_managers(self, summary):
        """Have service managers look after an alarm that did not get through."""
        managers = self.company_id._service_role_users("service_manager")
        self._plan_activities(
            [self._prepare_activity(user, summary) for user in managers]
        )

    def _place(self):
        return self.ticket_id

    def _mail_subject(self):
        return f"[{self.ticket_id.number}] {self.summary}"

    def _do_sms(self):
        """Queue one text message for each person."""
        self.env["sms.sms"].create(
            [
                {
                    "number": user.partner_id._phone_format(fname="phone")
                    or user.partner_id.phone,
                    "partner_id": user.partner_id.id,
                    "body": alarm.with_context(lang=user.lang)._in_short(user),
                }
                for alarm in self
                for user in alarm.user_ids
            ]
        )

    def _do_webhook(self):
        """Queue one message for the channel of each step."""
        closed = self.filtered(lambda alarm: not alarm.step_id.webhook_id.active)
        if closed:
            failure = self.env._("The channel is archived.")
            closed.write({"outcome": "failed", "failure": failure})
        self.env["service.quality.webhook.delivery"].create(
            [
                {
                    "webhook_id": alarm.step_id.webhook_id.id,
                    "alarm_id": alarm.id,
                    "text": alarm._in_channel(),
                }
                for alarm in self - closed
            ]
        )

    # ------------------------------------------------------------------
    # Changing the ticket
    # ------------------------------------------------------------------

    def _do_reassign(self):
        """Give each ticket to the person whom its step names."""
        for user, alarms in self.grouped("user_ids").items():
            alarms._change_tickets({"user_id": user.id}, user)

    def _do_raise_priority(self):
        """Put each ticket one priority higher; the highest stays."""
        codes = list(
            self.env["helpdesk.ticket"]._fields["priority"].get_values(self.env)
        )
        for priority, alarms in self.grouped(lambda a: a.ticket_id.priority).items():
            place = codes.index(priority) + 1 if priority else 0
            if place < len(codes):
                alarms._change_tickets({"priority": codes[place]})

    def _change_tickets(self, values, user=None):
        """Write to tickets; one that refuses keeps no other from it.

        :param user: who is to have the tickets, and must be able to see them
        """
        try:
            with self.env.cr.savepoint():
                tickets = self.ticket_id.with_context(service_automatic=True)
                tickets.write(values)
                if user:
                    tickets.with_user(user).with_context(
                        allowed_company_ids=user.company_ids.ids
                    ).check_access("read")
        except UserError as error:
            if len(self) > 1:
                for alarm in self:
                    alarm._change_tickets(values, user)
            else:
                self.write({"outcome": "failed", "failure": str(error)})

    # ------------------------------------------------------------------
    # Presentation
    # ------------------------------------------------------------------

    def _deadline_text(self, user):
        """Return the deadline in a user's zone and language, or nothing."""
        if not self.deadline:
            return ""
        env = self._seen_by(user).env
        deadline = format_datetime(
            env, self.deadline, tz=env.context["tz"], dt_format="short"
        )
        return env._("Due %s", deadline)

    def _in_short(self, user):
        """Return what fits into a text message."""
        parts = (self.ticket_id.number, self.summary, self._deadline_text(user))
        return " · ".join(filter(None, parts))

    def _in_channel(self):
        """Return the message for a channel of another company's service.

        It names the ticket and leaves out its title, its customer and what was said.
        """
        company = self.company_id
        alarm = self.with_context(lang=company.partner_id.lang)
        zone = company._service_tz()
        deadline = self.deadline and format_datetime(
            alarm.env, self.deadline, tz=zone, dt_format="short"
        )
        lines = [
            f"{alarm.ticket_id.number} · {alarm.summary}",
            deadline and alarm.env._("Due %s", deadline),
            alarm.team_id.name and alarm.env._("Team %s", alarm.team_id.name),
            alarm._link(),
        ]
        return "\n".join(filter(None, lines))
