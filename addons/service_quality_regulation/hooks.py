from odoo.addons.service_quality_core.hooks import leave


def uninstall_hook(env):
    """Take out what refers to tickets and people, those that refer first."""
    env.cr.execute("DROP FUNCTION service_quality_judgement_refuse() CASCADE")
    leave(
        env,
        "service_quality_regulation",
        "evidence_pack_part",
        "evidence_pack",
        "judgement",
        "rule_change",
        "waiver",
        "compliance",
        "service_review",
        "policy_review_line",
        "policy_review",
        "policy",
        "regulation_term",
        "service",
    )
