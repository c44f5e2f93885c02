from odoo.addons.service_quality_core.hooks import leave


def uninstall_hook(env):
    """Take out what was entered: it refers to tickets and people."""
    env["service.quality.ledger"]._leave_metrics(
        ("complaint_acknowledge", "complaint_answer")
    )
    leave(env, "service_quality_complaint")
