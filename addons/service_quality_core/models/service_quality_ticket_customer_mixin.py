from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools.mail import email_normalize, email_split_tuples

from ..tools.metrics import HANDLED_PHASES
from .prefetch import APART
from .roles import STAFF

OVER = HANDLED_PHASES | {"cancelled"}

GOING = ("running", "paused")
"""States of the clock of a promise that is still to be kept."""


class ServiceQualityTicketCustomerMixin(models.AbstractModel):
    """Holds what a customer writes on a ticket, and what the portal shows of it.

    A message that comes when the ticket is over is shown on the desk for some days.
    Later it opens a ticket of its own, which says what it follows. A complaint stays
    where it is, as not everyone may read it.
    """

    _name = "service.quality.ticket.customer.mixin"
    _description = "Tickets and Their Customers"

    service_customer_wrote_at = fields.Datetime(
        string="Customer Answered",
        compute="_compute_service_customer_wrote_at",
        store=True,
        readonly=True,
        copy=False,
        groups=STAFF,
        help="When the customer wrote after the end of the ticket, and nobody has "
        "answered since.",
    )
    service_follows_id = fields.Many2one(
        "helpdesk.ticket",
        string="Follows",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups=STAFF,
        help="The ticket that was over when the customer wrote again.",
        prefetch=APART,
    )

    _service_customer_wrote_idx = models.Index(
        "(service_customer_wrote_at) WHERE service_customer_wrote_at IS NOT NULL"
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("stage_id")
    def _compute_service_customer_wrote_at(self):
        """Forget what was written: who moves the ticket on has seen it."""
        self.service_customer_wrote_at = False

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("duplicate_id", "partner_id", "partner_email", "company_id")
    def _check_duplicate_id(self):
        """Refuse duplicates by which the promises to another customer would end.

        It holds for as long as the ticket is marked, whichever side is changed.
        """
        # the other ticket need not be one that the writer sees
        tickets = self.sudo().with_context(active_test=False)
        marked = tickets.filtered("duplicate_id") | tickets.duplicate_ids
        if not marked:
            return
        customers = (marked | marked.duplicate_id)._service_customers_kept()
        promised = marked._service_customers_promised()
        for ticket in marked:
            main = ticket.duplicate_id
            refusal = ticket._service_no_duplicate(main, customers)
            others = promised[ticket] - {customers[main]}
            if not refusal and others:
                refusal = ticket._service_promised_text(main)
            if refusal:
                raise ValidationError(refusal)

    def _service_no_duplicate(self, main, customers):
        """Return why this ticket is no duplicate of another, None where it is one.

        :param customers: dict of ticket to what says of which customer it is
        """
        _ = self.env._
        words = {"ticket": self.number, "main": main.number}
        if self.company_id != main.company_id:
            return _(
                "Ticket %(ticket)s is no duplicate of %(main)s: they are of two "
                "companies. Keep both in one company, or take back the mark.",
                **words,
            )
        if customers[self] != customers[main]:
            return _(
                "Ticket %(ticket)s is no duplicate of %(main)s: they are of two "
                "customers, and each was promised something. Correct the customer if "
                "one of them is wrong; otherwise take back the mark, and handle both.",
                **words,
            )
        if main.closed_date and main.closed_date < self.service_opened_at:
            return _(
                "Ticket %(ticket)s is no duplicate of %(main)s, which was over before "
                "it came in. Reopen that one first, or handle this one.",
                **words,
            )
        cyclic = self._has_cycle("duplicate_id")
        is_later = main.service_opened_at > self.service_opened_at
        if not cyclic and is_later and self._service_promises():
            return _(
                "Ticket %(ticket)s is no duplicate of %(main)s, which came in later: "
                "what was promised first is kept. Mark the later one as the duplicate "
                "of the earlier.",
                **words,
            )
        if cyclic:
            return _(
                "Ticket %(ticket)s is no duplicate of %(main)s, which is one of it: "
                "one of the two stays. Take back the other mark.",
                **words,
            )
        return None

    def _service_promised_text(self, main):
        return self.env._(
            "Ticket %(ticket)s is no duplicate of %(main)s: what runs on it was "
            "promised to another customer, for whom it came in. Handle it for that "
            "customer, or cancel it and say why.",
            ticket=self.number,
            main=main.number,
        )

    def _service_promises(self):
        """Return the clocks of what agreements promise and is not judged yet."""
        return self.service_clock_ids.filtered(
            lambda clock: clock.kind == "sla" and not clock.verdict
        )

    def _service_customers_promised(self):
        """Return to which customers what is not judged yet was promised.

        The ledger has the customers that a ticket had; a correction of the customer
        takes away no promise that was given before.

        :return: dict of ticket to set of ids of customers
        """
        rows = self.env["service.quality.event"].search(
            [
                ("ticket_id", "in", self.ids),
                ("kind", "in", ("opened", "reclassified")),
                ("voided_by_ids", "=", False),
            ]
        )
        had = {ticket: set() for ticket in self}
        for row in rows:
            had[row.ticket_id].add(row.value["customer"])
        known = {customer for some in had.values() for customer in some if customer}
        # one that was merged into another is gone
        known = set(self.env["res.partner"].browse(known).exists().ids)
        promised = {}
        for ticket in self:
            promises = ticket._service_promises()
            agreed = [one.partner_ids for one in promises.agreement_id]
            promised[ticket] = {
                customer
                for customer in had[ticket] & known
                if any(
                    not partners or customer in partners.commercial_partner_id.ids
                    for partners in agreed
                )
            }
        return promised

    def _service_customers_kept(self):
        """Return what says of each ticket of which customer it is.

        The ledger has the customer for whom the ticket came in: a contact who works
        elsewhere now takes no promise along.

        :return: dict of ticket to id of a customer, a mail address, or False
        """
        rows = self.env["service.quality.event"].search(
            [
                ("ticket_id", "in", self.ids),
                ("kind", "in", ("opened", "reclassified")),
                ("voided_by_ids", "=", False),
            ],
            order="at, seq, id",
        )
        last = {row.ticket_id: row.value for row in rows}
        known = {value["customer"] for value in last.values() if value["customer"]}
        # one that was merged into another is gone
        known = set(self.env["res.partner"].browse(known).exists().ids)
        found = {}
        for ticket in self:
            value = last.get(ticket) or {}
            customer = ticket.commercial_partner_id.id
            if value.get("contact") == ticket.partner_id.id:
                kept = value["customer"]
                customer = kept if kept in known else customer
            mail = email_normalize(ticket.partner_email or "")
            found[ticket] = customer or mail or False
        return found

    def _service_check_promises_kept(self, before, after):
        """Refuse another customer by whom a promise that runs would end, or ease.

        A slip is corrected freely as long as the ticket is promised no less. Else it
        is cancelled, which asks for a reason, and entered for the other customer.

        :param before: dict of ticket id to snapshot; ``after`` likewise
        """
        if self.env.user._is_superuser() or self._service_told().is_history:
            return
        moved = self.filtered(
            lambda ticket: (
                (before[ticket.id].customer, before[ticket.id].contact)
                != (after[ticket.id].customer, after[ticket.id].contact)
                and before[ticket.id].customer
                and after[ticket.id].effective_phase != "cancelled"
            )
        )
        if not moved:
            return
        # also promises that the user does not see
        clocks = self.env["service.quality.clock"].sudo()
        promises = clocks.search(
            [("ticket_id", "in", moved.ids), ("kind", "=", "sla")]
        ).grouped("ticket_id")
        now = self._service_moment(self._service_told().at)
        for ticket in moved:
            own = promises.get(ticket, clocks)
            going = own.filtered(lambda clock: clock.state in GOING)
            for gone in own.filtered(
                lambda clock: clock.state == "cancelled" and clock.stopped_at >= now
            ):
                if not any(gone._service_is_kept_by(clock) for clock in going):
                    raise ValidationError(ticket._service_promise_left_text(gone))

    def _service_promise_left_text(self, gone):
        return self.env._(
            "Ticket %(number)s: %(promise)s was promised to the customer for whom it "
            "came in, and would end or become later by this change. Keep that customer "
            "until it is handled. If the customer was wrong, cancel the ticket with a "
            "reason, and enter it for the right one with the time at which it came in.",
            number=self.number,
            promise=gone.display_name,
        )

    # ------------------------------------------------------------------
    # Messages
    # ------------------------------------------------------------------

    def _service_customer_heard(self):
        """Note that what customers wrote was answered, or needs no answer."""
        waiting = self.filtered("service_customer_wrote_at")
        if waiting:
            waiting._service_note_customer(False)

    def _service_note_customer(self, moment):
        self._write_as_step({"service_customer_wrote_at": moment})
        self.env["service.quality.ledger"]._announce(self.company_id.ids)

    def _service_customer_wrote(self, message):
        """Show a message of a customer on the desk if the ticket is over."""
        self.ensure_one()
        if self.stage_id._service_phase() not in OVER:
            return
        if self._service_is_over_for_good():
            self._service_go_on(message)
        else:
            self._service_note_customer(fields.Datetime.now())

    def _service_is_over_for_good(self):
        """Return True if what is written now is a matter of its own."""
        days = timedelta(days=self.company_id.service_reply_days)
        ended = self.closed_date or self.last_stage_update
        return (
            not self.service_is_complaint
            and bool(ended)
            and ended + days < fields.Datetime.now()
        )

    def _service_go_on(self, message):
        """Add a message to the open ticket that follows this one, or make one of it."""
        going_on = self.search(
            Domain("service_follows_id", "=", self.id)
            & Domain("service_phase", "not in", list(OVER)),
            order="id desc",
            limit=1,
        )
        if going_on:
            going_on.message_post(
                body=message.body,
                author_id=message.author_id.id,
                email_from=message.email_from,
                message_type="email",
                subtype_xmlid="mail.mt_comment",
                attachment_ids=message.attachment_ids.copy().ids,
            )
            return
        going_on = self.create(self._prepare_following(message))
        going_on._write_as_step({"service_follows_id": self.id})
        for attachment in message.attachment_ids:
            attachment.copy({"res_model": self._name, "res_id": going_on.id})
        going_on.message_subscribe(message.author_id.ids)
        own = self.with_context(lang=self.company_id._service_lang())
        self.message_post(
            body=own.env._(
                "What the customer wrote after the end of this ticket is ticket %s.",
                going_on.number,
            ),
            subtype_xmlid="mail.mt_note",
        )

    def _prepare_following(self, message):
        """Return the values of the ticket that a message opens."""
        author = message.author_id
        [(name, email)] = email_split_tuples(message.email_from or "")[:1] or [("", "")]
        return {
            "name": self.name,
            "description": message.body or self.name,
            "partner_id": author.id,
            "partner_name": author.name or name or email,
            "partner_email": author.email or email,
            "company_id": self.company_id.id,
            "team_id": self.team_id.id,
            "category_id": self.category_id.id,
            "type_id": self.type_id.id,
            "channel_id": self._service_channel_id("email"),
            "user_id": False,
        }

    # ------------------------------------------------------------------
    # Portal
    # ------------------------------------------------------------------

    def _portal_ensure_token(self):
        """Return the token to the mails of customers, and to nobody of the house.

        Who has it answers as the customer; colleagues see the page by their login.
        """
        if not self.env.su and self.env.user._is_internal():
            return ""
        return super()._portal_ensure_token()

    def _get_share_url(
        self, redirect=False, signup_partner=False, pid=None, share_token=True
    ):
        """Return the address of the page; to a colleague without the token."""
        if not self.env.su and self.env.user._is_internal():
            share_token = False
        return super()._get_share_url(redirect, signup_partner, pid, share_token)

    def _sign_token(self, pid):
        """Return what says that a customer has the link; it goes into mails alone."""
        # a colleague who writes to the customer does not read the token
        return super(ServiceQualityTicketCustomerMixin, self.sudo())._sign_token(pid)

    def _service_portal_targets(self, metrics=None):
        """Return what the ticket's page in the portal shows of its service targets.

        Only what was agreed with the customer: no names, no agreements with others,
        no rules of the house, no early warning. Rounds of the same target that are
        over are summed up beside the present one.

        :param metrics: only these, all when left out
        :return: list of dicts ``{"metric", "promise", "deadline", "stopped_at",
            "status", "status_text", "met", "missed"}``
        """
        self.ensure_one()
        # the visitor may see the ticket; clocks are for staff
        clocks = self.sudo().service_clock_ids.filtered(
            lambda clock: (
                clock.kind == "sla"
                and clock.burning != "cancelled"
                and (not metrics or clock.metric in metrics)
            )
        )
        rounds = clocks.sorted(lambda clock: (clock.cycle, clock.round)).grouped(
            lambda clock: clock.target_id
        )
        return [
            self._service_portal_values(found[-1], found[:-1])
            for found in sorted(rounds.values(), key=lambda found: found[0].id)
        ]

    def _service_portal_attachments(self):
        """Return the files that the ticket's page shows, as superuser.

        What hangs on notes of the house alone is not for customers, as the notes are.
        """
        files = self.sudo().attachment_ids  # of a ticket that the visitor may see
        messages = files.env["mail.message"].search(
            [("attachment_ids", "in", files.ids)]
        )
        told = messages.filtered_domain(messages._get_search_domain_share())
        return files - ((messages - told).attachment_ids - told.attachment_ids)

    def _service_portal_values(self, clock, earlier):
        """Return what is shown of a clock and of the rounds before it."""
        labels = dict(clock._fields["burning"]._description_selection(self.env))
        # an early warning is for the desk
        told = ("late", "paused", "met", "missed")
        status = clock.burning if clock.burning in told else "running"
        verdicts = earlier.mapped("verdict")
        return {
            "metric": clock.target_id._label("metric"),
            "promise": clock.target_id._promise(),
            "deadline": clock.deadline,
            "stopped_at": clock.stopped_at,
            "status": status,
            "status_text": labels[status],
            "met": verdicts.count("met"),
            "missed": verdicts.count("missed"),
        }
