from odoo.addons.service_quality_core.hooks import leave


def uninstall_hook(env):
    """Take out what was entered."""
    leave(env, "service_quality_survey")
