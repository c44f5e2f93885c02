"""The sweep of escalation steps over very many open clocks."""

from time import perf_counter
from unittest.mock import patch

from databases import SIGNED
from measure import Line, Series, quiet_memory
from tickets import ticket_values

from odoo import fields
from odoo.fields import Command
from odoo.tools import SQL

LONG_AGO = "2020-01-01 00:00:00"
PROMISED = {"resolution": 60, "first_response": 90, "update": 90}
"""Days by metric. The rules that are shipped warn at 80 %, that is after 48 and 72."""

OPENED_WITHIN = 40
"""The tickets were opened within so many days, so that nothing is due on them."""

COPIED = ("helpdesk_ticket", "service_quality_event", "service_quality_clock")
INDEX = "service_quality_clock_next_alert_idx"
IDLE_RUNS = 50


class Sweep:
    """Open clocks, copied by SQL from those of one ticket, and sweeps over them.

    A copy is what that ticket would be had it been opened earlier: the agreement counts
    every hour, so that all moments of the ticket, its ledger and its clocks move alike.
    """

    def __init__(self, database):
        self.database = database
        with database.transaction() as env:
            self._count_rules_from_long_ago(env)
            self.model_id = self._make_model(env)

    def _count_rules_from_long_ago(self, env):
        """The shipped rules are used, and people are there for them to tell."""
        rules = env["service.quality.escalation"].search([])
        rules._write_as_step({"since": LONG_AGO})
        rules.step_ids._write_as_step({"since": LONG_AGO})
        rules._plan_anew()
        team = env["helpdesk.ticket.team"].browse(self.database.team_id)
        for user in team.user_ids:
            user.email = f"{user.login}@example.com"
        team.user_id = team.user_ids[0]

    def _make_model(self, env):
        """Make a ticket with a clock for each thing promised; return its id."""
        partner = env["res.partner"].create({"name": "Patient customer"})
        env["service.quality.agreement"].create(
            {
                "name": "Every hour counts",
                "partner_ids": [Command.link(partner.id)],
                "calendar_id": False,
                **SIGNED,
                "target_ids": [
                    Command.create(
                        {"metric": metric, "duration": 24 * days, "unit": "hour"}
                    )
                    for metric, days in PROMISED.items()
                ],
            }
        ).action_sign()
        team = env["helpdesk.ticket.team"].browse(self.database.team_id)
        [values] = ticket_values(self.database, 1)
        values |= {"partner_id": partner.id, "user_id": team.user_ids[1].id}
        ticket = env["helpdesk.ticket"].create(values)
        env.flush_all()
        clocks = env["service.quality.clock"].search([("ticket_id", "=", ticket.id)])
        assert len(clocks.filtered("next_alert_at")) == len(PROMISED), clocks
        return ticket.id

    # ------------------------------------------------------------------
    # Copies
    # ------------------------------------------------------------------

    def fill(self, clocks):
        """Have so many more open clocks of which none is due."""
        tickets = -(-clocks // len(PROMISED))
        step = SQL("copy.nth * %s * interval '1 day' / %s", OPENED_WITHIN, tickets)
        self._copy(tickets, step)

    def make_due(self, number):
        """Have so many more tickets of which one clock has just reached its end."""
        step = SQL(
            "%s * interval '1 day' + copy.nth %% 60 * interval '1 second'",
            PROMISED["resolution"],
        )
        self._copy(number, step)

    def _copy(self, number, earlier):
        """Copy the ticket, its rows and its clocks, each moment so much earlier."""
        with self.database.transaction() as env:
            [(highest,)] = env.execute_query(SQL("SELECT max(id) FROM helpdesk_ticket"))
            for table in COPIED:
                env.cr.execute(
                    self._copy_statement(env, table, highest, earlier, number)
                )
            env.cr.execute(
                "SELECT setval('helpdesk_ticket_id_seq', max(id)) FROM helpdesk_ticket"
            )
        with self.database.registry.cursor() as cr:
            cr.execute("ANALYZE")

    def _copy_statement(self, env, table, highest, earlier, number):
        own = "id" if table == "helpdesk_ticket" else "ticket_id"
        columns, values = [], []
        for name, kind in env.execute_query(
            SQL(
                """
                SELECT column_name, data_type FROM information_schema.columns
                 WHERE table_schema = 'public' AND table_name = %s
                """,
                table,
            )
        ):
            value = column = SQL.identifier(name)
            if name == own:
                value = SQL("%s + copy.nth", highest)
            elif name == "id":
                continue
            elif kind.startswith("timestamp"):
                value = SQL("%s - (%s)", column, earlier)
            elif name == "number":
                value = SQL("'B' || (%s + copy.nth)", highest)
            columns.append(column)
            values.append(value)
        return SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s AS model, "
            "generate_series(1, %s) AS copy (nth) WHERE model.%s = %s",
            SQL.identifier(table),
            SQL(", ").join(columns),
            SQL(", ").join(values),
            SQL.identifier(table),
            number,
            SQL.identifier(own),
            self.model_id,
        )

    # ------------------------------------------------------------------
    # Measurements
    # ------------------------------------------------------------------

    def count(self):
        """Return how many clocks are open."""
        with self.database.transaction() as env:
            return env["service.quality.clock"].search_count(
                [("state", "in", ("running", "paused"))]
            )

    def find(self, number):
        """Find and lock what is due, and leave it; return the seconds."""
        with self.database.transaction() as env, quiet_memory():
            start = perf_counter()
            found = env["service.quality.sweep"]._lock_due(
                fields.Datetime.now(), number
            )
            elapsed = perf_counter() - start
            env.cr.rollback()
        assert len(found) == number, len(found)
        return elapsed

    def plan(self, number):
        """Return how PostgreSQL finds them."""

        def explain(env, query):
            return env.execute_query(SQL("EXPLAIN (ANALYZE, BUFFERS) %s", query))

        with self.database.transaction() as env:
            sweep, now = env["service.quality.sweep"], fields.Datetime.now()
            with patch.object(type(env), "execute_query_dict", explain):
                rows = sweep._lock_due(now, number)
            env.cr.rollback()
        return "\n".join(line for (line,) in rows)

    def run(self):
        """Run the scheduled job; return seconds, queries and alarms raised."""
        with self.database.transaction() as env, quiet_memory():
            Alarm = env["service.quality.escalation.alarm"]
            before = Alarm.search_count([])
            env.cr.commit()
            queries, start = env.cr.sql_log_count, perf_counter()
            env["service.quality.sweep"]._cron_sweep()
            elapsed = perf_counter() - start
            queries = env.cr.sql_log_count - queries
            assert not Alarm.search_count([("outcome", "!=", "done")])
            return elapsed, queries, Alarm.search_count([]) - before


