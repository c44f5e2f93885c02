"""The command that folds the whole ledger again, beside people who work.

It runs as an administrator runs it, on a database that no server runs on.
"""

import os
import re
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

FOLDED = re.compile(r"(\d+) tickets folded in .* s without reading, (\d+) differences")


@pytest.fixture(scope="module")
def database():
    name = os.environ.get("SERVICE_QUALITY_SPARE_DB")
    assert name, "SERVICE_QUALITY_SPARE_DB is not set: run script/test live"
    return name


@pytest.fixture
def falsify(database):
    """Write to stored clocks: falsify(assignment); what they were comes back."""
    with closing(psycopg2.connect(dbname=database)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(
            "CREATE TABLE clock_before AS"
            " SELECT id, verdict, elapsed_seconds FROM service_quality_clock"
        )
        try:
            yield lambda assignment, *values: cursor.execute(
                f"UPDATE service_quality_clock SET {assignment}", values
            )
        finally:
            cursor.execute(
                "UPDATE service_quality_clock AS clock"
                " SET verdict = before.verdict,"
                "     elapsed_seconds = before.elapsed_seconds"
                " FROM clock_before AS before WHERE before.id = clock.id"
            )
            cursor.execute("DROP TABLE clock_before")


def query(database, statement):
    with closing(psycopg2.connect(dbname=database)) as connection:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()[0]


def replay(database, *options):
    """Run the command; return its status, its lines, and the two numbers it says."""
    program = subprocess.run(
        [
            Path(sys.executable).with_name("odoo"),
            "service_quality_replay",
            "--log-level=warn",
            "--database",
            database,
            *options,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    said = FOLDED.search(program.stderr)
    assert said, program.stderr
    lines = [line.split("\t") for line in program.stdout.splitlines()]
    return program.returncode, lines, *map(int, said.groups())


def test_an_honest_ledger_has_no_difference(database):
    """SLA case 19: every ticket is folded, and what is stored is what comes out."""
    status, lines, tickets, differences = replay(database)
    assert (status, lines, differences) == (0, [], 0)
    assert tickets == query(database, "SELECT count(*) FROM helpdesk_ticket")
    assert tickets > 0


def test_a_falsified_clock_is_found(database, falsify):
    """SLA case 19: a verdict that somebody has written is told, and nothing mended."""
    clock = query(
        database, "SELECT max(id) FROM service_quality_clock WHERE verdict = 'missed'"
    )
    ticket = query(
        database, f"SELECT ticket_id FROM service_quality_clock WHERE id = {clock}"
    )
    falsify("verdict = 'met' WHERE id = %s", clock)
    for _time in range(2):  # the second one finds what the first one has left alone
        status, [line], _tickets, differences = replay(database)
        assert (status, differences) == (1, 1)
        assert line[0] == str(ticket)
        assert "verdict=met" in line[2]
        assert "verdict=missed" in line[3]


def test_of_another_company_nothing_is_folded(database):
    status, lines, tickets, _differences = replay(database, "--company", "999999")
    assert (status, lines, tickets) == (0, [], 0)


def test_two_processes_see_one_moment(database, falsify):
    """What is written while it runs is not seen, by none of the processes.

    Somebody numbers all clocks anew, again and again: whoever read at two moments
    would see two numbers.
    """
    clocks = query(database, "SELECT count(*) FROM service_quality_clock")
    connections, written, over = [], [], threading.Event()

    def write():
        number = 10_000_000
        while not over.is_set():
            number += 1
            falsify("elapsed_seconds = %s", number)
            written.append(number)
            connections.append(
                query(
                    database,
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE datname = current_database()"
                    " AND state = 'idle in transaction'",
                )
            )

    writer = threading.Thread(target=write)
    writer.start()
    try:
        status, lines, _tickets, differences = replay(
            database, "--processes", "2", "--batch", "1"
        )
    finally:
        over.set()
        writer.join()
    assert (status, differences) == (1, clocks)
    seen = {
        int(re.search(r"elapsed_seconds=(\d+)", stored)[1])
        for _ticket, _what, stored, _rebuilt in lines
    }
    assert len(seen) == 1
    assert seen < set(written[:-1]), "nobody wrote while it ran"
    assert max(connections) >= 2, "there was one process only"
