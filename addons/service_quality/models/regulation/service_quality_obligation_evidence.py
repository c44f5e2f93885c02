from odoo import api, models
from odoo.fields import Domain

from .obligation_data import Evidence

CALLED = ("completed", "refused", "unreachable")
"""How a call ends that was made: also one that nobody answered, time and again."""


def within(name, window):
    """Return the domain of records whose datetime lies in a window."""
    return Domain(name, ">=", window.start) & Domain(name, "<", window.end)


def on_days(name, window):
    """Return the domain of records whose date lies in a window."""
    return Domain(name, ">=", window.first) & Domain(name, "<", window.following)


def of_company(window, name="company_id"):
    """Return the domain of a company's records."""
    return Domain(name, "=", window.company.id)


class ServiceQualityObligation(models.Model):
    """What proves the clauses, from what the ledger and its records hold.

    Each method takes a :class:`Window` and returns an :class:`Evidence`.
    """

    _inherit = "service.quality.obligation"

    @api.model
    def _evidences(self):
        _ = self.env._
        return super()._evidences() | {
            "calls_made": _("Follow-up calls made"),
            "calls_in_time": _("Follow-up calls by telephone, in time"),
            "calls_graded": _("Follow-up calls in which satisfaction was asked"),
            "complaints_acknowledged": _("Complaints acknowledged in time"),
            "complaints_answered": _("Complaints answered in time"),
            "complaints_settled": _("Complaints with an answer"),
            "complaints_passed_on": _("Important complaints passed on"),
            "complaints_all_passed_on": _("Complaints passed on, of any severity"),
            "major_handled": _("Major complaints with cause, handling and answer"),
            "major_called": _("Major complaints with a call of the centre"),
            "feedback_answered": _("Monthly complaint figures answered"),
            "feedback_sent": _("Monthly complaint figures fed back"),
            "digests_answered": _("Weekly call results answered"),
            "handovers_taken": _("Shift handovers taken over"),
            "tickets_recorded": _("Handled tickets with a record of the work"),
            "visits_signed": _("Visits with a signed sheet, or the reason why not"),
            "projects_agreed": _("Service projects with a signed agreement"),
            "alarms_delivered": _("Early warnings that reached somebody"),
            "hotlines_tested": _("Test calls of hotlines"),
        }

    def _evidence_domain(self, window):
        """What somebody wrote: domains over one model and one date of it."""
        Model = self.env.get(self.evidence_model)
        if Model is None:
            return None
        is_date = Model._fields[self.evidence_date].type == "date"
        lies = (on_days if is_date else within)(self.evidence_date, window)
        if "company_id" in Model._fields:
            lies &= Domain("company_id", "in", (window.company.id, False))
        due = lies & self._read_domain(self.evidence_due)
        done = self._read_domain(self.evidence_domain)
        if self.rule == "every":
            return Evidence(Model._name, due & done, due)
        return Evidence(Model._name, lies & done, candidates=lies)

    # ------------------------------------------------------------------
    # Follow-up calls
    # ------------------------------------------------------------------

    def _calls(self, window, done):
        due = of_company(window) & within("opened_at", window) & Domain("due", "=", 1)
        return Evidence("service.quality.callback.report", due & done, due)

    def _evidence_calls_made(self, window):
        """Regulation A3.5.2: each handled ticket, whose call fell due or was made."""
        return self._calls(window, Domain("result", "in", CALLED))

    def _evidence_calls_in_time(self, window):
        """Regulation A5.1.2: reached by telephone before the call's own deadline."""
        return self._calls(window, Domain("in_time_rate", "=", 100))

    def _evidence_calls_graded(self, window):
        """Regulations A4.3.3 and A5.1.1: of the customers who took the call."""
        asked = (
            of_company(window)
            & within("opened_at", window)
            & Domain("result", "=", "completed")
            & Domain("is_self_graded", "!=", True)
        )
        done = asked & Domain("satisfaction", "!=", False)
        return Evidence("service.quality.callback", done, asked)

    def _evidence_digests_answered(self, window):
        """Regulation A3.4.2: each week's bad results, once their answer fell due."""
        due = (
            of_company(window)
            & on_days("due_date", window)
            & Domain("line_ids", "!=", False)
            & (Domain("due_date", "<", window.now) | Domain("missing_count", "=", 0))
        )
        done = due & Domain("missing_count", "=", 0)
        return Evidence("service.quality.callback.digest", done, due)

    # ------------------------------------------------------------------
    # Complaints
    # ------------------------------------------------------------------

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

    def _evidence_complaints_acknowledged(self, window):
        return self._promised(window, "complaint_acknowledge")

    def _evidence_complaints_answered(self, window):
        return self._promised(window, "complaint_answer")

    def _complaints(self, window, which=Domain.TRUE):
        return (
            of_company(window)
            & within("complained_at", window)
            & Domain("is_cancelled", "=", False)
            & which
        )

    def _evidence_complaints_settled(self, window):
        """Regulation C2.3: each one answered; an open one is due until its deadline."""
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

    def _evidence_complaints_passed_on(self, window):
        """Regulation A3.5.3: somebody was told of each important or major one."""
        grave = Domain("severity", "in", ("important", "major"))
        return self._passed_on(window, grave)

    def _evidence_complaints_all_passed_on(self, window):
        """Regulation C2.3: the quality officer or head was told of every one."""
        return self._passed_on(window, Domain.TRUE)

    def _passed_on(self, window, which):
        due = self._complaints(window, which)
        told = Domain("ticket_id", "any", [("service_notice_ids", "!=", False)])
        return Evidence("service.quality.complaint.report", due & told, due)

    def _evidence_major_handled(self, window):
        """Regulation A3.3.3: cause and handling of each major one that was answered."""
        due = self._complaints(window, Domain("severity", "=", "major")) & Domain(
            "answered_at", "!=", False
        )
        found = Domain("service_root_cause", "!=", False)
        return Evidence(
            "service.quality.complaint.report",
            due & Domain("ticket_id", "any", found),
            due,
        )

    def _evidence_major_called(self, window):
        """Regulation A3.3.3: the technical service centre's own call."""
        due = (
            of_company(window)
            & within("opened_at", window)
            & Domain("is_complaint_call", "=", True)
            & Domain("state", "=", "ended")
            & Domain("result", "not in", ("exempt", "cancelled"))
        )
        done = due & Domain("result", "in", CALLED)
        return Evidence("service.quality.callback", done, due)

    def _fed_back(self, window):
        return of_company(window) & on_days("month", window)

    def _evidence_feedback_answered(self, window):
        """Regulation A3.4.4: what each department does about its month's complaints."""
        due = self._fed_back(window) & (
            Domain("told_at", "<", window.now) | Domain("responded_at", "!=", False)
        )
        done = due & Domain("responded_at", "!=", False)
        return Evidence("service.quality.complaint.feedback", done, due)

    def _evidence_feedback_sent(self, window):
        """Regulation B6: counted and fed back, the month after."""
        due = self._fed_back(window)
        return Evidence(
            "service.quality.complaint.feedback",
            due & Domain("told_at", "!=", False),
            due,
        )

    def _evidence_hotlines_tested(self, window):
        """Regulation C2.3: each hotline in the quarter, and somebody answered."""
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

    # ------------------------------------------------------------------
    # Work
    # ------------------------------------------------------------------

    def _evidence_handovers_taken(self, window):
        """Regulation A3.5.1: each shift that was handed over was taken over."""
        due = (
            of_company(window)
            & within("at", window)
            & (Domain("at", "<", window.now) | Domain("state", "=", "taken_over"))
        )
        done = due & Domain("state", "=", "taken_over")
        return Evidence("service.quality.handover", done, due)

    def _evidence_tickets_recorded(self, window):
        """Regulation A3.6.1: what was done, of each ticket handled and not reopened."""
        due = (
            of_company(window)
            & within("closed_date", window)
            & Domain("service_phase", "in", ("resolved", "closed"))
        )
        done = due & Domain("service_work_done", "!=", False)
        return Evidence("helpdesk.ticket", done, due)

    def _evidence_visits_signed(self, window):
        """Regulation A3.6.1: a sheet of each visit, signed unless nobody was there."""
        due = of_company(window) & within("left_at", window)
        done = due & (
            Domain("sheet_id", "!=", False) | Domain("unsigned_reason", "!=", False)
        )
        return Evidence("service.quality.visit", done, due)

    def _evidence_projects_agreed(self, window):
        """Regulation A4.3.1: each project that runs has a signed agreement."""
        due = (
            of_company(window)
            & Domain("active", "=", True)
            & (
                Domain("date_start", "=", False)
                | Domain("date_start", "<", window.following)
            )
            & (Domain("date_end", "=", False) | Domain("date_end", ">=", window.first))
        )
        signed = (
            Domain("kind", "=", "sla")
            & Domain("state", "in", ("signed", "ended"))
            & Domain("date_start", "<", window.following)
            & (Domain("date_end", "=", False) | Domain("date_end", ">", window.first))
        )
        done = due & Domain("agreement_ids", "any", signed)
        return Evidence("service.quality.project", done, due)

    def _evidence_alarms_delivered(self, window):
        """Regulation A4.3.4: early warnings that were raised, and reached somebody."""
        due = of_company(window) & within("fired_at", window)
        done = due & Domain("outcome", "not in", ("nobody", "failed"))
        return Evidence("service.quality.escalation.alarm", done, due)
