from odoo.tools import SQL

from odoo.addons.service_quality_core.hooks import leave

ROLES = {
    "quality": "manager",
    "technical_centre": "auditor",
    "executive": "user_manager",
    "service_manager": "user",
}
"""The groups of the management system that our roles have as long as we are there."""

STAGES = {
    "mgmtsystem_action": (
        "service_quality_audit.mgmtsystem_action_stage_done",
        "mgmtsystem_action.stage_open",
    ),
    "mgmtsystem_nonconformity": (
        "service_quality_audit.nonconformity_stage_check",
        "mgmtsystem_nonconformity.stage_open",
    ),
}
"""Our stage of each table, and the one that its records go back to."""


def uninstall_hook(env):
    """Take out what was entered, and leave the management system its own stages."""
    for role, group in ROLES.items():
        ours = env.ref(f"service_quality_core.service_quality_group_{role}")
        ours.implied_ids -= env.ref(f"mgmtsystem.group_mgmtsystem_{group}")
    for table, (ours, theirs) in STAGES.items():
        env.cr.execute(  # batched: two tables, of whatever size
            SQL(
                "UPDATE %s SET stage_id = %s WHERE stage_id = %s",
                SQL.identifier(table),
                env.ref(theirs).id,
                env.ref(ours).id,
            )
        )
    env.invalidate_all()
    leave(env, "service_quality_audit")
