from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.evidence import (
    Document,
    Evidence,
    of_company,
    on_days,
    these,
    within,
)

PAGE = Markup(
    '<!DOCTYPE html><html><head><meta charset="utf-8"><title>%(name)s</title></head>'
    "<body><h1>%(name)s</h1><p>%(approval)s</p>%(text)s</body></html>"
)
"""A policy document as a file that a browser opens."""


class ServiceQualityEvidence(models.AbstractModel):
    """Adds records of any model, the policy, and the catalogue of services."""

    _inherit = "service.quality.evidence"

    @api.model
    def _evidences(self):
        _ = self.env._
        return (
            {"domain": _("Records of a model")}
            | super()._evidences()
            | {
                "policy_in_force": _("Quality policy in force"),
                "strategy_in_force": _("Strategy in force"),
                "targets_in_force": _("Targets in force"),
                "services_reviewed": _("Services whose review is not overdue"),
                "policy_reviews": _("Periodic reviews that were closed"),
            }
        )

    @api.model
    def _judge_now(self, companies):
        """Judge what is in force, so that the register knows what was missed."""
        result = super()._judge_now(companies)
        # who decides on a complaint need not judge obligations
        terms = self.env["service.quality.regulation.term"].sudo()
        found = terms.search([("company_id", "in", companies.ids)])
        for company, own in found.grouped("company_id").items():
            own.regulation_id.obligation_ids._judge(company)  # batched: one company
        return result

    @api.model
    def _documents(self, records):
        """Add the text of policy documents."""
        yield from super()._documents(records)
        if records._name == "service.quality.policy":
            for policy in records:
                name = policy.display_name
                approval = self._approval(policy)
                page = PAGE % {"name": name, "text": policy.text, "approval": approval}
                yield Document(policy, f"{name}.html", page.encode())

    @api.model
    def _approval(self, policy):
        """Return who approved a document, when, and from when on it is in force."""
        if policy.state != "approved":
            return self.env._("A draft that nobody has approved.")
        return self.env._(
            "Approved by %(name)s on %(day)s. In force from %(start)s until %(end)s.",
            name=policy.approved_by_id.name,
            day=fields.Datetime.to_string(policy.approved_at),
            start=policy.date_start,
            end=policy.date_end or "–",
        )

    @api.model
    def _evidence_domain(self, obligation, window):
        """Return what the domains of an obligation find, over one date of a model."""
        Model = self.env.get(obligation.evidence_model)
        if Model is None:
            return None
        is_date = Model._fields[obligation.evidence_date].type == "date"
        lies = (on_days if is_date else within)(obligation.evidence_date, window)
        if "company_id" in Model._fields:
            lies &= Domain("company_id", "in", (window.company.id, False))
        due = lies & obligation._read_domain(obligation.evidence_due)
        done = obligation._read_domain(obligation.evidence_domain)
        if obligation.rule != "minimum":
            return Evidence(Model._name, due & done, due)
        return Evidence(Model._name, lies & done, candidates=lies)

    @api.model
    def _in_force(self, window, kind):
        """Regulation A4.1.1: approved by an executive, and in force at the end."""
        documents = of_company(window) & Domain("kind", "=", kind)
        in_force = (
            documents
            & Domain("state", "=", "approved")
            & Domain("date_start", "<", window.following)
            & (
                Domain("date_end", "=", False)
                | Domain("date_end", ">=", window.following)
            )
        )
        return Evidence("service.quality.policy", in_force, candidates=documents)

    @api.model
    def _evidence_policy_in_force(self, obligation, window):
        return self._in_force(window, "policy")

    @api.model
    def _evidence_strategy_in_force(self, obligation, window):
        return self._in_force(window, "strategy")

    @api.model
    def _evidence_targets_in_force(self, obligation, window):
        return self._in_force(window, "targets")

    @api.model
    def _evidence_services_reviewed(self, obligation, window):
        """Regulation A4.1.1: no service that was offered has missed its review.

        What left the offer was reviewed until then, or a review has ended it.
        """
        Service = self.env["service.quality.service"].with_context(active_test=False)
        day = min(window.following, window.today())
        offered = Service._offered_domain()
        left = ~offered & Domain("offered_until", ">=", window.first)
        due = of_company(window) & (offered | left)
        gone = Service.search(of_company(window) & left).filtered(
            lambda service: (
                service._is_withdrawn()
                or (
                    service.review_date
                    and service.review_date >= min(day, service.offered_until)
                )
            )
        )
        done = due & ((offered & Domain("review_date", ">=", day)) | these(gone))
        never = Domain("review_date", "=", False)
        still = offered & never if window.has_just_begun() else Domain.FALSE
        return Evidence(Service._name, done, due, open=still)

    @api.model
    def _evidence_policy_reviews(self, obligation, window):
        """Regulation A4.1.1: closed in the year, with a result for each item."""
        reviews = of_company(window) & on_days("date", window)
        closed = reviews & Domain("state", "=", "done")
        return Evidence(
            "service.quality.policy.review",
            closed,
            candidates=reviews,
            late=Domain("closed_at", ">=", window.closes()),
            day="closed_at",
        )
