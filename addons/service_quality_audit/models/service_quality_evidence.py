import base64
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.evidence import (
    Document,
    Evidence,
    attached,
    done_late,
    of_company,
    on_days,
    these,
    within,
)

from .mgmtsystem_action import APPROVAL_DAYS

MEASURE = "mgmtsystem.action"
AUDIT = "mgmtsystem.audit"
NONCONFORMITY = "mgmtsystem.nonconformity"
CHECK_DAYS = timedelta(days=APPROVAL_DAYS)
SUPERVISION_DAYS = 7


class ServiceQualityEvidence(models.AbstractModel):
    """Adds measures, nonconformities, management reviews, and improvement plans."""

    _inherit = "service.quality.evidence"

    @api.model
    def _evidences(self):
        _ = self.env._
        return super()._evidences() | {
            "improvement_plans_approved": _("Improvement plans that were approved"),
            "improvements_approved": _("Measures that executives decided on"),
            "management_reviews_closed": _("Management reviews that were signed"),
            "management_reviews_held": _("Management reviews that were held"),
            "measures_checked": _("Measures that the quality department checked"),
            "measures_done": _("Measures that were done in their time"),
            "clauses_audited": _("Clauses that internal audits have looked at"),
            "nonconformities_tracked": _("Nonconformities that are followed in time"),
        }

    @api.model
    def _evidence_improvements_approved(self, obligation, window):
        """Regulation A3.1.2: executives decide on what improves, and what is costly.

        Each is to be decided within a fortnight, and belongs to the period in which
        that is over.
        """
        Measure = self.env[MEASURE]
        due = of_company(window) & on_days("service_approve_by", window)
        cases = Measure.search(due & Domain("service_for_executive", "=", True))
        decided = cases.filtered(
            lambda one: one.service_approved_at or one.service_state == "cancelled"
        )
        late = done_late(
            decided.filtered("service_approved_at"),
            "service_approved_at",
            "service_approve_by",
            window,
        )
        return Evidence(
            MEASURE,
            these(decided),
            these(cases),
            late=these(late),
            open=Domain("service_approve_by", ">=", window.today()),
            day="service_approved_at",
        )

    @api.model
    def _evidence_measures_checked(self, obligation, window):
        """Regulation A3.2.5: what was reported done is checked within a fortnight; of
        what was not done in its time the quality department notes why, within a week.
        """
        Measure = self.env[MEASURE]
        own = of_company(window) & Domain("service_state", "!=", "cancelled")
        # those of a nonconformity are checked with it, by what was fixed beforehand:
        # to be linked to one is not enough
        own &= Domain("service_effect_check_ids", "=", False)
        own &= Domain("service_source_model", "!=", NONCONFORMITY)
        told = own & within("service_done_at", window)
        undone = own & Domain("service_done_at", "=", False)
        undone &= on_days("late_after", window)
        undone &= Domain("late_after", "<", window.today())
        checked = Measure.search(told & Domain("service_state", "=", "closed"))
        noted = Measure.search(undone & Domain("service_supervised_at", "!=", False))
        noted = noted.filtered(lambda one: one._supervised_after() >= 0)
        slow = checked.filtered(
            lambda one: one.service_checked_at > one.service_done_at + CHECK_DAYS
        ) | noted.filtered(lambda one: one._supervised_after() > SUPERVISION_DAYS)
        still = fields.Date.subtract(window.today(), days=SUPERVISION_DAYS)
        fresh = told & Domain("service_done_at", ">=", window.now - CHECK_DAYS)
        fresh |= undone & Domain("late_after", ">=", still)
        return Evidence(
            MEASURE,
            these(checked | noted),
            told | undone,
            late=these(slow),
            open=fresh,
            day="service_checked_at",
        )

    @api.model
    def _evidence_measures_done(self, obligation, window):
        """Regulation A3.4.5: each measure that fell due was done in its time.

        One that was cancelled before its day fell due never; one that nobody has
        approved did all the same.
        """
        day = window.company._service_day
        due = of_company(window) & on_days("late_after", window)
        left = self.env[MEASURE].search(due & Domain("service_state", "=", "cancelled"))
        due &= ~these(left.filtered(lambda one: day(one.date_closed) <= one.late_after))
        done = due & Domain("service_state", "in", ("done", "closed"))
        late = done_late(
            self.env[MEASURE].search(done), "service_done_at", "late_after", window
        )
        return Evidence(
            MEASURE,
            done,
            due,
            late=these(late),
            open=Domain("late_after", ">=", window.today()),
            day="service_done_at",
        )

    # ------------------------------------------------------------------
    # Management reviews and improvement plans
    # ------------------------------------------------------------------

    @api.model
    def _evidence_management_reviews_held(self, obligation, window):
        """Regulation A4.2.3: the meeting of the year, with frozen inputs.

        That it was held says an executive who took part, by signing it.
        """
        reviews = of_company(window) & within("date", window)
        held = Domain("service_frozen_at", "!=", False)
        return Evidence(
            "mgmtsystem.review",
            reviews & held & Domain("service_signed_at", "!=", False),
            candidates=reviews,
            late=Domain("service_frozen_at", ">=", window.closes()),
            day="service_frozen_at",
        )

    @api.model
    def _evidence_management_reviews_closed(self, obligation, window):
        """Regulations A3.1.3 and A4.1.2: an executive who took part has signed it."""
        reviews = of_company(window) & within("date", window)
        return Evidence(
            "mgmtsystem.review",
            reviews & Domain("service_signed_at", "!=", False),
            candidates=reviews,
            late=Domain("service_signed_at", ">=", window.closes()),
            day="service_signed_at",
        )

    @api.model
    def _evidence_improvement_plans_approved(self, obligation, window):
        """Regulation A4.1.3: the plan of the quarter, approved by an executive."""
        plans = (
            of_company(window)
            & Domain("period_kind", "=", "quarter")
            & Domain("date_to", ">=", window.first)
            & Domain("date_from", "<", window.following)
        )
        return Evidence(
            "service.quality.improvement.plan",
            plans & Domain("state", "=", "approved"),
            candidates=plans,
            late=Domain("decided_at", ">=", window.closes()),
            day="decided_at",
        )

    # ------------------------------------------------------------------
    # Internal audits
    # ------------------------------------------------------------------

    @api.model
    def _evidence_clauses_audited(self, obligation, window):
        """Regulation A4.2.3: each clause is looked at in an audit of the year.

        What does not apply, or was not looked at, is not covered. An audit that the
        quality department closed after the year covers its clauses late.
        """
        regulation = obligation.regulation_id
        due = Domain("regulation_id", "=", regulation.id)
        Line = self.env["mgmtsystem.verification.line"]
        lines = Line.search(
            Line._looked_domain(window.company, window.start, window.end)
            & Domain("service_clause_id.regulation_id.code", "=", regulation.code)
        )
        in_time = lines.filtered(
            lambda line: line.audit_id.closing_date < window.closes()
        )
        codes = set(in_time.service_clause_id.mapped("code"))
        late = set(lines.service_clause_id.mapped("code")) - codes
        days = [
            window.company._service_day(line.audit_id.closing_date)
            for line in lines - in_time
        ]
        is_running = window.today() < window.following
        return Evidence(
            "service.quality.clause",
            due & Domain("code", "in", sorted(codes | late)),
            due,
            late=Domain("code", "in", sorted(late)),
            open=Domain.TRUE if is_running else Domain.FALSE,
            day=max(days, default=None),
            proofs=((AUDIT, these(lines.audit_id)),),
        )

    @api.model
    def _evidence_nonconformities_tracked(self, obligation, window):
        """Regulation A3.2.1: what does not conform is tracked until it is closed.

        Each that was open in the period counts in it; one whose next step waits beyond
        its day is not tracked.
        """
        cases = (
            of_company(window)
            & Domain("service_step_since", "!=", False)
            & Domain("state", "!=", "cancel")
            & Domain("service_raised_at", "<", window.end)
            & (
                Domain("closing_date", "=", False)
                | Domain("closing_date", ">=", window.start)
            )
        )
        last = fields.Date.subtract(window.following, days=1)
        in_time = Domain("late_after", ">=", min(window.today(), last))
        return Evidence(
            NONCONFORMITY,
            cases & (Domain("state", "=", "done") | in_time),
            cases,
            day="closing_date",
        )

    @api.model
    def _documents(self, records):
        """Add what was signed, and the stories of nonconformities."""
        yield from super()._documents(records)
        kept = {
            "mgmtsystem.review": ("service_minutes", "service_minutes_name"),
            "service.quality.improvement.plan": ("document", "document_name"),
        }.get(records._name)
        for record in records if kept else ():
            content, name = (record[field] for field in kept)
            if content:
                yield Document(record, name, base64.b64decode(content))
        if records._name == NONCONFORMITY:
            for record in records:
                yield Document(record, *record._story_document())
        if records._name == AUDIT:
            for audit in records:
                yield from self._documents_of_audit(audit)

    @api.model
    def _documents_of_audit(self, audit):
        for report in audit.service_report_ids.with_context(bin_size=False):
            yield Document(audit, report.pdf_name, base64.b64decode(report.pdf_file))
            stem = report.pdf_name.removesuffix(".pdf")
            signed = base64.b64decode(report.signed_file)
            yield Document(audit, f"{stem} signed.json", signed)
        for sample in audit.service_sample_ids:
            yield Document(audit, sample._file_name(), sample._as_file())
        for member in audit.service_member_ids.with_context(bin_size=False):
            if member.paper:
                name = f"signature {member.id}.pdf"
                yield Document(audit, name, base64.b64decode(member.paper))
        yield from attached(audit, audit.line_ids.service_attachment_ids)
