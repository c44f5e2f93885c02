"""Creating and moving tickets: this product beside its peers."""

from collections import defaultdict
from datetime import datetime, timedelta
from time import perf_counter, process_time

from measure import PRODUCTS, Line, Series, quiet_memory

STEPS = ("stage_active", "stage_waiting", "stage_done")
TIMES_BARE = {
    "ours": {"create": 1.10, "stage_done": 1.5},
    "core": {"create": 1.10},
}
"""How much longer than bare a step may take, 1.25 times unless it is named: what is
done opens a follow-up call, which the core does not know."""


class Tickets:
    """Rounds of creating tickets and moving them through three stages.

    Each step is a transaction of its own, as a request is: the time counts from the
    call to after the precommit hooks (tracked changes, their messages and mails) and
    the last flush. ``flush_s`` is the call and the first flush alone, ``cpu_s`` what
    Odoo's own processor time is of all of it, which other work on the machine disturbs
    least; what PostgreSQL does is not in it.
    """

    def __init__(self, databases, wanted):
        self.databases = databases
        # a stage is reached by way of those before it
        last = max(
            index for index, step in enumerate(("create", *STEPS)) if step in wanted
        )
        self.steps = STEPS[:last]
        self.series = defaultdict(Series)  # (step, flavour, measure)

    def run(self, count, rounds):
        """Measure, every other round in the opposite order."""
        flavours = list(self.databases)
        for number in range(rounds):
            for flavour in flavours if number % 2 else reversed(flavours):
                self._one_round(self.databases[flavour], count)
        return self

    def _one_round(self, database, count):
        created = self._step(
            database,
            "create",
            lambda tickets: tickets.create(ticket_values(database, count)),
        )
        for step in self.steps:
            values = {"stage_id": database.stages[step]}
            self._step(
                database,
                step,
                lambda tickets, values=values: tickets.browse(created).write(
                    dict(values)
                ),
            )
        if "stage_done" in self.steps and database.flavour == "ours":
            self._assert_called_back(database, created)

    def _assert_called_back(self, database, ticket_ids):
        """Each ticket that is done is to be called back, at a number that is known."""
        with database.transaction() as env:
            calls = env["service.quality.callback"].search(
                [
                    ("ticket_id", "in", ticket_ids),
                    ("state", "=", "open"),
                    ("needs_number", "=", False),
                ]
            )
            assert len(calls) == len(calls.ticket_id) == len(ticket_ids), calls

    def _step(self, database, step, work):
        with database.transaction(database.user_id) as env, quiet_memory():
            tickets = env["helpdesk.ticket"]
            queries, start = env.cr.sql_log_count, perf_counter()
            used = process_time()
            result = work(tickets)
            env.flush_all()
            flushed = perf_counter()
            env.cr.flush()
            end = perf_counter()
            found = {
                "s": end - start,
                "cpu_s": process_time() - used,
                "flush_s": flushed - start,
                "queries": env.cr.sql_log_count - queries,
            }
            for measure, value in found.items():
                self.series[step, database.flavour, measure].add(value)
            return result.ids if step == "create" else None

    def median(self, step, flavour, measure):
        return self.series[step, flavour, measure].median

    def queries(self, step, flavour):
        """Return the fewest: a second that ends in between splits an update in two."""
        return min(self.series[step, flavour, "queries"].values)

    def best_ratio(self, step, measure, flavour):
        """Return a product in units of bare, of the rounds disturbed least."""
        product, bare = (
            min(self.series[step, one, measure].values) for one in (flavour, "bare")
        )
        return product / bare

    def added_queries(self, step, flavour):
        return self.queries(step, flavour) - self.queries(step, "bare")

    def detail(self, step, measure, digits):
        """Return the medians of all databases in words."""
        return ", ".join(
            f"{flavour} {self.median(step, flavour, measure):.{digits}f} s"
            for flavour in self.databases
        )

    def spread(self, step):
        """Return the widest spread of the step's times."""
        return max(self.series[step, flavour, "s"].spread for flavour in self.databases)

    def figures(self, step):
        """Return what the result file holds of a step."""
        figures = {}
        for flavour in self.databases:
            for measure in ("s", "cpu_s", "flush_s"):
                middle = self.median(step, flavour, measure)
                figures[f"{flavour}_{measure}"] = round(middle, 4)
            figures[f"{flavour}_queries"] = self.queries(step, flavour)
        return figures


def ticket_values(database, count):
    """Return the values of new tickets, spread over customers and categories."""
    return [
        {
            "name": f"Printer {number} does not print",
            "description": f"<p>The printer on floor {number} does not print.</p>",
            "team_id": database.team_id,
            "partner_id": database.partner_ids[number % 10],
            "category_id": database.category_ids[number % 5],
            "priority": str(number % 4),
        }
        for number in range(count)
    ]


