from odoo.addons.service_quality_core.hooks import leave


def uninstall_hook(env):
    """Take out what refers to tickets and people, those that refer first."""
    leave(
        env,
        "service_quality_indicator",
        "deviation",
        "measurement",
        "patrol",
        "patrol_plan",
        "clock_change",
        "exclusion",
        "exclusion_ground",
        "figure_review",
        "figure",
        "indicator_target",
    )
