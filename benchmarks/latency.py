"""From the second at which a step is due to the mail about it, on a running server.

script/benchmark latency makes the database and calls this; see README.md.
"""

import argparse
import json
import random
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median

import psycopg2
from databases import open_databases
from measure import Line, table
from tickets import ticket_values

from odoo import fields
from odoo.fields import Command

CACHE = Path(__file__).resolve().parents[1] / ".cache"
RESULT = CACHE / "benchmark-latency.json"
MODES = {
    "threaded": ("--workers=0", "--max-cron-threads=1"),
    "workers": ("--workers=2", "--max-cron-threads=1"),
}
TARGET = 75
START = 45  # seconds from the ticket to the first deadline: the server starts meanwhile
PATIENCE = 180  # so many seconds after the last deadline a mail counts as missing
LOOK_EVERY = 0.2


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="script/benchmark latency", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--samples", type=int, default=50, help="50 unless told")
    parser.add_argument(
        "--minutes", type=float, default=5, help="they are spread over, 5 unless told"
    )
    parser.add_argument("--mode", action="append", choices=MODES)
    return parser.parse_args()


def main():
    """Measure each mode; the exit status tells whether every target was met."""
    arguments = parse_arguments()
    [database] = open_databases(["ours"]).values()
    with database.transaction() as env:
        prepare(env)
    figures, lines = {}, []
    for mode in arguments.mode or MODES:
        waits = measure(database, mode, arguments)
        figures[mode] = {
            "samples": len(waits),
            "median_s": round(median(waits), 1),
            "max_s": round(max(waits), 1),
            "all_s": [round(wait, 1) for wait in sorted(waits)],
        }
        lines.append(
            Line(
                f"latency {mode}",
                "longest",
                max(waits),
                TARGET,
                unit=" s",
                detail=f"{len(waits)} samples, median {median(waits):.1f} s, "
                f"shortest {min(waits):.1f} s",
            )
        )
        print(table(lines[-1:]), flush=True)
    RESULT.write_text(json.dumps(figures, indent=2) + "\n")
    print(f"\nFigures: {RESULT.parent.name}/{RESULT.name}")
    return 0 if all(line.met for line in lines) else 1


def prepare(env):
    """Have one mail written at the deadline of each resolution, and nothing else."""
    Rule = env["service.quality.escalation"]
    Rule.search([]).active = False
    admin = env.ref("base.user_admin")
    admin.email = "admin@example.com"
    Rule.create(
        {
            "name": "At the deadline",
            "metric": "resolution",
            "step_ids": [
                Command.create(
                    {
                        "trigger": "percent",
                        "amount": 100,
                        "recipient": "user",
                        "user_id": admin.id,
                        "action": "mail",
                    }
                )
            ],
        }
    )


def measure(database, mode, arguments):
    """Return the seconds from each deadline to its mail.

    All tickets are there before the server is, so that nothing but the sweep itself
    wakes its scheduler.
    """
    chance = random.Random(mode)
    span = int(60 * arguments.minutes)
    last = 0
    with database.transaction() as env:
        tickets = env["helpdesk.ticket"].create(
            ticket_values(database, arguments.samples)
        )
        now = fields.Datetime.now()
        for ticket in tickets:
            later = START + chance.randrange(span)
            last = max(last, later)
            deadline = now + timedelta(seconds=later)
            agreed = env["ir.attachment"].create(
                {
                    "name": "agreed.txt",
                    "raw": b"Agreed by the customer",
                    "res_model": ticket._name,
                    "res_id": ticket.id,
                }
            )
            ticket.service_set_deadline(
                "resolution", deadline, "Benchmark", attachment_ids=agreed.ids
            )
        ticket_ids = tickets.ids
    with running_server(database.registry.db_name, mode) as server:
        return list(watch(database, server, ticket_ids, time.time() + last + PATIENCE))


def watch(database, server, ticket_ids, until):
    """Yield how late each mail was when another connection first saw it."""
    seen = set()
    name = database.registry.db_name
    with closing(psycopg2.connect(dbname=name)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            while len(seen) < len(ticket_ids):
                assert server.poll() is None, "the server has stopped"
                assert time.time() < until, f"only {len(seen)} alarms in time"
                cursor.execute(
                    """
                    SELECT alarm.ticket_id, extract(epoch FROM alarm.due_at)
                      FROM service_quality_escalation_alarm AS alarm
                      JOIN mail_mail AS mail ON mail.id = alarm.mail_id
                     WHERE alarm.ticket_id = ANY(%s)
                    """,
                    [ticket_ids],
                )
                moment = time.time()
                for ticket_id, due in cursor.fetchall():
                    if ticket_id not in seen:
                        seen.add(ticket_id)
                        yield moment - float(due)
                time.sleep(LOOK_EVERY)


@contextmanager
def running_server(name, mode):
    """Run Odoo as it is installed, with its own scheduler; end it by its own id."""
    command = [
        Path(sys.executable).with_name("odoo"),
        "server",
        f"--database={name}",
        f"--http-port={free_port()}",
        f"--gevent-port={free_port()}",
        f"--logfile={CACHE / 'log' / f'latency-{mode}.log'}",
        *MODES[mode],
    ]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as server:
        try:
            yield server
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=60)


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main())
