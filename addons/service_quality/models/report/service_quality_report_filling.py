from odoo import api, fields, models
from odoo.fields import Domain

from .report_data import FOR_THE_CUSTOMER, SCOPES, TREND

HEADLINES = 5

JUDGED = ("on_target", "tolerated", "beyond")


class ServiceQualityReport(models.Model):
    """The figures and lists of a report, taken from figures, clocks and projects."""

    _inherit = "service.quality.report"

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_fill(self):
        """Fill drafts in anew; what people have written stays.

        Figures of a period that runs are taken for it; those that are closed stay.
        """
        self._ensure_some()
        self.check_access("write")
        drafts = self.filtered(lambda report: report.state == "draft")
        for report in drafts.sudo():  # figures are nobody's to write
            report._take_figures(fresh=True)
            report._fill()
        return True

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _fill(self):
        """Put figures and lists into a draft in place of what was there before."""
        self.ensure_one()
        report = self.with_context(lang=self._lang())
        self._take_figures()
        figures = report._figures(self._period().start)
        figures |= report._measured_figures(figures)
        newest = self._newest(figures)
        self._write_as_step(
            {
                "taken_at": newest.taken_at if newest else fields.Datetime.now(),
                "ledger_id": newest.ledger_id if newest else False,
                "ledger_snapshot": newest.ledger_snapshot if newest else False,
            }
        )
        for rows in self.env["service.quality.report.part"]._lists():
            rows._fill(report, figures)
        if not self.summary:
            self.summary = report._propose_summary()

    def _newest(self, figures):
        """Return the figure that was counted last: what the ledger knew then counts."""
        return max(figures, key=lambda figure: figure.ledger_id, default=figures)

    @api.model
    def _attainment(self):
        """Return the indicator of all that was agreed with customers, of any metric."""
        Indicator = self.env["service.quality.indicator"]
        found = Indicator.search(
            [("formula", "=", "attainment"), ("metric", "=", False)]
        )
        return found.filtered(lambda one: one.clock_kind == "sla")[:1] or found[:1]

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    def _take_figures(self, fresh=False):
        """Have the figures of the period taken where that is still to be done.

        Closed ones stay as they are but for measured values that came in since.

        :param fresh: take those of a running period also where they are there
        """
        Figure = self.env["service.quality.figure"]
        company, period = self.company_id, self._period()
        every = self.env["service.quality.indicator"]._of_company(company)
        taken = Figure.search(
            Figure._taken_domain(company, period, every),
            order="is_provisional",
            limit=1,
        )
        is_over = self._bounds()[1] <= fields.Datetime.now()
        if taken and not taken.is_provisional:
            Figure._take_entered_since(company, period)
        elif fresh or is_over or not taken:
            Figure._take(company, period)

    def _versions(self):
        """Return all versions of the agreement that a customer's report is about."""
        return self.agreement_id._all_versions()

    def _scope_domain(self):
        """Return of what the report's figures are, as a domain of figures."""
        subject = self._subject()
        ids = (subject or self.company_id).ids
        if self.kind == "customer":
            ids = self._versions().ids
        return Domain("scope", "=", SCOPES[self.kind]) & Domain("scope_id", "in", ids)

    def _figures(self, first, scope=None):
        """Return the figures of the report's scope from a day on until the period."""
        period = self._period()
        return self.env["service.quality.figure"].search(
            Domain("company_id", "=", self.company_id.id)
            & Domain("period_kind", "=", period.kind)
            & Domain("date_from", ">=", first)
            & Domain("date_from", "<=", period.start)
            & (self._scope_domain() if scope is None else scope)
        )

    def _prepare_lines(self, figures):
        """Return the values of the lines, in the order of the indicators."""
        figures = figures.filtered(self._is_told)
        answers = self._answers(figures)
        # one query for all that the lines are compared with
        past = self._past_figures(figures)
        ordered = figures.sorted(
            lambda one: (one.indicator_id.sequence, one.indicator_id.id, one.scope_id)
        )
        lines = [self._prepare_line(figure, past) for figure in ordered]
        lines = [
            vals | answers.get(vals["figure_id"], {})
            for vals in lines
            if _says_something(vals)
        ]
        for vals in self._headlines(lines):
            vals["is_headline"] = True
        return lines

    def _measured_figures(self, figures):
        """Return what was measured of the service project behind an agreement.

        Availability and patrols are a project's; the customer reads them as well.
        """
        project = self.agreement_id.project_id
        if not project:
            return figures.browse()
        scope = Domain("scope", "=", "project") & Domain("scope_id", "=", project.id)
        there = figures.filtered("has_value").indicator_id
        return self._figures(self.date_from, scope).filtered(
            lambda one: (
                one.has_value
                and one.indicator_id._declared().is_entered
                and one.indicator_id not in there
            )
        )

    def _is_told(self, figure):
        """Return True if a figure is for the readers: customers are not told all."""
        return self.kind not in FOR_THE_CUSTOMER or figure.indicator_id.is_for_customers

    def _answers(self, figures):
        """Return what deviations say is done about figures, by figure."""
        deviations = self.env["service.quality.deviation"].search(
            [("figure_id", "in", figures.ids), ("answered_at", "!=", False)]
        )
        return {
            one.figure_id.id: {
                "action": one.action,
                "no_action_reason": one.no_action_reason,
            }
            for one in deviations
        }

    def _past_figures(self, figures):
        """Return figures by indicator, scope and first day, a trend long."""
        period = self._period()
        first = min(period.shifted(1 - TREND).start, period.last_year().start)
        scopes = {}
        for figure in figures:
            scopes.setdefault(figure.scope, set()).add(figure.scope_id)
        scope = Domain.OR(
            Domain("scope", "=", name) & Domain("scope_id", "in", ids)
            for name, ids in scopes.items()
        )
        found = self._figures(first, scope)
        return {_place(one) + (one.date_from,): one for one in found}

    def _prepare_line(self, figure, past):
        """Return the line of a figure with what it is compared with."""
        period = self._period()
        place, none = _place(figure), figure.browse()
        before = past.get((*place, period.previous().start), none)
        last_year = past.get((*place, period.last_year().start), none)
        trend = [period.shifted(count) for count in range(1 - TREND, 1)]
        return (
            self._prepare_figure(figure)
            | self._prepare_heading(figure)
            | {
                "has_previous": before.has_value,
                "previous_value": before.value,
                "previous_text": _text(before),
                "has_last_year": last_year.has_value,
                "last_year_value": last_year.value,
                "last_year_text": _text(last_year),
                "trend": [
                    (one.label, _value(past.get((*place, one.start), none)))
                    for one in trend
                ],
            }
        )

    def _headlines(self, lines):
        """Return the lines for the first page: by rank one of each formula, then more.

        Those that have a goal come before those of the same rank that have none.
        """

        def indicator(vals):
            return self.env["service.quality.indicator"].browse(vals["indicator_id"])

        def rank(vals):
            return indicator(vals).headline_sequence

        first = {}
        for vals in sorted(filter(rank, lines), key=rank):
            first.setdefault(indicator(vals).formula or indicator(vals).id, vals)
        rest = [
            vals for vals in lines if not any(vals is one for one in first.values())
        ]
        rest.sort(key=lambda vals: (not vals["has_goal"], not vals["has_value"]))
        return [*first.values(), *rest][:HEADLINES]

    def _prepare_heading(self, figure):
        """Return under which heading a figure stands, and its name there."""
        indicator = figure.indicator_id
        name = indicator.name
        if figure.scope == "agreement" and figure.agreement_id != self.agreement_id:
            name = f"{name} · {figure.agreement_id.display_name}"
        return {"section": indicator.section, "name": name}

    def _prepare_figure(self, figure):
        """Return the values of a line that are those of a figure."""
        indicator = figure.indicator_id
        # without data a goal that was never set stands as nought
        has_goal = figure.goal_state in JUDGED or bool(figure.goal)
        names = (
            "has_value", "value", "numerator", "denominator", "open_count",
            "missed_open_count", "excluded_count", "low", "high", "is_small",
            "goal_state",
        )  # fmt: skip
        return {name: figure[name] for name in names} | {
            "indicator_id": indicator.id,
            "figure_id": figure.id,
            "sentence": indicator.sentence,
            "value_after": figure.value_after if figure.has_value_after else 0,
            "value_text": _text(figure),
            "count_text": f"{figure.denominator:g}" if figure.denominator else "",
            "has_goal": has_goal,
            "goal": figure.goal if has_goal else 0,
            "tolerance": figure.tolerance if has_goal else 0,
            "goal_text": indicator._format(figure.goal) if has_goal else "",
        }

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------

    def _propose_summary(self):
        """Return sentences to begin with, one for each of the first three figures."""
        sentences = []
        for line in self.line_ids.filtered("is_headline")[:3]:
            if not line.has_value:
                text = self.env._("%s: no data in this period.", line.name)
            elif line.has_previous:
                text = self.env._(
                    "%(name)s was %(value)s, after %(before)s in the period before.",
                    name=line.name,
                    value=line.value_text,
                    before=line.previous_text,
                )
            else:
                text = self.env._(
                    "%(name)s was %(value)s.", name=line.name, value=line.value_text
                )
            sentences.append(text)
        return "\n".join(sentences)

    def _lang(self):
        """Return the language that the report is written in."""
        installed = dict(self.env["res.lang"].get_installed())
        customer = self.partner_id.lang if self.kind == "customer" else None
        wanted = (customer, self.company_id.partner_id.lang, self.env.lang)
        return next((lang for lang in wanted if lang in installed), "en_US")


def _place(figure):
    return figure.indicator_id.id, figure.scope, figure.scope_id


def _text(figure):
    return figure.indicator_id._format(figure.value) if figure.has_value else "–"


def _value(figure):
    return figure.value if figure.has_value else None


def _says_something(vals):
    """Return True if a line has a value or a goal, now or in its trend."""
    values = [value for _label, value in vals["trend"]]
    return (
        vals["has_goal"] or vals["has_last_year"] or any(v is not None for v in values)
    )
