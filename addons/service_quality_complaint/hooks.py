from odoo.addons.service_quality_core.hooks import leave


def uninstall_hook(env):
    """Take out what refers to tickets and people, those that refer first."""
    env["service.quality.ledger"]._leave_metrics(
        ("complaint_acknowledge", "complaint_answer")
    )
    leave(
        env,
        "service_quality_complaint",
        "complaint_feedback",
        "complaint_notice",
        "hotline_test",
        "complaint_route",
    )
