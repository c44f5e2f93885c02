"""Processes that sweep a database as Odoo's scheduler does, for test_sweep_killed.py.

    python tests/sweeper.py DATABASE

loads the registry once and then takes a word a line; each starts a process and answers
with its id:

    prepare     make the rule, the promise and the people whom the tests need
    due NUMBER  create tickets on which each step of the rule is due at once
    job         run the scheduled job, by way of the scheduler
    sweep       the same past the scheduler, which would keep two jobs apart
    wait ID     no process: answer when that one has ended, and how

A process is born with the code in memory, as a worker of the server is, and opens its
own connections. It ends with 0 and an error with 255; ``sweep`` ends with the number of
its batches.
"""

import os
import sys
from datetime import date
from unittest.mock import patch

import odoo
from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.sql_db import close_all

BATCH = 5
"""Clocks in one transaction, so that there are many of them to be killed in."""

STEPS = ("mail", "activity", "mail", "raise_priority")


def prepare(env):
    user = env["res.users"].create(
        {
            "name": "Told of everything",
            "login": "killed",
            "email": "killed@example.com",
            "group_ids": [
                Command.link(env.ref("helpdesk_mgmt.group_helpdesk_manager").id)
            ],
        }
    )
    env["service.quality.agreement"].create(
        {
            "name": "Killed",
            "partner_ids": [Command.link(env.ref("base.main_partner").id)],
            "calendar_id": False,
            "date_start": date(2020, 1, 1),
            "signed_by_us": "Provider",
            "signed_by_us_on": date(2020, 1, 1),
            "signed_by_customer": "Customer",
            "signed_by_customer_on": date(2020, 1, 1),
            "target_ids": [Command.create({"metric": "resolution", "duration": 8})],
        }
    ).action_sign()
    env["service.quality.escalation"].search([]).active = False
    env["service.quality.escalation"].create(
        {
            "name": "At once",
            "metric": "resolution",
            "step_ids": [
                Command.create(
                    {
                        # sooner than the promise is long: with the start of the clock
                        "trigger": "before",
                        "amount": 600 + number,
                        "recipient": "user",
                        "user_id": user.id,
                        "action": action,
                    }
                )
                for number, action in enumerate(STEPS)
            ],
        }
    )
    job = env.ref("service_quality_core.ir_cron_sweep")
    job.code = f"model._cron_sweep({BATCH})"


def due(env, number):
    env["helpdesk.ticket"].create(
        [
            {
                "name": "Killed",
                "description": "The sweep is killed",
                "partner_id": env.ref("base.main_partner").id,
                "priority": "1",
            }
            for _copy in range(int(number))
        ]
    )


def job(env):
    """Run the job as the scheduler does, whether its time has come or not.

    Odoo leaves a job out once after three of its processes died before they had done
    anything; an error in the log says so.
    """
    cron = env.ref("service_quality_core.ir_cron_sweep")
    acquired = cron._acquire_one_job(env.cr, cron.id, include_not_ready=True)
    cron._process_job(env.cr, acquired)


def sweep(env):
    batches = 0
    model = type(env["service.quality.sweep"])
    original = model._sweep

    def counted(self, limit):
        nonlocal batches
        found = original(self, limit)
        batches += bool(found)
        return found

    with patch.object(model, "_sweep", counted):
        env["service.quality.sweep"]._cron_sweep(BATCH)
    return batches


WORK = {work.__name__: work for work in (prepare, due, job, sweep)}


def start(registry, word, *arguments):
    """Do a piece of work in a new process; return its id."""
    child = os.fork()
    if child:
        return child
    status = 255
    try:
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            status = WORK[word](env, *arguments) or 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)


def main(name):
    odoo.tools.config.parse_config(
        ["--no-http", "--max-cron-threads=0", "--log-level=warn"], setup_logging=True
    )
    registry = Registry(name)
    close_all()
    print("ready", flush=True)
    for line in sys.stdin:
        word, *arguments = line.split()
        if word == "wait":
            _pid, status = os.waitpid(int(arguments[0]), 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
        else:
            print(start(registry, word, *arguments), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
