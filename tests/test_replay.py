"""The command that folds the whole ledger again, beside people who work.

It runs as an administrator runs it, on a database that no server runs on.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

FOLDED = re.compile(r"(\d+) tickets folded in .* without reading, (\d+) differences")

PATIENCE = 120

BLOCKED = """
    SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'
       AND query LIKE '%row_number()%helpdesk_ticket%'
"""
READERS = """
    SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database()
       AND application_name LIKE 'odoo-%' AND xact_start IS NOT NULL
"""


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


def wait_until(database, statement):
    until = time.monotonic() + PATIENCE
    while not query(database, statement):
        assert time.monotonic() < until, statement
        time.sleep(0.05)


class Replay:
    """The command, which writes to a file so that nobody has to read meanwhile."""

    def __init__(self, database, *options):
        self.output = tempfile.TemporaryFile("w+")
        self.program = subprocess.Popen(
            [
                Path(sys.executable).with_name("odoo"),
                "service_quality_replay",
                "--log-level=warn",
                "--database",
                database,
                *options,
            ],
            stdout=self.output,
            stderr=subprocess.PIPE,
            text=True,
        )

    def is_running(self):
        return self.program.poll() is None

    def result(self):
        """Return the status, the lines, and the two numbers that it says."""
        _nothing, errors = self.program.communicate(timeout=PATIENCE)
        said = FOLDED.search(errors)
        assert said, errors
        with self.output:
            self.output.seek(0)
            lines = [line.rstrip("\n").split("\t") for line in self.output]
        return self.program.returncode, lines, *map(int, said.groups())


def replay(database, *options):
    return Replay(database, *options).result()


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
    """What is written after it has begun is not seen, by none of the processes.

    It begins with its snapshot and then asks for the tickets, which are locked here.
    The clocks are falsified while it waits, before any other process reads.
    """
    with closing(psycopg2.connect(dbname=database)) as locked:
        locked.cursor().execute("LOCK TABLE helpdesk_ticket IN ACCESS EXCLUSIVE MODE")
        program = Replay(database, "--processes", "2", "--batch", "1")
        wait_until(database, BLOCKED)
        falsify("elapsed_seconds = elapsed_seconds + 1")
    readers = 0
    while program.is_running():
        readers = max(readers, query(database, READERS))
    status, lines, tickets, differences = program.result()
    assert (status, lines, differences) == (0, [], 0)
    assert tickets > 0
    assert readers == 3, "the one that has exported, and two that fold"

    clocks = query(database, "SELECT count(*) FROM service_quality_clock")
    status, _lines, _tickets, differences = replay(database)
    assert (status, differences) == (1, clocks)
