"""A customer survey of many people: how long it takes to count it, and to open it.

script/benchmark makes the database and calls this; see README.md for how to read it.
"""

import argparse
import json
from pathlib import Path
from statistics import median
from time import perf_counter

from databases import Database, start_odoo
from measure import Line, about, quiet_memory, table

RESULT = Path(__file__).resolve().parents[1] / ".cache" / "benchmark-survey.json"
PAGE, COUNTING, INVITING = 1, 5, 60
"""The targets, in seconds; the last one for 5,000 people."""

INVITED = 5000

MORE_QUERIES = 0
"""So many queries more may a page of ten times as many answers take."""


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="script/benchmark survey", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--answers", type=int, default=2000, help="2,000 unless told")
    parser.add_argument(
        "--people", type=int, default=INVITED, help="invited, 5,000 unless told"
    )
    parser.add_argument("--rounds", type=int, default=5, help="5 unless told")
    parser.add_argument(
        "--only", action="append", choices=PARTS, metavar="KEY", help=", ".join(PARTS)
    )
    return parser.parse_args()


def main():
    """Measure what is wanted; the exit status tells whether every target was met."""
    arguments = parse_arguments()
    start_odoo()
    database = Database("ours")
    figures, lines = about(rounds=arguments.rounds), []
    for key, part in PARTS.items():
        if key in (arguments.only or PARTS):
            figures[key], more_lines = part(database, arguments)
            lines += more_lines
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2, default=str) + "\n")
    print("\n" + table(lines))
    missed = [line.key for line in lines if not line.met]
    print(f"\n{len(lines) - len(missed)} of {len(lines)} targets met.", end=" ")
    print(f"Figures: {RESULT.parent.name}/{RESULT.name}")
    return 1 if missed else 0


def make_survey(env, people, name):
    """Return a survey in the field of so many customers, of one person each."""
    from odoo.fields import Command

    customers = env["res.partner"].create(
        [
            {"name": f"{name} {number:05}", "email": f"{name}{number}@example.com"}
            for number in range(people)
        ]
    )
    agreement = env["service.quality.agreement"].create(
        {
            "name": f"Agreement of {name}",
            "partner_ids": [Command.set(customers.ids)],
            "date_start": f"{env.company._service_day().year}-01-01",
            "signed_by_us": "Provider",
            "signed_by_us_on": "2020-01-01",
            "signed_by_customer": "Customer",
            "signed_by_customer_on": "2020-01-01",
            "target_ids": [
                Command.create({"metric": metric, "duration": hours})
                for metric, hours in (("first_response", 1), ("resolution", 8))
            ],
        }
    )
    agreement.action_sign()
    survey = env["service.quality.survey"].create(
        {"domain": str([("id", "in", customers.ids)]), "asks_nps": True}
    )
    survey.action_propose()
    survey.action_freeze()
    survey.action_propose_questions()
    survey.action_start()
    return survey


def answer(env, survey):
    """Have everybody answer all questions, as Odoo keeps answers."""
    people = survey.contact_ids.sorted("id")
    inputs = env["survey.user_input"].create(
        [{"survey_id": survey.questionnaire_id.id, "state": "in_progress"}]
        * len(people)
    )
    questions = survey.questionnaire_id.question_ids
    lines = []
    for number, own in enumerate(inputs):
        for question in questions:
            values = {"user_input_id": own.id, "question_id": question.id}
            if question.question_type == "scale":
                score = 1 + (7 * number + question.id) % 10
                values |= {"answer_type": "scale", "value_scale": score}
            elif question.question_type == "text_box":
                text = f"What number {number} has to say."
                values |= {"answer_type": "text_box", "value_text_box": text}
            else:
                continue
            lines.append(values)
    env["survey.user_input.line"].create(lines)
    inputs.state = "done"
    for person, own in zip(people, inputs, strict=True):
        person._write_as_step({"user_input_id": own.id})
    people._write_as_step({"state": "answered", "channel": "link"})


def invite(database, arguments):
    """Invite everybody batch by batch as the job does, each in a transaction."""
    people = arguments.people
    with database.transaction() as env:
        make_survey(env, people, "invited")
    seconds, queries, remaining = [], [], 1
    while remaining:
        with database.transaction() as env, quiet_memory():
            before, start = env.cr.sql_log_count, perf_counter()
            _count_sent, remaining = env["service.quality.survey.message"]._send_batch()
            env.flush_all()
            seconds.append(perf_counter() - start)
            queries.append(env.cr.sql_log_count - before)
    total = sum(seconds) * INVITED / people
    lines = [
        Line("invite", f"{INVITED:,} people invited", total, INVITING, unit=" s",
             detail=f"{people:,} in {len(seconds)} batches, "
             f"the slowest {max(seconds):.1f} s"),
        Line("invite", "more queries of a later batch than of the first",
             max(*queries, queries[0]) - queries[0], MORE_QUERIES,
             detail=f"{queries[0]} queries"),
    ]  # fmt: skip
    return {"s": seconds, "queries": queries}, lines


def result(database, arguments):
    """Count the figures of a survey, and open its page; of a tenth, for the queries."""
    sizes = {"few": arguments.answers // 10, "many": arguments.answers}
    ids = {}
    for name, people in sizes.items():
        with database.transaction() as env:
            survey = make_survey(env, people, name)
            answer(env, survey)
            ids[name] = survey.id
            # as the server does by itself before long
            env.cr.execute("ANALYZE")
    work = {"counted": _count, "page": _open}
    found = {
        key: {
            name: _ask(database, one, doing, arguments.rounds)
            for name, one in ids.items()
        }
        for key, doing in work.items()
    }
    pages, counted = found["page"], found["counted"]
    more = pages["many"]["queries"] - pages["few"]["queries"]
    detail = f"{arguments.answers:,} answers"
    lines = [
        Line("result", "figures counted", counted["many"]["s"], COUNTING, unit=" s",
             detail=f"{detail}, {counted['many']['queries']} queries"),
        Line("result", "page of results", pages["many"]["s"], PAGE, unit=" s",
             detail=f"{detail}, {pages['many']['queries']} queries"),
        Line("result", "more queries than a tenth", more, MORE_QUERIES),
    ]  # fmt: skip
    return found, lines


def _count(survey):
    survey._take_results()


def _open(survey):
    fields = ["result_page", "result_details", "gap_ids", "coverage", "taken_at"]
    survey.read(fields)
    survey.gap_ids.read(["name", "value_text", "measured_text", "gap_state"])


def _ask(database, survey_id, work, rounds):
    """Do a piece of work in transactions that start with an empty cache."""
    seconds = []
    for _round in range(rounds):
        with database.transaction() as env, quiet_memory():
            survey = env["service.quality.survey"].browse(survey_id)
            queries, start = env.cr.sql_log_count, perf_counter()
            work(survey)
            env.flush_all()
            seconds.append(perf_counter() - start)
            queries = env.cr.sql_log_count - queries
    return {"s": round(median(seconds), 3), "queries": queries}


PARTS = {"invite": invite, "result": result}
"""What is measured, by its key."""


if __name__ == "__main__":
    raise SystemExit(main())
