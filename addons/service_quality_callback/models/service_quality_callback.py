from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import NO_ACCESS, Domain
from odoo.tools import SQL

from odoo.addons.service_quality_core.models.service_quality_clock import BURNING
from odoo.addons.service_quality_core.models.service_quality_rectify_mixin import End
from odoo.addons.service_quality_core.tools.metrics import OPEN_PHASES

from .callback_data import CHANNELS, RESULTS, SATISFACTION, SOLVED

SAID = (
    "result", "end_reason", "ended_at", "ended_by_id", "reached_at", "channel",
    "solved", "satisfaction", "reason_ids", "comment", "wants_manager", "is_own_work",
    "is_self_graded", "user_id", "exemption_id", "exempted_by_id", "aside_as",
    "aside_reason", "aside_by_id", "confirmed_by_id",
)  # fmt: skip
"""What is known of a call only after it has ended."""

RECTIFIED = {
    "solved": True,
    "satisfaction": True,
    "reason_ids": True,
    "wants_manager": False,
    "comment": False,
    "end_reason": False,
}
"""What of an outcome is rectified: True where it counts in figures. How a call ended is
a row of the ledger, which is voided."""


class ServiceQualityCallback(models.Model):
    """A follow-up call asks the customer of a handled ticket whether it is solved.

    Regulation A5.1.2: there is one for each time that a ticket is handled. Its deadline
    is a clock of the ticket. Its attempts hold what was tried, its outcome what was
    said, and the ledger each step.
    """

    _name = "service.quality.callback"
    _description = "Follow-up Call"
    _inherit = [
        "service.quality.callback.aside",
        "service.quality.rectify.mixin",
        "service.quality.callback.creation",
        "service.quality.callback.queue",
        "service.quality.callback.sheet",
        "service.quality.callback.outcome",
        "service.quality.callback.written.answer",
    ]
    _order = "opened_at desc, id desc"
    _check_company_auto = True

    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, readonly=True, index=True, ondelete="restrict"
    )
    cycle = fields.Integer(readonly=True, help="Which handling of the ticket it is.")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Whom to Call",
        index="btree_not_null",
        ondelete="restrict",
        help="The requester, or the contact that the agreement names.",
    )
    commercial_partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, index="btree_not_null"
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Department",
        readonly=True,
        index="btree_not_null",
        help="Whose work the customer is asked about.",
    )
    resolver_id = fields.Many2one(
        "res.users", string="Engineer", readonly=True, index="btree_not_null"
    )
    agreement_id = fields.Many2one(
        "service.quality.agreement", readonly=True, index="btree_not_null"
    )

    # course
    state = fields.Selection(
        [("open", "Open"), ("ended", "Ended")],
        required=True,
        readonly=True,
        default="open",
    )
    result = fields.Selection(RESULTS, readonly=True, copy=False)
    end_reason = fields.Char(readonly=True, copy=False)
    exemption_id = fields.Many2one(
        "service.quality.callback.exemption",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    opened_at = fields.Datetime(required=True, readonly=True)
    ended_at = fields.Datetime(readonly=True)
    ended_by_id = fields.Many2one(
        "res.users", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    exempted_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Who decided that the customer is not called; empty where a rule or the "
        "customer's own wish did.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="In Hand",
        readonly=True,
        index="btree_not_null",
        help="Who is calling, or has promised to.",
    )
    taken_at = fields.Datetime(readonly=True)
    next_call_at = fields.Datetime(
        string="Call From", readonly=True, help="Not before this moment."
    )
    is_promised = fields.Boolean(
        string="Call Promised", readonly=True, help="For the moment in Call From."
    )
    needs_number = fields.Boolean(
        readonly=True,
        help="The number was wrong or is missing; correcting it brings the call back.",
    )
    is_number_changed = fields.Boolean(
        readonly=True,
        help="Staff changed a number of the contact, which was not known to be wrong, "
        "while the call was open.",
    )
    attempt_ids = fields.One2many("service.quality.callback.attempt", "callback_id")
    attempt_count = fields.Integer(compute="_compute_attempt_count")
    first_attempt_at = fields.Datetime(
        string="First Called At", readonly=True, help="By telephone."
    )
    reached_at = fields.Datetime(readonly=True, help="By telephone.")
    deadline = fields.Datetime(compute="_compute_deadline", search="_search_deadline")
    burning = fields.Selection(BURNING, string="Status", compute="_compute_deadline")
    is_late = fields.Boolean(compute="_compute_deadline", search="_search_is_late")

    # what the customer said
    channel = fields.Selection(
        CHANNELS,
        readonly=True,
        help="By which way the answers came.",
    )
    solved = fields.Selection(SOLVED, string="Solved?", readonly=True)
    satisfaction = fields.Selection(SATISFACTION, readonly=True)
    satisfaction_score = fields.Integer(
        compute="_compute_satisfaction_score", store=True, aggregator="avg"
    )
    reason_ids = fields.Many2many(
        "service.quality.callback.reason", string="Dissatisfied With", readonly=True
    )
    comment = fields.Text(string="Customer's Words", readonly=True)
    wants_manager = fields.Boolean(string="Wants a Manager", readonly=True)
    is_own_work = fields.Boolean(
        readonly=True, help="Whoever called had handled the ticket as well."
    )
    is_self_graded = fields.Boolean(
        string="Graded by Oneself",
        readonly=True,
        help="The contact is whoever had handled the ticket: in no rate of what "
        "customers say.",
    )

    # what the customer wrote
    answer_ids = fields.One2many("service.quality.callback.answer", "callback_id")
    link_hash = fields.Char(readonly=True, copy=False, groups=NO_ACCESS)
    link_sent_at = fields.Datetime(readonly=True, copy=False)
    link_expires_at = fields.Datetime(readonly=True, copy=False)

    service_is_hidden = fields.Boolean(
        string="Hidden From Me",
        compute="_compute_service_is_hidden",
        search="_search_service_is_hidden",
        compute_sudo=True,  # it is asked before the call may be read
    )

    _opened_at_idx = models.Index("(company_id, opened_at)")
    _cycle_uniq = models.UniqueIndex(
        "(ticket_id, cycle) WHERE result IS DISTINCT FROM 'cancelled'",
        "A ticket has one follow-up call for each time that it was handled.",
    )
    _open_idx = models.Index("(company_id, next_call_at) WHERE state = 'open'")
    _ended_idx = models.Index("(company_id, ended_at) WHERE state = 'ended'")
    _link_hash_uniq = models.UniqueIndex(
        "(link_hash) WHERE link_hash IS NOT NULL", "A link is of one call only."
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("ticket_id.number", "partner_id")
    def _compute_display_name(self):
        for callback in self:
            # who reads a call that is over need not have the ticket any more
            ticket = callback.ticket_id.sudo()
            name = callback.partner_id.name or ticket.partner_name or ticket.name
            callback.display_name = f"{ticket.number} · {name}"

    @api.depends("attempt_ids")
    def _compute_attempt_count(self):
        counts = dict(
            self.env["service.quality.callback.attempt"]._read_group(
                [("callback_id", "in", self.ids)], ["callback_id"], ["__count"]
            )
        )
        for callback in self:
            callback.attempt_count = counts.get(callback, 0)

    @api.depends("satisfaction")
    def _compute_satisfaction_score(self):
        for callback in self:
            callback.satisfaction_score = int(callback.satisfaction or 0)

    @api.depends("ticket_id.service_clock_ids.deadline", "opened_at", "state")
    def _compute_deadline(self):
        """Read the deadline from the clock that started when the call fell due."""
        clocks = self._clocks()
        for callback in self:
            clock = clocks.get(callback)
            callback.deadline = clock.deadline if clock else False
            callback.burning = clock.burning if clock else False
            callback.is_late = callback.burning == "late"

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        Clock = self.env["service.quality.clock"]
        return self._open_by_clock(Clock._burning_domain("late"))

    def _search_deadline(self, operator, value):
        """Find open calls by their deadlines; those of others are not compared."""
        return self._open_by_clock(
            Domain("state", "=", "running") & Domain("deadline", operator, value)
        )

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Sort open calls by their deadlines as well, those without one last."""
        if field_name != "deadline":
            return super()._order_field_to_sql(
                alias, field_name, direction, nulls, query
            )
        Clock = self.env["service.quality.clock"]
        deadline = SQL(
            """
            CASE WHEN %(state)s = 'open' THEN (
                SELECT clock.deadline
                  FROM service_quality_clock AS clock
                 WHERE clock.ticket_id = %(ticket)s
                   AND clock.metric = 'callback'
                   AND clock.started_at = %(opened)s
                 ORDER BY clock.counted DESC, clock.id DESC
                 LIMIT 1
            ) END
            """,
            state=SQL.identifier(alias, "state", to_flush=self._fields["state"]),
            ticket=SQL.identifier(alias, "ticket_id"),
            opened=SQL.identifier(alias, "opened_at"),
        )
        flushed = SQL(to_flush=Clock._fields["deadline"])
        return SQL("%s %s NULLS LAST%s", deadline, direction, flushed)

    @api.model
    def _open_by_clock(self, domain):
        """Return the domain of the open calls whose clock is in a domain."""
        Clock = self.env["service.quality.clock"].sudo()  # shown with the call
        clocks = Clock._search(domain & Domain("metric", "=", "callback"))
        return [("state", "=", "open"), ("ticket_id.service_clock_ids", "in", clocks)]

    def _clocks(self):
        """Return the clock of each call that has one.

        :return: dict of call to clock
        """
        clocks = (
            self.env["service.quality.clock"]
            .sudo()  # shown with the call
            .search(
                [
                    ("ticket_id", "in", self.ticket_id.ids),
                    ("metric", "=", "callback"),
                ],
                # of clocks that replaced each other the last is the one that holds
                order="counted, id",
            )
        )
        found = {(clock.ticket_id.id, clock.started_at): clock for clock in clocks}
        return {
            callback: found[key]
            for callback in self
            if (key := (callback.ticket_id.id, callback.opened_at)) in found
        }

    @api.depends(
        lambda self: [f"{name}.service_is_hidden" for name in self._hidden_with()]
    )
    @api.depends_context("uid")
    def _compute_service_is_hidden(self):
        for call in self:
            call.service_is_hidden = any(
                call[name].service_is_hidden for name in self._hidden_with()
            )

    def _search_service_is_hidden(self, operator, value):
        """Find the calls from the few tickets that are hidden, by an index for each.

        One condition with *or* would have all calls looked through.
        """
        if operator != "in":
            return NotImplemented
        # what the user may not see is looked for
        Ticket = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        hidden = Ticket._search(Ticket._service_hidden_domain()).subselect()
        names = self._hidden_with()
        self.flush_model(names)
        found = SQL(" UNION ").join(
            SQL(
                "SELECT id FROM %s WHERE %s IN %s",
                SQL.identifier(self._table),
                SQL.identifier(name),
                hidden,
            )
            for name in names
        )
        return Domain("id", "in", SQL("(%s)", found))

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """End the links of calls whose contact changes: only who was asked answers."""
        moved = self.browse()
        if "partner_id" in vals:
            moved = self.filtered(
                lambda call: (
                    call.partner_id and call.partner_id.id != vals["partner_id"]
                )
            )
        result = super().write(vals)
        if moved:
            moved._end_links()
            moved.filtered(lambda call: call.state == "open")._follow_wish_of_contact()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_recorded(self):
        raise UserError(
            self.env._(
                "A follow-up call is part of the record and is not deleted. Exempt it "
                "with a reason instead."
            )
        )

    # ------------------------------------------------------------------
    # What is rectified
    # ------------------------------------------------------------------

    @api.model
    def _rectify_fields(self):
        return super()._rectify_fields() | RECTIFIED

    def _rectify_ended(self):
        return self.filtered(lambda call: call.state == "ended")

    def _rectify_ends(self):
        return {call: End(call.ended_at, call.ended_by_id) for call in self}

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_ticket(self):
        """Open the ticket."""
        self.ensure_one()
        return self.ticket_id.get_formview_action()

    def action_call(self):
        """Open the page on which this call is made."""
        self.ensure_one()
        action = self.env["ir.actions.client"]._for_xml_id(
            "service_quality_callback.service_quality_callback_action_next"
        )
        return action | {"params": {"callback_id": self.id}}

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _prepare_rows(self, callbacks, kind, values, moment):
        """Return a row of the ledger per call.

        :param values: dict of call to what the row holds besides the call's id
        """
        return [
            callback.ticket_id._service_row(
                kind, {"callback": callback.id} | values.get(callback, {}), moment
            )
            for callback in callbacks
        ]

    def _end(self, result, moment, reason=None):
        """End calls and return the rows that say so.

        :param result: a key of :data:`RESULTS`
        :param moment: when, naive UTC
        """
        self.write(
            {
                "state": "ended",
                "result": result,
                "end_reason": reason,
                "ended_at": moment,
                "ended_by_id": self.env.uid,
                "next_call_at": False,
                "needs_number": False,
                "is_promised": False,
            }
        )
        self._end_activities(result, reason)
        if result == "unreachable":
            self._send_links_where_asked("unreachable")
        rows = self._prepare_rows(
            self,
            "callback_ended",
            dict.fromkeys(self, {"result": result}),
            moment,
        )
        return [row | {"reason": reason or None} for row in rows]

    def _end_in_words(self, result, moment, say):
        """End calls, as :meth:`_end`, and say why in the language of their company.

        :param say: function that is given the calls in that language
        """
        rows = []
        for company, calls in self.grouped("company_id").items():
            own = calls.with_context(lang=company._service_lang())
            rows += calls._end(result, moment, say(own))  # batched: once a company
        return rows

    @api.model
    def _take_back(self, event):
        """Let a call be open again whose end is voided, as after a slip of the hand.

        What the customer said goes with it; the attempts stay.

        :param event: row of the ledger that is being voided, of any kind
        :raise UserError: for the opening or an attempt of a call, and when the ticket
            has gone on since
        """
        if event.kind in ("callback_opened", "callback_attempted"):
            raise UserError(
                self.env._(
                    "That a follow-up call was due or tried is not voided. Void its "
                    "end to enter it again, or exempt it with a reason."
                )
            )
        if event.kind != "callback_ended":
            return
        call = self.browse(event.value["callback"])
        phase = call.ticket_id.service_phase
        if call.cycle != call.ticket_id.service_cycle or phase in OPEN_PHASES:
            raise UserError(
                self.env._(
                    "The ticket was taken up again after this call, so that there is "
                    "nothing left to ask. The call stays as it ended."
                )
            )
        call._rectify_as_step().write(
            dict.fromkeys(call._said(), False) | {"state": "open"}
        )
        call._schedule_activities()

    @api.model
    def _said(self):
        """Return the fields that are known only after the end; addons add theirs."""
        return SAID

    @api.model
    def _hidden_with(self):
        """Return the fields with the tickets that hide a call; addons add theirs."""
        return ("ticket_id",)
