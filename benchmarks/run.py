"""The same work on this product and on its peers, side by side in one run.

script/benchmark makes the databases and calls this; see README.md for how to read it.
"""

import argparse
import json
import sys
from pathlib import Path

from measure import about, table
from memory import compare_working_time, measure_fold

RESULT = Path(__file__).resolve().parents[1] / ".cache" / "benchmark.json"
STEPS = ("create", "stage_active", "stage_waiting", "stage_done")
WORKING_TIME = ("deadline_us", "open_seconds_us", "plan_hours_us")
PAGES = ("web_list", "web_form")
KEYS = (
    *(*STEPS, *PAGES, "bundle"),
    *WORKING_TIME,
    *("import_per_s", "fold_events_per_s", "sweep"),
)


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="script/benchmark", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "--quick", action="store_true", help="a fifth of the tickets, for a first look"
    )
    parser.add_argument(
        "--only", action="append", choices=KEYS, metavar="KEY", help=", ".join(KEYS)
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="3 unless told, at least 3"
    )
    arguments = parser.parse_args()
    arguments.rounds = max(arguments.rounds, 3)
    return arguments


def main():
    """Measure what is wanted; the exit status tells whether every target was met."""
    arguments = parse_arguments()
    wanted = set(arguments.only or KEYS)
    figures, lines = {}, []
    for part in (_fold, _databases):
        more_figures, more_lines = part(arguments, wanted)
        figures |= more_figures
        lines += more_lines
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(
        json.dumps(
            about(quick=arguments.quick, rounds=arguments.rounds) | figures, indent=2
        )
        + "\n"
    )
    print(table(lines))
    aims = [line for line in lines if line.target is not None]
    missed = [line.key for line in aims if not line.met]
    print(f"\n{len(aims) - len(missed)} of {len(aims)} targets met.", end=" ")
    print(f"Figures: {RESULT.parent.name}/{RESULT.name}")
    return 1 if missed else 0


def _fold(arguments, wanted):
    if "fold_events_per_s" not in wanted:
        return {}, []
    return measure_fold(1000 if arguments.quick else 5000, arguments.rounds)


def _databases(arguments, wanted):
    """Measure what needs Odoo, which takes its time to start."""
    if wanted <= {"fold_events_per_s"}:
        return {}, []
    from bundles import compare_bundles
    from databases import open_databases
    from pages import compare_pages
    from sweep import measure_sweep
    from tickets import compare_import, compare_tickets

    databases = open_databases()
    count = 100 if arguments.quick else 500
    figures, lines = {}, []
    parts = (
        (STEPS, lambda: compare_tickets(databases, count, arguments.rounds, wanted)),
        (
            PAGES,
            lambda: compare_pages(databases, 2 * arguments.rounds + 1, wanted),
        ),
        (("bundle",), lambda: compare_bundles(databases)),
        (
            WORKING_TIME,
            lambda: compare_working_time(databases["ours"], arguments.rounds, wanted),
        ),
        (
            ("import_per_s",),
            lambda: compare_import(databases, count, arguments.rounds),
        ),
        (
            ("sweep",),  # last: it leaves very many tickets behind
            lambda: measure_sweep(
                databases["ours"],
                100_000 if arguments.quick else 1_000_000,
                200 if arguments.quick else 1000,
                arguments.rounds,
            ),
        ),
    )
    for keys, part in parts:
        if wanted.intersection(keys):
            more_figures, more_lines = part()
            figures |= more_figures
            lines += more_lines
    return figures, lines


if __name__ == "__main__":
    sys.exit(main())
