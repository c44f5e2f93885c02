from odoo import api, fields, models
from odoo.exceptions import MissingError
from odoo.tools import SQL

from ..tools.course import course, open_between, sums
from ..tools.fold import runs_under
from ..tools.instants import to_epoch, to_text
from ..tools.timetable import ALWAYS
from .service_quality_clock import OPEN_STATES

STRIP_INTERVALS = 60
"""How many open intervals ahead a running clock is shown with: some weeks of them."""

TIMELINE_PIECES = 400
"""Beyond that many pieces closed hours are no longer drawn apart, only summed up."""

STRIP_TIMES = (
    "started_at", "deadline", "warning_at", "paused_at", "running_since", "stopped_at",
    "judged_at",
)  # fmt: skip

EXPLAINED = ("service.quality.event", "service.quality.agreement")
"""What one has to be allowed to read in order to be told why."""

PIECE_OF_PHASE = {
    "waiting_customer": "waiting_customer",
    "waiting_third_party": "waiting_third_party",
    "resolved": "resolved",
    "closed": "resolved",
    "cancelled": "cancelled",
}


class ServiceQualityTicketStrip(models.AbstractModel):
    """Reads what the ticket's form shows of its service targets, ready to be drawn.

    Times are texts in UTC. Nothing here decides anything: clocks, spans and rows are
    shown as they are stored. Clocks are read as superuser, as each reader of a ticket
    is shown what was promised for it.
    """

    _name = "service.quality.ticket.strip"
    _description = "Service Targets on the Ticket's Form"

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @api.model
    def _strips(self, tickets):
        """Return what the strips of tickets show: dict of ticket to a dict."""
        clocks = self.env["service.quality.clock"].sudo()  # shown with the ticket
        found = clocks.search_fetch(
            [("ticket_id", "in", tickets.ids)], order="deadline, started_at, id"
        ).grouped("ticket_id")
        now = to_epoch(fields.Datetime.now())
        is_explained = all(self.env[model].has_access("read") for model in EXPLAINED)
        return {
            ticket: {
                "now": to_text(now),
                "explained": is_explained,
                "clocks": [
                    self._clock_values(clock, now)
                    for clock in _urgent_first(found.get(ticket._origin, clocks))
                ],
            }
            for ticket in tickets
        }

    @api.model
    def _timeline(self, ticket, clock_id):
        """Return where each second of a clock went; see ``service_timeline``."""
        for model in EXPLAINED:  # who reads a ticket need not read all of this
            self.env[model].check_access("read")
        clock = ticket.sudo().service_clock_ids.filtered(  # shown with the ticket
            lambda clock: clock.id == clock_id
        )
        if not clock:
            raise MissingError(
                self.env._("The ticket has no such service target. Reload the page.")
            )
        now = to_epoch(fields.Datetime.now())
        start = to_epoch(clock.started_at)
        end = max(to_epoch(clock.stopped_at) or now, start)
        pieces = self._course(clock, start, end)
        steps = self.env["service.quality.clock"]._explain(ticket)
        return {
            "clock": self._clock_values(clock, now),
            "start": to_text(start),
            "end": to_text(end),
            "pieces": [
                [to_text(piece.start), to_text(piece.end), piece.label]
                for piece in _drawable(pieces)
            ],
            "sums": sums(pieces),
            "holders": self._holders(ticket, start, end),
            "events": self._events(ticket),
            "steps": steps.get(str(clock.target_id.id), []),
        }

    @api.model
    def _counts(self, tickets, counted):
        """Count in one statement what the buttons of tickets show to the reader.

        What the reader has no access to is none. Most tickets have nothing of it, which
        is asked first: to say whom the record rules let see it takes longer.

        :param counted: as ``_service_counted`` of tickets
        :return: dict of (field with the number, ticket id) to a number above 0
        """
        present, parts = self._present(tickets, counted.values()), []
        for name, lines in counted.items():
            field = tickets._fields[lines]
            records = tickets.env[field.comodel_name]
            if lines in present and records.has_access("read"):
                query = records._search([(field.inverse_name, "in", tickets.ids)])
                query.groupby = records._field_to_sql(
                    records._table, field.inverse_name, query
                )
                parts.append(
                    query.select(SQL("%s", name), query.groupby, SQL("count(*)"))
                )
        rows = self.env.execute_query(SQL(" UNION ALL ").join(parts)) if parts else ()
        return {(name, ticket_id): number for name, ticket_id, number in rows}

    # ------------------------------------------------------------------
    # Numbers on buttons
    # ------------------------------------------------------------------

    @api.model
    def _present(self, tickets, names):
        """Return which One2many fields of tickets hold anything, for whomever.

        :param names: of the fields
        """
        parts = []
        for name in names:
            field = tickets._fields[name]
            lines = self.env[field.comodel_name]
            lines.flush_model([field.inverse_name])
            table, column = map(SQL.identifier, (lines._table, field.inverse_name))
            parts.append(
                SQL(
                    "SELECT %s WHERE EXISTS (SELECT FROM %s WHERE %s = ANY(%s))",
                    name,
                    table,
                    column,
                    tickets.ids,
                )
            )
        rows = self.env.execute_query(SQL(" UNION ALL ").join(parts)) if parts else ()
        return {name for (name,) in rows}

    # ------------------------------------------------------------------
    # Clocks
    # ------------------------------------------------------------------

    @api.model
    def _clock_values(self, clock, now):
        """Return what the strip shows of a clock.

        :param now: epoch seconds UTC
        """
        return (
            self._promise(clock)
            | self._standing(clock)
            | {name: fields.Datetime.to_string(clock[name]) for name in STRIP_TIMES}
            | self._pause(clock, now)
            | self._progress(clock, now)
        )

    @api.model
    def _promise(self, clock):
        """Return what was promised, in words."""
        words = clock.target_id._words()
        return words | {
            "id": clock.id,
            "round": clock.round if clock.metric == "update" else 0,
            "cycle": clock.cycle,
            "kind": clock.kind,
            "zone": words["zone"] or clock.company_id._service_tz(),
        }

    @api.model
    def _standing(self, clock):
        """Return how the clock stands."""
        return {
            "burning": clock.burning,
            "state": clock.state,
            "verdict": clock.verdict,
            "counted": clock.counted,
            "deadline_set": clock.deadline_set,
            "target_seconds": clock.target_seconds,
        }

    @api.model
    def _pause(self, clock, now):
        """Return why the clock stands still, and since when if that is known ahead."""
        resumes = to_epoch(clock.running_since)
        if clock.state == "paused" or resumes is None or resumes <= now:
            return {"pause": clock.state == "paused" and self._pause_reason(clock)}
        began = [
            span.date_from
            for span in clock.ticket_id.service_span_ids
            if to_epoch(span.date_from) <= now
        ]
        since = max([clock.started_at, *began])
        return {
            "pause": self._pause_reason(clock),
            "paused_at": fields.Datetime.to_string(since),
        }

    @api.model
    def _pause_reason(self, clock):
        """Return in words why a paused clock stands still."""
        ticket = clock.ticket_id
        phase = ticket.stage_id._service_phase()
        if phase not in PIECE_OF_PHASE:
            return self.env._("held by another team")
        phases = ticket.stage_id._fields["service_phase"]
        words = dict(phases._description_selection(self.env))[phase]
        party = ticket.service_party_id.display_name
        if phase == "waiting_third_party" and party:
            return f"{words}: {party}"
        return words

    @api.model
    def _progress(self, clock, now):
        """Return the working seconds used up to now, and when it will go on being used.

        A clock past its deadline has no open time left to draw.
        """
        used, ahead = clock.elapsed_seconds, []
        since, deadline = to_epoch(clock.running_since), to_epoch(clock.deadline)
        if clock.state == "running" and since is not None:
            timetable = self._timetable_of(clock, since, max(now, deadline or now))
            used += timetable.open_seconds(since, max(now, since))
            if deadline is not None:
                ahead = open_between(
                    timetable, max(now, since), deadline, STRIP_INTERVALS
                )
        return {
            "used_seconds": used,
            "open": [[to_text(start), to_text(end)] for start, end in ahead],
        }

    @api.model
    def _timetable_of(self, clock, start, end):
        """Return the timetable that the clock was folded with, or the present one."""
        if clock.timetable_id:
            timetables = clock.env["service.quality.timetable"]
            timetable = timetables._timetable(clock.timetable_id.id)
            if timetable.covers(start, end):
                return timetable
        calendar = clock.target_id._calendar()
        found = calendar._service_timetables(start)
        return found[calendar.id][1] if calendar else ALWAYS

    # ------------------------------------------------------------------
    # Timeline
    # ------------------------------------------------------------------

    @api.model
    def _course(self, clock, start, end):
        """Return where the clock's seconds between two instants went."""
        matcher = clock.env["service.quality.target"]._matcher()
        target = matcher.by_id[clock.target_id.id]
        labels = [
            (to_epoch(span.date_from), _label_of(clock, span, target))
            for span in clock.ticket_id.service_span_ids.sorted("seq")
        ]
        return course(labels, self._timetable_of(clock, start, end), start, end)

    @api.model
    def _holders(self, ticket, start, end):
        """List who held the ticket between two instants, and in which phase."""
        spans = ticket.sudo().service_span_ids.sorted("seq")  # shown with the ticket
        phases = dict(spans._fields["phase"]._description_selection(self.env))
        return [
            {
                "start": to_text(max(to_epoch(span.date_from), start)),
                "end": to_text(min(to_epoch(span.date_to) or end, end)),
                "phase": phases.get(span.phase, ""),
                "holder": (span.party_id or span.user_id or span.team_id).display_name,
            }
            for span in spans
            if to_epoch(span.date_from) < end
            and (not span.date_to or to_epoch(span.date_to) > start)
        ]

    @api.model
    def _events(self, ticket):
        """List the rows of the ticket's ledger, oldest first."""
        rows = ticket.sudo().service_event_ids.sorted(  # shown with the ticket
            lambda row: (row.at, row.seq, row.id)
        )
        return [
            {
                "id": row.id,
                "at": fields.Datetime.to_string(row.at),
                "kind": row.kind,
                "label": row.kind_name,
                "summary": row.summary,
                "user": row.user_id.name or "",
                "reason": row.reason or "",
                "voided": row.is_voided,
            }
            for row in rows
        ]


