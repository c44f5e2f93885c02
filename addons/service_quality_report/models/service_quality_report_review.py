from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import html2plaintext

from odoo.addons.service_quality_core.models.base import LEAST_EVIDENCE
from odoo.addons.service_quality_core.tools.form_text import weigh

from .report_data import FOR_THE_CUSTOMER, PERIODIC, says

SENDERS = ("quality", "service_manager", "technical_centre")


class ServiceQualityReportReview(models.AbstractModel):
    """Says who wrote in a report, who judged it, and what is still to be written."""

    _name = "service.quality.report.review"
    _description = "Review of Reports"

    number = fields.Char(readonly=True, copy=False, index="btree_not_null")

    reviewed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    reviewed_at = fields.Datetime(string="Reviewed On", readonly=True, copy=False)
    is_reviewed_by_other = fields.Boolean(
        string="Reviewed by Another",
        readonly=True,
        copy=False,
        help="Who reviewed it had not written in it.",
    )
    is_centre_reviewed = fields.Boolean(
        string="Reviewed by the Technical Service Centre", readonly=True, copy=False
    )
    review_note = fields.Text(string="Result of the Review")
    needs_centre_review = fields.Boolean(compute="_compute_needs_centre_review")
    is_complete = fields.Boolean(
        string="All Texts Are There",
        readonly=True,
        copy=False,
        help="When it was reviewed: a summary, and of each goal that was missed the "
        "cause and what is done.",
    )
    proposed_summary = fields.Text(
        readonly=True, copy=False, help="What the program put there to begin with."
    )
    missing_texts = fields.Char(
        string="Texts Still Asked For", compute="_compute_missing_texts"
    )
    may_assess = fields.Boolean(compute="_compute_may_assess")
    may_send = fields.Boolean(compute="_compute_may_send")

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("kind", "period_kind")
    def _compute_needs_centre_review(self):
        """Regulation A3.3.4: each year's service reports are reviewed."""
        for report in self:
            is_annual = report.kind in PERIODIC and report.period_kind == "year"
            report.needs_centre_review = is_annual

    @api.depends("summary", "analysis", "line_ids.is_answered", "line_ids.cause")
    @api.depends_context("lang")
    def _compute_missing_texts(self):
        for report in self:
            report.missing_texts = ", ".join(report._missing_texts())

    @api.depends("state", "kind", "reviewed_by_id", "sent_by_id")
    @api.depends_context("uid")
    def _compute_may_assess(self):
        """Offer the step to all who may take it, also to who stands in."""
        for report in self:
            report.may_assess = (
                report.state == "sent"
                and report.kind not in FOR_THE_CUSTOMER
                and self.env.user in report._assessors()
            )

    @api.depends("kind", "period_kind", "project_id.user_id")
    @api.depends_context("uid")
    def _compute_may_send(self):
        for report in self:
            report.may_send = report._may_send()

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _missing_texts(self):
        """Return the names of what is asked for in a report and not written.

        That is the summary, and of each goal that was missed the cause and what is
        done; of each missed ticket that a customer reads the reason.
        """
        self.ensure_one()
        missing = []
        analysis = html2plaintext(self.analysis or "")
        for name, is_short in (
            ("summary", weigh(self.summary) < LEAST_EVIDENCE),
            # whether there has to be one is asked by what it proves
            ("analysis", bool(analysis) and weigh(analysis) < LEAST_EVIDENCE),
        ):
            if is_short:
                missing.append(self._fields[name]._description_string(self.env))
        lines = self.line_ids.filtered(lambda line: not line._is_explained())
        missing += lines.mapped("name")
        if self.kind == "customer":
            silent = self.miss_ids.filtered(lambda one: not says(one.reason))
            missing += silent.mapped("number")
        return missing

    def _words(self):
        """Return all that its authors wrote in a report, as one text."""
        self.ensure_one()
        texts = [self.summary, self.decisions, self.event_text]
        texts += [
            html2plaintext(self[name] or "")
            for name in ("analysis", "deviations", "actions", "plan")
        ]
        for name in ("cause", "action", "no_action_reason"):
            texts += self.line_ids.mapped(name)
        return "\n".join(filter(None, texts + self.miss_ids.mapped("reason")))

    def _all_words(self):
        """Return what was written in a report, and what others said of it since."""
        self.ensure_one()
        others = self.sudo().assessment_ids  # of whoever may assess it
        others = others.filtered(lambda one: one.user_id != self.env.user)
        said = others.mapped("text")
        return "\n".join(filter(None, (self._words(), self.review_note, *said)))

    def _may_send(self):
        """Return True if the user may send the reports, once they are reviewed."""
        if self._has_role(*SENDERS) or self._is_of_desk():
            return True
        # a project manager answers for the reports of own projects
        own = self.env.user
        return self._has_role("project_manager") and all(
            report.project_id.user_id == own for report in self
        )

    def _check_may_send(self):
        self.check_access("read")
        if not self._may_send():
            raise AccessError(
                self.env._(
                    "The quality department, a service manager or the technical "
                    "service centre sends a report; one about a project, its project "
                    "manager; the monthly one of a department, the service desk."
                )
            )

    def _check_assessor(self):
        """Refuse who is not of the centre, or had a part in the report before."""
        assessors = self._assessors()
        if self.env.su or self.env.user in assessors:
            return
        if not self._has_role("technical_centre"):
            raise AccessError(
                self.env._("The technical service centre assesses reports.")
            )
        raise AccessError(
            self.env._(
                "You have written in it, reviewed it or sent it. It is assessed by: %s",
                ", ".join(assessors.mapped("name")) or "-",
            )
        )

    def _assessors(self):
        """Return who may assess a report and had no part in it before.

        Where nobody else is of the centre, an executive assesses it, else a deputy.
        """
        role, company = "technical_centre", self.company_id
        holders = company._service_role_users(role)
        involved = self._authors() | self.reviewed_by_id | self.sent_by_id
        second = company._service_second_persons((role,), involved, holders)
        return second.users - involved

    def _lacks_executive(self):
        """Return True if a report went to no executive: nobody held the role then."""
        self.ensure_one()
        deliveries = self.sudo().delivery_ids  # of whoever
        return (
            self.state == "sent"
            and self.kind not in FOR_THE_CUSTOMER
            and not any(deliveries.mapped("is_executive"))
        )

    def _next_number(self):
        """Return the number of a report; its revisions keep it."""
        if self.previous_id.number:
            return self.previous_id.number
        sequences = self.env["ir.sequence"].with_company(self.company_id)
        return sequences.next_by_code(self._name) or str(self.id)
