"""Compares what is stored of tickets with what a fold of their ledger gives."""

from odoo import fields

from ..tools.fold import fold
from ..tools.instants import to_datetime
from ..tools.timetable import ALWAYS
from ..tools.track import last_instant

CLOCK_COLUMNS = (
    "agreement_id", "company_id", "kind", "metric", "partner_id", "team_id", "user_id",
    "category_id", "process_id", "priority", "severity", "state", "started_at",
    "target_seconds", "elapsed_seconds", "running_since", "paused_at", "deadline",
    "deadline_set", "deadline_computed", "warning_at", "stopped_at", "verdict",
    "judged_at", "counted",
    "next_alert_at", "alert_version", "timetable_id",
)  # fmt: skip

INPUTS = 3
"""So many of a clock's columns, the last ones, are no results of the fold alone: when
it is looked at next, by which rules, and the timetable that went into the fold."""

SPAN_COLUMNS = (
    "company_id", "phase", "user_id", "team_id", "party_id", "date_from", "date_to",
    "wall_seconds", "open_seconds",
)  # fmt: skip

CLOCK = (
    "service_quality_clock",
    ("ticket_id", "target_id", "cycle", "round", "holder"),
    CLOCK_COLUMNS,
)
"""The table of clocks, the columns of its key, and those that a fold gives."""

SPAN = ("service_quality_span", ("ticket_id", "seq"), SPAN_COLUMNS)
"""As :data:`CLOCK`, of spans."""

REFERENCES = (
    ("res_partner", ("customer", "party")),
    ("res_users", ("user",)),
    ("helpdesk_ticket_team", ("team",)),
    ("helpdesk_ticket_category", ("category",)),
    ("helpdesk_ticket_type", ("process",)),
)
"""What the ledger names by id, without a foreign key."""

_STATE, _DEADLINE, _VERDICT, _TIMETABLE = (
    CLOCK_COLUMNS.index(name)
    for name in ("state", "deadline", "verdict", "timetable_id")
)


class NoAlerts:
    """Stands for the alerts of clocks where no addon warns of them: it has none."""

    version = 0
    """Of the rules by which clocks are looked at."""

    fired = {}
    """Which steps have fired: dict of key of a clock to a dict of step to alarm."""

    def next_of(self, key, clock, path, timetable):
        """Return when an open clock is to be looked at next, epoch seconds or None.

        :param key: the clock's ticket, target, cycle, round and holder
        :param clock: dict of the clock's columns
        :param path: ids of the ticket's category and all above it, the top one first
        :param timetable: function that returns the clock's timetable
        """