def _urgent_first(clocks):
    """Return open clocks by deadline, then the judged ones, the newest first."""
    opened = clocks.filtered(lambda clock: clock.state in OPEN_STATES)
    over = clocks - opened
    return opened.sorted(
        lambda clock: (not clock.deadline, clock.deadline or clock.started_at)
    ) + over.sorted(lambda clock: (clock.stopped_at, clock.id), reverse=True)


def _label_of(clock, span, target):
    """Return why a clock stood still under a span, None where it ran."""
    point = (span.phase, span.user_id.id, span.team_id.id, span.party_id.id)
    agreement = clock.agreement_id
    kind, holder = "customer", None
    if clock.kind == "ola":
        kind, holder = "ola", (span.team_id & agreement.team_ids).id or None
    elif clock.kind == "uc":
        kind, holder = "uc", (span.party_id & agreement.partner_ids).id or None
    held = kind == "customer" or holder is not None
    if held and runs_under((kind, clock.metric, holder), target)(point):
        return None
    return PIECE_OF_PHASE.get(span.phase, "other")


def _drawable(pieces):
    """Return the pieces, or fewer and coarser ones where they would be too small."""
    if len(pieces) <= TIMELINE_PIECES:
        return pieces
    coarse = []
    for piece in pieces:
        label = "worked" if piece.label == "closed" else piece.label
        if coarse and coarse[-1].label == label:
            coarse[-1] = coarse[-1]._replace(end=piece.end)
        else:
            coarse.append(piece._replace(label=label))
    return coarse
