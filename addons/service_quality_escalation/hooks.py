from odoo.addons.service_quality_core.hooks import leave


def uninstall_hook(env):
    """Take out what refers to tickets and people, those that refer first."""
    leave(
        env,
        "service_quality_escalation",
        "due_move",
        "webhook_delivery",
        "escalation_alarm",
        "escalation_reminder",
        "escalation_step",
        "escalation",
        "webhook",
    )
