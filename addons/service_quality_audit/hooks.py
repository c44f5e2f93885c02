from odoo.addons.service_quality_core.hooks import leave


def uninstall_hook(env):
    """Take out what was entered: it refers to tickets and people."""
    leave(env, "service_quality_audit")
