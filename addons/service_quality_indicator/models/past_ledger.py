"""Reads the ledger as a figure saw it when it was taken."""

import json

from odoo.tools import SQL

from odoo.addons.service_quality_core.models.projection import (
    SPAN_COLUMNS,
    NoAlerts,
    Projection,
)

BATCH = 500

OWN_TABLES = {
    "clock": "service_quality_clock",
    "span": "service_quality_span",
    "ticket": "helpdesk_ticket",
}

_COMPANY = SPAN_COLUMNS.index("company_id")


class PastProjection(Projection):
    """Folds the rows that were there, each clock with the timetable it had then.

    :param kept: dict of key of a clock to the id of that timetable
    """

    def __init__(self, env, rows, stored, kept):
        self._past_kept = kept
        super().__init__(env, rows, stored, False, NoAlerts())

    def _timetables_kept(self):
        return self._past_kept

    def _is_final(self, state, verdict, deadline):
        return True


class PastLedger:
    """Gives what was known at a stamp: rows up to an id, of transactions then seen.

    Tickets on which nothing was recorded since are read where they are stored; those
    that have gone on are folded from the rows that were there, into temporary tables
    that lie over the stored ones.

    :param stamp: (highest id of a row, pg_current_snapshot as text, own transaction)
    """

    def __init__(self, env, stamp):
        self.env = env
        self.ledger_id, self.snapshot, self.xid = stamp
        self._touched = self._find_touched()
        if self._touched:
            self._lay_over()

    def known(self, alias):
        """Return the condition that a row of the ledger was known."""
        return SQL(
            "(%(row)s.id <= %(last)s AND %(seen)s)",
            row=SQL.identifier(alias),
            last=self.ledger_id,
            seen=self._seen(alias),
        )

    def table(self, name):
        """Return a projection as it was; see :meth:`CountingContext.table`."""
        own = SQL.identifier(OWN_TABLES[name])
        if not self._touched:
            return own
        key = SQL.identifier("id" if name == "ticket" else "ticket_id")
        columns = SQL(", ").join(map(SQL.identifier, self._columns(name)))
        return SQL(
            """
            (SELECT %(columns)s FROM %(own)s
              WHERE %(key)s NOT IN (SELECT id FROM service_quality_past_touched)
              UNION ALL
             SELECT %(columns)s FROM %(past)s)
            """,
            columns=columns,
            own=own,
            key=key,
            past=SQL.identifier(f"service_quality_past_{name}"),
        )

    # ------------------------------------------------------------------
    # What was known
    # ------------------------------------------------------------------

    def _seen(self, alias):
        """Return the condition that the transaction of a row was seen.

        A number that this cluster has not come to yet is that of another one, out of
        which the database was restored.
        """
        return SQL(
            """
            (pg_visible_in_snapshot(%(row)s.xid, %(snapshot)s::pg_snapshot)
             OR %(row)s.xid = %(own)s::xid8
             OR %(row)s.xid >= pg_snapshot_xmax(pg_current_snapshot()))
            """,
            row=SQL.identifier(alias),
            snapshot=self.snapshot,
            own=self.xid,
        )

    def _find_touched(self):
        """Return the ids of tickets of which more was recorded, or replanned, since."""
        self.env.cr.execute(
            SQL(
                """
                SELECT event.ticket_id
                  FROM service_quality_event AS event
                 WHERE event.xid >= pg_snapshot_xmin(%(snapshot)s::pg_snapshot)
                   AND NOT %(known)s
                 UNION
                SELECT change.ticket_id
                  FROM service_quality_clock_change AS change
                 WHERE change.xid >= pg_snapshot_xmin(%(snapshot)s::pg_snapshot)
                   AND NOT %(changed)s
                """,
                snapshot=self.snapshot,
                known=self.known("event"),
                changed=self.known("change"),
            )
        )
        return sorted(ticket_id for (ticket_id,) in self.env.cr.fetchall())

    def _timetables(self, ticket_ids):
        """Return the timetable that each clock of some tickets had.

        The oldest replacement since tells what was replaced; without one it is what
        is stored.
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT ticket_id, target_id, cycle, round, holder, timetable_id
                  FROM service_quality_clock
                 WHERE ticket_id = ANY(%(tickets)s)
                """,
                tickets=ticket_ids,
            )
        )
        kept = {tuple(key): found for *key, found in self.env.cr.fetchall()}
        self.env.cr.execute(
            SQL(
                """
                SELECT ticket_id, target_id, cycle, round, holder, timetable_id
                  FROM service_quality_clock_change AS change
                 WHERE ticket_id = ANY(%(tickets)s) AND NOT %(known)s
                 ORDER BY id DESC
                """,
                tickets=ticket_ids,
                known=self.known("change"),
            )
        )
        kept.update({tuple(key): found for *key, found in self.env.cr.fetchall()})
        return kept

    # ------------------------------------------------------------------
    # Folding
    # ------------------------------------------------------------------

    def _columns(self, name):
        """Return the columns of a projection that are counted."""
        _table, key, columns = self.env["service.quality.ledger"]._tables()[name]
        if name == "ticket":
            return ("id", "company_id", *columns)
        return ("id", *key, *columns)

    def _lay_over(self):
        """Fold the touched tickets, a batch at a time, into temporary tables."""
        cr = self.env.cr
        cr.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS service_quality_past_touched"
            " (id int PRIMARY KEY) ON COMMIT DROP"
        )
        for name, own in OWN_TABLES.items():
            columns = SQL(", ").join(map(SQL.identifier, self._columns(name)))
            cr.execute(
                SQL(
                    "CREATE TEMPORARY TABLE IF NOT EXISTS %(past)s ON COMMIT DROP"
                    " AS SELECT %(columns)s FROM %(own)s WITH NO DATA",
                    past=SQL.identifier(f"service_quality_past_{name}"),
                    columns=columns,
                    own=SQL.identifier(own),
                )
            )  # batched: three tables
        cr.execute(
            "TRUNCATE service_quality_past_touched, service_quality_past_clock,"
            " service_quality_past_span, service_quality_past_ticket"
        )
        cr.execute(
            "INSERT INTO service_quality_past_touched SELECT unnest(%s)",
            [self._touched],
        )
        for start in range(0, len(self._touched), BATCH):
            self._fold_batch(self._touched[start : start + BATCH])

    def _fold_batch(self, ticket_ids):
        """Fold some tickets from the rows that were known."""
        ledger = self.env["service.quality.ledger"]
        projection = ledger._fold_past(
            ticket_ids, self.known("event"), self._timetables(ticket_ids)
        )
        for name in OWN_TABLES:
            self._insert(projection, name)

    def _insert(self, projection, name):
        """Write what was folded; a clock or span that is still there keeps its id."""
        _table, key, columns = self.env["service.quality.ledger"]._tables()[name]
        rows = [
            dict(zip((*key, *columns), (*one, *values), strict=True))
            for one, values in projection.rebuilt[name].items()
        ]
        own_id = SQL(
            "(SELECT own.id FROM %s AS own WHERE %s)",
            SQL.identifier(OWN_TABLES[name]),
            SQL(" AND ").join(
                SQL("own.%s = new.%s", SQL.identifier(one), SQL.identifier(one))
                for one in key
            ),
        )
        if name == "ticket":
            own_id, key, columns = SQL("new.id"), (), ("company_id", *columns)
            spans = projection.rebuilt["span"]
            for row in rows:
                row["company_id"] = spans[row["id"], 1][_COMPANY]
        self.env.cr.execute(
            SQL(
                "INSERT INTO %(past)s (id, %(names)s) SELECT %(id)s, %(columns)s"
                " FROM json_populate_recordset(NULL::%(own)s, %(rows)s::json) AS new",
                past=SQL.identifier(f"service_quality_past_{name}"),
                id=own_id,
                names=SQL(", ").join(map(SQL.identifier, (*key, *columns))),
                columns=SQL(", ").join(
                    SQL("new.%s", SQL.identifier(one)) for one in (*key, *columns)
                ),
                own=SQL.identifier(OWN_TABLES[name]),
                rows=json.dumps(rows, default=str),
            )
        )
