from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from .recipients import members

HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
"""So that an absent colleague's mailbox does not answer."""

SEEN_BY_NOBODY_ELSE = {
    # the assignee hears by the channel that the rule names, and by no other
    "mail_activity_quick_update": True,
    # who is told of a promise does not follow all that is said on the ticket
    "service_alarm": True,
}


class ServiceQualityEscalationAlarm(models.Model):
    """What alarms do, each kind in sets and in the transaction that raises them."""

    _inherit = "service.quality.escalation.alarm"

    # ------------------------------------------------------------------
    # Telling
    # ------------------------------------------------------------------

    def _do_activity(self):
        """Give each person an activity on the ticket."""
        self._plan_activities(
            [
                alarm._prepare_activity(
                    user, alarm.with_context(lang=user.lang).summary
                )
                for alarm in self
                for user in alarm.user_ids
            ]
        )

    def _tell_managers(self, summary):
        """Have service managers look after an alarm that did not get through."""
        managers = members(self.env, "service_manager", self.company_id.id)
        self._plan_activities(
            [self._prepare_activity(user, summary) for user in managers]
        )

    def _prepare_activity(self, user, summary):
        """Return the values of an activity about the alarm."""
        type_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "mail.mail_activity_data_warning"
        )
        return {
            "res_model_id": self.env["ir.model"]._get_id("helpdesk.ticket"),
            "res_id": self.ticket_id.id,
            "activity_type_id": type_id,
            "summary": summary,
            "note": self._deadline_text(user),
            "date_deadline": fields.Date.context_today(self._seen_by(user)),
            "user_id": user.id,
            "automated": True,
            "service_alarm_id": self.id,
        }

    def _plan_activities(self, values):
        self.env["mail.activity"].with_context(**SEEN_BY_NOBODY_ELSE).create(values)

    def _do_mail(self):
        """Write one mail for each alarm; it is sent at once and kept.

        It belongs to no thread: an answer to it must not reach the customer.
        """
        mails = self.env["mail.mail"].create([alarm._prepare_mail() for alarm in self])
        for alarm, mail in zip(self, mails, strict=True):
            alarm.mail_id = mail
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    def _prepare_mail(self):
        user = self.user_ids[0]
        alarm = self.with_context(lang=user.lang)
        sender = alarm.company_id.email_formatted or self.env.user.email_formatted
        body = self.env["ir.qweb"]._render(
            "service_quality.alarm_mail",
            {"alarm": alarm, "deadline": alarm._deadline_text(user)},
            lang=user.lang,
        )
        return {
            "subject": f"[{alarm.ticket_id.number}] {alarm.summary}",
            "body_html": body,
            "email_from": sender,
            "reply_to": sender,
            "author_id": self.env.user.partner_id.id,
            "recipient_ids": [
                Command.link(partner.id) for partner in alarm.user_ids.partner_id
            ],
            "auto_delete": False,
            "headers": repr(HEADERS),
        }

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

    def _seen_by(self, user):
        """Return the records with the zone and language of a user."""
        zone = user.tz or self.company_id[:1].partner_id.tz or "UTC"
        return self.with_context(lang=user.lang, tz=zone)

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
        zone = company.partner_id.tz or "UTC"
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

    def _link(self):
        """Return an address that opens the ticket for whoever may see it."""
        query = f"model=helpdesk.ticket&res_id={self.ticket_id.id}"
        return f"{self.get_base_url()}/mail/view?{query}"
