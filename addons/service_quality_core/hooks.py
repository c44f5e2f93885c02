"""Coming into a helpdesk that is in use, and leaving it as it was."""

from graphlib import TopologicalSorter

from odoo.tools import SQL

US = "service_quality_core"

STAGE_PHASES = {
    "helpdesk_mgmt.helpdesk_ticket_stage_new": "new",
    "helpdesk_mgmt.helpdesk_ticket_stage_in_progress": "active",
    "helpdesk_mgmt.helpdesk_ticket_stage_awaiting": "waiting_customer",
    "helpdesk_mgmt.helpdesk_ticket_stage_done": "resolved",
    "helpdesk_mgmt.helpdesk_ticket_stage_cancelled": "cancelled",
    "helpdesk_mgmt.helpdesk_ticket_stage_rejected": "cancelled",
    f"{US}.helpdesk_ticket_stage_waiting_third_party": "waiting_third_party",
    f"{US}.helpdesk_ticket_stage_closed": "closed",
}

SHIPPED = {
    "helpdesk.ticket.stage": {
        "helpdesk_ticket_stage_waiting_third_party": "Waiting for supplier",
        "helpdesk_ticket_stage_closed": "Closed",
    },
    "helpdesk.ticket.type": {
        "helpdesk_ticket_type_incident": "Incident",
        "helpdesk_ticket_type_request": "Service request",
        "helpdesk_ticket_type_problem": "Problem",
        "helpdesk_ticket_type_change": "Change",
        "helpdesk_ticket_type_release": "Release",
        "helpdesk_ticket_type_configuration": "Configuration",
        "helpdesk_ticket_type_security": "Information security",
    },
}
"""The English names of the records that our data files bring, by identifier."""

HANDLED = f"{US}.mail_template_ticket_handled"
CANCELLED = f"{US}.mail_template_ticket_cancelled"
STAGE = f"{US}.mail_template_ticket_stage"

THEIR_TEMPLATES = {
    HANDLED: "helpdesk_mgmt.closed_ticket_template",
    CANCELLED: "helpdesk_mgmt.closed_ticket_template",
    STAGE: "helpdesk_mgmt.changed_stage_template",
}
"""What the helpdesk writes to customers, by what we write instead.

It greets the person who has the ticket, and in English.
"""

BATCH = 500


def pre_init_hook(env):
    """Make stages and types ours again that an earlier installation left behind."""
    for model, names in SHIPPED.items():
        adopt(env[model], names)  # batched: two models


def adopt(records, names):
    """Let the data files find what has their English names instead of doubling it.

    A stage of one company is not adopted: ours are for all of them.

    :param names: dict of identifier to English name
    """
    records = records.with_context(active_test=False, lang="en_US")
    Data = records.env["ir.model.data"]
    ours = [("module", "=", US), ("model", "=", records._name)]
    taken = Data.search_fetch(ours, ["name", "res_id"])
    wanted = names.keys() - set(taken.mapped("name"))
    domain = [
        ("name", "in", [names[identifier] for identifier in wanted]),
        ("id", "not in", taken.mapped("res_id")),
    ]
    if "company_id" in records._fields:
        domain.append(("company_id", "=", False))
    found = {record.name: record for record in records.search(domain, order="id desc")}
    Data._update_xmlids(
        [
            {
                "xml_id": f"{US}.{identifier}",
                "record": found[names[identifier]],
                "noupdate": True,
            }
            for identifier in sorted(wanted)
            if names[identifier] in found
        ]
    )


def post_init_hook(env):
    """Map the stages that are known and take over the tickets that are there."""
    map_stages(env)
    write_to_customers(env)
    take_over_tickets(env)


def map_stages(env):
    """Say what stages that are known mean, where nobody has said it."""
    for xmlid, phase in STAGE_PHASES.items():
        stage = env.ref(xmlid, raise_if_not_found=False)  # batched: a few of them
        if stage and not stage.service_phase:
            stage.service_phase = phase


def write_to_customers(env):
    """Let stages that send the helpdesk's mails send ours; what others chose stays."""
    for stage in stages_with(env, THEIR_TEMPLATES.values()):
        closes = stage.mail_template_id == env.ref(THEIR_TEMPLATES[HANDLED], False)
        cancelled = CANCELLED if stage.service_phase == "cancelled" else HANDLED
        stage.mail_template_id = env.ref(cancelled if closes else STAGE)