def compare_tickets(databases, count, rounds, wanted):
    """Measure the steps in tickets and a fifth of them.

    :return: the figures by key, and the lines of the table
    """
    Tickets(databases, wanted).run(count // 5, 1)  # everything is warm
    few = Tickets(databases, wanted).run(count // 5, 3)
    many = Tickets(databases, wanted).run(count, rounds)
    figures, lines = {}, []
    for step in ("create", *STEPS):
        if step not in wanted:
            continue
        figures[step] = many.figures(step) | {
            "tickets": count,
            "spread": round(many.spread(step), 3),
        }
        for flavour in PRODUCTS:
            figures[step] |= {
                f"{flavour}_best_ratio": round(many.best_ratio(step, "s", flavour), 3),
                f"{flavour}_best_ratio_cpu": round(
                    many.best_ratio(step, "cpu_s", flavour), 3
                ),
                f"{flavour}_best_ratio_flush": round(
                    many.best_ratio(step, "flush_s", flavour), 3
                ),
                f"{flavour}_added_queries_few": few.added_queries(step, flavour),
                f"{flavour}_added_queries": many.added_queries(step, flavour),
            }
            lines += step_lines(step, flavour, few, many)
    return figures, lines


def step_lines(step, flavour, few, many):
    """Return the lines of the table about one step of one of the products."""
    whose = PRODUCTS[flavour]
    lines = [
        Line(
            step,
            f"{whose}× bare",
            many.median(step, flavour, "s") / many.median(step, "bare", "s"),
            TIMES_BARE[flavour].get(step, 1.25),
            detail=f"{many.detail(step, 's', 2)}, "
            f"fastest rounds {many.best_ratio(step, 's', flavour):.2f} ×, "
            f"spread ±{many.spread(step):.0%}, "
            f"Odoo's processor time {many.best_ratio(step, 'cpu_s', flavour):.2f} ×",
        )
    ]
    if step != "create":
        # with the calls in it this is no longer what the ledger costs by itself
        opens_calls = (flavour, step) == ("ours", "stage_done")
        lines.append(
            Line(
                step,
                f"{whose}write + flush, × bare",
                many.median(step, flavour, "flush_s")
                / many.median(step, "bare", "flush_s"),
                None if opens_calls else 4,
                detail=f"{many.detail(step, 'flush_s', 3)}, "
                f"fastest rounds {many.best_ratio(step, 'flush_s', flavour):.2f} ×",
            )
        )
    counts = (f"{one} {many.queries(step, one)}" for one in many.databases)
    added = many.added_queries(step, flavour)
    lines.append(
        Line(step, f"{whose}queries added", added, 20, detail=", ".join(counts))
    )
    lines.append(
        Line(
            step,
            f"{whose}more of them for 5 × the tickets",
            added - few.added_queries(step, flavour),
            2,  # where a second ends in between, the ORM splits an update in two
        )
    )
    return lines


# ----------------------------------------------------------------------
# Import
# ----------------------------------------------------------------------


def compare_import(databases, count, rounds):
    """Import tickets with their history, beside creating as many without any.

    Both without tracking, as an import has no mail to send.

    :return: the figures, and the lines of the table
    """
    rates = defaultdict(Series)
    for number in range(rounds + 1):
        order = [("ours", _import), ("bare", _create)]
        for flavour, work in order if number % 2 else reversed(order):
            rate = count / work(databases[flavour], count, number)
            if number:  # the first one warms up
                rates[flavour].add(rate)
    bare, ours = rates["bare"].median, rates["ours"].median
    spread = max(series.spread for series in rates.values())
    line = Line(
        "import_per_s",
        "× bare create",
        ours / bare,
        0.8,
        most=False,
        detail=f"bare creates {bare:,.0f} tickets a second, ours imports {ours:,.0f} "
        f"with 7 rows each, spread ±{spread:.0%}",
    )
    figures = {"import_per_s": round(ours), "bare_create_per_s": round(bare)}
    return figures, [line]


def _create(database, count, _number):
    with database.transaction(database.user_id) as env, quiet_memory():
        tickets = env["helpdesk.ticket"].with_context(tracking_disable=True)
        start = perf_counter()
        tickets.create(ticket_values(database, count))
        env.cr.flush()
        return perf_counter() - start


def _import(database, count, number):
    records = import_records(database, count, f"{count}-{number}")
    with database.transaction(database.user_id) as env, quiet_memory():
        start = perf_counter()
        found = env["helpdesk.ticket"].service_import(records)
        env.cr.flush()
        elapsed = perf_counter() - start
    outcomes = {outcome["outcome"] for outcome in found}
    assert outcomes == {"created"}, outcomes
    return elapsed


def import_records(database, count, prefix):
    """Return tickets with the history that most have: six rows after the opening."""
    first = datetime.now().replace(microsecond=0) - timedelta(days=60)
    records = []
    for number, values in enumerate(ticket_values(database, count)):
        opened = first + timedelta(minutes=7 * number)
        steps = (
            ("assigned", {"team": values["team_id"]}, 10),
            ("responded", {}, 25),
            ("phase", {"phase": "active"}, 26),
            ("phase", {"phase": "waiting_customer"}, 180),
            ("phase", {"phase": "active"}, 1500),
            ("phase", {"phase": "resolved"}, 1620),
        )
        records.append(
            {
                "external_ref": f"{prefix}-{number}",
                "name": values["name"],
                "description": values["description"],
                "opened_at": str(opened),
                "team": values["team_id"],
                "partner": values["partner_id"],
                "category": values["category_id"],
                "priority": values["priority"],
                "events": [
                    {"at": str(opened + timedelta(minutes=later)), "kind": kind} | given
                    for kind, given, later in steps
                ],
            }
        )
    return records
