"""What a management review looks at, one query for each input.

The queries are apart from the record that keeps what they have found, for their length.
"""

from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.roles import ROLES

from .service_quality_review_input import Found

MEASURE = "mgmtsystem.action"

DECIDED = (
    "mgmtsystem.review.line",
    "service.quality.policy.review.line",
    "service.quality.improvement.plan.line",
)
"""Where what former reviews and plans have decided comes from."""

STANDING = ("overdue", "not_fulfilled", "corrected")
"""How an obligation of the register stands that a review looks at."""

LATEST = 6
"""So many figures of an indicator show where it goes."""


class ServiceQualityReviewInput(models.Model):
    """Finds the inputs that ISO 9001 and ISO/IEC 20000-1 ask for."""

    _inherit = "service.quality.review.input"

    # ------------------------------------------------------------------
    # What is set out, and what was decided
    # ------------------------------------------------------------------

    @api.model
    def _own(self, span):
        return Domain("company_id", "=", span.company.id)

    @api.model
    def _days(self, name, span):
        return Domain(name, ">=", span.first) & Domain(name, "<", span.following)

    @api.model
    def _moments(self, name, span):
        return Domain(name, ">=", span.start) & Domain(name, "<", span.end)

    @api.model
    def _labels(self, model, name):
        """Return the labels of a selection, in the language of the context."""
        field = self.env[model]._fields[name]
        return dict(field._description_selection(self.env))

    @api.model
    def _input_decisions(self, span):
        """Return the measures of former reviews: those of the time, and open ones."""
        measures = self.env[MEASURE].search(
            self._own(span)
            & Domain("service_source_model", "in", DECIDED)
            & Domain("create_date", "<", span.end)
            & (
                Domain("date_closed", "=", False)
                | Domain("date_closed", ">=", span.start)
            ),
            order="date_deadline, id",
        )
        return self._told_measures(measures)

    @api.model
    def _told_measures(self, measures):
        """Return measures with their owner, day and state; those of tickets unnamed."""
        if not measures:
            return Found()
        _ = self.env._
        states = self._labels(MEASURE, "service_state")
        worked = self._labels(MEASURE, "service_is_effective")
        open_ = measures.filtered(
            lambda one: one.service_state not in ("closed", "cancelled")
        )
        rows = [
            (
                one.reference if one.service_ticket_id else one.name,
                one.user_id.name,
                one.date_deadline,
                states.get(one.service_state),
                worked.get(one.service_is_effective),
            )
            for one in measures
        ]
        heads = (_("Measure"), _("Owner"), _("Until"), _("Status"), _("Did it work"))
        summary = _(
            "%(all)s measures, of which %(open)s are open and %(late)s overdue.",
            all=len(measures),
            open=len(open_),
            late=len(open_.filtered("is_overdue")),
        )
        return Found(summary, heads, rows)

    @api.model
    def _policy_reviews(self, span):
        return self.env["service.quality.policy.review"].search(
            self._own(span) & self._days("date", span), order="date, id"
        )

    @api.model
    def _input_context(self, span):
        """Return what periodic reviews (A4.1.1) say of what has changed."""
        _ = self.env._
        heads = (_("Review"), _("Market"), _("Technology"), _("Company"))
        rows = [
            (one.name, one.market, one.technology, one.company_change)
            for one in self._policy_reviews(span)
            if one.market or one.technology or one.company_change
        ]
        if not rows:
            return Found()
        return Found(_("As periodic reviews found it: %s.", len(rows)), heads, rows)

    @api.model
    def _input_set_out(self, span):
        """Return the results of periodic reviews, item by item (A4.1.1)."""
        _ = self.env._
        closed = self._policy_reviews(span).filtered(lambda one: one.state == "done")
        if not closed:
            return Found()
        results = self._labels("service.quality.policy.review.line", "result")
        subjects = self._labels("service.quality.policy.review.line", "subject")
        rows = [
            (
                line.review_id.name,
                subjects.get(line.subject),
                line.name,
                results.get(line.result),
                line.note or line.action,
            )
            for line in closed.line_ids
        ]
        heads = (_("Review"), _("Kind"), _("Item"), _("Result"), _("Why"))
        changed = sum(line.result != "keep" for line in closed.line_ids)
        summary = _(
            "%(all)s items were reviewed; %(changed)s are changed or withdrawn.",
            all=len(rows),
            changed=changed,
        )
        return Found(summary, heads, rows)

    # ------------------------------------------------------------------
    # What customers say
    # ------------------------------------------------------------------

    @api.model
    def _input_satisfaction(self, span):
        """Return what customers said in follow-up calls, quarter by quarter."""
        _ = self.env._
        ended = self._own(span) & self._moments("ended_at", span)
        groups = self.env["service.quality.callback"]._read_group(
            ended & Domain("satisfaction_score", ">", 0),
            ["ended_at:quarter"],
            ["__count", "satisfaction_score:avg"],
        )
        if not groups:
            return Found()
        count = sum(number for _start, number, _mean in groups)
        mean = sum(number * score for _start, number, score in groups) / count
        heads = (_("Quarter"), _("Answers"), _("Satisfaction (1 to 5)"))
        rows = [
            (_quarter(start), number, f"{score:.2f}") for start, number, score in groups
        ]
        summary = _(
            "%(count)s customers said how satisfied they are: %(mean)s of 5.",
            count=count,
            mean=f"{mean:.2f}",
        )
        return Found(summary, heads, rows)

    @api.model
    def _input_complaints(self, span):
        """Return how many complaints there were: numbers, since some are hidden."""
        _ = self.env._
        Ticket = self.env["helpdesk.ticket"].with_context(active_test=False)
        groups = Ticket._read_group(
            self._own(span)
            & Domain("service_is_complaint", "=", True)
            & self._moments("service_complained_at", span),
            ["service_severity", "service_complaint_state"],
            ["__count"],
        )
        severities = self._labels("helpdesk.ticket", "service_severity")
        states = self._labels("helpdesk.ticket", "service_complaint_state")
        rows = [
            (severities.get(severity), states.get(state), count)
            for severity, state, count in groups
        ]
        heads = (_("Severity"), _("Status"), _("Complaints"))
        total = sum(count for _severity, _state, count in groups)
        # that nobody complained is an answer
        return Found(_("%s complaints were received.", total), heads, rows)

    # ------------------------------------------------------------------
    # How the service ran
    # ------------------------------------------------------------------

    @api.model
    def _input_indicators(self, span):
        """Return each indicator of the company: its goal, and where it goes."""
        _ = self.env._
        figures = self.env["service.quality.figure"].search(
            self._own(span)
            & Domain("scope", "=", "company")
            & Domain("date_from", ">=", span.first)
            & Domain("date_to", "<", span.following)
            & Domain("is_provisional", "=", False),
            order="date_from, id",
        )
        if not figures:
            return Found()
        rows, missed = [], 0
        for indicator, own in figures.grouped("indicator_id").items():
            misses = own.filtered(lambda one: one.goal_state == "beyond")
            missed += len(misses)
            course = " → ".join(own[-LATEST:].mapped("value_text"))
            rows.append(
                (indicator.name, own[-1].goal_text, course, f"{len(misses)}/{len(own)}")
            )
        heads = (_("Indicator"), _("Goal"), _("Figures"), _("Periods missed"))
        summary = _(
            "%(all)s figures of %(count)s indicators; %(missed)s missed their goal.",
            all=len(figures),
            count=len(rows),
            missed=missed,
        )
        return Found(summary, heads, rows)

    @api.model
    def _promises(self, span, kinds, group):
        """Return how many promises were judged and kept: dict of group to a pair."""
        found = defaultdict(lambda: [0, 0])
        groups = self.env["service.quality.clock"]._read_group(
            self._own(span)
            & Domain("kind", "in", kinds)
            & Domain("counted", "=", True)
            & Domain("verdict", "!=", False)
            & self._moments("judged_at", span),
            [group, "verdict"],
            ["__count"],
        )
        for key, verdict, count in groups:
            found[key][0] += count
            found[key][1] += count * (verdict == "met")
        return found

    @api.model
    def _input_services(self, span):
        """Return how many promises to customers were kept, by what was promised."""
        _ = self.env._
        found = self._promises(span, ("sla",), "metric")
        labels = self._labels("service.quality.clock", "metric")
        rows = [(labels.get(key, key), *_kept(pair)) for key, pair in found.items()]
        heads = (_("Promise"), _("Judged"), _("Kept"), _("Share"))
        return self._told_promises(found, heads, rows)

    @api.model
    def _input_suppliers(self, span):
        """Return how many promises of suppliers and other teams were kept."""
        _ = self.env._
        found = self._promises(span, ("ola", "uc"), "agreement_id")
        rows = [
            (agreement.display_name or _("No agreement"), *_kept(pair))
            for agreement, pair in found.items()
        ]
        heads = (_("Agreement"), _("Judged"), _("Kept"), _("Share"))
        return self._told_promises(found, heads, rows)

    @api.model
    def _told_promises(self, found, heads, rows):
        if not rows:
            return Found()
        judged, kept, share = _kept(
            [sum(part) for part in zip(*found.values(), strict=True)]
        )
        summary = self.env._(
            "%(kept)s of %(judged)s were kept: %(share)s.",
            kept=kept,
            judged=judged,
            share=share,
        )
        return Found(summary, heads, rows)

    @api.model
    def _input_register(self, span):
        """Return the duties that were missed, and those of them that are corrected."""
        _ = self.env._
        cells = self.env["service.quality.compliance"].search(
            self._own(span)
            & Domain("date_to", ">=", span.first)
            & Domain("date_from", "<", span.following)
            & Domain("state", "not in", ("not_supported", "not_applicable")),
            order="state, date_from, obligation_id, id",
        )
        if not cells:
            return Found()
        states = self._labels("service.quality.compliance", "state")
        roles = self._labels("service.quality.compliance", "role")
        standing = cells.filtered(lambda cell: cell.state in STANDING)
        rows = [
            (
                obligation.display_name,
                roles.get(role),
                states[state],
                ", ".join(own.mapped("label")),
                f"{sum(own.mapped('done_count'))} / {sum(own.mapped('due_count'))}",
                ", ".join(dict.fromkeys(filter(None, own.mapped("correction_name")))),
            )
            for (obligation, role, state), own in standing.grouped(
                lambda cell: (cell.obligation_id, cell.role, cell.state)
            ).items()
        ]
        heads = (
            _("Duty"), _("Who"), _("Status"), _("Periods"), _("Done"),
            _("Corrected by"),
        )  # fmt: skip
        corrected = standing.filtered(lambda cell: cell.state == "corrected")
        summary = _(
            "Of %(all)s duties in their periods %(missed)s were missed; %(corrected)s "
            "more were not fulfilled and are corrected.",
            all=len(cells),
            missed=len(standing) - len(corrected),
            corrected=len(corrected),
        )
        return Found(summary, heads, rows)

    # ------------------------------------------------------------------
    # What was found wrong, and what is done
    # ------------------------------------------------------------------

    @api.model
    def _input_nonconformities(self, span):
        """Return nonconformities by status: numbers, since some are hidden."""
        _ = self.env._
        groups = self.env["mgmtsystem.nonconformity"]._read_group(
            self._own(span)
            & Domain("service_raised_at", "<", span.end)
            & Domain("state", "!=", "cancel")
            & (
                Domain("closing_date", "=", False)
                | Domain("closing_date", ">=", span.start)
            ),
            ["severity_id", "stage_id"],
            ["__count"],
        )
        rows = [
            (severity.name or "–", stage.name, count)
            for severity, stage, count in groups
        ]
        heads = (_("Severity"), _("Status"), _("Nonconformities"))
        total = sum(count for _severity, _stage, count in groups)
        # that there was none is an answer
        return Found(_("%s nonconformities of the time.", total), heads, rows)

    @api.model
    def _input_measures(self, span):
        """Return measures by kind and status, and how many did work."""
        _ = self.env._
        groups = self.env[MEASURE]._read_group(
            self._own(span) & self._days("service_about_on", span),
            ["type_action", "service_state", "service_is_effective"],
            ["__count"],
        )
        if not groups:
            return Found()
        kinds = self._labels(MEASURE, "type_action")
        states = self._labels(MEASURE, "service_state")
        worked = self._labels(MEASURE, "service_is_effective")
        rows = [
            (kinds.get(kind), states.get(state), worked.get(effect), count)
            for kind, state, effect, count in groups
        ]
        checked = sum(count for *_key, effect, count in groups if effect)
        effective = sum(count for *_key, effect, count in groups if effect == "yes")
        heads = (_("Kind"), _("Status"), _("Did it work"), _("Measures"))
        summary = _(
            "%(all)s measures; of %(checked)s that were checked %(effective)s worked.",
            all=sum(count for *_key, count in groups),
            checked=checked,
            effective=effective,
        )
        return Found(summary, heads, rows)

    @api.model
    def _input_audits(self, span):
        """Return the audits of the time and how many nonconformities they found."""
        _ = self.env._
        audits = self.env["mgmtsystem.audit"].search(
            self._own(span) & self._moments("date", span), order="date, id"
        )
        if not audits:
            return Found()
        states = self._labels("mgmtsystem.audit", "state")
        rows = [
            (
                audit.name or audit.reference,
                span.company._service_day(audit.date),
                states.get(audit.state),
                len(audit.nonconformity_ids),
            )
            for audit in audits
        ]
        heads = (_("Audit"), _("On"), _("Status"), _("Nonconformities"))
        return Found(_("%s audits.", len(rows)), heads, rows)

    # ------------------------------------------------------------------
    # Resources, risks, changes, opportunities
    # ------------------------------------------------------------------

    @api.model
    def _input_resources(self, span):
        """Return how many people there are now, and how much they had to handle."""
        _ = self.env._
        labels = dict(
            self.env["service.quality.decision"]
            ._fields["role"]
            ._description_selection(self.env)
        )
        Ticket = self.env["helpdesk.ticket"].with_context(active_test=False)
        opened = Ticket.search_count(
            self._own(span) & self._moments("service_opened_at", span)
        )
        waiting = Ticket.search_count(
            self._own(span)
            & Domain("service_opened_at", "<", span.end)
            & (
                Domain("closed_date", "=", False)
                | Domain("closed_date", ">=", span.end)
            )
        )
        rows = [
            (labels[role], len(span.company._service_role_users(role)))
            for role, _label in ROLES
        ]  # batched: eight roles
        heads = (_("Role"), _("People today"))
        summary = _(
            "%(opened)s tickets were opened; %(waiting)s were open at the end.",
            opened=opened,
            waiting=waiting,
        )
        return Found(summary, heads, rows)

    @api.model
    def _input_risks(self, span):
        """Return the preventive measures: what is done before something goes wrong."""
        measures = self.env[MEASURE].search(
            self._own(span)
            & Domain("type_action", "=", "prevention")
            & self._days("service_about_on", span),
            order="date_deadline, id",
        )
        return self._told_measures(measures)

    @api.model
    def _input_changes(self, span):
        """Return agreements that began or ended, and documents put in force."""
        _ = self.env._
        begun = self.env["service.quality.agreement"].search(
            self._own(span)
            & Domain("state", "!=", "draft")
            & (self._days("date_start", span) | self._days("date_end", span)),
            order="date_start, id",
        )
        documents = self.env["service.quality.policy"].search(
            self._own(span)
            & Domain("state", "=", "approved")
            & self._days("date_start", span),
            order="date_start, id",
        )
        kinds = self._labels("service.quality.agreement", "kind")
        rows = [
            (one.display_name, kinds.get(one.kind), one.date_start, one.date_end)
            for one in begun
        ]
        kinds = self._labels("service.quality.policy", "kind")
        rows += [
            (one.display_name, kinds.get(one.kind), one.date_start, one.date_end)
            for one in documents
        ]
        heads = (_("What"), _("Kind"), _("From"), _("Until"))
        # that nothing has changed is an answer
        summary = _(
            "%(agreements)s agreements began or ended; %(documents)s documents were "
            "put in force.",
            agreements=len(begun),
            documents=len(documents),
        )
        return Found(summary, heads, rows)

    @api.model
    def _input_improvement(self, span):
        """Return what was proposed to make the service better."""
        measures = self.env[MEASURE].search(
            self._own(span)
            & Domain("type_action", "=", "improvement")
            & self._days("service_about_on", span)
            & Domain("service_source_model", "not in", DECIDED),
            order="date_deadline, id",
        )
        return self._told_measures(measures)


def _kept(pair):
    """Return how many were judged, how many were kept, and which share that is.

    >>> _kept([200, 150])
    (200, 150, '75.0 %')
    """
    judged, kept = pair
    return judged, kept, f"{100 * kept / judged:.1f} %"


def _quarter(start):
    """Return the name of the quarter that begins at a moment.

    >>> from datetime import datetime
    >>> _quarter(datetime(2026, 4, 1))
    '2026-Q2'
    """
    return f"{start.year}-Q{(start.month + 2) // 3}"
