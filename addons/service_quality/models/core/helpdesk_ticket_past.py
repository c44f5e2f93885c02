from collections import namedtuple
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.http import request

from ...tools.core.import_history import PreparedRows
from ...tools.core.metrics import OVER_PHASES
from .helpdesk_ticket_ledger import RPC_PATHS

LIVE = timedelta(days=1)
"""A ticket opened longer ago was not worked on here from its beginning."""

TOLD = ("service_opened_at", "service_first_answered_at", "closed_date")

Past = namedtuple("Past", "answered")
"""What the columns of a new ticket say of its life before: when it was answered first.
When it was handled is its own *Closed Date*."""


class HelpdeskTicket(models.Model):
    """Take the past of new tickets from their columns, where they bring no rows.

    A list that is imported, or another program, may bring in what was answered and
    handled long ago. When that was has to be told: the moment at which it is entered
    measures nothing, and neither does the opening.
    """

    _inherit = "helpdesk.ticket"

    service_first_answered_at = fields.Datetime(
        string="First Answered At",
        compute="_compute_service_first_answered_at",
        readonly=False,  # said of tickets that are imported
        groups="base.group_user",
        help="When the first answer was recorded. Imported with a ticket that was "
        "answered before it came here.",
    )

    @api.depends("service_revision")
    def _compute_service_first_answered_at(self):
        first = dict(
            self.env["service.quality.event"]
            .sudo()  # shown with the ticket
            ._read_group(
                [
                    ("ticket_id", "in", self.ids),
                    ("kind", "=", "responded"),
                    ("voided_by_ids", "=", False),
                ],
                ["ticket_id"],
                ["at:min"],
            )
        )
        for ticket in self:
            ticket.service_first_answered_at = first.get(ticket._origin, False)

    # ------------------------------------------------------------------
    # Splitting
    # ------------------------------------------------------------------

    @api.model
    def _service_create_apart(self, vals_list, pasts):
        """Create those with a past, of whom nobody is told, and then the others."""
        made = {}
        for wanted in (True, False):
            places = [at for at, past in enumerate(pasts) if bool(past) is wanted]
            tickets = self.create([vals_list[at] for at in places])
            made.update(zip(places, tickets.ids, strict=True))
        return self.browse([made[at] for at in sorted(made)])

    @api.model
    def _service_without_answers(self, vals_list):
        name = "service_first_answered_at"
        return [
            {key: value for key, value in vals.items() if key != name}
            for vals in vals_list
        ]

    @api.model
    def _service_split_histories(self, vals_list):
        """Take prepared histories out of the values of new tickets.

        :return: (values, list of :class:`PreparedRows` or None, one per ticket)
        """
        histories = [vals.get("service_event_ids") for vals in vals_list]
        if not any(isinstance(history, PreparedRows) for history in histories):
            return vals_list, [None] * len(vals_list)
        split = []
        for index, vals in enumerate(vals_list):
            vals = dict(vals)
            if isinstance(histories[index], PreparedRows):
                del vals["service_event_ids"]
            else:
                histories[index] = None
            split.append(vals)
        return split, histories

    @api.model
    def _service_past_of(self, vals):
        """Return the :class:`Past` of a new ticket, None where it has none or rows."""
        if isinstance(vals.get("service_event_ids"), PreparedRows):
            return None
        opened, answered, closed = (
            # a default of the caller's context is told, too
            fields.Datetime.to_datetime(
                vals.get(name) or self.env.context.get(f"default_{name}")
            )
            for name in TOLD
        )
        if answered or closed:
            return Past(answered)
        is_old = opened and opened < fields.Datetime.now() - LIVE
        return Past(None) if is_old and self._service_is_brought_in() else None

    @api.model
    def _service_is_brought_in(self):
        """Return True while a list is imported or another program calls."""
        if "_import_current_module" in self.env.context:
            return True
        return bool(request) and request.httprequest.path.startswith(RPC_PATHS)

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _service_check_handled_when(self):
        """Refuse new tickets that are over without a word of when that was."""
        now, is_brought_in = fields.Datetime.now(), self._service_is_brought_in()
        for ticket in self.sudo():  # asked of everybody
            if (
                ticket.stage_id._service_phase() in OVER_PHASES
                and not ticket.closed_date
                and (is_brought_in or (ticket.service_opened_at or now) < now - LIVE)
            ):
                raise ValidationError(
                    self.env._(
                        "The ticket “%s” comes as handled. Say when that was in "
                        "Closed Date, and when it was answered in First Answered At; "
                        "or enter it in an open stage and move it.",
                        ticket.name,
                    )
                )

    def _service_check_past(self, past):
        """Refuse a past that cannot have been."""
        closed = self.closed_date
        if closed and self.stage_id._service_phase() not in OVER_PHASES:
            raise ValidationError(
                self.env._(
                    "The ticket “%s” has a Closed Date, but its stage is open. Leave "
                    "the date empty, or choose the stage it was closed in.",
                    self.name,
                )
            )
        moments = [at for at in (past.answered, closed) if at]
        following = [*moments, fields.Datetime.now()]
        if following != sorted(following) or any(
            at <= self.service_opened_at for at in moments
        ):
            raise ValidationError(
                self.env._(
                    "The dates of the ticket “%s” do not follow each other. Opened At "
                    "comes first, then First Answered At, then Closed Date, and none "
                    "lies in the future.",
                    self.name,
                )
            )

    @api.model
    def _service_check_dates_untouched(self, vals):
        """Refuse dates that a ticket takes from what happens to it."""
        for name in ("closed_date", "last_stage_update", "service_first_answered_at"):
            if name in vals:
                raise UserError(
                    self.env._(
                        "%s follows from the ledger and is not written by hand.",
                        self._fields[name]._description_string(self.env),
                    )
                )

    # ------------------------------------------------------------------
    # Rows
    # ------------------------------------------------------------------

    def _service_histories(self, pasts):
        """Check the pasts of new tickets; return :class:`PreparedRows` of each."""
        if any(past.answered for past in pasts) or any(self.mapped("closed_date")):
            self.env["service.quality.ticket.import"]._check_may_import()
        tickets = self.sudo()  # the ledger is written for everybody
        tickets._service_check_handled_when()
        snapshots, histories = tickets._service_snapshots(), []
        for ticket, past in zip(tickets, pasts, strict=True):
            ticket._service_check_past(past)
            histories.append(ticket._service_past_rows_of(past, snapshots[ticket.id]))
        return histories

    def _service_past_rows_of(self, past, snapshot):
        """Return the :class:`PreparedRows` of a new ticket that had a life before.

        What is not told did not happen before now: a ticket that waits, waits from
        now on.
        """
        self.ensure_one()
        opening, *moves = self._service_opened_rows(snapshot)
        if past.answered:
            moves.insert(0, self._service_row("responded", {}, past.answered))
        for move in moves:
            if move["kind"] == "phase" and self.closed_date:
                move["at"] = self.closed_date
        return PreparedRows(row | {"origin": "import"} for row in (opening, *moves))

    def _service_history_rows(self, snapshot, history):
        """Return the rows of a new ticket that brings its history along.

        :param history: :class:`PreparedRows`, in their order
        """
        rows = []
        matched = self._service_matched_value(snapshot)
        for row in history:
            if row["kind"] in ("opened", "reclassified"):
                row = row | {"value": matched | row["value"]}
            rows.append(row | {"ticket_id": self.id})
        return rows

    def _service_opened_rows(self, snapshot):
        """Return the row that says how a ticket began, and what it has come to since.

        One that was opened a while ago has not waited, or been handled, ever since.
        """
        opened = self._service_opened_row(snapshot)
        now = fields.Datetime.now()
        if opened["at"] >= now or snapshot.phase in ("new", "active"):
            return [opened]
        opened["value"].pop("until", None)
        opened["value"].update(phase="new", party=None)
        phase = self._service_phase_value(snapshot)
        reason = self.service_cancel_reason if snapshot.phase == "cancelled" else None
        moved = self._service_row("phase", phase, now)
        return [opened, moved | {"team_id": snapshot.team, "reason": reason}]
