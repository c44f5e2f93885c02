"""Leaving the story behind: the ledger, which names its people, gives up no row."""

from odoo import SUPERUSER_ID
from odoo.tools import SQL

US = "service_quality_demo"
LEDGER = "service_quality_core"

THEIRS = "mgmtsystem."
"""Begins the models of the management system: their records outlive the story."""

ARCHIVED = ("service.quality.escalation", "service.quality.webhook", "res.users")
"""What must not go on working: rules, addresses, and people with a known password."""


def uninstall_hook(env):
    """Leave what was told as history; nobody of it logs in, and nothing calls out.

    Where the ledger goes as well, the story goes with it.
    """
    ledger = env["ir.module.module"].search([("name", "=", LEDGER)])
    told = env["ir.model.data"].search(
        [("module", "=", US), ("model", "not =like", "ir.%")]
    )
    by_model = told.grouped("model")
    if ledger.state == "to remove":
        hand_over(env, by_model.get("res.users", told.browse()).mapped("res_id"))
        return
    for model in ARCHIVED:  # batched: three models
        if model in by_model:
            ids = by_model[model].mapped("res_id")
            env[model].browse(ids).exists().active = False
    told.unlink()


def hand_over(env, user_ids):
    """Give what the management system keeps of people who go to nobody.

    :param user_ids: ids of the people of the story
    """
    for Model in env.values():
        if not Model._name.startswith(THEIRS) or not Model._auto or Model._abstract:
            continue
        for field in Model._fields.values():
            is_person = field.type == "many2one" and field.comodel_name == "res.users"
            if not is_person or not field.store:
                continue
            env.cr.execute(  # batched: a few columns
                SQL(
                    "UPDATE %(table)s SET %(column)s = %(nobody)s "
                    "WHERE %(column)s = ANY(%(people)s)",
                    table=SQL.identifier(Model._table),
                    column=SQL.identifier(field.name),
                    nobody=SUPERUSER_ID,
                    people=list(user_ids),
                )
            )
