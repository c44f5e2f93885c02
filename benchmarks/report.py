"""Figures of 1,000,000 tickets over two years, and all of their ledger folded again.

script/benchmark makes the database and calls this; see README.md for how to read it.
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter

from databases import start_odoo
from measure import Line, about, forget_peak, peak_megabytes, quiet_memory, table

RESULT = Path(__file__).resolve().parents[1] / ".cache" / "benchmark-report.json"
FIGURE, SNAPSHOT, FOLDING, SCREEN = 2, 60, 60, 0.5
"""The targets, in seconds; the last one for 1,000,000 tickets."""

MEMORY = 512
"""MB that a worker may take at most."""

ROLES = ("quality", "service_manager", "executive")
"""Whose first pages are opened: those that look at everything."""

SCREENS_BY = "service_manager"
"""Who opens each screen."""


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="script/benchmark report", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "--tickets", type=int, default=1_000_000, help="1,000,000 unless told"
    )
    parser.add_argument(
        "--quick", action="store_true", help="2,000 tickets, for a first look"
    )
    parser.add_argument("--rounds", type=int, default=3, help="3 unless told")
    parser.add_argument(
        "--only", action="append", choices=PARTS, metavar="KEY", help=", ".join(PARTS)
    )
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.tickets = 2000
    return arguments


def main():
    """Measure what is wanted; the exit status tells whether every target was met."""
    arguments = parse_arguments()
    start_odoo()
    questions = Questions(arguments.tickets, arguments.rounds)
    figures, lines = about(tickets=arguments.tickets, rounds=arguments.rounds), []
    for key, part in PARTS.items():
        if key != "make" and key not in (arguments.only or PARTS):
            continue
        forget_peak()
        load = os.getloadavg()[0]
        found, more_lines = part(questions)
        figures[key] = {"load": round(load, 1), "peak_mb": peak_megabytes()} | found
        lines += more_lines
        print(table(more_lines), flush=True)
    asked = [figures[key]["peak_mb"] for key in ASKED if key in figures]
    if asked:
        what = "the most of a process that counts or reads"
        lines.append(Line("memory", what, max(asked), MEMORY, unit=" MB"))
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2, default=str) + "\n")
    print("\n" + table(lines))
    aims = [line for line in lines if line.target is not None]
    missed = [line.key for line in aims if not line.met]
    print(f"\n{len(aims) - len(missed)} of {len(aims)} targets met.", end=" ")
    print(f"Figures: {RESULT.parent.name}/{RESULT.name}")
    return 1 if missed else 0


class Questions:
    """What is asked of the database, about the last month that is over."""

    def __init__(self, tickets, rounds):
        from volume import Volume

        from odoo.addons.service_quality_core.tools.period import Period

        self.volume = Volume(tickets)
        self.rounds = rounds
        self.month = Period.around("month", date.today()).previous()
        with self.volume.transaction() as env:
            # the most that there can be
            env.company.service_engineer_figures = True
            self.indicators = {
                one.code: one.id
                for one in env["service.quality.indicator"]._of_company(env.company)
                if one.source == "ledger"
            }

    def ask(self, work, rounds=None, user_id=1, keep=False):
        """Do a piece of work in transactions that start with an empty cache.

        :param keep: what it writes stays
        :return: dict of the median of the seconds, those of the first round, the
            queries, and what came out
        """
        seconds = []
        for _round in range(rounds or self.rounds):
            with self.volume.transaction(user_id) as env, quiet_memory():
                queries, start = env.cr.sql_log_count, perf_counter()
                found = work(env)
                env.flush_all()
                seconds.append(perf_counter() - start)
                queries = env.cr.sql_log_count - queries
                if not keep:
                    env.cr.rollback()
        return {
            "s": round(median(seconds), 3),
            "first_s": round(seconds[0], 3),
            "queries": queries,
            "found": found,
        }


def line(key, what, asked, target, detail):
    """Return the line of the table about something that was asked."""
    detail += f"; {asked['queries']} queries, first time {asked['first_s']:.2f} s"
    return Line(key, what, asked["s"], target, unit=" s", detail=detail)


# ----------------------------------------------------------------------
# Parts
# ----------------------------------------------------------------------


def make(questions):
    """Say what was made, and prove that it is what its ledger says."""
    volume = questions.volume
    rows = volume.counts()
    tickets = rows["helpdesk_ticket"]
    found = {"rows": rows, "seconds": volume.seconds, "sample": volume.sample()}
    detail = f"{tickets:,} tickets, " + ", ".join(
        f"{rows[name] / tickets:.1f} {label}"
        for name, label in (
            ("service_quality_event", "rows"),
            ("service_quality_clock", "clocks"),
            ("service_quality_span", "spans each"),
        )
    )
    lines = [
        Line("make", "differences", 0, 0, detail=f"{found['sample']} folded again")
    ]
    if volume.seconds:
        seconds = sum(volume.seconds.values())
        lines.insert(0, Line("make", "made", seconds, None, unit=" s", detail=detail))
    return found, lines


def count(questions):
    """Count each indicator of the month in all scopes, from the rows."""
    asked = {}
    for code, indicator_id in questions.indicators.items():

        def work(env, indicator_id=indicator_id):
            indicator = env["service.quality.indicator"].browse(indicator_id)
            counting = env["service.quality.counting"]
            return len(counting._count(indicator, env.company, questions.month))

        asked[code] = questions.ask(work)
    slowest = max(asked, key=lambda code: asked[code]["s"])
    return asked, [
        line("count", "the slowest indicator", asked[slowest], FIGURE, slowest),
        *(
            line("count", code, asked[code], FIGURE, f"{asked[code]['found']} scopes")
            for code in ("holder_time", "sla_attainment")
        ),
    ]


def snapshot(questions):
    """Take all indicators of a month, and of those that it is compared with."""
    asked, lines = {}, []
    month = questions.month
    for period in (month.last_year(), month.previous(), month):

        def work(env, period=period):
            return len(env["service.quality.figure"]._take(env.company, period))

        asked[period.label] = found = questions.ask(work, rounds=1, keep=True)
        detail = f"{len(questions.indicators)} indicators, {found['found']} figures"
        lines.append(line("snapshot", period.label, found, SNAPSHOT, detail))
    return asked, lines


def draft(questions):
    """Make the drafts of the month's reports: of the company, and of one customer."""
    with questions.volume.transaction() as env:
        agreement = env["service.quality.agreement"].search([], limit=1)
    asked = {
        kind: questions.ask(
            lambda env, kind=kind, subject_id=subject_id: _draft(
                env, kind, questions.month, subject_id
            )
        )
        for kind, subject_id in (("organisation", None), ("customer", agreement.id))
    }
    return asked, [
        line("draft", f"report of the {kind}", one, FIGURE, one["found"])
        for kind, one in asked.items()
    ]


