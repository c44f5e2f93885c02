"""In Odoo's shell, after an addon is gone: what is left works, and nothing of it runs.

It ends with status 1, and says why, where it does not.
"""

import os
import sys

GONE = os.environ["GONE"]


def faults(env):
    """Yield what is wrong in the database without the addon."""
    left = env["ir.model.data"].search([("module", "=", GONE)])
    for one in left:
        yield f"left behind: {one.model} {one.name}"
    ticket = env["helpdesk.ticket"].create({"name": "After", "description": "<p>x</p>"})
    done = env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
    work = (
        {"service_work_done": "Fan replaced"} if "service.quality.ledger" in env else {}
    )
    ticket.write({"stage_id": done.id} | work)
    env.flush_all()
    if not done.mail_template_id:
        yield "the customer is not told any more that a ticket is done"
    if not ticket.closed:
        yield "a new ticket is not closed by its stage"
    if "service.quality.ledger" not in env:
        return
    tickets = env["helpdesk.ticket"].with_context(active_test=False).search([])
    found = env["service.quality.ledger"]._differences(tickets.ids)
    if found:
        yield f"the ledger gives something else: {found}"
    metrics = env["service.quality.target"]._metrics()
    clocks = env["service.quality.clock"].search(
        [
            ("state", "in", ("running", "paused")),
            ("metric", "not in", list(metrics)),
        ]
    )
    if clocks:
        yield f"{len(clocks)} clocks of metrics that nobody knows still run"
    env["service.quality.sweep"]._cron_sweep()


wrong = list(faults(env))  # noqa: F821  the shell's
for fault in wrong:
    print("WRONG:", fault)
sys.stdout.flush()
os._exit(1 if wrong else 0)
