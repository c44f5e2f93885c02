from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import formataddr

from odoo.addons.service_quality_core.tools.automatic_mail import MARKS

BATCH = 500
"""People written to between two commits."""

RETRY_AFTER = timedelta(minutes=15)
"""So long a mail server that is down is left alone."""

TEMPLATES = {
    "invitation": "service_quality_survey.mail_template_survey_invitation",
    "reminder": "service_quality_survey.mail_template_survey_reminder",
}

WRITTEN = ("subject", "body_html", "email_from", "reply_to")
"""What a template says of a mail; to whom it goes is not its choice."""

MESSAGE_STATES = [
    ("queued", "Waiting to be sent"),
    ("sent", "Sent"),
    ("failed", "Not sent"),
    ("bounced", "Not delivered"),
    ("handed", "Given by hand"),
    ("withdrawn", "Withdrawn"),
]

STUCK = ("queued", "failed", "bounced")
"""Who has such a message is not written to by rule: a person looks first."""


class ServiceQualitySurveyMessage(models.Model):
    """Is an invitation or a reminder: by which way it went, and whether it arrived.

    There is one for each person, round and way, and the database sees to it: a job that
    is broken off and run again neither forgets anybody nor writes twice. The secret
    link is only in the mail or the text message, which are deleted once they have left.
    """

    _name = "service.quality.survey.message"
    _description = "Message of a Survey"
    _inherit = ["service.quality.steps.mixin"]
    _order = "id desc"
    _rec_name = "contact_id"
    _check_company_auto = True

    contact_id = fields.Many2one(
        "service.quality.survey.contact",
        string="To",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    survey_id = fields.Many2one(related="contact_id.survey_id", store=True, index=True)
    company_id = fields.Many2one(related="contact_id.company_id", store=True)
    kind = fields.Selection(
        [("invitation", "Invitation"), ("reminder", "Reminder")],
        required=True,
        readonly=True,
    )
    round = fields.Integer(readonly=True, help="0 is the invitation.")
    channel = fields.Selection(
        [
            ("mail", "Mail"),
            ("sms", "SMS"),
            ("link", "Copied link"),
            ("handed", "Handed over"),
        ],
        string="By",
        required=True,
        readonly=True,
    )
    address = fields.Char(readonly=True)
    state = fields.Selection(
        MESSAGE_STATES, required=True, readonly=True, default="queued", index=True
    )
    failure = fields.Char(string="Why Not", readonly=True)
    sent_at = fields.Datetime(string="Sent On", readonly=True)
    retry_at = fields.Datetime(
        string="Tried Again On",
        readonly=True,
        help="The mail server was down. Nothing is lost, and nothing is sent twice.",
    )
    user_id = fields.Many2one(
        "res.users", string="Given By", readonly=True, ondelete="restrict"
    )
    mail_id = fields.Many2one(
        "mail.mail",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_system",
    )
    mail_reference = fields.Char(
        readonly=True,
        index="btree_not_null",
        groups="base.group_system",
        help="The Message-Id, by which a mail that comes back is known.",
    )
    sms_uuid = fields.Char(
        readonly=True, index="btree_not_null", groups="base.group_system"
    )

    _once_uniq = models.UniqueIndex(
        "(contact_id, kind, round, channel) WHERE state != 'withdrawn'",
        "This person has this message already.",
    )

    # ------------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------------

    @api.model
    def _send_to(self, contacts, kind):
        """Write to people, one message each; the queues of Odoo send them.

        Who was archived meanwhile gets nothing, and is shown.

        :param contacts: people in superuser mode, whom their survey may write to
        :param kind: ``invitation`` or ``reminder``
        :return: the messages
        """
        self.env["res.partner"].browse(contacts.partner_id.ids).fetch(["active"])
        values = []
        for contact in contacts:
            channel, address = contact._way()
            values.append(
                {
                    "contact_id": contact.id,
                    "kind": kind,
                    "round": contact.reminder_count + 1 if kind == "reminder" else 0,
                    "channel": channel,
                    "address": address,
                }
            )
        messages = self._create_as_step(values)
        gone = messages.filtered(lambda one: not one.contact_id.partner_id.active)
        gone._note_bounced(lambda own: own.env._("The contact was archived."))
        (messages - gone)._deliver()
        return messages

    def _deliver(self):
        """Give what waits to the queues of mails and of text messages."""
        by_channel = self.grouped("channel")
        by_channel.get("mail", self.browse())._make_mails()
        by_channel.get("sms", self.browse())._make_texts()

    def _make_mails(self):
        """Write the mails in the language of who gets them."""
        Mail = self.env["mail.mail"].with_user(SUPERUSER_ID)  # the author reads a mail
        for kind, messages in self.grouped("kind").items():
            contacts = messages.contact_id
            template = self.env.ref(TEMPLATES[kind]).with_user(SUPERUSER_ID)
            links = {contact.id: contact._answer_url() for contact in contacts}
            told = template.with_context(survey_links=links)._generate_template(
                contacts.ids, WRITTEN
            )  # batched: once for each kind
            mails = Mail.create(  # batched: likewise
                [one._prepare_mail(told[one.contact_id.id]) for one in messages]
            )
            for message, mail in zip(messages, mails, strict=True):
                # batched: written to the database in one go
                message._write_as_step({"mail_id": mail.id})
        if self:
            self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    def _prepare_mail(self, told):
        company = self.company_id
        return {
            "subject": told["subject"],
            "body": told["body_html"],
            "body_html": told["body_html"],
            "email_from": told["email_from"] or company.email_formatted,
            "reply_to": told["reply_to"] or told["email_from"],
            "email_to": formataddr((self.contact_id.name or "", self.address)),
            "record_company_id": company.id,
            "record_alias_domain_id": company.alias_domain_id.id,
            "auto_delete": True,
            "headers": repr(MARKS),
        }

    def _make_texts(self):
        texts = (
            self.env["sms.sms"]
            .with_user(SUPERUSER_ID)
            .create(
                [
                    {
                        "number": message.address,
                        "partner_id": message.contact_id.partner_id.id,
                        "body": message.contact_id._text_message(),
                    }
                    for message in self
                ]
            )
        )
        self.env["sms.tracker"].sudo().create(  # by it we are told what became of it
            [
                {"sms_uuid": text.uuid, "service_message_id": message.id}
                for message, text in zip(self, texts, strict=True)
            ]
        )
        for message, text in zip(self, texts, strict=True):
            # batched: written to the database in one go
            message._write_as_step({"sms_uuid": text.uuid})

    # ------------------------------------------------------------------
    # What became of it
    # ------------------------------------------------------------------

    def _note_sent(self):
        """Enter that messages have left: their people were asked."""
        left = self.filtered(lambda one: one.state in ("queued", "failed"))
        now = fields.Datetime.now()
        left._write_as_step(
            {"state": "sent", "sent_at": now, "failure": False, "retry_at": False}
        )
        for (kind, number), some in left.grouped(
            lambda one: (one.kind, one.round)
        ).items():
            some.contact_id._note_written(kind, number, now)

    def _note_waiting(self, reason):
        """Enter that a server took nothing, and that it is tried again."""
        waiting = self.filtered(lambda one: one.state == "queued")
        retry_at = fields.Datetime.now() + RETRY_AFTER
        waiting._write_as_step({"failure": reason, "retry_at": retry_at})
        if waiting:
            self._cron()._trigger(retry_at)

    def _note_failed(self, say):
        """Enter that nobody knows whether messages have left, or that none could.

        They are not sent again by themselves: a person decides.

        :param say: function that returns why, given a message in the right language
        """
        self._end("failed", say)

    def _note_bounced(self, say):
        """Enter that there is no such address: its people were not reached."""
        self._end("bounced", say)
        self.contact_id._note_bounced()

    def _note_withdrawn(self, say):
        """Enter that messages are not needed any more, and delete what waits."""
        self.mail_id.unlink()
        self._texts().unlink()
        self._end("withdrawn", say)

    def _end(self, state, say):
        for company, some in self.grouped("company_id").items():
            own = self.with_context(lang=company._service_lang())
            # batched: once for each company
            some._write_as_step(
                {"state": state, "failure": say(own), "retry_at": False}
            )

    def _texts(self):
        """Return the text messages that are there still."""
        uuids = list(filter(None, self.mapped("sms_uuid")))
        # text messages are an administrator's
        return self.env["sms.sms"].sudo().search([("uuid", "in", uuids)])

    def _lapsed(self):
        """Return those of which the person is not to be written to any more."""
        return self.filtered(
            lambda one: (
                one.state == "queued" and not one.contact_id._is_awaited(one.kind)
            )
        )

    def _withdraw_lapsed(self):
        """Withdraw, as late as can be, what has been answered in the meantime.

        :return: the messages that stay
        """
        lapsed = self._lapsed()
        lapsed._note_withdrawn(
            lambda own: own.env._("Not needed any more: nothing was sent.")
        )
        return self - lapsed

    # ------------------------------------------------------------------
    # Stopped and gone on with
    # ------------------------------------------------------------------

    def _hold(self):
        """Keep what waits from being sent, as long as sending is stopped."""
        waiting = self.filtered(lambda one: one.state == "queued")
        waiting.mail_id.cancel()
        waiting._texts().action_set_canceled()

    def _release(self):
        """Have what was held sent."""
        held = self.filtered(lambda one: one.state == "queued")
        held.mail_id.filtered(lambda one: one.state != "sent").mark_outgoing()
        held._texts().filtered(lambda one: one.state == "canceled").write(
            {"state": "outgoing", "failure_type": False}
        )
        held._write_as_step({"retry_at": False, "failure": False})
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()
        texts = self.env.ref("sms.ir_cron_sms_scheduler_action", False)
        if texts:  # whoever deleted the job sends no SMS at all
            texts._trigger()

    def _send_again(self):
        """Send what failed or came back once more, to the address that is kept now."""
        self.mail_id.unlink()
        self._texts().unlink()
        self.contact_id._note_expected()
        for message in self:
            channel, address = message.contact_id._way()
            # batched: written to the database in one go
            message._write_as_step(
                {
                    "state": "queued",
                    "channel": channel or message.channel,
                    "address": address or message.address,
                    "failure": False,
                    "retry_at": False,
                    "sent_at": False,
                    "mail_reference": False,
                    "sms_uuid": False,
                }
            )
        self._deliver()

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.model
    def _cron(self):
        # jobs are an administrator's
        return self.env.ref("service_quality_survey.ir_cron_send_surveys").sudo()

    @api.model
    def _cron_send(self):
        """Invite and remind in batches, with a commit after each."""
        progress = self.env["ir.cron"]._commit_progress
        self._retry()
        self._find_lost()
        going_on = True
        while going_on:
            done, remaining = self._send_batch()
            going_on = progress(done, remaining=remaining) and remaining

    @api.model
    def _send_batch(self, limit=BATCH):
        """Write to the next people who are to be invited or reminded.

        :return: how many were written to, and how many remain
        """
        Contact = self.env["service.quality.survey.contact"]
        for kind, domain in (
            ("invitation", Contact._to_invite_domain()),
            ("reminder", Contact._to_remind_domain()),
        ):
            found = Contact.search(  # batched: of each of two kinds
                domain, order="survey_id, id", limit=limit
            ).try_lock_for_update()
            if found:
                self._send_to(found, kind)
                remaining = Contact.search_count(domain)
                # reminders may be due when the last is invited
                return len(found), remaining or int(kind == "invitation")
        return 0, 0

    @api.model
    def _retry(self):
        """Give mails back to the queue whose server was down."""
        waiting = self.search(
            [
                ("state", "=", "queued"),
                ("retry_at", "<=", fields.Datetime.now()),
                ("survey_id.sending_stopped_at", "=", False),
            ]
        )
        waiting = waiting._withdraw_lapsed()
        down = waiting.filtered(lambda one: one.mail_id.state == "exception")
        if down:
            down.mail_id.mark_outgoing()
            down._write_as_step({"retry_at": False})
            self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    @api.model
    def _find_lost(self):
        """Note what was taken from the queue, or broken off while it was sent.

        Whether that has left nobody knows: it is not sent again by itself.
        """
        waiting = Domain("state", "=", "queued") & Domain("channel", "=", "mail")
        lost = self.search(
            waiting
            & Domain("retry_at", "=", False)
            & Domain("survey_id.sending_stopped_at", "=", False)
            & (
                Domain("mail_id", "=", False)
                | Domain("mail_id.state", "in", ("exception", "cancel"))
            )
        )
        lost._note_failed(
            lambda own: own.env._(
                "Sending was broken off. Whether it has left is not known."
            )
        )
