"""Tells what the demo's company obliges itself to, and what its executives set out."""

from dateutil.relativedelta import relativedelta

from odoo import fields

from .audits import tell_audits
from .improvement import (
    MONTHS,
    tell_improvement,
    tell_measures,
    tell_nonconformities,
)

POLICIES = [
    {
        "ref": "policy",
        "kind": "policy",
        "name": "服务质量方针",
        "text": "<p>客户至上，快速响应；过程受控，持续改进。</p>",
    },
    {
        "ref": "strategy",
        "kind": "strategy",
        "name": "Service strategy",
        "text": "<p>Fewer visits, more remote repair; every promise in writing; one "
        "desk for all customers in two languages.</p>",
    },
    {
        "ref": "targets",
        "kind": "targets",
        "name": "年度质量目标",
        "text": "<ul><li>协议达成率 ≥ 95%</li><li>24 小时内电话回访率 ≥ 90%</li>"
        "<li>客户满意度 ≥ 4.5</li></ul>",
    },
]

SERVICES = [
    ("workplace", "Workplace support", "workplace", "zhou", "live", 5),
    ("network", "Network operation", "network", "xu", "live", 8),
    ("servers", "Server operation", "servers", "xu", "live", -1),
    ("applications", "Application support", "applications", "zhou", "planned", 0),
]
"""Reference, name, category, owner, status, and in how many months it is reviewed."""

OUTCOMES = {
    "workplace": "People can work: computers, printers and telephones run.",
    "network": "Branches are connected, day and night.",
    "servers": "Servers run, are patched, and can be restored.",
    "applications": "Business applications are kept running and questions answered.",
}

WAIVED = "年内未签订含备品备件的合同，不适用。"


def tell_compliance(demo):
    """Put regulation A in force, approve what it asks for, and judge it."""
    demo = demo.with_context(mail_activity_quick_update=True)
    today = fields.Date.today()
    since = today.replace(day=1) - relativedelta(months=MONTHS)
    regulation = demo.env.ref("service_quality_regulation.regulation_a")
    company = demo.env.ref("base.main_company")
    quality, executive = (demo._ref("user", name) for name in ("wu", "he"))
    if regulation not in company._service_regulations():
        demo.env["service.quality.regulation.term"].with_user(quality).create(
            {
                "regulation_id": regulation.id,
                "company_id": company.id,
                "date_start": since,
            }
        )
    _tell_policies(demo, quality, executive, since)
    _tell_services(demo, today)
    _tell_review(demo, quality, today)
    parts = demo.env.ref("service_quality_regulation.obligation_a3_5_4_1")
    demo.env["service.quality.waiver"].with_user(quality).create(
        {
            "obligation_id": parts.id,
            "company_id": company.id,
            "date_from": since,
            "reason": WAIVED,
        }
    )
    # the register finds them as evidence
    tell_measures(demo)
    tell_nonconformities(demo)
    tell_audits(demo)
    tell_improvement(demo)
    regulation.obligation_ids._judge(company)
    told = demo.env["service.quality.escalation.reminder"]._remind_of("obligation")
    told.digest_user_ids = False  # nobody is written to about the past


def _tell_policies(demo, quality, executive, since):
    Policy = demo.env["service.quality.policy"].with_user(quality)
    told = {
        policy.pop("ref"): Policy.create(policy)
        for policy in (
            dict(policy, date_start=since, review_date=since + relativedelta(years=1))
            for policy in POLICIES
        )
    }  # batched: three of them
    for policy in told.values():
        policy.with_user(executive).action_approve()  # batched: three of them
        approved = fields.Datetime.to_datetime(since)
        policy._write_as_step({"date_start": since, "approved_at": approved})
    demo._name_records("policy", told)


def _tell_services(demo, today):
    told = demo.env["service.quality.service"].create(
        [
            {
                "name": name,
                "outcome": OUTCOMES[ref],
                "category_ids": demo._ref("category", category).ids,
                "owner_id": demo._ref("user", owner).id,
                "status": status,
            }
            for ref, name, category, owner, status, _months in SERVICES
        ]
    )
    for service, (*_others, months) in zip(told, SERVICES, strict=True):
        if months:  # batched: a few services
            _tell_service_review(demo, service, today + relativedelta(months=months))
    demo._name_records(
        "service", dict(zip((one[0] for one in SERVICES), told, strict=True))
    )


def _tell_service_review(demo, service, next_date):
    """Tell of the review a year before the next one."""
    held = fields.Datetime.to_datetime(next_date - relativedelta(years=1))
    demo.env["service.quality.service.review"]._create_as_step(
        [
            {
                "service_id": service.id,
                "result": "keep",
                "note": "服务内容与客户需求相符。",
                "next_date": next_date,
                "reviewed_by_id": service.owner_id.id,
                "reviewed_at": held,
            }
        ]
    )
    service._write_as_step({"review_date": next_date})


def _tell_review(demo, quality, today):
    """Prepare this year's review, which the executives have still to close."""
    review = (
        demo.env["service.quality.policy.review"]
        .with_user(quality)
        .create(
            {
                "name": f"管控指标评审 {today.year}",
                "date": today,
                "market": "同行已普遍提供 7×24 服务，客户要求更快的首次响应。",
                "technology": "远程接管工具成熟，上门次数可减少三成。",
            }
        )
    )
    review.line_ids[:2].result = "keep"
    demo._name_records("policy_review", {"year": review})