def _draft(env, kind, month, subject_id):
    """Make a draft with its figures and lists, which does not stay."""
    creation = env["service.quality.report.creation"]
    values = creation._prepare_report(env.company, kind, month, subject_id)
    report = env["service.quality.report"].create(values)
    env.flush_all()
    parts = {
        "figures": report.line_ids,
        "projects": report.project_line_ids,
        "missed": report.miss_ids,
    }
    return ", ".join(f"{len(rows)} {name}" for name, rows in parts.items() if rows)


def page(questions):
    """Open the first pages of those who look at everything."""
    asked = {}
    with questions.volume.transaction() as env:
        users = {role: _user(env, role).id for role in ROLES}
    for role, user_id in users.items():
        asked[role] = questions.ask(
            lambda env: len(env["service.quality.overview"].read_tiles()["tiles"]),
            user_id=user_id,
        )
    return asked, [
        line("page", f"first page, {role}", one, FIGURE, "")
        for role, one in asked.items()
    ]


def screens(questions):
    """Open each screen of the menus as one who reads everything."""
    from screens import find_screens, open_screen

    with questions.volume.transaction() as env:
        user_id = _user(env, SCREENS_BY).id
        names = find_screens(env)
    asked, lines = {}, []
    for name, action_id in names.items():
        one = questions.ask(
            lambda env, action_id=action_id: open_screen(env, action_id),
            user_id=user_id,
        )
        if one["found"]:
            asked[name] = one
            lines.append(line("screens", name, one, SCREEN, one["found"]))
    lines.sort(key=lambda line: -line.measured)
    return asked, lines


def _user(env, role):
    group = env.ref(f"service_quality_core.service_quality_group_{role}")
    login = f"reader_{role}"
    user = env["res.users"].search([("login", "=", login)])
    return user or user.create(
        {"name": role, "login": login, "group_ids": [(4, group.id)]}
    )


def replay(questions):
    """Run the command that folds all tickets again."""
    name = questions.volume.registry.db_name
    start = perf_counter()
    program = subprocess.run(
        [
            Path(sys.executable).with_name("odoo"),
            "service_quality_replay",
            "--log-level=error",
            "--database",
            name,
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    elapsed = perf_counter() - start
    said = program.stderr.splitlines()[-1]
    print(said)
    assert program.returncode == 0, program.stderr[-2000:]
    tickets, whole, folding = map(float, re.findall(r"([\d.]+) (?:tickets|s)\b", said))
    found = {
        "tickets": int(tickets),
        "folding_s": folding,
        "whole_s": whole,
        "with_start_s": round(elapsed, 1),
        "process_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
    }
    target = FOLDING * max(tickets / 1_000_000, 0.1)
    memory = f"two processes of at most {found['process_mb']} MB"
    detail = f"{tickets:,.0f} tickets, no difference, {memory}"
    return found, [
        Line("replay", "folding", folding, target, unit=" s", detail=detail),
        Line(
            "replay",
            "with reading",
            whole,
            None,
            unit=" s",
            detail=f"{elapsed:.0f} s with the start of Odoo",
        ),
    ]


PARTS = {
    part.__name__: part
    for part in (make, count, snapshot, draft, page, screens, replay)
}
ASKED = ("count", "snapshot", "draft", "page", "screens")

if __name__ == "__main__":
    sys.exit(main())
