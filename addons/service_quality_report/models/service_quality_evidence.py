import base64
import csv
import io
from datetime import timedelta

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
from odoo.addons.service_quality_core.tools.period import Period
from odoo.addons.service_quality_core.tools.spreadsheet import guard

from .report_data import FOR_THE_CUSTOMER, PERIODIC, SUBJECTS
from .service_quality_report_creation import ENDING, NEWS_DAYS, Days
from .service_quality_report_files import FILES

REPORT = "service.quality.report"

DELIVERED = (
    "name", "is_executive", "channel", "address", "sent_at", "state", "handed_at",
    "handed_by_id", "seen_at", "acknowledge_by", "acknowledged_at", "failure",
)  # fmt: skip
"""What the list of deliveries of a report says."""

ASKED = {
    "organisation": ("summary", "analysis"),
    "event": ("summary",),
    "project": ("analysis",),
    "department": ("summary",),
    "customer": ("summary",),
}
"""The texts without which a report of a kind says nothing."""


class ServiceQualityEvidence(models.AbstractModel):
    """Reports that were sent and acknowledged prove obligations, by their files."""

    _inherit = "service.quality.evidence"

    @api.model
    def _evidences(self):
        _ = self.env._
        return super()._evidences() | {
            "monthly_reports": _("Monthly quality reports delivered to executives"),
            "reports_assessed": _("Monthly quality reports assessed by the centre"),
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
            name = report._file_name()
            for ending, field in FILES.items():
                if report[field]:
                    content = base64.b64decode(report[field])
                    yield Document(report, f"{name}.{ending}", content)
            if report.delivery_ids:
                content = self._delivery_list(report.delivery_ids)
                yield Document(report, "deliveries.csv", content)
            for delivery in report.delivery_ids.filtered("copy_file"):
                content = base64.b64decode(delivery.copy_file)
                yield Document(report, delivery.copy_name or "copy", content)
            for response in report.response_ids.filtered("copy_file"):
                content = base64.b64decode(response.copy_file)
                yield Document(report, response.copy_name or "copy", content)

    @api.model
    def _delivery_list(self, deliveries):
        """Return to whom a report went, when, and what became of it, as CSV."""
        described = deliveries.fields_get(DELIVERED, ["string"])
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow([described[name]["string"] for name in DELIVERED])
        for row in deliveries._export_rows([[name] for name in DELIVERED]):
            writer.writerow([guard(value or "") for value in row])
        return stream.getvalue().encode("utf-8-sig")

    # ------------------------------------------------------------------
    # What counts
    # ------------------------------------------------------------------

    @api.model
    def _proved(self, kind):
        """Return the domain of reports of a kind that are what is asked for.

        They were reviewed by somebody who had not written in them, say what has to be
        said, of each goal that was missed why and what is done, and were sent.
        """
        domain = (
            Domain("kind", "=", kind)
            & Domain("state", "=", "sent")
            & Domain("is_reviewed_by_other", "=", True)
            & Domain("is_complete", "=", True)
        )
        for name in ASKED.get(kind, ()):
            domain &= Domain(name, "not in", (False, ""))
        return domain

    @api.model
    def _of_period(self, window, period_kind=None):
        """Return the domain of reports whose period ends in the window."""
        domain = of_company(window) & on_days("date_to", window)
        if period_kind:
            domain &= Domain("period_kind", "=", period_kind)
        return domain

    @api.model
    def _reached(self, window, whom):
        """Return the domain of reports that have reached one of some recipients.

        :param whom: the domain of the deliveries that count
        """
        deliveries = self.env["service.quality.report.delivery"]
        delivered = deliveries._delivered_domain(window.company)
        return Domain("delivery_ids", "any", whom & delivered)

    @api.model
    def _reached_another(self, window, reports):
        """Return the domain of those of some reports that somebody else has.

        That who wrote a report, or sent it, has it says nothing.

        :param reports: their domain
        """
        Report = self.env[REPORT]
        reached = Report.search(reports & self._reached(window, Domain.TRUE))
        Delivery = self.env["service.quality.report.delivery"]
        delivered = Delivery.search(
            Domain("report_id", "in", reached.ids)
            & Delivery._delivered_domain(window.company)
        )
        others = delivered.filtered(
            lambda one: (
                one.user_id not in one.report_id._authors() | one.report_id.sent_by_id
            )
        )
        return these(others.report_id)

    @api.model
    def _reached_executive(self, window):
        """Regulation A4.2.1: delivered to an executive among others."""
        return self._reached(window, Domain("is_executive", "=", True))

    @api.model
    def _one_sent(self, window, kind, period_kind, whom=Domain.TRUE):
        """Return the report of the whole company, which is one in the period.

        :param whom: the domain of the deliveries of which one has to arrive
        """
        reports = self._of_period(window, period_kind)
        proved = reports & self._proved(kind)
        done = self._reached_another(window, proved) & self._reached(window, whom)
        is_done = self.env[REPORT].search_count(done, limit=1)
        return Evidence(
            REPORT,
            done,
            candidates=reports & Domain("kind", "=", kind),
            late=Domain("sent_at", ">=", window.closes()),
            day="sent_at",
            note=None if is_done else self._note_of_unknown(window, proved & ~done),
        )

    @api.model
    def _note_of_unknown(self, window, waiting):
        """Return which reports were sent and may not have arrived, as a sentence.

        :param waiting: the domain of reports that would prove it if they had arrived
        :return: a text in the language of the company; None where there are none
        """
        reports = self.env[REPORT].search(waiting, order="number")
        if not reports:
            return None
        own = self.with_context(lang=window.company._service_lang())
        return own.env._(
            "Sent, and not known whether it arrived: %s. Have it opened, or press "
            "Handed Over at the delivery.",
            ", ".join(reports.mapped("number")),
        )

    @api.model
    def _each_sent(self, window, subjects, reports, whom=Domain.TRUE):
        """Return of which subjects a report has reached somebody, of all of them.

        :param subjects: all that a report has to be about
        :param reports: the domain of the reports that count, once they have arrived
        :param whom: the domain of the deliveries of which one has to arrive
        """
        [name] = (
            field
            for field in SUBJECTS.values()
            if self.env[REPORT]._fields[field].comodel_name == subjects._name
        )
        arrived = reports & self._reached(window, whom)
        arrived = self._reached_another(window, arrived)
        sent = self.env[REPORT].search(arrived)
        missing = subjects - sent[name]
        late = sent.filtered(lambda report: report.sent_at >= window.closes())
        in_time = (sent - late)[name]
        days = [window.company._service_day(report.sent_at) for report in late]
        return Evidence(
            subjects._name,
            these(sent[name] & subjects),
            these(subjects),
            late=~these(in_time),
            open=Domain.TRUE if window.end > window.now else Domain.FALSE,
            day=max(days, default=None),
            proofs=((REPORT, arrived),),
            note=self._note_of_unknown(
                window, reports & ~arrived & Domain(name, "in", missing.ids)
            ),
        )

    @api.model
    def _reported(self, window, name):
        """Return the subjects of the reports that are due after a window.

        :param name: of the method of creation that returns those of a period
        """
        creation = self.env["service.quality.report.creation"]
        days = Days(window.first, window.following)
        return getattr(creation, name)(window.company, days)

    # ------------------------------------------------------------------
    # Rules
    # ------------------------------------------------------------------

    @api.model
    def _evidence_monthly_reports(self, obligation, window):
        whom = Domain("is_executive", "=", True)
        return self._one_sent(window, "organisation", "month", whom)

    @api.model
    def _evidence_reports_assessed(self, obligation, window):
        """Regulation A3.3.2: the technical service centre reads and assesses it."""
        reports = (
            self._of_period(window, "month")
            & Domain("kind", "=", "organisation")
            & Domain("state", "=", "sent")
        )
        in_time = Domain("at", "<", window.closes())
        return Evidence(
            REPORT,
            reports & Domain("assessment_ids", "!=", False),
            candidates=reports,
            late=~Domain("assessment_ids", "any", in_time),
        )

    @api.model
    def _evidence_quarterly_reports(self, obligation, window):
        return self._one_sent(window, "organisation", "quarter")

    @api.model
    def _evidence_event_reports(self, obligation, window):
        """Regulation A4.2.1: each report that an event asked for.

        A major complaint of which there is none is not done.
        """
        Report = self.env[REPORT]
        due = of_company(window) & on_days("date_from", window)
        due &= Domain("kind", "=", "event")
        proved = due & self._proved("event")
        done = proved & self._reached_executive(window)
        late = done_late(Report.search(done), "sent_at", "late_after", window)
        return Evidence(
            REPORT,
            done,
            due,
            late=these(late),
            open=Domain("late_after", ">=", window.today()),
            day="sent_at",
            also=self._complaints_not_reported(window),
            note=self._note_of_unknown(window, proved & ~done),
        )

    @api.model
    def _complaints_not_reported(self, window):
        """Return major complaints that were news and have no report."""
        complaints = (
            of_company(window)
            & within("service_opened_at", window)
            & Domain("service_is_complaint", "=", True)
            & Domain("service_severity", "=", "major")
            & Domain("service_phase", "!=", "cancelled")
        )
        tickets = self.env["helpdesk.ticket"].search(complaints)
        # several complaints of one story have one report
        keys = {ticket: f"complaint:{ticket._service_story().id}" for ticket in tickets}
        reports = self.env[REPORT].search(
            of_company(window)
            & (
                Domain("event_ticket_id", "any", complaints)
                | Domain("event_key", "in", list(keys.values()))
            )
        )
        told = set(reports.mapped("event_key"))
        first = {key: ticket for ticket, key in reversed(keys.items())}
        further = tickets - tickets.union(*first.values())
        reported = reports.event_ticket_id.ids + [
            ticket.id for ticket, key in keys.items() if key in told
        ]
        news = window.now - timedelta(days=NEWS_DAYS)
        return Evidence(
            "helpdesk.ticket",
            Domain.FALSE,
            complaints & Domain("id", "not in", reported + further.ids),
            open=Domain("service_opened_at", ">=", news),
        )

    @api.model
    def _evidence_annual_reports_reviewed(self, obligation, window):
        """Regulation A3.3.4: each, whole and of a year that was over; then sent."""
        due = self._of_period(window, "year") & Domain("kind", "in", PERIODIC)
        done = (
            due
            & Domain("state", "=", "sent")
            & Domain("is_complete", "=", True)
            & Domain("reviewed_at", ">=", window.end)
            & Domain("is_centre_reviewed", "=", True)
            & Domain("is_reviewed_by_other", "=", True)
        )
        is_running = window.end > window.now
        return Evidence(
            REPORT,
            done,
            due,
            late=Domain("reviewed_at", ">=", window.closes()),
            open=Domain.TRUE if is_running else Domain.FALSE,
            day="reviewed_at",
        )

    @api.model
    def _evidence_department_reports(self, obligation, window):
        """Regulation A3.4.5: of each department that was at work."""
        reports = self._of_period(window, obligation._period_kind())
        return self._each_sent(
            window,
            self._reported(window, "_departments"),
            reports & self._proved("department"),
        )

    @api.model
    def _evidence_statistics_sent(self, obligation, window):
        """Regulation A3.5.5: to each department that was at work, month by month."""
        reports = (
            self._of_period(window, "month")
            & Domain("kind", "=", "department")
            & Domain("state", "=", "sent")
            & Domain("is_reviewed_by_other", "=", True)
        )
        return self._each_sent(window, self._reported(window, "_departments"), reports)

    @api.model
    def _asked_statistics_sent(self, obligation, window):
        """Ask the writers of what a department has not got yet, by name."""
        Report, company = self.env[REPORT], window.company
        found = self._evidence_statistics_sent(obligation, window)
        missing = self.env[found.model].search(found.due & ~found.done)
        drafts = Report.search(
            self._of_period(window, "month")
            & Domain("kind", "=", "department")
            & Domain("team_id", "in", missing.ids)
            & Domain("state", "!=", "sent")
        )
        later = [
            Report._writer_of_department(team, company)
            for team in missing - drafts.team_id
        ]
        return drafts.user_id.union(*later), drafts

    @api.model
    def _evidence_service_reports(self, obligation, window):
        """Regulation A4.3.3: each that an agreement asks for, when the customer has it.

        That our own people have opened it says nothing.
        """
        agreements = self.env["service.quality.agreement"]
        creation = self.env["service.quality.report.creation"]
        for kind in ENDING:
            period = Period.around(kind, window.following - timedelta(days=1))
            if period.end == window.following:  # it ends with the window
                agreements |= creation._agreements_to_report(window.company, period)
        reports = self._of_period(window) & self._proved("customer")
        whom = Domain("user_id", "=", False)
        return self._each_sent(window, agreements, reports, whom)

    @api.model
    def _evidence_project_reports(self, obligation, window):
        """Regulation A4.3.4: of each service project that runs."""
        reports = self._of_period(window, obligation._period_kind())
        return self._each_sent(
            window,
            self._reported(window, "_projects"),
            reports & self._proved("project"),
        )

    @api.model
    def _evidence_reports_acknowledged(self, obligation, window):
        """Regulation A3.1.2: each executive, of each report that was delivered."""
        Delivery = self.env["service.quality.report.delivery"]
        due = (
            of_company(window)
            & within("sent_at", window)
            & Domain("is_executive", "=", True)
            & Domain("acknowledge_by", "!=", False)
        )
        done = due & Domain("acknowledged_at", "!=", False)
        late = done_late(Delivery.search(done), "acknowledged_at", "late_after", window)
        unread = self._sent_to_no_executive(window)
        return Evidence(
            Delivery._name,
            done,
            due,
            late=these(late),
            open=Domain("late_after", ">=", window.today()),
            day="acknowledged_at",
            also=Evidence(REPORT, Domain.FALSE, these(unread)),
            note=unread and self._nobody_holds("executive", window),
        )

    @api.model
    def _sent_to_no_executive(self, window):
        """Return the reports that went to no executive: nobody held the role then.

        Taking the role from people takes no duty from the company.
        """
        return self.env[REPORT].search(
            of_company(window)
            & within("sent_at", window)
            & Domain("state", "=", "sent")
            & Domain("kind", "not in", FOR_THE_CUSTOMER)
            & ~Domain("delivery_ids", "any", [("is_executive", "=", True)])
        )
