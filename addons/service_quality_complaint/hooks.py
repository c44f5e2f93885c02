from odoo.addons.service_quality_core.hooks import leave


def uninstall_hook(env):
    """Take out what refers to tickets and people, those that refer first."""
    leave(
        env, "complaint_feedback", "complaint_notice", "hotline_test", "complaint_route"
    )
