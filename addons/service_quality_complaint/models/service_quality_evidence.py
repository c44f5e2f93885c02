from markupsafe import Markup

from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.evidence import (
    Document,
    Evidence,
    done_late,
    of_company,
    on_days,
    these,
    within,
)

MAJOR = Domain("severity", "=", "major")

COMPLAINT = Markup(
    '<!DOCTYPE html><html><head><meta charset="utf-8"><title>%(name)s</title></head>'
    "<body><h1>%(name)s</h1><table>%(told)s</table><table>%(changes)s</table>"
    "</body></html>"
)
"""The file of a complaint: what it says, and its changes, in a browser."""

FILE = (
    "number", "name", "service_severity", "service_complaint_state",
    "service_complained_at", "service_acknowledged_at", "service_answered_at",
    "service_root_cause", "service_handling", "service_work_done", "service_answer",
    "service_redress",
)  # fmt: skip
"""What the file of a complaint tells, as far as the reader may see it."""


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
    def _documents(self, records):
        """Add the file of each complaint: what it says by now, and every change."""
        yield from super()._documents(records)
        if records._name == "service.quality.complaint.report":
            for complaint in records.ticket_id:
                name = f"{complaint.number}.html"
                yield Document(complaint, name, self._complaint_file(complaint))

    @api.model
    def _complaint_file(self, complaint):
        """Return a complaint as a page: its fields, and the rows of its ledger."""
        names = [name for name in FILE if name in complaint._fields]
        described = complaint.fields_get(names, ["string"])
        told = [
            (described[name]["string"], complaint[name])
            for name in names
            if name in described and complaint[name]
        ]
        rows = complaint.service_event_ids.sorted("id")
        kinds = rows._kinds()
        changes = [
            (row.at, kinds.get(row.kind, row.kind), row.user_id.name, row.reason)
            for row in rows
        ]
        line = Markup("<tr>%s</tr>")
        cell = Markup("<td>%s</td>")
        page = COMPLAINT % {
            "name": complaint.display_name,
            "told": Markup("").join(
                line % (cell % label + cell % value) for label, value in told
            ),
            "changes": Markup("").join(
                line % Markup("").join(cell % (value or "") for value in change)
                for change in changes
            ),
        }
        return page.encode()

    @api.model
    def _promised(self, window, metric):
        """Return the verdicts of one promise about complaints, and what is open now."""
        judged = Domain("verdict", "!=", False) & within("judged_at", window)
        running = (
            Domain("verdict", "=", False)
            & Domain("state", "=", "running")
            & within("deadline", window)
        )
        due = (
            of_company(window)
            & Domain("metric", "=", metric)
            & Domain("counted", "=", True)
            & Domain("kind", "in", ("sla", "house"))
            & (judged | running)
        )
        has_time = running & Domain("deadline", ">=", window.now)
        return Evidence(
            "service.quality.clock",
            due & Domain("verdict", "=", "met"),
            due,
            open=has_time,
            lost=~has_time,
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
        due = self._complaints(window)
        answered = Domain("answered_at", "!=", False)
        missed = Domain("metric", "=", "complaint_answer") & Domain(
            "verdict", "=", "missed"
        )
        return Evidence(
            "service.quality.complaint.report",
            due & answered,
            due,
            late=Domain("ticket_id", "any", [("service_clock_ids", "any", missed)]),
            open=self._has_time(),
            day="answered_at",
        )

    @api.model
    def _has_time(self):
        """Return the domain of complaints whose answer is not late."""
        burning = self.env["service.quality.clock"]._burning_domain("late") | Domain(
            "verdict", "=", "missed"
        )
        late = burning & Domain("metric", "=", "complaint_answer")
        found = Domain("ticket_id", "any", [("service_clock_ids", "any", late)])
        return Domain("answered_at", "=", False) & ~found

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
        """Regulation A3.3.3: the centre finds the cause of each, and it is answered.

        Who found it is in the ledger, with the role they had then.
        """
        due = self._complaints(window, MAJOR)
        majors = self.env["service.quality.complaint.report"].search(due)
        # the role alone is read, of complaints that the reader has found
        rows = self.env["service.quality.event"].sudo()
        rows = rows.search(
            [("kind", "=", "root_cause"), ("ticket_id", "in", majors.ticket_id.ids)]
        )
        found = rows.filtered(lambda row: (row.value or {}).get("by_centre"))
        by_centre = Domain("id", "in", found.ticket_id.ids)
        handled = Domain("service_handling", "!=", False)
        cause = Domain("service_root_cause", "!=", False)
        done = (
            due
            & Domain("answered_at", "!=", False)
            & Domain("ticket_id", "any", cause & handled & by_centre)
        )
        return Evidence(
            "service.quality.complaint.report", done, due, open=self._has_time()
        )

    @api.model
    def _fed_back(self, window):
        return of_company(window) & on_days("month", window)

    @api.model
    def _evidence_feedback_answered(self, obligation, window):
        """Regulation A3.4.4: each department says what it does about its complaints."""
        Feedback = self.env["service.quality.complaint.feedback"]
        due = self._fed_back(window)
        done = due & Domain("responded_at", "!=", False)
        late = done_late(Feedback.search(done), "responded_at", "told_at", window)
        return Evidence(
            Feedback._name,
            done,
            due,
            late=these(late),
            open=Domain("told_at", ">=", window.now),
            day="responded_at",
        )

    @api.model
    def _evidence_feedback_sent(self, obligation, window):
        """Regulation B6: complaints are counted and fed back in the month after.

        A department with complaints that was told nothing is not done.
        """
        Feedback = self.env["service.quality.complaint.feedback"]
        due = self._fed_back(window)
        told = Feedback.search(due).team_id
        silent = (
            self._complaints(window)
            & Domain("concerned_id", "!=", False)
            & Domain("concerned_id", "not in", told.ids)
        )
        is_running = window.end > window.now
        return Evidence(
            Feedback._name,
            due & Domain("told_at", "!=", False),
            due,
            also=Evidence(
                "service.quality.complaint.report",
                Domain.FALSE,
                silent,
                open=silent if is_running else Domain.FALSE,
            ),
        )

    @api.model
    def _evidence_hotlines_tested(self, obligation, window):
        """Regulation C2.3: each hotline is called in the quarter, and answered."""
        Test = self.env["service.quality.hotline.test"]
        due = of_company(window) & on_days("quarter_start", window)
        done = due & Domain("result", "=", "answered")
        late = done_late(Test.search(done), "tested_at", "date_due", window)
        return Evidence(
            Test._name,
            done,
            due,
            late=these(late),
            open=Domain("tested_at", "=", False)
            & Domain("date_due", ">=", window.today()),
            day="tested_at",
        )
