from odoo import api, models
from odoo.fields import Domain

from .obligation_data import Evidence
from .service_quality_obligation_evidence import of_company, on_days, within

REPORT = "service.quality.report"


class ServiceQualityObligation(models.Model):
    """What proves the clauses about indicators, reports, policy and the catalogue."""

    _inherit = "service.quality.obligation"

    @api.model
    def _evidences(self):
        _ = self.env._
        return super()._evidences() | {
            "figures_taken": _("Indicators of the company, taken"),
            "deviations_analysed": _("Deviations analysed, with an action"),
            "monthly_reports": _("Monthly quality reports delivered to executives"),
            "quarterly_reports": _("Quarterly quality reports sent"),
            "event_reports": _("Event reports sent"),
            "annual_reports_reviewed": _("Yearly reports reviewed by the centre"),
            "department_reports": _("Department summary reports sent"),
            "statistics_sent": _("Monthly statistics sent to departments"),
            "service_reports": _("Customer service reports sent"),
            "project_reports": _("Project quality analysis reports sent"),
            "reports_acknowledged": _("Reports acknowledged by executives"),
            "policy_in_force": _("Quality policy in force"),
            "strategy_in_force": _("Strategy in force"),
            "targets_in_force": _("Targets in force"),
            "services_reviewed": _("Services whose review is not overdue"),
            "policy_reviews": _("Periodic reviews that were closed"),
        }

    # ------------------------------------------------------------------
    # Indicators
    # ------------------------------------------------------------------

    def _evidence_figures_taken(self, window):
        """Regulation A3.2.3: the company's own figures of the month."""
        taken = (
            of_company(window)
            & Domain("scope", "=", "company")
            & Domain("period_kind", "=", self._period_kind())
            & on_days("date_to", window)
        )
        final = taken & Domain("is_provisional", "=", False)
        return Evidence("service.quality.figure", final, candidates=taken)

    def _evidence_deviations_analysed(self, window):
        """Regulations A4.2.2 and A4.3.4: an action of each, or why there is none."""
        answered = Domain("answered_at", "!=", False)
        due = (
            of_company(window)
            & on_days("deadline", window)
            & (answered | Domain("deadline", "<", window.today()))
        )
        return Evidence("service.quality.deviation", due & answered, due)

    # ------------------------------------------------------------------
    # Reports
    # ------------------------------------------------------------------

    def _reports(self, window, kind, period_kind=None):
        """Return the domain of reports whose period ends in the window."""
        domain = of_company(window) & on_days("date_to", window)
        domain &= Domain("kind", "=", kind)
        if period_kind:
            domain &= Domain("period_kind", "=", period_kind)
        return domain

    def _sent(self, window, kind, period_kind=None):
        reports = self._reports(window, kind, period_kind)
        sent = reports & Domain("state", "=", "sent")
        return Evidence(REPORT, sent, candidates=reports)

    def _each_sent(self, reports, window):
        """Each that fell due has to be sent, whatever number of them."""
        sent = Domain("state", "=", "sent")
        due = reports & (sent | Domain("due_date", "<", window.today()))
        return Evidence(REPORT, due & sent, due)

    def _evidence_monthly_reports(self, window):
        """Regulation A4.2.1: sent, and delivered to an executive among others."""
        found = self._sent(window, "organisation", "month")
        reached = Domain("is_executive", "=", True) & Domain("failure", "=", False)
        return found._replace(done=found.done & Domain("delivery_ids", "any", reached))

    def _evidence_quarterly_reports(self, window):
        return self._sent(window, "organisation", "quarter")

    def _evidence_event_reports(self, window):
        """Regulation A4.2.1: each report that an event asked for."""
        due = of_company(window) & on_days("date_from", window)
        return self._each_sent(due & Domain("kind", "=", "event"), window)

    def _evidence_annual_reports_reviewed(self, window):
        """Regulation A3.3.4: reviewed by the technical service centre."""
        reports = (
            of_company(window)
            & on_days("date_to", window)
            & Domain("period_kind", "=", "year")
        )
        reviewed = reports & Domain("is_centre_reviewed", "=", True)
        return Evidence(REPORT, reviewed, candidates=reports)

    def _evidence_department_reports(self, window):
        return self._sent(window, "department", self._period_kind())

    def _evidence_statistics_sent(self, window):
        """Regulation A3.5.5: to each department, month by month."""
        return self._sent(window, "department", "month")

    def _evidence_service_reports(self, window):
        """Regulation A4.3.3: each that an agreement asks for."""
        return self._each_sent(self._reports(window, "customer"), window)

    def _evidence_project_reports(self, window):
        return self._sent(window, "project")

    def _evidence_reports_acknowledged(self, window):
        """Regulation A3.1.2: each executive, of each report that was delivered."""
        noted = Domain("acknowledged_at", "!=", False)
        due = (
            of_company(window)
            & within("sent_at", window)
            & Domain("is_executive", "=", True)
            & (noted | Domain("acknowledge_by", "<", window.today()))
        )
        return Evidence("service.quality.report.delivery", due & noted, due)

    # ------------------------------------------------------------------
    # Policy and catalogue
    # ------------------------------------------------------------------

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

    def _evidence_policy_in_force(self, window):
        return self._in_force(window, "policy")

    def _evidence_strategy_in_force(self, window):
        return self._in_force(window, "strategy")

    def _evidence_targets_in_force(self, window):
        return self._in_force(window, "targets")

    def _evidence_services_reviewed(self, window):
        """Regulation A4.1.1: no service that is offered has missed its review."""
        day = min(window.following, window.today())
        due = (
            of_company(window)
            & Domain("active", "=", True)
            & Domain("status", "=", "live")
        )
        done = due & Domain("review_date", ">=", day)
        return Evidence("service.quality.service", done, due)

    def _evidence_policy_reviews(self, window):
        """Regulation A4.1.1: closed in the year, with a result for each item."""
        reviews = of_company(window) & on_days("date", window)
        closed = reviews & Domain("state", "=", "done")
        return Evidence("service.quality.policy.review", closed, candidates=reviews)
