import json
from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL, ormcache

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from ..tools.instants import to_datetime, to_epoch, to_text
from ..tools.track import Row
from .projection import CLOCK, SPAN, NoAlerts, Projection

EVENT_COLUMNS = (
    "ticket_id", "company_id", "at", "seq", "kind", "value", "user_id", "team_id",
    "voids_id", "reason", "origin", "external_ref", "recorded_at",
)  # fmt: skip

HISTORICAL = ("import", "migration")
"""Origins of the opening of tickets that had a life before they came here."""

MATCHING_KINDS = ("opened", "reclassified")

PAGE = 10_000

_scan_json = json.JSONDecoder().scan_once
"""Reads what PostgreSQL writes, without space around it, in a third of the time."""


class ServiceQualityLedger(models.AbstractModel):
    """Appends rows to the ledger and keeps its projections, clocks and spans, true.

    All rules about time are in ``tools``; here is reading and writing in sets, and the
    lock that lets two transactions on one ticket follow each other.
    """

    _name = "service.quality.ledger"
    _description = "Service Ledger: Append and Fold"

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @api.model
    def _append(self, rows, fresh=False):
        """Append rows and bring clocks and spans up to date.

        :param rows: list of dicts with the fields of ``service.quality.event``; ``at``
            is a naive UTC datetime in whole seconds. Rows of the same second keep
            their order.
        :param fresh: the tickets are new in this transaction and these are all their
            rows: no other transaction sees them, and nothing is read
        """
        if not rows:
            return
        ticket_ids = sorted({row["ticket_id"] for row in rows})
        if not fresh:
            self._lock(ticket_ids)
        self._stamp_watermark(rows)
        self._insert_rows(rows)
        self._project(ticket_ids, rows if fresh else None)
        if not fresh:
            self._touch(ticket_ids)
        self._arm_ends_of_pauses(rows)
        self._announce({row["company_id"] for row in rows})

    @api.model
    def _refold(self, ticket_ids):
        """Fold tickets again from their rows, for example after a calendar changed."""
        if ticket_ids:
            self._lock(ticket_ids)
            self._project(ticket_ids)
            self._touch(ticket_ids)
            tickets = self.env["helpdesk.ticket"].browse(ticket_ids)
            self._announce(tickets.company_id.ids)

    @api.model
    def _leave_metrics(self, metrics):
        """End the promises of metrics for good: the addon that measures them goes.

        Their open clocks are cancelled by a row of the ledger, and their house rules
        archived. What was judged before stays.
        """
        rules = self.env["service.quality.target"].search(
            [("agreement_id", "=", False), ("metric", "in", metrics)]
        )
        rules.active = False
        clocks = self.env["service.quality.clock"].sudo()  # of every company
        running = clocks._read_group(
            [("metric", "in", metrics), ("state", "in", ("running", "paused"))],
            ["metric", "ticket_id"],
        )
        moment = fields.Datetime.now()
        rows = [
            ticket._service_row("unmeasured", {"metric": metric}, moment)
            for metric, ticket in running
        ]
        # what would be told of it after the commit is gone by then
        going = self.with_context(**{MODULE_UNINSTALL_FLAG: True})
        for start in range(0, len(rows), PAGE):
            going._append(rows[start : start + PAGE])

    @api.model
    def _differences(self, ticket_ids):
        """Fold tickets again, write nothing, and list what is stored differently.

        :return: list of dicts ``{"ticket_id", "what", "stored", "rebuilt"}``
        """
        return self._compare(*self._read(ticket_ids))

    # ------------------------------------------------------------------
    # What addons add
    # ------------------------------------------------------------------

    @api.model
    def _follow_changes(self, projection, changes):
        """Act on what a fold has changed; addons extend it.

        :param projection: the :class:`~.projection.Projection`
        :param changes: what :meth:`~.projection.Projection.changes` lists
        """

    @api.model
    def _announce(self, company_ids):
        """Act on what happened to tickets of some companies; addons extend it.

        :param company_ids: iterable of ids
        """

    @api.model
    def _alert_plan(self, ticket_ids, quiet, fresh=False):
        """Return what says when the clocks of tickets are to be looked at next.

        :param ticket_ids: the tickets that will be asked about
        :param quiet: dict of ticket id to the epoch seconds before which its clocks
            are history, as of a ticket that was imported
        :param fresh: the tickets are new in this transaction
        :return: as :class:`~.projection.NoAlerts`
        """
        return NoAlerts()

    @api.model
    def _ticket_columns(self):
        """Return the columns of a ticket that its fold gives; addons add to them."""
        return ("service_opened_at", "service_deadline", "service_cycle")

    @api.model
    def _ticket_values(self, folded, deadline):
        """Return the values of :meth:`_ticket_columns`, in their order.

        :param folded: :class:`~..tools.fold.Folded` of the ticket
        :param deadline: epoch seconds of the next deadline of an open clock, or None
        """
        return (to_datetime(folded.opened), to_datetime(deadline), folded.cycle)

    @api.model
    @ormcache()
    def _tables(self):
        """Return each projection's table, the columns of its key, and the others.

        :return: dict of ``clock``, ``span`` and ``ticket`` to such a tuple
        """
        ticket = ("helpdesk_ticket", ("id",), self._ticket_columns())
        return {"clock": CLOCK, "span": SPAN, "ticket": ticket}

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    def _lock(self, ticket_ids):
        """Lock tickets in the order of their ids, before anything of them is read."""
        self.env.cr.execute(
            "SELECT id FROM helpdesk_ticket WHERE id = ANY(%s) ORDER BY id "
            "FOR NO KEY UPDATE",
            [list(ticket_ids)],
        )

    def _touch(self, ticket_ids):
        """Write to the tickets that were locked, with all that waits to be written.

        A lock alone would let two folds pass each other under REPEATABLE READ, each
        blind to the other's row. With the write the second one fails to serialise
        when it gets the lock, and Odoo runs its request again.
        """
        tickets = self.env["helpdesk.ticket"].browse(ticket_ids)
        revision = tickets._fields["service_revision"]
        for ticket in tickets:
            revision.write(ticket, ticket.service_revision + 1)
        tickets.flush_recordset()

    def _arm_ends_of_pauses(self, rows):
        """Have tickets leave their stage in time when their pause is over."""
        now = to_text(to_epoch(fields.Datetime.now()))
        untils = [row["value"].get("until") for row in rows if row.get("value")]
        coming = [until for until in untils if until and until > now]
        if coming:
            moment = fields.Datetime.to_datetime(min(coming))
            self.env["service.quality.sweep"]._arm(moment)

    def _stamp_watermark(self, rows):
        """Note in the rows that match targets which agreements were known."""
        matching = [row for row in rows if row["kind"] in MATCHING_KINDS]
        if matching:
            watermark = self.env["service.quality.term"]._watermark()
            for row in matching:
                row["value"]["watermark"] = watermark

    def _insert_rows(self, rows):
        defaults = dict.fromkeys(EVENT_COLUMNS)
        defaults.update(seq=0, recorded_at=fields.Datetime.now(), value={})
        columns = ", ".join(EVENT_COLUMNS)
        self._execute_json(
            f"INSERT INTO service_quality_event ({columns}) SELECT {columns} "
            "FROM json_populate_recordset(NULL::service_quality_event, %s)",
            [defaults | row for row in rows],
        )

    def _project(self, ticket_ids, fresh_rows=None):
        """Write what a fold of the tickets changes, a statement or two per table."""
        added, changed, gone = (defaultdict(list) for _kind in range(3))
        projection, tables = self._fold(ticket_ids, fresh_rows), self._tables()
        changes = projection.changes()
        for table, key, before, after in changes:
            if after is None:
                gone[table].append(key)
            elif before is None and table != "ticket":
                added[table].append(key + after)
            else:
                changed[table].append((key, before, after))
        self._update_tickets(changed.pop("ticket", ()))
        for table, keys in gone.items():
            self._delete(*tables[table], keys)
        for table, rows in changed.items():
            self._update(*tables[table], rows)
        for table, rows in added.items():
            self._insert(*tables[table], rows)
        self._forget_cached(ticket_ids)
        self._follow_changes(projection, changes)

    def _delete(self, name, key_columns, _columns, keys):
        self._execute_values(
            f"DELETE FROM {name} WHERE ({', '.join(key_columns)}) IN (VALUES %s)", keys
        )

    def _insert(self, name, key_columns, columns, rows):
        columns = key_columns + columns
        names = ", ".join(columns)
        self._execute_json(
            f"INSERT INTO {name} ({names}) SELECT {names} "
            f"FROM json_populate_recordset(NULL::{name}, %s)",
            [dict(zip(columns, row, strict=True)) for row in rows],
        )

    def _update(self, name, key_columns, columns, rows):
        """Write the columns that change in any of the rows.

        :param rows: list of ``(key, before, after)``
        """
        differing = sorted(
            {
                index
                for _key, *both in rows
                for index, (before, after) in enumerate(zip(*both, strict=True))
                if before != after
            }
        )
        names = [columns[index] for index in differing]
        values = [
            dict(zip(key_columns, key, strict=True))
            | {columns[index]: after[index] for index in differing}
            for key, _before, after in rows
        ]
        self._execute_json(
            f"UPDATE {name} AS stored SET "
            + ", ".join(f"{column} = new.{column}" for column in names)
            + f" FROM json_populate_recordset(NULL::{name}, %s) AS new WHERE "
            + " AND ".join(f"stored.{column} = new.{column}" for column in key_columns),
            values,
        )

    def _update_tickets(self, rows):
        """Have the ticket's own columns written together with what else waits."""
        tickets = self.env["helpdesk.ticket"]
        own_fields = [tickets._fields[name] for name in self._ticket_columns()]
        for (ticket_id,), _before, after in rows:
            ticket = tickets.browse(ticket_id)
            for field, value in zip(own_fields, after, strict=True):
                field.write(ticket, value or False)

    def _execute_values(self, query, rows):
        """Run one statement over many rows; the names in it are ours, never input."""
        self.env.cr.execute_values(query, rows, page_size=PAGE)

    def _execute_json(self, query, rows):
        """Run one statement over many rows that travel as one parameter.

        Half the time of a list of values, which each are quoted and parsed.
        """
        self.env.cr.execute(query, [json.dumps(rows, default=str)])

    def _forget_cached(self, ticket_ids):
        for model in ("event", "clock", "span"):
            self.env[f"service.quality.{model}"].invalidate_model(flush=False)
        tickets = self.env["helpdesk.ticket"]
        names = [
            name
            for name, field in tickets._fields.items()
            # what is stored of the ticket itself is true, or waits to be written
            if name.startswith("service_") and not (field.store and field.column_type)
        ]
        tickets.browse(ticket_ids).invalidate_recordset(names, flush=False)

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    def _fold(self, ticket_ids, fresh_rows=None, store=True):
        """Fold tickets from their rows, beside what is stored of them.

        :param fresh_rows: the rows of tickets that have no others and nothing stored
        :param store: keep the timetables of calendars that changed since
        :return: :class:`Projection`
        """
        if fresh_rows is not None:
            rows, quiet = defaultdict(list), {}
            now = to_epoch(fields.Datetime.now())
            for number, row in enumerate(fresh_rows):
                rows[row["ticket_id"]].append(
                    Row(number, to_epoch(row["at"]), row["kind"], row["value"], None)
                )
                if row["kind"] == "opened" and row["origin"] in HISTORICAL:
                    quiet[row["ticket_id"]] = now
            stored = {table: {} for table in self._tables()}
            alerts = self._alert_plan(ticket_ids, quiet, fresh=True)
            return Projection(self.env, rows, stored, store, alerts)
        rows, stored, alerts = self._read(ticket_ids)
        return Projection(self.env, rows, stored, store, alerts)

    def _compare(self, rows, stored, alerts):
        """Fold what :meth:`_read` has read; see :meth:`_differences`."""
        projection = Projection(self.env, rows, stored, False, alerts)
        return [
            {
                "ticket_id": key[0],
                "what": " ".join(map(str, (table, *key[1:]))),
                "stored": projection.describe(table, before),
                "rebuilt": projection.describe(table, after),
            }
            for table, key, before, after in projection.changes(inputs=False)
        ]

    def _read(self, ticket_ids):
        """Return the rows of tickets, what is stored of them, and their alerts.

        :return: what :class:`Projection` takes
        """
        # what waits in memory to be written is stored, too
        self.env["helpdesk.ticket"].browse(ticket_ids).flush_recordset(
            ("service_revision", *self._ticket_columns())
        )
        stored = {
            table: self._read_stored(columns, ticket_ids)
            for table, columns in self._tables().items()
        }
        rows, quiet = self._read_ledger(ticket_ids)
        return rows, stored, self._alert_plan(ticket_ids, quiet)

    def _read_rows(self, ticket_ids):
        """Return the rows of tickets in their order: dict of ticket id to a list."""
        rows, _quiet = self._read_ledger(ticket_ids)
        return rows

    def _read_ledger(self, ticket_ids, known=None):
        """Return the rows of tickets in their order.

        :param known: the condition of rows of ``service_quality_event AS event`` that
            count, None: all do
        :return: dict of ticket id to list of :class:`Row`; dict of ticket id to when
            a ticket with a history of its own came here, epoch seconds
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT ticket_id,
                       CASE WHEN kind = 'opened' AND origin = ANY(%s)
                            THEN extract(epoch FROM recorded_at)::bigint END,
                       id, extract(epoch FROM at)::bigint, kind, value::text, voids_id
                  FROM service_quality_event AS event
                 WHERE ticket_id = ANY(%s) AND %s
                 ORDER BY ticket_id, at, seq, id
                """,
                list(HISTORICAL),
                list(ticket_ids),
                known or SQL("TRUE"),
            )
        )
        rows, quiet = defaultdict(list), {}
        for (
            ticket_id,
            arrived,
            row_id,
            at,
            kind,
            value,
            voids,
        ) in self.env.cr.fetchall():
            if arrived is not None:
                quiet[ticket_id] = arrived
            value = value and _scan_json(value, 0)[0]
            rows[ticket_id].append(Row(row_id, at, kind, value, voids))
        return rows, quiet

    def _read_stored(self, table, ticket_ids):
        name, key_columns, columns = table
        self.env.cr.execute(
            f"SELECT {', '.join(key_columns + columns)} FROM {name} "
            f"WHERE {key_columns[0]} = ANY(%s)",
            [list(ticket_ids)],
        )
        size = len(key_columns)
        return {row[:size]: row[size:] for row in self.env.cr.fetchall()}
