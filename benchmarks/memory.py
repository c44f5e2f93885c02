"""Working time and folds, in memory: what a deadline and a replay cost."""

import random
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from types import ModuleType

from measure import Line, Series, microseconds, quiet_memory

ADDON = Path(__file__).resolve().parents[1] / "addons" / "service_quality_core"
QUESTIONS = 10_000
DAY = 86_400
SEED = 20_240_229
EVENTS_PER_TICKET = 7


def load_tools():
    """Import the addon's tools as what they are: plain Python, without Odoo."""
    package = ModuleType("service_quality_core")
    package.__path__ = [str(ADDON)]
    sys.modules.setdefault("service_quality_core", package)
    from service_quality_core.tools import fold, matching, metrics, timetable, track

    return fold, matching, metrics, timetable, track


# ----------------------------------------------------------------------
# Working time
# ----------------------------------------------------------------------


def compare_working_time(database, rounds, wanted):
    """Ask a timetable and Odoo's calendar for deadlines and open time.

    :return: the figures by key, and the lines of the table
    """
    with database.transaction() as env:
        calendar = env["resource.calendar"].browse(database.calendar_id)
        pairs = _random_pairs(datetime.now(UTC).year)
        low, high = calendar._service_range(min(start for start, _end in pairs))
        build = Series()
        for _round in range(rounds):
            env.invalidate_all()
            start = process_time()
            timetable = calendar._service_build_timetable(low, high)
            build.add(process_time() - start)
        hours = [(start, 3600 * (end % 40 + 1)) for start, end in pairs]
        series = {
            "deadline_us": microseconds(timetable.add, hours, rounds),
            "open_seconds_us": microseconds(timetable.open_seconds, pairs, rounds),
        }
        # some hundred answers of the calendar take as long
        series["plan_hours_us"] = microseconds(
            lambda start, seconds: calendar.plan_hours(
                seconds / 3600, datetime.fromtimestamp(start, UTC), compute_leaves=True
            ),
            hours[: QUESTIONS // 100],
            rounds,
        )
    figures = {key: round(found.median, 3) for key, found in series.items()}
    figures["timetable_build_s"] = round(build.median, 3)
    return figures, _working_time_lines(series, build, wanted)


def _working_time_lines(series, build, wanted):
    planned = series["plan_hours_us"].median
    lines = []
    for key, what, target in (
        ("deadline_us", "one deadline", 5),
        ("open_seconds_us", "open seconds between two instants", 3),
    ):
        if key in wanted:
            found = series[key]
            lines.append(
                Line(
                    key,
                    what,
                    found.median,
                    target,
                    unit=" µs",
                    detail=f"plan_hours {planned:,.0f} µs, "
                    f"one calendar built in {build.median:.2f} s, "
                    f"spread ±{found.spread:.0%}",
                )
            )
    return lines


def _random_pairs(year):
    """Return 10,000 random pairs of instants in three years, at most 60 days apart."""
    chance = random.Random(SEED)
    low = int(datetime(year - 2, 1, 1, tzinfo=UTC).timestamp())
    starts = [low + chance.randrange(3 * 365 * DAY) for _ in range(QUESTIONS)]
    return [(start, start + chance.randrange(60 * DAY)) for start in starts]


# ----------------------------------------------------------------------
# Fold
# ----------------------------------------------------------------------


def measure_fold(tickets, rounds):
    """Fold tickets of seven events and three targets, with their spans.

    :return: the figures by key, and the lines of the table
    """
    fold, matching, metrics, timetable, track = load_tools()
    office = _office_hours(timetable.Timetable)
    matcher = matching.Matcher(_targets(matching.Target, metrics))
    histories = _histories(track.Row, tickets)
    series = Series()
    for _round in range(rounds + 1):
        with quiet_memory():
            start = process_time()
            for rows in histories:
                fold.fold(rows, matcher, lambda *_key: office, lambda *_key: office)
            elapsed = process_time() - start
        if _round:  # the first one fills the matcher's memory
            series.add(tickets * EVENTS_PER_TICKET / elapsed)
    line = Line(
        "fold_events_per_s",
        "events folded a second",
        series.median,
        200_000,
        most=False,
        detail=f"{1e6 * EVENTS_PER_TICKET / series.median:.0f} µs a ticket, "
        f"spread ±{series.spread:.0%}",
    )
    return {"fold_events_per_s": round(series.median)}, [line]


def _office_hours(timetable_class):
    """Monday to Friday 9–18 for eight years, every fortieth day a holiday."""
    first = int(datetime(2022, 1, 3, tzinfo=UTC).timestamp())
    days = range(0, 8 * 364)
    return timetable_class(
        [
            (first + day * DAY + 9 * 3600, first + day * DAY + 18 * 3600)
            for day in days
            if day % 7 < 5 and day % 40
        ],
        first,
        first + days.stop * DAY,
    )


def _targets(target_class, metrics):
    """Twenty customers with an agreement of their own, three targets in each."""
    promises = (
        ("first_response", 3600, "nothing"),
        ("resolution", 8 * 3600, "customer"),
        ("update", 4 * 3600, "customer"),
    )
    empty = frozenset()
    return [
        target_class(
            id=customer * 10 + number,
            agreement=customer,
            kind="sla",
            metric=metric,
            rule=metrics.METRICS[metric],
            seconds=seconds,
            calendar=1,
            pause_on=metrics.PAUSES[pause],
            on_reopen=metrics.METRICS[metric].on_reopen,
            warning_seconds=seconds * 80 // 100,
            company=1,
            customers=frozenset({customer}),
            suppliers=empty,
            teams=empty,
            categories=empty,
            category=None,
            team=None,
            process=None,
            priority=None,
            severity=None,
            agreement_rank=(10, 0),
            rank=(10, number),
            terms=((customer, 0, None),),
        )
        for customer in range(1, 21)
        for number, (metric, seconds, pause) in enumerate(promises)
    ]


def _histories(row_class, tickets):
    """Return the rows of tickets: answered, put to work, paused once, resolved."""
    chance = random.Random(SEED)
    first = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp())
    histories = []
    for number in range(tickets):
        customer = chance.randrange(20) + 1
        opened = {
            "company": 1,
            "customer": customer,
            "contact": customer * 100 + chance.randrange(2),
            "team": 1,
            "category": 2,
            "category_path": [1, 2 + chance.randrange(5)],
            "process": 1,
            "priority": str(chance.randrange(4)),
            "severity": None,
            "watermark": 20,
            "phase": "new",
            "party": None,
            "user": None,
        }
        at = first + chance.randrange(2 * 365 * DAY)
        rows = []
        for kind, value, longest in (
            ("opened", opened, 1),
            ("assigned", {"user": 3 + number % 5, "team": 1}, 3600),
            ("responded", {}, 2 * 3600),
            ("phase", {"phase": "active", "party": None}, 60),
            ("phase", {"phase": "waiting_customer", "party": None}, 8 * 3600),
            ("phase", {"phase": "active", "party": None}, 2 * DAY),
            ("phase", {"phase": "resolved", "party": None}, 8 * 3600),
        ):
            at += chance.randrange(longest)
            rows.append(row_class(len(rows) + 1, at, kind, value, None))
        histories.append(rows)
    return histories
