from collections import namedtuple
from dataclasses import dataclass
from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.metrics import HANDLED_PHASES
from .served import is_served_to_program, served_path


class Snapshot(
    namedtuple(
        "Snapshot",
        "phase party user team company customer contact category_path process "
        "priority severity active duplicate_of until",
    )
):
    """Holds what the ledger watches of a ticket: ids, None where there is none."""

    __slots__ = ()

    @property
    def effective_phase(self):
        """Return the phase that the fold takes: a duplicate counts as cancelled."""
        return "cancelled" if self.duplicate_of else self.phase


MATCHED = (
    "company", "customer", "contact", "team", "category_path", "process", "priority",
    "severity",
)  # fmt: skip
"""The part of a snapshot that decides which targets apply."""

NOT_ENTERED = ("import", "migration", "offline")
"""Origins of rows that no person enters later than they happened."""


@dataclass(frozen=True)
class Told:
    """Says in the context when a change really happened.

    It is an object, so that no caller can send one: a dialog of ours, a history that is
    brought in or a story makes it.
    """

    at: datetime
    is_history: bool = False


class ServiceQualityTicketRowsMixin(models.AbstractModel):
    """Turns what happens to tickets into rows of the ledger."""

    _name = "service.quality.ticket.rows.mixin"
    _description = "Rows of the Ledger About Tickets"

    def _service_snapshots(self):
        """Return what the ledger watches, recomputed.

        :return: dict of ticket id to :class:`Snapshot`
        """
        phases, paths = {}, {}  # of many tickets in few stages and categories
        snapshots = {}
        # a portal user closes a ticket without seeing all of it
        for ticket in self.sudo():
            stage_id, category_id = ticket.stage_id.id, ticket.category_id.id
            if stage_id not in phases:
                phases[stage_id] = ticket.stage_id._service_phase()
            if category_id not in paths:
                paths[category_id] = ticket._service_category_path()
            phase = phases[stage_id]
            snapshots[ticket.id] = Snapshot(
                phase,
                ticket._service_party() if phase == "waiting_third_party" else None,
                ticket.user_id.id or None,
                ticket.team_id.id or None,
                ticket.company_id.id,
                ticket.commercial_partner_id.id or None,
                ticket.partner_id.id or None,
                paths[category_id],
                ticket.type_id.id or None,
                ticket.priority or None,
                ticket._service_severity(),
                ticket.active,
                ticket.duplicate_id.id or None,
                ticket._service_until(phase),
            )
        return snapshots

    def _service_party(self):
        """Return the id of the third party that is waited for, if it is."""
        waiting = self.stage_id._service_phase() == "waiting_third_party"
        return self.service_party_id.id or None if waiting else None

    def _service_category_path(self):
        """Return the ids from the root category down to the ticket's own."""
        path = self.category_id.parent_path
        return [int(part) for part in path.split("/") if part] if path else []

    def _service_log_opened(self, histories):
        """Write the opening of new tickets, or the history that they brought along."""
        snapshots = self._service_snapshots()
        rows = []
        for ticket, history in zip(self, histories, strict=True):
            snapshot = snapshots[ticket.id]
            if history:
                rows += ticket._service_history_rows(snapshot, history)
            else:
                rows += ticket._service_opened_rows(snapshot)
        self.env["service.quality.ledger"]._append(rows, fresh=True)
        handled = self.browse(
            ticket.id
            for ticket, history in zip(self, histories, strict=True)
            if not history  # what follows from the past follows only when asked
            and snapshots[ticket.id].effective_phase in HANDLED_PHASES
        )
        if handled:
            rows = handled._service_rows_of_changes(
                {}, snapshots, self._service_moment(None)
            )
            self.env["service.quality.ledger"]._append(rows)

    def _service_rows_of_changes(self, before, after, moment):
        """Return the rows that follow from a change of tickets; addons add theirs.

        :param before: dict of ticket id to snapshot, as :meth:`_service_snapshots`;
            empty for tickets that came in as handled
        :param after: likewise
        :param moment: when it was, naive UTC
        :return: list of rows as :meth:`_service_row` gives them
        """
        return []

    def _service_opened_row(self, snapshot):
        """Return the row that says how a ticket began."""
        value = self._service_matched_value(snapshot)
        value.update(
            self._service_phase_value(snapshot),
            user=snapshot.user,
            team=snapshot.team,
        )
        opened = self.service_opened_at or fields.Datetime.now()
        row = self._service_row("opened", value, opened)
        return row | {"team_id": snapshot.team}

    def _service_log_changes(self, before):
        """Write what differs from the snapshots taken before."""
        after = self._service_snapshots()
        self._service_forget_until(before, after)
        rows = []
        for ticket in self:
            old, new = before[ticket.id], after[ticket.id]
            if old != new:
                rows += ticket._service_rows_between(old, new)
        if rows:
            told = self._service_told()
            rows += self._service_rows_of_changes(
                before, after, self._service_moment(told.at)
            )
            self._service_check_moment(rows)
            if told.at:
                self._service_check_latest(rows)
            self.env["service.quality.ledger"]._append(rows)
            self.filtered(
                lambda ticket: before[ticket.id].company != after[ticket.id].company
            )._service_take_along()
            self._service_leave_customers(before, after)
            self._service_check_promises_kept(before, after)

    def _service_rows_between(self, old, new):
        """Return the rows that lead from one snapshot to the next."""
        self.ensure_one()
        rows = []
        phase = self._service_phase_value(new)
        if phase != self._service_phase_value(old):
            rows.append(("phase", phase))
        if (old.user, old.team) != (new.user, new.team):
            rows.append(("assigned", {"user": new.user, "team": new.team}))
        if any(getattr(old, name) != getattr(new, name) for name in MATCHED):
            rows.append(("reclassified", self._service_matched_value(new)))
        if old.duplicate_of != new.duplicate_of:
            rows.append(("duplicated", {"of": new.duplicate_of}))
        if old.active != new.active:
            rows.append(("restored" if new.active else "archived", {}))
        reason = self.service_cancel_reason if new.phase == "cancelled" else None
        moment = self._service_moment(self._service_told().at)
        rows = [
            self._service_row(kind, value, moment)
            | {"team_id": new.team, "reason": reason if kind == "phase" else None}
            for kind, value in rows
        ]
        if old.company != new.company:  # the old one hears that the ticket left
            left = self._service_row("moved", {}, moment)
            rows.insert(0, left | {"company_id": old.company, "team_id": old.team})
        return rows

    def _service_log_phase(self, before, reason):
        """Write the present phase of tickets whose stage has changed its meaning.

        :param before: dict of ticket id to snapshot, from before the change
        """
        now = fields.Datetime.now()
        after = self._service_snapshots()
        rows = [
            ticket._service_row(
                "phase", self._service_phase_value(after[ticket.id]), now
            )
            | {"reason": reason}
            for ticket in self
        ]
        rows += self._service_rows_of_changes(before, after, now)
        self.env["service.quality.ledger"]._append(rows)

    def _service_log_reclassified(self, reason):
        """Write that targets are to be matched again, the ticket being the same."""
        now = fields.Datetime.now()
        snapshots = self._service_snapshots()
        self.env["service.quality.ledger"]._append(
            [
                ticket._service_row(
                    "reclassified",
                    self._service_matched_value(snapshots[ticket.id]),
                    now,
                )
                | {"reason": reason}
                for ticket in self
            ]
        )

    @api.model
    def _service_matched_value(self, snapshot):
        """Return all that matching reads, so that a replay needs nothing else."""
        value = {name: getattr(snapshot, name) for name in MATCHED}
        value["category"] = (
            snapshot.category_path[-1] if snapshot.category_path else None
        )
        return value

    def _service_row(self, kind, value, moment):
        """Return the values of a row of the ledger about this ticket."""
        return {
            "ticket_id": self.id,
            "company_id": self.company_id.id,
            "at": fields.Datetime.to_datetime(moment).replace(microsecond=0),
            "kind": kind,
            "value": value,
            "user_id": self.env.uid,
            "team_id": self.team_id.id or None,
            "origin": self._service_origin(),
        }

    def _service_as_of(self, at, is_history=False):
        """Return these tickets so that a change of them happened at a moment.

        :param at: naive UTC datetime or text of one; None for now
        :param is_history: True where it is no person who enters it later
        """
        told = Told(self._service_moment(at), is_history) if at else None
        return self.with_context(service_at=told)

    @api.model
    def _service_told(self):
        """Return the :class:`Told` of the context, with None as moment if none is."""
        told = self.env.context.get("service_at")
        return told if isinstance(told, Told) else Told(None)

    @api.model
    def _service_origin(self):
        """Return the way by which the present transaction came in."""
        # a caller may send it as well
        if self.env.context.get("fetchmail_cron_running") and not served_path():
            return "mail"
        if is_served_to_program():
            return "rpc"
        if self.env.user.share:
            return "portal"
        return "system" if self.env.user._is_superuser() else "user"

    def _service_forget(self):
        """Delete the ledger of tickets that have only been opened."""
        if not self:
            return
        events = self.env["service.quality.event"]
        self._unlink_except_with_history()
        events._unlock_ledger()
        self.env.cr.execute(
            "DELETE FROM service_quality_event WHERE ticket_id = ANY(%s)", [self.ids]
        )
        events._lock_ledger()
        events.invalidate_model(flush=False)

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _service_check_moment(self, rows):
        """Refuse rows in the future or before the opening."""
        now = fields.Datetime.now()
        # a duplicate's call goes along with the main ticket's change
        tickets = self.sudo().browse({row["ticket_id"] for row in rows})
        opened = {ticket.id: ticket.service_opened_at for ticket in tickets}
        for row in rows:
            if row["at"] > now:
                raise ValidationError(
                    self.env._(
                        "%s lies in the future. Enter when it happened.",
                        fields.Datetime.to_string(row["at"]),
                    )
                )
            if row["at"] < opened[row["ticket_id"]]:
                raise ValidationError(
                    self.env._(
                        "%(at)s lies before the opening of the ticket, %(opened)s. "
                        "Enter a later time.",
                        at=fields.Datetime.to_string(row["at"]),
                        opened=fields.Datetime.to_string(opened[row["ticket_id"]]),
                    )
                )
        self._service_check_not_afterwards(rows)

    def _service_check_not_afterwards(self, rows):
        """Refuse what is entered so late that it would take back a miss.

        Programs report within the same time as people: who writes counts, with
        whatever rights. A history that is brought in is no such entry.
        """
        if self.env.user._is_superuser() or self._service_told().is_history:
            return
        now = fields.Datetime.now()
        entered = [
            row for row in rows if row["origin"] not in NOT_ENTERED and row["at"] < now
        ]
        undone = next((clock for _row, clock in self._service_undone(entered)), None)
        if undone:
            raise ValidationError(
                self.env._(
                    "Ticket %(number)s: the deadline of %(promise)s was %(deadline)s, "
                    "and nothing was entered by then. What is entered so much later "
                    "does not take back that it was missed. Enter it without an "
                    "earlier time; where you are not to blame for the delay, have the "
                    "miss excluded.",
                    number=undone.ticket_id.number,
                    promise=undone.display_name,
                    deadline=fields.Datetime.to_string(undone.deadline),
                )
            )

    @api.model
    def _service_undone(self, rows):
        """Yield rows that are entered now and would take back a miss, and its clock.

        A clock is missed for good when its deadline is over for longer than entries
        may take, whether it was judged or not.
        """
        if not rows:
            return
        now = fields.Datetime.now()
        # also promises that the user does not see
        clocks = self.env["service.quality.clock"].sudo()
        clocks = clocks.search(
            [
                ("ticket_id", "in", [row["ticket_id"] for row in rows]),
                ("deadline", ">=", min(row["at"] for row in rows)),
                ("deadline", "<", now),
                "|",
                ("state", "=", "running"),
                ("verdict", "=", "missed"),
            ]
        )
        past = clocks.filtered(
            lambda clock: clock.deadline < now - clock.company_id._service_entry_limit()
        ).grouped(lambda clock: clock.ticket_id.id)
        for row in rows:
            for clock in past.get(row["ticket_id"], ()):
                if clock.deadline >= row["at"] and clock._is_ended_by(row["kind"]):
                    yield row, clock

    def _service_check_latest(self, rows):
        """Refuse a backdated change that a later one of its kind would take back.

        The ticket would stand in one stage and its ledger end in another.
        """
        later = self.env["service.quality.event"].search(
            [
                ("ticket_id", "in", self.ids),
                ("kind", "in", list({row["kind"] for row in rows})),
                ("at", ">", min(row["at"] for row in rows)),
                ("voided_by_ids", "=", False),
            ],
            order="at, id",
        )
        newest = {(event.ticket_id.id, event.kind): event.at for event in later}
        for row in rows:
            at = newest.get((row["ticket_id"], row["kind"]))
            if at and at > row["at"]:
                raise ValidationError(
                    self.env._(
                        "%(at)s lies before the last change of this kind, %(last)s. "
                        "Enter a later time, or void that change first.",
                        at=fields.Datetime.to_string(row["at"]),
                        last=fields.Datetime.to_string(at),
                    )
                )
