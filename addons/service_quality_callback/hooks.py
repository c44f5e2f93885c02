from odoo.addons.service_quality_core.hooks import leave


def uninstall_hook(env):
    """Take out what was entered: it refers to tickets and people."""
    env["service.quality.ledger"]._leave_metrics(("callback",))
    leave(env, "service_quality_callback")
