"""A sweep that is killed, or that meets another one, fires each step exactly once.

The processes are real ones with ids of their own, on a database that no server runs on.
SERVICE_QUALITY_KILLS=30 kills more often than the ten times of every run.
"""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing

import psycopg2
import pytest

KILLS = int(os.environ.get("SERVICE_QUALITY_KILLS", "10"))
LOT = 40
"""Tickets that are due when a sweep begins: eight batches."""

PATIENCE = 60
RESTARTS = 2
"""The job gets everything done in the second run at the latest: Odoo may leave it out
once after it died three times."""


DONE = """
    SELECT ticket.number,
           (SELECT array_agg(action ORDER BY action)
              FROM service_quality_escalation_alarm AS alarm
             WHERE alarm.ticket_id = ticket.id),
           (SELECT count(*) FROM mail_mail AS mail JOIN mail_message AS message
                ON message.id = mail.mail_message_id
             WHERE starts_with(message.subject, '[' || ticket.number || ']')),
           (SELECT count(DISTINCT alarm.mail_id)
              FROM service_quality_escalation_alarm AS alarm
             WHERE alarm.ticket_id = ticket.id),
           (SELECT count(*) FROM mail_activity AS activity
             WHERE activity.res_model = 'helpdesk.ticket'
               AND activity.res_id = ticket.id),
           ticket.priority
      FROM helpdesk_ticket AS ticket
     WHERE ticket.name = 'Killed'
"""
ONCE = (["activity", "mail", "mail", "raise_priority"], 2, 2, 1, "2")
"""Of each ticket its alarms, mails, mails that alarms know, activities and priority,
which was 1: the rule of sweeper.py has four steps."""


class Sweeper:
    """The program beside, and the database that it sweeps."""

    def __init__(self, name, root):
        self.name = name
        self.program = subprocess.Popen(
            [sys.executable, root / "tests" / "sweeper.py", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.program.stdout.readline() == "ready\n"

    def _ask(self, *words):
        print(*words, file=self.program.stdin, flush=True)
        return int(self.program.stdout.readline())

    def start(self, *words):
        """Start a process; return its id."""
        return self._ask(*words)

    def wait(self, *process_ids):
        """Wait for processes and the end of their transactions; say how they ended."""
        ended = [self._ask("wait", process_id) for process_id in process_ids]
        until = time.monotonic() + PATIENCE
        while self.query(
            "SELECT 1 FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid != pg_backend_pid() "
            "AND backend_type = 'client backend'"
        ):
            assert time.monotonic() < until, "a connection has stayed behind"
            time.sleep(0.01)
        return ended

    def run(self, *words):
        [ended] = self.wait(self.start(*words))
        assert ended == 0, f"{words} ended with {ended}"

    def query(self, query):
        with closing(psycopg2.connect(dbname=self.name)) as connection:
            with connection.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchall()

    def due(self):
        """Return how many clocks are due."""
        [(number,)] = self.query(
            "SELECT count(*) FROM service_quality_clock "
            "WHERE next_alert_at <= now() AT TIME ZONE 'UTC'"
        )
        return number

    def top_up(self):
        """Have as many due as a sweep is to begin with."""
        missing = LOT - self.due()
        if missing > 0:
            self.run("due", missing)

    def assert_each_step_once(self):
        """Nothing is due, and each step of each ticket has done what it does once."""
        assert self.due() == 0
        found = self.query(DONE)
        assert found
        wrong = [row for row in found if row[1:] != ONCE]
        assert not wrong, f"{len(wrong)} of {len(found)} tickets: {wrong[:5]}"

    def close(self):
        """End the program, which stops when nobody asks it any more."""
        self.program.stdin.close()
        assert self.program.wait(timeout=PATIENCE) == 0


@pytest.fixture(scope="module")
def sweeper(root):
    name = os.environ.get("SERVICE_QUALITY_SPARE_DB")
    assert name, "SERVICE_QUALITY_SPARE_DB is not set: run script/test live"
    with closing(Sweeper(name, root)) as sweeper:
        sweeper.run("prepare")
        yield sweeper


def test_killed_at_random(sweeper):
    """The job is killed at random points and begins anew: no step is lost or twice."""
    sweeper.top_up()
    start = time.monotonic()
    sweeper.run("job")
    longest = time.monotonic() - start
    sweeper.assert_each_step_once()

    chance, killed, left = random.Random(), 0, []
    while killed < KILLS:
        sweeper.top_up()
        job = sweeper.start("job")
        time.sleep(chance.uniform(0, longest))
        os.kill(job, signal.SIGKILL)
        if sweeper.wait(job) == [-signal.SIGKILL]:
            killed += 1
            left.append(sweeper.due())
    print(f"of {LOT} due were left after each kill: {left}")
    assert any(0 < number < LOT for number in left), "never in the middle"
    for _restart in range(RESTARTS):
        sweeper.run("job")
    sweeper.assert_each_step_once()


def test_two_at_once(sweeper):
    """Two sweeps share what is due: both work, neither is blocked, no step is twice."""
    sweeper.run("due", 2 * LOT)
    sweeps = [sweeper.start("sweep") for _number in range(2)]
    batches = sweeper.wait(*sweeps)
    assert 0 not in batches
    assert 255 not in batches
    sweeper.assert_each_step_once()
