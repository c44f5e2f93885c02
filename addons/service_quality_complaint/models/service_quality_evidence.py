from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.evidence import (
    Evidence,
    of_company,
    on_days,
    within,
)


class ServiceQualityEvidence(models.AbstractModel):
    """Evidence shows what is done about complaints, and that hotlines are tested."""

    _inherit = "service.quality.evidence"

    @api.model
    def _evidences(self):
        _ = self.env._
        return super()._evidences() | {
            "complaints_acknowledged": _("Complaints acknowledged in time"),
            "complaints_answered": _("Complaints answered in time"),
            "complaints_settled": _("Complaints with an answer"),
            "complaints_passed_on": _("Important complaints passed on"),
            "complaints_all_passed_on": _("Complaints passed on, of any severity"),
            "major_handled": _("Major complaints with cause, handling and answer"),
            "feedback_answered": _("Monthly complaint figures answered"),
            "feedback_sent": _("Monthly complaint figures fed back"),
            "hotlines_tested": _("Test calls of hotlines"),
        }

    @api.model
    def _promised(self, window, metric):
        """Return the verdicts of one promise about complaints, and what is late now."""
        judged = Domain("verdict", "!=", False) & within("judged_at", window)
        late = (
            Domain("verdict", "=", False)
            & Domain("state", "=", "running")
            & within("deadline", window)
            & Domain("deadline", "<", window.now)
        )
        due = (
            of_company(window)
            & Domain("metric", "=", metric)
            & Domain("counted", "=", True)
            & Domain("kind", "in", ("sla", "house"))
            & (judged | late)
        )
        return Evidence(
            "service.quality.clock", due & Domain("verdict", "=", "met"), due
        )

    @api.model
    def _evidence_complaints_acknowledged(self, obligation, window):
        return self._promised(window, "complaint_acknowledge")

    @api.model
    def _evidence_complaints_answered(self, obligation, window):
        return self._promised(window, "complaint_answer")

    @api.model
    def _complaints(self, window, which=Domain.TRUE):
        return (
            of_company(window)
            & within("complained_at", window)
            & Domain("is_cancelled", "=", False)
            & which
        )

    @api.model
    def _evidence_complaints_settled(self, obligation, window):
        """Regulation C2.3: each is answered; an open one is due until its deadline."""
        burning = self.env["service.quality.clock"]._burning_domain("late") | Domain(
            "verdict", "=", "missed"
        )
        late = burning & Domain("metric", "=", "complaint_answer")
        due = self._complaints(window) & (
            Domain("answered_at", "!=", False)
            | Domain("ticket_id", "any", [("service_clock_ids", "any", late)])
        )
        return Evidence(
            "service.quality.complaint.report",
            due & Domain("answered_at", "!=", False),
            due,
        )

    @api.model
    def _evidence_complaints_passed_on(self, obligation, window):
        """Regulation A3.5.3: somebody was told of each important or major one."""
        grave = Domain("severity", "in", ("important", "major"))
        return self._passed_on(window, grave)

    @api.model
    def _evidence_complaints_all_passed_on(self, obligation, window):
        """Regulation C2.3: the quality officer or head was told of every one."""
        return self._passed_on(window, Domain.TRUE)

    @api.model
    def _passed_on(self, window, which):
        due = self._complaints(window, which)
        told = Domain("ticket_id", "any", [("service_notice_ids", "!=", False)])
        return Evidence("service.quality.complaint.report", due & told, due)

    @api.model
    def _evidence_major_handled(self, obligation, window):
        """Regulation A3.3.3: each major one answered has its cause and handling."""
        due = self._complaints(window, Domain("severity", "=", "major")) & Domain(
            "answered_at", "!=", False
        )
        found = Domain("service_root_cause", "!=", False)
        return Evidence(
            "service.quality.complaint.report",
            due & Domain("ticket_id", "any", found),
            due,
        )

    @api.model
    def _fed_back(self, window):
        return of_company(window) & on_days("month", window)

    @api.model
    def _evidence_feedback_answered(self, obligation, window):
        """Regulation A3.4.4: each department says what it does about its complaints."""
        due = self._fed_back(window) & (
            Domain("told_at", "<", window.now) | Domain("responded_at", "!=", False)
        )
        done = due & Domain("responded_at", "!=", False)
        return Evidence("service.quality.complaint.feedback", done, due)

    @api.model
    def _evidence_feedback_sent(self, obligation, window):
        """Regulation B6: complaints are counted and fed back in the month after."""
        due = self._fed_back(window)
        return Evidence(
            "service.quality.complaint.feedback",
            due & Domain("told_at", "!=", False),
            due,
        )

    @api.model
    def _evidence_hotlines_tested(self, obligation, window):
        """Regulation C2.3: each hotline is called in the quarter, and answered."""
        due = (
            of_company(window)
            & on_days("quarter_start", window)
            & (
                Domain("tested_at", "!=", False)
                | Domain("date_due", "<", window.today())
            )
        )
        done = due & Domain("result", "=", "answered")
        return Evidence("service.quality.hotline.test", done, due)
