from odoo import api, fields, models
from odoo.exceptions import MissingError
from odoo.fields import Domain

from ...tools.core.course import course, open_between, sums
from ...tools.core.fold import runs_under
from ...tools.core.instants import to_epoch, to_text
from ...tools.core.timetable import ALWAYS
from .arguments import Arguments
from .service_quality_clock import OPEN_STATES

STRIP_INTERVALS = 60
"""How many open intervals ahead a running clock is shown with: some weeks of them."""

COUNTED = 1000
"""Beyond it a number no longer says what to do next, and is not worth counting."""

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


class HelpdeskTicket(models.Model):
    """What the ticket's form shows of its service targets, ready to be drawn.

    Times are texts in UTC. Nothing here decides anything: clocks, spans and rows are
    shown as they are stored.
    """

    _inherit = "helpdesk.ticket"

    service_strip = fields.Json(
        string="Service Targets on Screen",
        compute="_compute_service_strip",
        groups="base.group_user",
    )
    service_require_work_done = fields.Boolean(
        related="team_id.service_require_work_done"
    )
    service_require_cause = fields.Boolean(related="team_id.service_require_cause")
    service_require_solution = fields.Boolean(
        related="team_id.service_require_solution"
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("service_revision", "service_clock_ids.state")
    def _compute_service_strip(self):
        # whoever reads the ticket is shown what was promised for it
        clocks = self.env["service.quality.clock"].sudo()
        found = clocks.search(
            [("ticket_id", "in", self.ids)], order="deadline, started_at, id"
        ).grouped("ticket_id")
        now = to_epoch(fields.Datetime.now())
        is_explained = all(self.env[model].has_access("read") for model in EXPLAINED)
        for ticket in self:
            own = found.get(ticket._origin, clocks)
            ticket.service_strip = {
                "now": to_text(now),
                "explained": is_explained,
                "clocks": [clock._strip_values(now) for clock in own._urgent_first()],
            }

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    def service_timeline(self, clock_id):
        """Say where each second of one of the ticket's clocks went, and why it runs.

        :param clock_id: id of a clock of this ticket
        :return: dict with ``clock`` (as in ``service_strip``), ``start`` and ``end``
            (of the clock, or now), ``pieces`` (lists of start, end and label), ``sums``
            (seconds by label, which add up to the time from start to end), ``holders``,
            ``events`` and ``steps`` (see ``service_explain``); times are texts in UTC
        :raise AccessError: without the right to read the ticket, its ledger and the
            agreements, also those of other customers, that it names
        """
        self.ensure_one()
        self.check_access("read")
        self._service_check_explainable()
        clock = self.sudo().service_clock_ids.filtered(  # shown with the ticket
            lambda clock: clock.id == clock_id
        )
        if not clock:
            raise MissingError(
                self.env._("The ticket has no such service target. Reload the page.")
            )
        now = to_epoch(fields.Datetime.now())
        start = to_epoch(clock.started_at)
        end = max(to_epoch(clock.stopped_at) or now, start)
        pieces = clock._course(start, end)
        steps = self.env["service.quality.clock"]._explain(self)
        return {
            "clock": clock._strip_values(now),
            "start": to_text(start),
            "end": to_text(end),
            "pieces": [
                [to_text(piece.start), to_text(piece.end), piece.label]
                for piece in clock._drawable(pieces, start, end)
            ],
            "sums": sums(pieces),
            "holders": self._service_holders(start, end),
            "events": self._service_events_shown(),
            "steps": steps.get(str(clock.target_id.id), []),
        }

    @api.model
    @api.readonly
    def service_count_burning(self, domain):
        """Count open tickets by what is wrong with their service targets.

        :param domain: only tickets of this domain
        :return: dict of ``late``, ``at_risk``, ``paused`` and ``no_agreement`` to how
            many they are, one more than ``COUNTED`` for any number beyond it
        """
        chosen = Arguments(self.env).domain("domain", domain, self._name)
        opened = chosen & Domain("closed", "=", False)
        wanted = {
            state: Domain("service_state", "=", state)
            for state in ("late", "at_risk", "paused")
        }
        wanted["no_agreement"] = Domain("service_has_agreement", "=", False)
        return {
            name: self.search_count(  # batched: four counts
                opened & condition, limit=COUNTED + 1
            )
            for name, condition in wanted.items()
        }

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _service_check_explainable(self):
        """Refuse who reads a ticket, but not what the timeline tells besides."""
        for model in EXPLAINED:
            self.env[model].check_access("read")

    def _service_holders(self, start, end):
        """List who held the ticket between two instants, and in which phase."""
        spans = self.sudo().service_span_ids.sorted("seq")  # shown with the ticket
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

    def _service_events_shown(self):
        """List the rows of the ticket's ledger, oldest first."""
        rows = self.sudo().service_event_ids.sorted(  # shown with the ticket
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


class ServiceQualityClock(models.Model):
    _inherit = "service.quality.clock"

    def _urgent_first(self):
        """Sort: open ones by deadline, then judged ones, the newest first."""
        opened = self.filtered(lambda clock: clock.state in OPEN_STATES)
        over = self - opened
        return opened.sorted(
            lambda clock: (not clock.deadline, clock.deadline or clock.started_at)
        ) + over.sorted(lambda clock: (clock.stopped_at, clock.id), reverse=True)

    def _strip_values(self, now):
        """Return what the strip shows of a clock.

        :param now: epoch seconds UTC
        """
        self.ensure_one()
        return (
            self._strip_promise()
            | self._strip_standing()
            | {name: fields.Datetime.to_string(self[name]) for name in STRIP_TIMES}
            | self._strip_pause(now)
            | self._strip_progress(now)
        )

    def _strip_promise(self):
        """Return what was promised, in words."""
        calendar = self.target_id._calendar()
        return {
            "id": self.id,
            "name": self.target_id._label("metric"),
            "round": self.round if self.metric == "update" else 0,
            "cycle": self.cycle,
            "promise": self.target_id._promise(),
            "agreement": self.agreement_id.display_name or False,
            "kind": self.kind,
            "calendar": calendar.name or "24 × 7",
            "zone": calendar.tz or self.company_id._service_tz(),
        }

    def _strip_standing(self):
        """Return how the clock stands."""
        return {
            "burning": self.burning,
            "state": self.state,
            "verdict": self.verdict,
            "counted": self.counted,
            "deadline_set": self.deadline_set,
            "target_seconds": self.target_seconds,
        }

    def _strip_pause(self, now):
        """Return why the clock stands still, and since when if that is known ahead."""
        resumes = to_epoch(self.running_since)
        if self.state == "paused" or resumes is None or resumes <= now:
            return {"pause": self.state == "paused" and self._pause_reason()}
        began = [
            span.date_from
            for span in self.ticket_id.service_span_ids
            if to_epoch(span.date_from) <= now
        ]
        since = max([self.started_at, *began])
        return {
            "pause": self._pause_reason(),
            "paused_at": fields.Datetime.to_string(since),
        }

    def _strip_progress(self, now):
        """Return the working seconds used up to now, and when it will go on being used.

        A clock past its deadline has no open time left to draw.
        """
        used, ahead = self.elapsed_seconds, []
        since, deadline = to_epoch(self.running_since), to_epoch(self.deadline)
        if self.state == "running" and since is not None:
            timetable = self._timetable_for(since, max(now, deadline or now))
            used += timetable.open_seconds(since, max(now, since))
            if deadline is not None:
                ahead = open_between(
                    timetable, max(now, since), deadline, STRIP_INTERVALS
                )
        return {
            "used_seconds": used,
            "open": [[to_text(start), to_text(end)] for start, end in ahead],
        }

    def _pause_reason(self):
        """Say in words why a paused clock stands still."""
        ticket = self.ticket_id
        phase = ticket.stage_id._service_phase()
        if phase not in PIECE_OF_PHASE:
            return self.env._("held by another team")
        phases = ticket.stage_id._fields["service_phase"]
        words = dict(phases._description_selection(self.env))[phase]
        party = ticket.service_party_id.display_name
        if phase == "waiting_third_party" and party:
            return f"{words}: {party}"
        return words

    def _timetable_for(self, start, end):
        """Return the timetable that the clock was folded with, or the present one."""
        timetables = self.env["service.quality.timetable"]
        if self.timetable_id:
            timetable = timetables._timetable(self.timetable_id.id)
            if timetable.covers(start, end):
                return timetable
        calendar = self.target_id._calendar()
        found = calendar._service_timetables(start)
        return found[calendar.id][1] if calendar else ALWAYS

    # ------------------------------------------------------------------
    # Timeline
    # ------------------------------------------------------------------

    def _course(self, start, end):
        """Return where the clock's seconds between two instants went."""
        target = self.env["service.quality.target"]._matcher().by_id[self.target_id.id]
        labels = [
            (to_epoch(span.date_from), self._label_of(span, target))
            for span in self.ticket_id.service_span_ids.sorted("seq")
        ]
        return course(labels, self._timetable_for(start, end), start, end)

    def _label_of(self, span, target):
        """Return why the clock stood still under a span, None where it ran."""
        point = (span.phase, span.user_id.id, span.team_id.id, span.party_id.id)
        agreement = self.agreement_id
        kind, holder = "customer", None
        if self.kind == "ola":
            kind, holder = "ola", (span.team_id & agreement.team_ids).id or None
        elif self.kind == "uc":
            kind, holder = "uc", (span.party_id & agreement.partner_ids).id or None
        held = kind == "customer" or holder is not None
        if held and runs_under((kind, self.metric, holder), target)(point):
            return None
        return PIECE_OF_PHASE.get(span.phase, "other")

    def _drawable(self, pieces, start, end):
        """Return the pieces, or fewer and coarser ones where nobody could see them."""
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
