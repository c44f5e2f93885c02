from odoo.addons.service_quality_core.hooks import leave


def uninstall_hook(env):
    """Take out what refers to tickets and people, those that refer first."""
    leave(
        env,
        "service_quality_report",
        "report_assessment",
        "report_response",
        "report_instruction",
        "report_delivery",
        "report_miss",
        "report_line",
        "report_project",
        "report",
    )