class Projection:
    """Folds some tickets: ``stored`` is there, ``rebuilt`` follows from the rows.

    Both are dicts of table to a dict of key to a tuple of the table's columns.

    :param rows: dict of ticket id to its :class:`~..tools.fold.Row` in their order
    :param store: keep the timetables of calendars that changed since
    :param alerts: when the tickets' clocks are looked at next, as :class:`NoAlerts`
    """

    def __init__(self, env, rows, stored, store, alerts):
        self.env = env
        self.alerts = alerts
        self._ledger = env["service.quality.ledger"]
        self._tables = self._ledger._tables()
        self.stored = stored
        self.rebuilt = {table: {} for table in self._tables}
        self._store_timetables = store
        self._now = fields.Datetime.now()
        # contacts are shown as who they have become
        self._merged = env["service.quality.partner.merge"]._merged_partners()
        self._matcher = env["service.quality.target"]._matcher()
        # first and last instant that a ticket's rows ask about
        self._reach = {
            ticket_id: (found[0].at, last_instant(found))
            for ticket_id, found in rows.items()
        }
        self._earliest = min(
            (first for first, _last in self._reach.values()), default=0
        )
        self._current_of = {None: (None, ALWAYS)}  # calendar: (timetable id, timetable)
        self._timetables = {}  # those that were asked for, by id
        self._kept = self._timetables_kept()
        self._used = {}  # key of a clock: timetable id
        folds = {
            ticket_id: self._fold(ticket_id, rows[ticket_id]) for ticket_id in rows
        }
        self._existing = self._existing_references(folds)
        for ticket_id, folded in folds.items():
            if folded is not None:
                self._enter(ticket_id, folded)

    def changes(self, inputs=True):
        """List ``(table, key, stored, rebuilt)`` where they differ; None: not there.

        :param inputs: look at :data:`INPUTS`, too
        """
        found = []
        for table in self._tables:
            before, after = self.stored[table], self.rebuilt[table]
            keys = [
                key
                for key, values in after.items()
                if (stored := before.get(key)) != values
                and (inputs or _results(table, stored) != _results(table, values))
            ]
            if table != "ticket":
                keys += [
                    key
                    for key in before.keys() - after.keys()
                    if table != "clock" or key[1] not in self._matcher.passed_over
                ]
            found += [
                (table, key, before.get(key), after.get(key)) for key in sorted(keys)
            ]
        return found

    def describe(self, table, values):
        """Return the columns of a stored or rebuilt row as a text for people."""
        if values is None:
            return ""
        pairs = zip(self._tables[table][2], values, strict=True)
        return ", ".join(
            f"{name}={value}" for name, value in pairs if value is not None
        )

    # ------------------------------------------------------------------
    # Folding
    # ------------------------------------------------------------------

    def _fold(self, ticket_id, rows):
        """Fold one ticket; what is over keeps its timetable.

        A clock that was over and is open again, after a reopening or a voided row,
        is folded once more with the current one.
        """
        while True:
            folded = fold(
                rows,
                self._matcher,
                lambda *key: self._timetable_of((ticket_id, *key)),
                lambda clocks: self._reference(ticket_id, clocks),
            )
            again = [
                key
                for clock in (folded.clocks if folded and self._kept else ())
                if (key := _clock_key(ticket_id, clock)) in self._kept
                and not self._is_final(
                    clock.state, clock.verdict, to_datetime(clock.deadline)
                )
            ]
            if not again:
                return folded
            for key in again:
                del self._kept[key]

    def _enter(self, ticket_id, folded):
        """Add one ticket's clocks, spans and own columns to what was rebuilt."""
        company_id = folded.attributes.company
        clocks, spans = self.rebuilt["clock"], self.rebuilt["span"]
        users, teams, parties = (
            self._existing[key] for key in ("user", "team", "party")
        )
        due = None
        for clock in folded.clocks:
            key = _clock_key(ticket_id, clock)
            clocks[key] = self._clock_values(ticket_id, clock, self._used[key])
            if clock.state in ("running", "paused") and clock.deadline is not None:
                due = clock.deadline if due is None else min(due, clock.deadline)
        for seq, span in enumerate(folded.spans, start=1):
            spans[ticket_id, seq] = (
                company_id,
                span.phase,
                span.user if span.user in users else None,
                span.team if span.team in teams else None,
                party if (party := self._today(span.party)) in parties else None,
                to_datetime(span.start),
                to_datetime(span.end),
                None if span.end is None else span.end - span.start,
                span.open_seconds,
            )
        self.rebuilt["ticket"][(ticket_id,)] = self._ledger._ticket_values(folded, due)

    def _clock_values(self, ticket_id, clock, timetable_id):
        target, attributes = clock.target, clock.attributes
        path = attributes.category_path
        values = (
            target.agreement,
            target.company,
            target.kind,
            target.metric,
            self._known("customer", self._today(attributes.customer)),
            self._known("team", clock.team),
            self._known("user", clock.user),
            self._known("category", path[-1] if path else None),
            self._known("process", attributes.process),
            attributes.priority,
            attributes.severity,
            clock.state,
            to_datetime(clock.started_at),
            target.seconds,
            clock.elapsed,
            to_datetime(clock.running_since),
            to_datetime(clock.paused_at),
            to_datetime(clock.deadline),
            clock.deadline_set,
            to_datetime(clock.deadline_computed),
            to_datetime(clock.warning_at),
            to_datetime(clock.stopped_at),
            clock.verdict,
            to_datetime(clock.judged_at),
            clock.counted,
        )
        if clock.state not in ("running", "paused"):
            return (*values, None, 0, timetable_id)
        at = self.alerts.next_of(
            _clock_key(ticket_id, clock),
            dict(zip(CLOCK_COLUMNS, values, strict=False)),  # those of the fold alone
            path,
            lambda: self._timetable_of((ticket_id, *clock[:4])),
        )
        return (*values, to_datetime(at), self.alerts.version, timetable_id)

    # ------------------------------------------------------------------
    # References
    # ------------------------------------------------------------------

    def _existing_references(self, folds):
        """Return which of the records that the folds name are still there.

        The ledger outlives contacts, categories and types; its projections then show
        none.

        :return: dict of key to a set of ids
        """
        wanted = {key: set() for _table, keys in REFERENCES for key in keys}
        for folded in folds.values():
            if folded is None:
                continue
            for span in folded.spans:
                wanted["user"].add(span.user)
                wanted["team"].add(span.team)
                wanted["party"].add(self._today(span.party))
            for clock in folded.clocks:
                wanted["customer"].add(self._today(clock.attributes.customer))
                wanted["category"].update(clock.attributes.category_path[-1:])
                wanted["process"].add(clock.attributes.process)
        query, params = [], []
        for table, keys in REFERENCES:
            found = set().union(*(wanted[key] for key in keys)) - {None}
            query.append(f"SELECT '{table}', id FROM {table} WHERE id = ANY(%s)")
            params.append(list(found))
        self.env.cr.execute(" UNION ALL ".join(query), params)
        existing = {table: set() for table, _keys in REFERENCES}
        for table, record_id in self.env.cr.fetchall():
            existing[table].add(record_id)
        return {key: existing[table] for table, keys in REFERENCES for key in keys}

    def _today(self, partner_id):
        """Return the contact that another one was merged into, or itself."""
        return self._merged.get(partner_id, partner_id)

    def _known(self, key, record_id):
        return record_id if record_id in self._existing[key] else None

    # ------------------------------------------------------------------
    # Timetables
    # ------------------------------------------------------------------

    def _timetables_kept(self):
        """Return the timetables of clocks that are over or late, which are replayed."""
        return {
            key: values[_TIMETABLE]
            for key, values in self.stored["clock"].items()
            if self._is_final(values[_STATE], values[_VERDICT], values[_DEADLINE])
        }

    def _is_final(self, state, verdict, deadline):
        return (
            state in ("done", "cancelled")
            or verdict is not None
            or (deadline is not None and deadline < self._now)
        )

    def _timetable_of(self, key):
        """Return the timetable of a clock; the second item of the key is a target."""
        ticket_id, target, *rest = key
        key = (ticket_id, target.id, *rest)
        timetable_id, timetable = None, None
        if key in self._kept and target.calendar is not None:
            timetable_id, timetable = self._reaching(key, target.calendar)
        if timetable is None:
            timetable_id, timetable = self._current(target.calendar)
        self._used[key] = timetable_id
        return timetable

    def _reference(self, ticket_id, clocks):
        """Choose the timetable in which a ticket's spans are counted.

        It is the one of the ticket's resolution clock, or of another clock promised
        to the customer; every second counts where nothing was promised.
        """
        promised = [clock for clock in clocks if clock.target.kind in ("sla", "house")]
        if not promised:
            return ALWAYS
        clock = max(
            promised,
            key=lambda clock: (
                clock.target.metric == "resolution",
                clock.counted,
                clock.cycle,
                clock.round,
                clock.target.id,
            ),
        )
        return self._timetable_of((ticket_id, *clock[:4]))

    def _reaching(self, key, calendar_id):
        """Return the timetable that a clock keeps, as far as its ticket's rows reach.

        What it knows stays as it was; only years beyond it are taken from the
        calendar as it is now. No other ticket has a say in it.
        """
        Store = self.env["service.quality.timetable"]
        timetable_id = self._kept[key]
        if timetable_id is None:
            return None, None
        timetable = self._timetables.get(timetable_id)
        if timetable is None:
            timetable = Store._timetable(timetable_id)
            self._timetables[timetable_id] = timetable
        if not timetable.covers(*self._reach[key[0]]):
            timetable = timetable.extended(self._current(calendar_id)[1])
            if self._store_timetables:
                [timetable_id] = Store._store([timetable]).values()
        return timetable_id, timetable

    def _current(self, calendar_id):
        if calendar_id not in self._current_of:
            calendar = self.env["resource.calendar"].browse(calendar_id)
            if self._store_timetables:
                found = calendar._service_store_timetables(self._earliest)
            else:
                found = calendar._service_timetables(self._earliest)
            self._current_of.update(found)
        return self._current_of[calendar_id]


def _clock_key(ticket_id, clock):
    return (ticket_id, clock.target.id, clock.cycle, clock.round, clock.holder)


def _results(table, values):
    """Return the columns of a row that are results of the fold alone."""
    return values[:-INPUTS] if table == "clock" and values else values
