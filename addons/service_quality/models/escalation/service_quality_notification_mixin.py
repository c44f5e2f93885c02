from odoo import Command, models

from ...tools.core.automatic_mail import MARKS

SEEN_BY_NOBODY_ELSE = {
    # the assignee hears by the channel that the rule names, and by no other
    "mail_activity_quick_update": True,
    # who is told of a promise does not follow all that is said on the ticket
    "service_alarm": True,
}


class ServiceQualityTelling(models.AbstractModel):
    """What a step of an escalation rule did, and for whom: activities and mails.

    A model has ``company_id``, ``action``, ``outcome``, ``summary`` in the language of
    the reader, ``user_ids``, ``mail_id`` and ``activity_ids``. It says by ``_place()``
    on which record activities are planned, by ``_mail_subject()`` what a mail is
    called, and by ``_deadline_text(user)`` until when it was due, in the zone and
    language of a user, or nothing.
    """

    _name = "service.quality.notification.mixin"
    _description = "Telling People"

    _activity_field = None
    """The field by which an activity refers to the row."""

    _mail_template = None
    """The template of the mail, which reads the row as ``alarm``."""

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _act(self):
        """Do what new rows are for, each kind of action in one go."""
        live = self.filtered(lambda row: row.outcome == "done")
        for action, some in live.grouped("action").items():
            getattr(some, f"_do_{action}")()

    def _do_activity(self):
        """Give each person an activity."""
        self._plan_activities(
            [
                row._prepare_activity(user, row.with_context(lang=user.lang).summary)
                for row in self
                for user in row.user_ids
            ]
        )

    def _prepare_activity(self, user, summary):
        """Return the values of an activity about the row."""
        type_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "mail.mail_activity_data_warning"
        )
        place = self._place()
        return {
            "res_model_id": self.env["ir.model"]._get_id(place._name),
            "res_id": place.id,
            "activity_type_id": type_id,
            "summary": summary,
            "note": self._deadline_text(user),
            "date_deadline": user.partner_id._service_day(self.company_id[:1]),
            "user_id": user.id,
            "automated": True,
            self._activity_field: self.id,
        }

    def _plan_activities(self, values):
        self.env["mail.activity"].with_context(**SEEN_BY_NOBODY_ELSE).create(values)

    def _do_mail(self):
        """Write one mail for each row; it is sent at once and kept.

        It belongs to no thread: an answer to it must not reach the customer.
        """
        mails = self.env["mail.mail"].create([row._prepare_mail() for row in self])
        for row, mail in zip(self, mails, strict=True):
            row.mail_id = mail
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    def _prepare_mail(self):
        user = self.user_ids[0]
        alarm = self.with_context(lang=user.lang)
        sender = alarm.company_id.email_formatted or self.env.user.email_formatted
        body = self.env["ir.qweb"]._render(
            self._mail_template,
            {"alarm": alarm, "deadline": alarm._deadline_text(user)},
            lang=user.lang,
        )
        return {
            "subject": alarm._mail_subject(),
            "body_html": body,
            "email_from": sender,
            "reply_to": sender,
            "author_id": self.env.user.partner_id.id,
            "recipient_ids": [
                Command.link(partner.id) for partner in alarm.user_ids.partner_id
            ],
            "auto_delete": False,
            "headers": repr(MARKS),
        }

    # ------------------------------------------------------------------
    # Presentation
    # ------------------------------------------------------------------

    def _seen_by(self, user):
        """Return the records with the zone and language of a user."""
        zone = user.partner_id._service_tz(self.company_id[:1])
        return self.with_context(lang=user.lang, tz=zone)

    def _link(self):
        """Return an address that opens the place for whoever may see it."""
        place = self._place()
        query = f"model={place._name}&res_id={place.id}"
        return f"{self.get_base_url()}/mail/view?{query}"