def write_as_before(env):
    """Let stages that send our mails send those of the helpdesk again."""
    for ours, theirs in THEIR_TEMPLATES.items():
        template = env.ref(theirs, raise_if_not_found=False)
        stages_with(env, [ours]).mail_template_id = template  # batched: three


def stages_with(env, xmlids):
    """Return the stages, archived ones too, that send one of some templates."""
    found = [env.ref(xmlid, raise_if_not_found=False) for xmlid in xmlids]
    ids = [template.id for template in found if template]
    stages = env["helpdesk.ticket.stage"].with_context(active_test=False)
    return stages.search([("mail_template_id", "in", ids)])


def take_over_tickets(env):
    """Write the history of existing tickets to the ledger, marked as taken over."""
    tickets = env["helpdesk.ticket"].with_context(active_test=False)
    tickets = tickets.search([("service_event_ids", "=", False)], order="id")
    for start in range(0, len(tickets), BATCH):
        tickets[start : start + BATCH]._service_take_over()


def uninstall_hook(env):
    """Take the ledger out; tickets keep their stages and types."""
    write_as_before(env)
    env.cr.execute(
        "DROP TRIGGER service_quality_event_append_only ON service_quality_event"
    )
    env.cr.execute(
        "DROP TRIGGER service_quality_event_no_truncate ON service_quality_event"
    )
    env.cr.execute("DROP FUNCTION service_quality_event_refuse()")
    env.cr.execute("DROP FUNCTION service_quality_clock_follow() CASCADE")
    leave(env, US)
    # Stages and types that tickets use stay behind as the helpdesk's own.
    for model, field in (
        ("helpdesk.ticket.stage", "stage_id"),
        ("helpdesk.ticket.type", "type_id"),
    ):
        used = (
            env["helpdesk.ticket"]
            .with_context(active_test=False)
            ._read_group([(field, "!=", False)], [field])
        )  # batched: two models
        ids = [record.id for (record,) in used]
        env["ir.model.data"].search(
            [
                ("module", "=", US),
                ("model", "=", model),
                ("res_id", "in", ids),
            ]
        ).unlink()  # batched: two models


def leave(env, addon):
    """Take out what an addon of ours has entered that other records are held by.

    What refers to tickets, people and calendars would keep demo data from going, and
    so would the settings of companies.

    :param addon: name of the addon that goes
    """
    for table, column in own_columns(env, addon):
        env.cr.execute(  # batched: a few columns
            SQL(
                "UPDATE %(table)s SET %(column)s = NULL WHERE %(column)s IS NOT NULL",
                table=SQL.identifier(table),
                column=SQL.identifier(column),
            )
        )
    for table in (*own_relations(env, addon), *own_tables(env, addon)):
        env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)))  # batched: tables
    env.invalidate_all()
    companies = env["res.company"].with_context(active_test=False).search([])
    companies.write(
        {
            name: False
            for name, field in companies._fields.items()
            if field.type == "many2one" and field.store and addon in field._modules
        }
    )


def own_tables(env, addon):
    """Yield the tables that an addon of ours has made, those that refer first.

    :param addon: name of the addon
    """
    ours = {
        Model._name: Model
        for Model in env.values()
        if Model._original_module == addon and Model._auto and not Model._abstract
    }
    referring = {name: set() for name in ours}
    for Model in ours.values():
        for field in Model._fields.values():
            if field.type != "many2one" or not field.store:
                continue
            if field.ondelete != "set null" and field.comodel_name in ours:
                referring[field.comodel_name].add(Model._name)
        referring[Model._name].discard(Model._name)
    for name in TopologicalSorter(referring).static_order():
        yield ours[name]._table


def own_columns(env, addon):
    """Yield table and column of what holds choices of an addon in tables of others.

    :param addon: name of the addon
    """
    for Model in env.values():
        if not Model._auto or Model._abstract or Model._original_module == addon:
            continue
        for field in Model._fields.values():
            if (
                addon in field._modules
                and field.type == "many2one"
                and field.store
                and field.ondelete == "restrict"
                and not field.required
            ):
                yield Model._table, field.name


def own_relations(env, addon):
    """Yield the tables in which records of others name several of something.

    :param addon: name of the addon that has made the field
    """
    for Model in env.values():
        if not Model._auto or Model._abstract or Model._original_module == addon:
            continue
        for field in Model._fields.values():
            if field.type != "many2many" or not field.store:
                continue
            # one that it only changes is another's
            if set(field._modules) == {addon}:
                yield field.relation
