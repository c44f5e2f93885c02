"""Very many tickets and their ledger, by SQL out of a few that the product made."""

import os
from datetime import UTC, datetime, timedelta
from math import ceil
from time import perf_counter

from courses import Courses
from databases import Database

from odoo.modules.registry import Registry
from odoo.tools import SQL

WEEKS = 105
"""The week in which the models are opened lies so many before the present one."""

LAST = 103
"""Copies begin up to so many weeks later: what takes ten days is over by now."""

RECENT = 12
"""Tickets that are still open were opened in so many weeks up to the last one."""

FEW = 10
"""One of so many copies has the open tickets, too."""

PARTS = 24
"""So many transactions, one for a month: rows of the ledger tell them apart."""

TABLES = (
    "helpdesk_ticket",
    "service_quality_event",
    "service_quality_clock",
    "service_quality_span",
    "service_quality_callback",
    "service_quality_callback_attempt",
)
"""What is copied."""

OF_TICKET = {
    "helpdesk_ticket": SQL("id"),
    "service_quality_callback_attempt": SQL(
        "(SELECT ticket_id FROM service_quality_callback WHERE id = callback_id)"
    ),
}
"""Whose ticket's a row is; ``ticket_id`` says so in the other tables."""

ANEW = {
    "helpdesk_ticket": {
        "number": lambda _strides: SQL("'V' || copy.nth || '-' || model.number"),
        "access_token": lambda _strides: SQL("NULL"),
    },
    "service_quality_event": {
        "value": lambda strides: SQL(
            """
            CASE WHEN model.value ->> 'callback' IS NULL THEN model.value
                 ELSE jsonb_set(model.value, '{callback}', to_jsonb(
                      (model.value ->> 'callback')::int + copy.nth * %s)) END
            """,
            strides["service_quality_callback"],
        ),
    },
}

SAMPLE = 400


class Volume(Database):
    """A database of so many tickets over two years.

    A copy has the ids of its model and so many times the distance between the first and
    the last of them, in each table, so that what refers to each other still does.
    """

    def __init__(self, tickets):
        self.flavour = "volume"
        self.registry = Registry(os.environ["BENCH_VOLUME"])
        self.seconds = {}
        with self.transaction() as env:
            if env["helpdesk.ticket"].search_count([], limit=tickets) < tickets:
                self._make(env, tickets)

    def _make(self, env, tickets):
        start = perf_counter()
        today = datetime.now(UTC).replace(tzinfo=None)
        monday = today.date() - timedelta(weeks=WEEKS, days=today.weekday())
        monday = datetime(monday.year, monday.month, monday.day)
        # what is copied is all there is
        assert not env["helpdesk.ticket"].search_count([]), "the database is not empty"
        courses = Courses(env, monday).make()
        env.cr.flush()
        env.cr.commit()
        self.seconds["models"] = perf_counter() - start
        start = perf_counter()
        Copies(env, courses).write(tickets)
        self.seconds["copies"] = perf_counter() - start
        start = perf_counter()
        with self.registry._db.cursor() as cr:
            cr._cnx.autocommit = True
            cr.execute("VACUUM (ANALYZE)")
        self.seconds["vacuum"] = perf_counter() - start

    def sample(self, number=SAMPLE):
        """Fold some tickets again; return how many differences there are.

        :raise AssertionError: for a copy that is not what its ledger says
        """
        with self.transaction() as env:
            found = env.execute_query(
                SQL("SELECT id FROM helpdesk_ticket ORDER BY random() LIMIT %s", number)
            )
            ids = [ticket_id for (ticket_id,) in found]
            differences = env["service.quality.ledger"]._differences(ids)
            assert not differences, differences[:5]
            return len(ids)

    def counts(self):
        """Return how many rows each table has, about."""
        with self.transaction() as env:
            return dict(
                env.execute_query(
                    SQL(
                        "SELECT relname, reltuples::bigint FROM pg_class"
                        " WHERE relname = ANY(%s)",
                        [*TABLES, "service_quality_escalation_alarm"],
                    )
                )
            )