def measure_sweep(database, clocks, due, rounds):
    """Sweep over many clocks of which none, some and more are due.

    :return: the figures, and the lines of the table
    """
    sweep = Sweep(database)
    start = perf_counter()
    sweep.fill(clocks)
    filled = perf_counter() - start
    sweep.make_due(due // 5)
    sweep.run()  # everything is warm
    idle = Series()
    for _run in range(IDLE_RUNS):
        idle.add(sweep.run()[0] * 1000)
    few = _process(sweep, due // 5, rounds)
    find = Series()
    sweep.make_due(due)
    for _round in range(rounds):
        find.add(sweep.find(due))
    plan = sweep.plan(due)
    sweep.run()
    many = _process(sweep, due, rounds)
    figures = {
        "clocks": sweep.count(),
        "fill_s": round(filled, 1),
        "due": due,
        "steps": many["steps"],
        "find_s": round(find.median, 4),
        "find_by_index": INDEX in plan,
        "process_s": round(many["s"].median, 3),
        "queries_per_step": round(many["per_step"], 3),
        "queries_per_step_few": round(few["per_step"], 3),
        "idle_ms": round(idle.median, 2),
        "plan": plan.splitlines(),
    }
    return {"sweep": figures}, _lines(figures, find, idle, many, few)


def _process(sweep, due, rounds):
    """Process so many due clocks, each round other ones."""
    seconds, queries, steps = Series(), [], 0
    for _round in range(rounds):
        sweep.make_due(due)
        elapsed, asked, steps = sweep.run()
        assert steps >= due, steps
        seconds.add(elapsed)
        queries.append(asked)
    return {
        "s": seconds,
        "queries": min(queries),
        "steps": steps,
        "per_step": min(queries) / steps,
    }


def _lines(figures, find, idle, many, few):
    """Return the lines of the table."""
    clocks, due = figures["clocks"], figures["due"]
    per_step = many["s"].median / many["steps"] * 1000
    return [
        Line(
            "sweep",
            "find_s",
            find.median,
            0.1,
            unit=" s",
            detail=f"{due:,} due of {clocks:,} open clocks, spread ±{find.spread:.0%}",
        ),
        Line(
            "sweep",
            "found by the index of what is due (1: yes)",
            int(figures["find_by_index"]),
            1,
            most=False,
            detail=INDEX,
        ),
        Line(
            "sweep",
            "process_s",
            many["s"].median,
            None,
            unit=" s",
            detail=f"{many['steps']:,} steps of {due:,} clocks in batches of 200, "
            f"{per_step:.1f} ms each, spread ±{many['s'].spread:.0%}",
        ),
        Line(
            "sweep",
            "queries per due step",
            many["per_step"],
            1,
            detail=f"{many['queries']} for {many['steps']:,} steps",
        ),
        Line(
            "sweep",
            "× those with a fifth of them due",
            many["per_step"] / few["per_step"],
            1.1,
            detail=f"{few['queries']} for {few['steps']:,} steps",
        ),
        Line(
            "sweep",
            "idle_ms, nothing due",
            idle.median,
            5,
            unit=" ms",
            detail=f"the whole scheduled job, {IDLE_RUNS} times, "
            f"fastest {min(idle.values):.1f} ms",
        ),
    ]
