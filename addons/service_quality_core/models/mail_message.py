import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import html2plaintext

from ..tools.form_text import clean_characters
from .base import OURS, OWN

STRANGE = ("body", "subject", "email_from")
"""What a customer writes by mail or in the portal."""

RECEIVED = ("email", "sms")
"""Types of messages that a gateway brings in; nobody writes them."""

SAID_BY = {"author_id", "author_guest_id", "email_from", "message_type", "date"}
"""What says whose word a message is, and of when."""

COUNTED_TYPES = {"comment", "email", "email_outgoing"}

SLIP = timedelta(minutes=5)
"""How long the author of a comment may change or delete it."""

ASIDE = {"starred_partner_ids", "pinned_at", "partner_ids"}
"""What may be written on any message: it is not what was said."""


class MailMessage(models.Model):
    _name = "mail.message"
    _inherit = ["mail.message", "service.quality.hidden.mixin"]

    _service_model_field = "model"

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create([_cleaned(vals) for vals in vals_list])
        messages._service_check_author()
        messages._service_log_answers()
        messages._service_tell_of_customers()
        return messages

    def write(self, vals):
        """Refuse to rewrite what was said on a record of ours, or what was tracked."""
        if not self.env.su and vals.keys() - ASIDE:
            self._service_check_free()
        result = super().write(vals)
        if vals.keys() & (SAID_BY | {"model", "res_id"}):
            self._service_check_author()
        return result

    def _check_access(self, operation):
        """Refuse to delete what was said on a record of ours, or what was tracked."""
        result = super()._check_access(operation)
        if self.env.su or operation != "unlink":
            return result
        forbidden, error = result or (self.browse(), None)
        kept = (self - forbidden)._service_kept()
        if not kept:
            return result
        return forbidden | kept, error or kept._service_kept_error

    # ------------------------------------------------------------------
    # What is kept
    # ------------------------------------------------------------------

    def _service_kept(self):
        """Return the messages that stay as they are.

        On a record of ours these are all but what the user commented a moment ago.
        What was tracked, what came by mail and what colleagues wrote may be the only
        trace of what was done; an answer has reached the customer.
        """
        # also of records that the user may not read
        everyones = self.sudo()
        kept = everyones.filtered(
            lambda message: (
                message._service_is_of_ours() and not message._service_is_slip()
            )
        )
        return kept.sudo(self.env.su)

    def _service_is_of_ours(self):
        """Return True if the message stands on a ticket or a record of ours."""
        self.ensure_one()
        model = self.model or ""
        return bool(self.res_id) and (
            model.startswith(OURS)
            or (model in self.env and self.env[model]._service_ours)
        )

    def _service_is_slip(self):
        """Return True if the user commented this a moment ago, and for colleagues."""
        self.ensure_one()
        user = self.env.user
        return (
            self.message_type == "comment"
            and self.create_uid == user
            and self.author_id == user.partner_id
            and self.env.cr.now() - self.create_date <= SLIP
            and not self._service_is_answer()
        )

    def _service_check_free(self):
        """Refuse to change messages that stay as they are.

        :raise AccessError: it says what to do instead
        """
        kept = self.sudo(False)._service_kept()
        if kept:
            raise kept._service_kept_error()

    def _service_kept_error(self):
        return AccessError(
            self.env._(
                "What was said or done here stays on record. Write a further note "
                "instead. Only a note of your own can be changed or deleted, within "
                "%s minutes.",
                SLIP.seconds // 60,
            )
        )

    # ------------------------------------------------------------------
    # Whose word it is
    # ------------------------------------------------------------------

    def _service_check_author(self):
        """Refuse what somebody writes on a record of ours as another, or as of then.

        The gateway and the pages that visitors open by a link write for others; they
        have all rights or no user.

        :raise AccessError: if it is not the user's own word
        """
        if self.env.su or self.env.user._is_public():
            return
        now = fields.Datetime.now()
        for message in self.sudo():  # also messages that the user may not read
            if message._service_is_of_ours() and not (
                message._service_is_word_of(self.env.user)
                and abs(message.date - now) <= SLIP
            ):
                raise AccessError(
                    self.env._(
                        "You can write here in your own name only, and now. What a "
                        "customer says comes by mail or from the portal; what you "
                        "were told goes into a note."
                    )
                )

    def _service_is_word_of(self, user):
        """Return True if a message does not say that anybody but a user wrote it.

        The house and its bot may be named: mails that follow a change are theirs.
        """
        self.ensure_one()
        if self.message_type in RECEIVED or self.author_guest_id:
            return False
        if not self.author_id:
            return self.message_type == "auto_comment"
        root = self.env["ir.model.data"]._xmlid_to_res_id("base.partner_root")
        return (
            self.author_id == user.partner_id
            or self.author_id.id == root
            or bool(
                self.env["res.company"].search_count(
                    [("partner_id", "=", self.author_id.id)], limit=1
                )
            )
        )

    def _service_came_from_outside(self):
        """Return True if customers, visitors or the gateway wrote it, and no colleague.

        The author alone does not tell: it can be given.
        """
        self.ensure_one()
        creator = self.sudo().create_uid  # who made it, whoever reads it
        root = self.env["ir.model.data"]._xmlid_to_res_id("base.user_root")
        return creator.share or creator.id == root

    # ------------------------------------------------------------------
    # What customers and agents say
    # ------------------------------------------------------------------

    def _service_log_answers(self):
        """Write to the ledger which messages answered a customer."""
        answers = self.filtered(lambda message: message._service_is_answer())
        if not answers:
            return
        # who may post may not always write, and the ledger is for everybody
        answers = answers.sudo()
        tickets = answers.env["helpdesk.ticket"].browse(answers.mapped("res_id"))
        existing = {ticket.id: ticket for ticket in tickets.exists()}
        tickets.browse(existing)._service_customer_heard()
        answers.env["service.quality.ledger"]._append(
            [
                existing[message.res_id]._service_row(
                    "responded", {}, message._service_at()
                )
                | {"user_id": message._service_agent().id}
                for message in answers
                if message.res_id in existing
                and message._service_is_for(existing[message.res_id])
            ]
        )

    def _service_tell_of_customers(self):
        """Have what customers write to tickets that are over be seen."""
        said = self.filtered(lambda message: message._service_is_of_customer())
        if not said:
            return
        # a customer, or the mail gateway, writes nothing on a ticket
        said = said.sudo()
        tickets = said.env["helpdesk.ticket"].browse(said.mapped("res_id")).exists()
        for message in said:  # they come one by one
            ticket = tickets.filtered(lambda found, of=message: found.id == of.res_id)
            if ticket:
                ticket._service_customer_wrote(message)

    def _service_is_of_customer(self):
        """Return True if a person who is no agent says something on a ticket."""
        self.ensure_one()
        message = self.sudo()  # a portal user may not read all of what they post
        if message.model != "helpdesk.ticket" or self.env.context.get(
            "service_automatic"
        ):
            return False
        spoken = message.message_type in ("comment", "email") and message.res_id
        root = self.env["ir.model.data"]._xmlid_to_res_id("base.partner_root")
        return bool(
            spoken
            and not message.subtype_id.internal
            and message.author_id.id != root
            and message._service_came_from_outside()
            and not message._service_agent()
        )

    def _service_at(self):
        """Return when it was said; never before the ticket was opened."""
        self.ensure_one()
        ticket = self.env["helpdesk.ticket"].browse(self.res_id)
        now = ticket._service_moment(None)
        return max(now, ticket.service_opened_at or now)

    def _service_is_answer(self):
        """Return True if an agent speaks to the customer here.

        The author counts, not who runs the code: an agent who answers by mail is
        the author of a message that the gateway creates. Notes, automatic comments,
        notifications, bots and mails that answer by themselves never count, nor
        does what has neither a word nor a file; a telephone call that was planned as
        an activity and is done does.
        """
        self.ensure_one()
        message = self.sudo()  # a portal user may not read all of what they post
        if message.model != "helpdesk.ticket" or self.env.context.get(
            "service_automatic"
        ):
            return False
        # what is in memory anyway first: most messages are notes of tracked changes
        subtype = message.subtype_id
        spoken = message.mail_activity_type_id.category == "phonecall" or (
            message.message_type in COUNTED_TYPES and subtype and not subtype.internal
        )
        return bool(
            spoken
            and message.res_id
            and message._service_says_something()
            and message._service_agent()
        )

    def _service_says_something(self):
        """Return True if a message has a letter, a digit or a file."""
        self.ensure_one()
        return bool(
            self.attachment_ids or re.search(r"\w", html2plaintext(self.body or ""))
        )

    def _service_is_for(self, ticket):
        """Return True if the author is a colleague who handles the ticket.

        A colleague may be its customer, or the person that a complaint is about, and
        can still reply to the mails from before.
        """
        # the ledger has to know it of every author
        return self.sudo().author_id != ticket.partner_id and (
            not any(ticket._service_about())
            or self._service_agent() not in ticket._service_hidden_from()
        )

    def _service_agent(self):
        """Return the internal user who is the author, none for bots and customers."""
        # a portal user's page reads messages of authors that they may not read
        users = self.sudo().author_id.with_context(active_test=False).user_ids
        id_of = self.env["ir.model.data"]._xmlid_to_res_id
        bots = {id_of("base.user_root"), id_of("base.public_user")}
        return users.filtered(lambda user: user.id not in bots and not user.share)[:1]


def _cleaned(vals):
    """Return values without unseen characters, on a ticket or a record of ours."""
    model = vals.get("model") or ""
    if model != "helpdesk.ticket" and not model.startswith(OWN):
        return vals
    return vals | {
        name: type(vals[name])(clean_characters(vals[name]))
        for name in STRANGE
        if isinstance(vals.get(name), str)
    }