class Copies:
    """The copies of some tickets, whole weeks later each.

    :param courses: :class:`~courses.Courses` that were made
    """

    def __init__(self, env, courses):
        self.env = env
        self.models = len(courses.handled) + len(courses.unhandled) / FEW
        self.columns = {table: self._columns(table) for table in TABLES}
        self.references = self._references()
        self.strides = {table: self._stride(table) for table in TABLES}
        self._check_models()
        for table in TABLES:
            env.cr.execute(
                SQL(
                    "CREATE TEMPORARY TABLE %s AS"
                    " SELECT *, %s = ANY(%s) AS is_open FROM %s",
                    SQL.identifier(f"model_{table}"),
                    OF_TICKET.get(table, SQL("ticket_id")),
                    courses.unhandled.ids,
                    SQL.identifier(table),
                )
            )

    def write(self, tickets):
        """Make copies until there are so many tickets.

        Indexes and foreign keys are left out meanwhile: copies of what is right are
        right.
        """
        cr = self.env.cr
        number = ceil(tickets / self.models)
        cr.execute("SET session_replication_role = replica")
        cr.execute("SET maintenance_work_mem = '256MB'")
        dropped = self._drop_indexes()
        bounds = [round(number * part / PARTS) for part in range(PARTS + 1)]
        for first, last in zip(bounds, bounds[1:], strict=False):
            for table in TABLES:
                cr.execute(self._statement(table, number, first + 1, last))
            cr.commit()
        for definition in dropped:
            cr.execute(definition)
        cr.execute("SET session_replication_role = origin")
        self._raise_alarms()
        for table in (*TABLES, "service_quality_escalation_alarm"):
            cr.execute(
                SQL(
                    "SELECT setval(%s, max(id)) FROM %s",
                    f"{table}_id_seq",
                    SQL.identifier(table),
                )
            )
        cr.commit()

    # ------------------------------------------------------------------
    # What the tables are like
    # ------------------------------------------------------------------

    def _columns(self, table):
        """Return the type of each column that is copied; each copy has its own xid."""
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT column_name, data_type FROM information_schema.columns
                     WHERE table_schema = 'public' AND table_name = %s
                       AND column_name <> 'xid'
                    """,
                    table,
                )
            )
        )

    def _references(self):
        """Return what refers to a table that is copied: (table, column) to it."""
        return {
            (table, column): other
            for table, column, other in self.env.execute_query(
                SQL(
                    """
                    SELECT conrelid::regclass::text, attname, confrelid::regclass::text
                      FROM pg_constraint
                      JOIN pg_attribute
                        ON attrelid = conrelid AND attnum = conkey[1]
                     WHERE contype = 'f'
                       AND conrelid::regclass::text = ANY(%(tables)s)
                       AND confrelid::regclass::text = ANY(%(tables)s)
                    """,
                    tables=list(TABLES),
                )
            )
        }

    def _stride(self, table):
        [(stride,)] = self.env.execute_query(
            SQL("SELECT max(id) - min(id) + 1 FROM %s", SQL.identifier(table))
        )
        return stride

    def _check_models(self):
        """No content of a row may hold a moment, which would have to be moved too."""
        found = self.env.execute_query(
            SQL(
                "SELECT DISTINCT kind FROM service_quality_event"
                " WHERE value::text ~ %s",
                r"\d{4}-\d\d-\d\d",
            )
        )
        assert not found, found

    def _drop_indexes(self):
        """Drop the indexes but those of ids; return what makes them again."""
        found = self.env.execute_query(
            SQL(
                """
                SELECT indexname, indexdef FROM pg_indexes
                 WHERE tablename = ANY(%s)
                   AND indexname NOT IN (SELECT conname FROM pg_constraint)
                """,
                list(TABLES),
            )
        )
        for name, _definition in found:
            self.env.cr.execute(SQL("DROP INDEX %s", SQL.identifier(name)))
        return [definition for _name, definition in found]

    # ------------------------------------------------------------------
    # Copies
    # ------------------------------------------------------------------

    def _statement(self, table, number, first, last):
        """Return the statement that makes some of so many copies of a table's rows.

        Handled tickets come evenly over the weeks, a few open ones in the last of them.
        """
        columns = self.columns[table]
        return SQL(
            """
            INSERT INTO %(table)s (%(columns)s)
            SELECT %(values)s
              FROM generate_series(%(first)s, %(last)s) AS copy (nth)
             CROSS JOIN %(model)s AS model
             CROSS JOIN LATERAL (
                   SELECT 7 * CASE WHEN model.is_open
                                   THEN %(week)s - copy.nth / %(few)s %% %(recent)s
                                   ELSE copy.nth * %(week)s / %(number)s END
                   ) AS later (days)
             WHERE NOT model.is_open OR copy.nth %% %(few)s = 0
            """,
            table=SQL.identifier(table),
            model=SQL.identifier(f"model_{table}"),
            columns=SQL(", ").join(map(SQL.identifier, columns)),
            values=SQL(", ").join(
                self._value(table, name, kind) for name, kind in columns.items()
            ),
            first=first,
            last=last,
            number=number,
            week=LAST,
            recent=RECENT,
            few=FEW,
        )

    def _value(self, table, name, kind):
        """Return the value of a column in a copy."""
        if name in ANEW.get(table, ()):
            return ANEW[table][name](self.strides)
        column = SQL.identifier("model", name)
        other = table if name == "id" else self.references.get((table, name))
        if other:
            return SQL("%s + copy.nth * %s", column, self.strides[other])
        if kind.startswith("timestamp"):
            return SQL("%s + later.days * interval '1 day'", column)
        if kind == "date":
            return SQL("%s + later.days", column)
        return column

    def _raise_alarms(self):
        """Have told somebody of each missed promise, as the sweep would have."""
        self.env.cr.execute(
            """
            INSERT INTO service_quality_escalation_alarm (
                   ticket_id, target_id, cycle, round, holder, company_id, agreement_id,
                   kind, metric, partner_id, team_id, deadline, step_id, rule_id,
                   trigger, amount, recipient, action, due_at, fired_at, outcome)
            SELECT clock.ticket_id, clock.target_id, clock.cycle, clock.round,
                   clock.holder, clock.company_id, clock.agreement_id, clock.kind,
                   clock.metric, clock.partner_id, clock.team_id, clock.deadline,
                   step.id, step.rule_id, step.trigger, step.amount, step.recipient,
                   step.action, clock.judged_at, clock.judged_at, 'done'
              FROM service_quality_clock AS clock
             CROSS JOIN (SELECT * FROM service_quality_escalation_step
                          WHERE trigger = 'percent' AND amount = 100
                          ORDER BY id LIMIT 1) AS step
             WHERE clock.verdict = 'missed'
            """
        )
