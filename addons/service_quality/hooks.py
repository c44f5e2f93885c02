"""Coming into a helpdesk that is in use, and leaving it as it was."""

STAGE_PHASES = {
    "helpdesk_mgmt.helpdesk_ticket_stage_new": "new",
    "helpdesk_mgmt.helpdesk_ticket_stage_in_progress": "active",
    "helpdesk_mgmt.helpdesk_ticket_stage_awaiting": "waiting_customer",
    "helpdesk_mgmt.helpdesk_ticket_stage_done": "resolved",
    "helpdesk_mgmt.helpdesk_ticket_stage_cancelled": "cancelled",
    "helpdesk_mgmt.helpdesk_ticket_stage_rejected": "cancelled",
}

BATCH = 500


def post_init_hook(env):
    """Map the helpdesk's own stages and take over the tickets that are there."""
    map_stages(env)
    take_over_tickets(env)


def map_stages(env):
    """Say what the helpdesk's own stages mean, where nobody has said it."""
    for xmlid, phase in STAGE_PHASES.items():
        stage = env.ref(xmlid, raise_if_not_found=False)  # batched: six of them
        if stage and not stage.service_phase:
            stage.service_phase = phase


def take_over_tickets(env):
    """Write the history of existing tickets to the ledger, marked as taken over."""
    tickets = env["helpdesk.ticket"].with_context(active_test=False)
    tickets = tickets.search([("service_event_ids", "=", False)], order="id")
    for start in range(0, len(tickets), BATCH):
        tickets[start : start + BATCH]._service_take_over()


def uninstall_hook(env):
    """Take the ledger out; tickets keep their stages and types."""
    env.cr.execute(
        "DROP TRIGGER service_quality_event_append_only ON service_quality_event"
    )
    env.cr.execute(
        "DROP TRIGGER service_quality_event_no_truncate ON service_quality_event"
    )
    env.cr.execute("DROP FUNCTION service_quality_event_refuse()")
    # what refers to tickets, people and calendars would keep demo data from going
    for table in ("clock", "span", "event", "term", "target", "agreement"):
        env.cr.execute(f"DELETE FROM service_quality_{table}")  # batched: six tables
    env.invalidate_all()
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
                ("module", "=", "service_quality"),
                ("model", "=", model),
                ("res_id", "in", ids),
            ]
        ).unlink()  # batched: two models
