from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from .arguments import Arguments
from .roles import INTEGRATION, is_person

YEARS_AHEAD = 5
"""How far ahead a deadline may be set by hand; calendars are known as far."""


class ServiceQualityTicketDeadlineMixin(models.AbstractModel):
    """Checks deadlines that are set by hand, and that the customer agrees to each."""

    _name = "service.quality.ticket.deadline.mixin"
    _description = "Deadlines Set by Hand"

    @api.model
    def _service_check_deadline_moment(self, moment, now):
        if moment <= now:
            raise ValidationError(
                self.env._("The deadline has to be later than now. Enter a later one.")
            )
        if moment > now + relativedelta(years=YEARS_AHEAD):
            raise ValidationError(
                self.env._(
                    "The deadline is more than %s years ahead. Enter an earlier one.",
                    YEARS_AHEAD,
                )
            )

    def _service_deadline_wanted(self, metric, deadline, reason):
        """Check what a deadline is to be set to, as :meth:`service_set_deadline` says.

        :return: tuple of what the rows say of it, the reason, and now
        """
        now = fields.Datetime.now()
        given = Arguments(self.env)
        moment = given.moment("deadline", deadline)
        rules = self.env["service.quality.target"]._metric_rules()
        given.choice("metric", metric, [(key, key) for key in rules])
        reason = given.reason("reason", reason)
        if not reason:
            raise ValidationError(
                self.env._("Give the reason why the deadline is set by hand.")
            )
        if moment:
            self._service_check_deadline_moment(moment, now)
        for ticket in self:
            ticket._service_check_deadline_settable(metric)
        wanted = moment and fields.Datetime.to_string(moment)
        return {"metric": metric, "deadline": wanted}, reason, now

    def _service_consents(self, message_id, attachment_ids):
        """Return what the ledger's rows say of how the customer has agreed.

        :return: dict of ticket to dict
        :raise ValidationError: for a ticket without a message of the customer or a
            file of its own
        """
        message = self._service_consenting_message(message_id)
        files = self._service_consenting_files(attachment_ids)
        found = {}
        for ticket in self:
            own = files.filtered(lambda file, ticket=ticket: file.res_id == ticket.id)
            consent = found[ticket] = {}
            if message.res_id == ticket.id:
                consent["message"] = message.id
            if own:
                consent["files"] = [[file.id, file.checksum] for file in own]
            if not consent:
                raise ValidationError(
                    self.env._(
                        "A deadline is set by hand where the customer agrees. Attach "
                        "the agreement to ticket %s: a message of the customer, or a "
                        "file.",
                        ticket.number,
                    )
                )
        return found

    def _service_consenting_message(self, message_id):
        """Return what the customer wrote on one of the tickets, if it is given."""
        if not message_id:
            return self.env["mail.message"]
        given = Arguments(self.env)
        message = given.record("message_id", message_id, "mail.message")
        if (
            message.model != self._name
            or message.res_id not in self.ids
            or message.message_type not in ("email", "comment", "sms")
            or not message.author_id.partner_share
            or not message._service_came_from_outside()
        ):
            raise ValidationError(
                self.env._("Choose a message that the customer wrote on the ticket.")
            )
        return message

    def _service_consenting_files(self, attachment_ids):
        """Return the given files that are attached to one of the tickets."""
        given, files = Arguments(self.env), self.env["ir.attachment"]
        for one in attachment_ids or ():
            files |= given.record("attachment_ids", one, "ir.attachment")
        # of a call about several tickets, a repeat is about some of them
        attached = files.filtered(
            lambda file: file.res_model == self._name and file.res_id in self.ids
        )
        if files and not attached:
            raise ValidationError(
                self.env._("Choose files that are attached to the ticket.")
            )
        attached._service_check_evidence()
        self._service_check_seen(attached)
        self._service_check_own_consent(attached)
        return attached

    @api.model
    def _service_check_seen(self, files):
        """Refuse files that only the user has seen, who sets the deadline.

        A program attaches what it was given.
        """
        user = self.env.user
        if not is_person(user) or user.has_group(INTEGRATION):
            return
        # who made a file, whoever reads it
        own = files.filtered(lambda file: file.sudo().create_uid == user)
        if own:
            raise ValidationError(
                self.env._(
                    "You have attached %s yourself. That the customer agrees is seen "
                    "by two: have a colleague attach it, or set the deadline, or "
                    "choose a message that the customer wrote.",
                    own[0].name,
                )
            )

    def _service_check_own_consent(self, files):
        """Refuse a file with which another ticket's deadline was set, or is to be.

        What counts is the content: a file that is attached once more is the same.
        """
        checksums = files.mapped("checksum")
        others = self.env["ir.attachment"].sudo()  # also at tickets that are not seen
        others = others.search(
            Domain("res_model", "=", self._name)
            & Domain("checksum", "in", checksums)
            & Domain("res_id", "not in", self.ids)
        )
        repeated = len(set(zip(checksums, files.mapped("res_id"), strict=True))) > len(
            set(checksums)
        )
        if repeated or others._service_consents():
            raise ValidationError(
                self.env._(
                    "With this file the deadline of another ticket is set. What the "
                    "customer has agreed to holds for one ticket: attach what is about "
                    "this one."
                )
            )

    def _service_check_deadline_settable(self, metric):
        clocks = self.service_clock_ids.filtered(
            lambda clock: (
                clock.metric == metric
                and clock.kind in ("sla", "house")
                and clock.state in ("running", "paused")
            )
        )
        if not clocks:
            raise ValidationError(
                self.env._(
                    "Ticket %s has no open target of this metric whose deadline could "
                    "be set.",
                    self.number,
                )
            )
        if "late" in clocks.mapped("burning"):
            raise UserError(
                self.env._(
                    "The target of ticket %s is missed already; a new deadline does "
                    "not undo that.",
                    self.number,
                )
            )
