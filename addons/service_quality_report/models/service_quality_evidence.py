import base64

from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.evidence import (
    Document,
    Evidence,
    of_company,
    on_days,
    within,
)

REPORT = "service.quality.report"


class ServiceQualityEvidence(models.AbstractModel):
    """Reports that were sent and acknowledged prove obligations, by their files."""

    _inherit = "service.quality.evidence"

    @api.model
    def _evidences(self):
        _ = self.env._
        return super()._evidences() | {
            "monthly_reports": _("Monthly quality reports delivered to executives"),
            "quarterly_reports": _("Quarterly quality reports sent"),
            "event_reports": _("Event reports sent"),
            "annual_reports_reviewed": _("Yearly reports reviewed by the centre"),
            "department_reports": _("Department summary reports sent"),
            "statistics_sent": _("Monthly statistics sent to departments"),
            "service_reports": _("Customer service reports sent"),
            "project_reports": _("Project quality analysis reports sent"),
            "reports_acknowledged": _("Reports acknowledged by executives"),
        }

    @api.model
    def _documents(self, records):
        """Add reports as they were sent, and the copies that customers signed."""
        yield from super()._documents(records)
        if records._name != REPORT:
            return
        for report in records.with_context(bin_size=False):
            if report.pdf_file:
                name = f"{report._file_name()}.pdf"
                yield Document(report, name, base64.b64decode(report.pdf_file))
            for response in report.response_ids.filtered("copy_file"):
                content = base64.b64decode(response.copy_file)
                yield Document(report, response.copy_name or "copy", content)

    @api.model
    def _reports(self, window, kind, period_kind=None):
        """Return the domain of reports whose period ends in the window."""
        domain = of_company(window) & on_days("date_to", window)
        domain &= Domain("kind", "=", kind)
        if period_kind:
            domain &= Domain("period_kind", "=", period_kind)
        return domain

    @api.model
    def _sent(self, window, kind, period_kind=None):
        reports = self._reports(window, kind, period_kind)
        sent = reports & Domain("state", "=", "sent")
        return Evidence(REPORT, sent, candidates=reports)

    @api.model
    def _each_sent(self, reports, window):
        """Each that fell due has to be sent, whatever number of them."""
        sent = Domain("state", "=", "sent")
        due = reports & (sent | Domain("due_date", "<", window.today()))
        return Evidence(REPORT, due & sent, due)

    @api.model
    def _evidence_monthly_reports(self, obligation, window):
        """Regulation A4.2.1: sent, and delivered to an executive among others."""
        found = self._sent(window, "organisation", "month")
        reached = Domain("is_executive", "=", True) & Domain("failure", "=", False)
        return found._replace(done=found.done & Domain("delivery_ids", "any", reached))

    @api.model
    def _evidence_quarterly_reports(self, obligation, window):
        return self._sent(window, "organisation", "quarter")

    @api.model
    def _evidence_event_reports(self, obligation, window):
        """Regulation A4.2.1: each report that an event asked for."""
        due = of_company(window) & on_days("date_from", window)
        return self._each_sent(due & Domain("kind", "=", "event"), window)

    @api.model
    def _evidence_annual_reports_reviewed(self, obligation, window):
        """Regulation A3.3.4: reviewed by the technical service centre."""
        reports = (
            of_company(window)
            & on_days("date_to", window)
            & Domain("period_kind", "=", "year")
        )
        reviewed = reports & Domain("is_centre_reviewed", "=", True)
        return Evidence(REPORT, reviewed, candidates=reports)

    @api.model
    def _evidence_department_reports(self, obligation, window):
        return self._sent(window, "department", obligation._period_kind())

    @api.model
    def _evidence_statistics_sent(self, obligation, window):
        """Regulation A3.5.5: to each department, month by month."""
        return self._sent(window, "department", "month")

    @api.model
    def _evidence_service_reports(self, obligation, window):
        """Regulation A4.3.3: each that an agreement asks for."""
        return self._each_sent(self._reports(window, "customer"), window)

    @api.model
    def _evidence_project_reports(self, obligation, window):
        return self._sent(window, "project")

    @api.model
    def _evidence_reports_acknowledged(self, obligation, window):
        """Regulation A3.1.2: each executive, of each report that was delivered."""
        noted = Domain("acknowledged_at", "!=", False)
        due = (
            of_company(window)
            & within("sent_at", window)
            & Domain("is_executive", "=", True)
            & (noted | Domain("acknowledge_by", "<", window.today()))
        )
        return Evidence("service.quality.report.delivery", due & noted, due)
