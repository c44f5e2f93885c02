"""Leaving the story behind: the ledger, which names its people, gives up no row."""

US = "service_quality_demo"
LEDGER = "service_quality_core"

ARCHIVED = ("service.quality.escalation", "service.quality.webhook", "res.users")
"""What must not go on working: rules, addresses, and people with a known password."""


def uninstall_hook(env):
    """Leave what was told as history; nobody of it logs in, and nothing calls out.

    Where the ledger goes as well, the story goes with it.
    """
    ledger = env["ir.module.module"].search([("name", "=", LEDGER)])
    if ledger.state == "to remove":
        return
    told = env["ir.model.data"].search(
        [("module", "=", US), ("model", "not =like", "ir.%")]
    )
    by_model = told.grouped("model")
    for model in ARCHIVED:  # batched: three models
        if model in by_model:
            ids = by_model[model].mapped("res_id")
            env[model].browse(ids).exists().active = False
    told.unlink()
