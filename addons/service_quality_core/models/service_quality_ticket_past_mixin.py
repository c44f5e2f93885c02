from collections import namedtuple
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..tools.import_history import PreparedRows
from ..tools.metrics import HANDLED_PHASES, OVER_PHASES
from .roles import STAFF
from .served import is_served_to_program

LIVE = timedelta(days=1)
"""A ticket opened longer ago was not worked on here from its beginning."""

TOLD = ("service_opened_at", "service_first_answered_at", "closed_date")

Past = namedtuple("Past", "answered")
"""What the columns of a new ticket say of its life before: when it was answered first.
When it was handled is its own *Closed Date*."""


class ServiceQualityTicketPastMixin(models.AbstractModel):
    """Gives a past to tickets that had a life before the ledger knew of them.

    A list that is imported, or another program, may bring in what was answered and
    handled long ago. The columns of such a ticket have to say when that was: the moment
    at which it is entered measures nothing, and neither does the opening. Tickets that
    were there before this addon have their past in tracked values and messages.
    """

    _name = "service.quality.ticket.past.mixin"
    _description = "Past of Tickets"

    service_first_answered_at = fields.Datetime(
        string="First Answered At",
        compute="_compute_service_first_answered_at",
        readonly=False,  # said of tickets that are imported
        groups=STAFF,
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
        """Create tickets with a past, quietly, and then the others."""
        made = {}
        for wanted in (True, False):
            places = [at for at, past in enumerate(pasts) if bool(past) is wanted]
            tickets = self.create([vals_list[at] for at in places])  # batched: twice
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
        return is_served_to_program()

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
            self._service_check_history()
        tickets = self.sudo()  # the ledger is written for everybody
        tickets._service_check_handled_when()
        snapshots, histories = tickets._service_snapshots(), []
        for ticket, past in zip(tickets, pasts, strict=True):
            ticket._service_check_past(past)
            histories.append(ticket._service_past_rows_of(past, snapshots[ticket.id]))
        return histories

    def _service_check_history(self):
        """Refuse new tickets with a past, but for a history from before the start."""
        Import = self.env["service.quality.ticket.import"]
        Import._check_may_import()
        since = Import._live_since(self.company_id.ids)
        if any(
            ticket.company_id.id in since
            and ticket.service_opened_at >= since[ticket.company_id.id]
            for ticket in self
        ):
            raise AccessError(
                self.env._(
                    "The desk worked here already when this ticket was opened: enter "
                    "it as it is now. Only programs with the role Integration bring "
                    "tickets with their past."
                )
            )

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

    # ------------------------------------------------------------------
    # Taking over what was there
    # ------------------------------------------------------------------

    def _service_take_over(self):
        """Take the history from what the tickets know: tracked values and messages.

        Stages and assignees come from the tracked changes, first responses from the
        messages of agents; what was not tracked is not invented, but a last row
        brings the ledger to where the ticket stands now.
        """
        snapshots = self._service_snapshots()
        stages = self._service_tracked("stage_id")
        users = self._service_tracked("user_id")
        answers = self._service_past_answers()
        Stage = self.env["helpdesk.ticket.stage"].with_context(active_test=False)
        phases = {stage.id: stage._service_phase() for stage in Stage.search([])}
        rows = []
        for ticket in self:
            ticket.service_opened_at = ticket.create_date.replace(microsecond=0)
            moves = [
                (at, phases.get(old, "new"), phases.get(new, "active"))
                for at, old, new in stages.get(ticket.id, ())
            ]
            rows += ticket._service_rows_before(
                snapshots[ticket.id],
                moves,
                users.get(ticket.id, []),
                answers.get(ticket.id, []),
            )
        self.env["service.quality.ledger"]._append(rows, fresh=True)

    def _service_rows_before(self, snapshot, moves, holders, answers):
        """Return the rows of one ticket's past.

        :param snapshot: where the ticket stands now
        :param moves: ``[(at, old phase, new phase)]``, oldest first
        :param holders: ``[(at, old user id, new user id)]``, oldest first
        :param answers: when agents answered
        """
        self.ensure_one()
        opened = self.service_opened_at
        value = self._service_matched_value(snapshot) | {
            "phase": moves[0][1] if moves else snapshot.phase,
            "party": None,
            "user": holders[0][1] if holders else snapshot.user,
            "team": snapshot.team,
        }
        later = [
            *(("phase", {"phase": new, "party": None}, at) for at, _old, new in moves),
            *(
                ("assigned", {"user": new, "team": snapshot.team}, at)
                for at, _old, new in holders
            ),
            *(("responded", {}, at) for at in answers),
        ]
        # what is said to have happened before the opening, happened at the opening
        later = [(kind, content, max(at, opened)) for kind, content, at in later]
        later.sort(key=lambda row: row[2])
        rows = [("opened", value, opened), *later]
        if (moves[-1][2] if moves else value["phase"]) != snapshot.phase:
            at = self.closed_date if snapshot.phase in HANDLED_PHASES else None
            at = max(at or self.last_stage_update or opened, rows[-1][2])
            rows.append(
                ("phase", {"phase": snapshot.phase, "party": snapshot.party}, at)
            )
        if holders and holders[-1][2] != snapshot.user:
            at = max(self.assigned_date or opened, rows[-1][2])
            held = {"user": snapshot.user, "team": snapshot.team}
            rows.append(("assigned", held, at))
        return [self._service_row(*row) | {"origin": "migration"} for row in rows]

    def _service_tracked(self, field_name):
        """Return the tracked changes of a many2one field, oldest first.

        :return: dict of ticket id to ``[(at, old id or None, new id or None)]``
        """
        values = self.env["mail.tracking.value"].search(
            [
                ("mail_message_id.model", "=", self._name),
                ("mail_message_id.res_id", "in", self.ids),
                ("field_id.name", "=", field_name),
            ],
            order="id",
        )
        found = {}
        for value in values:
            message = value.mail_message_id
            at = message.date.replace(microsecond=0)
            change = (
                at,
                value.old_value_integer or None,
                value.new_value_integer or None,
            )
            found.setdefault(message.res_id, []).append(change)
        return found

    def _service_past_answers(self):
        """Return when agents answered: dict of ticket id to a list of times."""
        messages = self.env["mail.message"].search(
            [("model", "=", self._name), ("res_id", "in", self.ids)], order="date, id"
        )
        found = {}
        tickets = {ticket.id: ticket for ticket in self}
        for message in messages:
            ticket = tickets[message.res_id]
            if message._service_is_answer() and message._service_is_for(ticket):
                at = message.date.replace(microsecond=0)
                found.setdefault(message.res_id, []).append(at)
        return found
