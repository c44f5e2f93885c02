from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.service_quality_core.tools.metrics import (
    HANDLED_PHASES,
    OPEN_PHASES,
    WORK_KINDS,
    WORKED_PHASES,
)

from .service_quality_callback_written_answer import LINK_DAYS

STAFF = "base.group_user"


class HelpdeskTicket(models.Model):
    """A handled ticket opens its follow-up call; some are closed only after it."""

    _inherit = "helpdesk.ticket"

    service_callback_ids = fields.One2many(
        "service.quality.callback", "ticket_id", string="Follow-up Calls", groups=STAFF
    )

    service_callback_count = fields.Integer(
        compute="_compute_service_counts", groups=STAFF
    )
    service_first_channel_id = fields.Many2one(
        "helpdesk.ticket.channel",
        string="Opened By Channel",
        compute="_compute_service_first_channel_id",
        store=True,
        precompute=True,
        copy=False,
        groups=STAFF,
        ondelete="set null",
        help="It stays, so that nobody is spared a call by another channel later.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends()  # on nothing: it is what the ticket was created with
    def _compute_service_first_channel_id(self):
        for ticket in self:
            ticket.service_first_channel_id = ticket.channel_id

    @api.model
    def _service_counted(self):
        counted = {"service_callback_count": "service_callback_ids"}
        return super()._service_counted() | counted

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_service_callbacks(self):
        """Open the follow-up calls of the ticket, a single one at once."""
        self.ensure_one()
        if self.service_callback_count == 1:
            return self.service_callback_ids.get_formview_action()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_callback.service_quality_callback_action"
        )
        return action | {"domain": [("ticket_id", "=", self.id)], "context": {}}

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _service_check_changes(self, before):
        """Close no ticket before its follow-up call, where that is asked for.

        A team may ask for it, and so may addons.
        """
        result = super()._service_check_changes(before)
        for ticket in self:
            old = before.get(ticket.id)
            if ticket.stage_id._service_phase() != "closed":
                continue
            if old and old.phase == "closed" or not ticket._service_closes_after_call():
                continue
            if not old or old.phase not in HANDLED_PHASES:
                raise ValidationError(
                    self.env._(
                        "Ticket %s is closed only after its follow-up call. Resolve it "
                        "first.",
                        ticket.number,
                    )
                )
            if "open" in ticket.service_callback_ids.mapped("state"):
                raise ValidationError(
                    self.env._(
                        "Ticket %s is closed only after its follow-up call, which has "
                        "not ended yet.",
                        ticket.number,
                    )
                )
        return result

    def _service_to_call_back(self):
        """Return those of these tickets that are called back; addons leave some out."""
        return self

    def _service_closes_after_call(self):
        """Return True if the ticket is closed only after its follow-up call.

        Addons ask for it of more tickets than the team does.
        """
        return self.team_id.service_close_after_callback

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _service_rows_of_changes(self, before, after, moment):
        """Add the rows that open and cancel follow-up calls after a change.

        Handled is what the ledger takes for it: a duplicate is not, and neither is
        what goes from resolved to closed.
        """
        rows = super()._service_rows_of_changes(before, after, moment)
        Callback = self.env["service.quality.callback"]
        if not before:
            return rows + Callback._open_for(self, moment)
        turns = self.grouped(lambda ticket: _turn(before[ticket.id], after[ticket.id]))
        handled, reopened, cancelled = (
            turns.get(turn, self.browse())
            for turn in ("handled", "reopened", "cancelled")
        )
        worked = cancelled._service_worked_on()
        return [
            *rows,
            *Callback._drop_open(
                reopened,
                moment,
                lambda own: own.env._("Reopened before the call was made"),
            ),
            *Callback._open_for(
                handled
                | worked
                | (handled | worked)._service_duplicates_to_call()
                | (cancelled - worked)._service_duplicates_left_alone(),
                moment,
            ),
        ]

    def _service_worked_on(self):
        """Return the tickets that somebody had begun to work on in this cycle."""
        if not self:
            return self
        events = self.env["service.quality.event"].search(
            [
                ("ticket_id", "in", self.ids),
                ("kind", "in", (*WORK_KINDS, "phase")),
                ("voided_by_ids", "=", False),
            ]
        )
        return events.filtered(
            lambda event: (
                event.kind in WORK_KINDS or event.value["phase"] in WORKED_PHASES
            )
        ).ticket_id

    def _service_duplicates_to_call(self):
        """Return, of the duplicates of these, one for each other customer.

        They were of one customer when they were marked; a contact may have left it
        since. The main ticket's own customer is called about that.
        """
        found = self.browse()
        for main in self.filtered("duplicate_ids"):
            customers = main.commercial_partner_id
            for duplicate in main.duplicate_ids.sorted("id"):
                customer = duplicate.commercial_partner_id
                if customer and customer not in customers:
                    customers |= customer
                    found += duplicate
        return found

    def _service_duplicates_left_alone(self):
        """Return, of the duplicates of these, those to call though these are not.

        What was worked on before it was made a duplicate is asked about, each
        customer once.
        """
        found = self.browse()
        for duplicate in self.duplicate_ids._service_worked_on().sorted("id"):
            others = found & duplicate.duplicate_id.duplicate_ids
            if duplicate.commercial_partner_id not in others.commercial_partner_id:
                found += duplicate
        return found

    def _service_whom_to_call(self, agreement):
        """Return the contact to call, an empty one where only a name is known.

        A person who asked is called. For a company, as after an alarm, it is whom the
        agreement names, or the company itself.
        """
        partner = self.partner_id
        if partner and not partner.is_company:
            return partner
        return agreement.callback_partner_id or partner

    def _service_requester(self):
        """Return by what the requester is known, nothing for an alarm."""
        return self.partner_id or self.partner_name or self.partner_email

    def _service_once_asked_for(self):
        """Return the tickets for which the ledger knows a contact, now or before.

        To clear the requester does not make an alarm of the ticket.
        """
        events = self.env["service.quality.event"].search(
            [
                ("ticket_id", "in", self.ids),
                ("kind", "in", ("opened", "reclassified")),
                ("voided_by_ids", "=", False),
            ]
        )
        return events.filtered(lambda event: event.value.get("contact")).ticket_id

    def _service_portal_call(self, asked):
        """Return the follow-up call that is answered in the portal, if any.

        :param asked: partner who reads the page; only whom we would call is asked
        """
        ticket = self.sudo()  # the page was opened by somebody who may see the ticket
        since = fields.Datetime.now() - timedelta(days=LINK_DAYS)
        return ticket.service_callback_ids.filtered(
            lambda call: (
                call.partner_id == asked
                and call._is_for_portal()
                and call.opened_at >= since
                and (call._is_answerable() or call._own_answers())
            )
        ).sorted("opened_at")[-1:]

    def _service_take_people_along(self, company):
        """Let the callers of a company make the follow-up calls that are open."""
        result = super()._service_take_people_along(company)
        calls = self.env["service.quality.callback"].search(
            [("ticket_id", "in", self.ids), ("state", "=", "open")]
        )
        if calls:
            calls._hand_back()
            for team, some in calls.grouped(
                lambda call: call.ticket_id.team_id
            ).items():
                some.write({"company_id": company.id, "team_id": team.id})
            calls._nudge_desks()
        return result

    def _service_leave_customers(self, before, after):
        """Let the calls of tickets follow to the customer that they have now."""
        left = super()._service_leave_customers(before, after)
        if left:
            self.env["service.quality.callback"]._follow_customer(left)
        return left

    @api.model
    def service_import(
        self, records, dry_run=False, create_missing=(), *, callbacks=False
    ):
        """Import tickets; see the same method of the tickets without follow-up calls.

        :param callbacks: open the follow-up calls of tickets that come as handled
        """
        return self._service_import(
            records, dry_run, create_missing, callbacks=callbacks
        )

    @api.model
    def _service_import_done(self, imported, *, callbacks=False, **options):
        """Open the calls of imported tickets where that is asked for.

        What other rows have reopened is not called about any more in any case.
        """
        result = super()._service_import_done(imported, **options)
        tickets = self.sudo().browse(  # calls are opened for everybody
            [one.ticket_id for one in imported if one.ticket_id and not one.refusal]
        )
        phases = {
            ticket.id: snapshot.effective_phase
            for ticket, snapshot in zip(
                tickets, tickets._service_snapshots().values(), strict=True
            )
        }
        moment = self._service_moment(None)
        Callback = tickets.env["service.quality.callback"]
        rows = Callback._drop_open(
            tickets.filtered(lambda ticket: phases[ticket.id] in OPEN_PHASES),
            moment,
            lambda own: own.env._("Reopened before the call was made"),
        )
        if callbacks:
            rows += Callback._open_for(
                tickets.filtered(lambda ticket: phases[ticket.id] in HANDLED_PHASES),
                moment,
            )
        tickets.env["service.quality.ledger"]._append(rows)
        return result


def _turn(old, new):
    """Return what a change of a ticket makes of its calls, None for nothing."""
    was, now = old.effective_phase, new.effective_phase
    if old == new:
        return None
    if now in HANDLED_PHASES and was not in HANDLED_PHASES:
        return "handled"
    if new.duplicate_of and not old.duplicate_of:
        # what was handled keeps its call: a mark is anybody's, and may be taken back
        return None
    if now == "cancelled" and was not in (*HANDLED_PHASES, now):
        return "cancelled"
    if now in OPEN_PHASES and was not in OPEN_PHASES:
        return "reopened"
    return None
