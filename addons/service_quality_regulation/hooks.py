from odoo.addons.service_quality_core.hooks import leave


def uninstall_hook(env):
    """Take out what was entered: it refers to tickets and people."""
    env.cr.execute("DROP FUNCTION service_quality_judgement_refuse() CASCADE")
    leave(env, "service_quality_regulation")
