from odoo.addons.service_quality_core.hooks import leave


def uninstall_hook(env):
    """Take out what refers to tickets and people, those that refer first."""
    env["service.quality.ledger"]._leave_metrics(("callback",))
    leave(
        env,
        "service_quality_callback",
        "callback_answer",
        "callback_digest_line",
        "callback_digest",
        "callback_attempt",
        "callback",
    )
