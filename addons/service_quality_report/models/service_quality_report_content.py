from collections import namedtuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, formatLang

from odoo.addons.service_quality_indicator.models.service_quality_counting import (
    COUNTED,
)
from odoo.addons.service_quality_indicator.tools.statistics import (
    is_few,
    is_small,
    judge,
    share,
    wilson,
)

from .report_data import (
    DETAILED,
    FOR_THE_CUSTOMER,
    PERIODIC,
    SCOPE_OF_KIND,
    TREND,
)

HEADLINES = 5
"""So many figures stand on the first page."""

Kept = namedtuple("Kept", "counted met open late excluded met_after")
"""How often a target was kept within a process and period."""

NONE_KEPT = Kept(0, 0, 0, 0, 0, 0)

JUDGED = ("on_target", "tolerated", "beyond")


class ServiceQualityReportContent(models.AbstractModel):
    """Fills drafts of reports with figures, and with the rows of their lists."""

    _name = "service.quality.report.content"
    _description = "Content of a Report"

    @api.model
    def _fill(self, report):
        """Put figures and lists into a draft in place of what was there before."""
        report.ensure_one()
        if report._has_figures():
            self._take_figures(report.company_id, report._period())
            self._take_past(report.company_id, report._period())
        report = report.with_context(lang=report._lang())
        self = self.with_env(report.env)
        figures = self._figures(report, report.date_from)
        figures |= self._measured_figures(report, figures)
        newest = self._newest(figures)
        if report.kind == "event":
            story = self.env["service.quality.report.story"]
            figures = story._figures(report, figures)
        report._write_as_step(
            {
                "taken_at": newest.taken_at if newest else fields.Datetime.now(),
                "ledger_id": newest.ledger_id if newest else False,
                "ledger_snapshot": newest.ledger_snapshot if newest else False,
            }
            | self.env["service.quality.report.telling"]._prepare(report, figures)
        )
        for rows in self.env["service.quality.report.part"]._lists():
            rows._fill(report, figures)
        # what nobody has rewritten follows the figures
        if not report.summary or report.summary == report.proposed_summary:
            report.summary = self._propose_summary(report)
            report._write_as_step({"proposed_summary": report.summary})

    @api.model
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

    @api.model
    def _take_figures(self, company, period, fresh=False):
        """Have the figures of a period taken where that is still to be done.

        Closed ones stay as they are but for measured values that came in since.

        :param fresh: take those of a running period also where they are there
        """
        Figure = self.env["service.quality.figure"]
        every = self.env["service.quality.indicator"]._of_company(company)
        taken = Figure.search(
            Figure._taken_domain(company, period, every),
            order="is_provisional",
            limit=1,
        )
        end = period.bounds(company._service_tz())[1]
        if taken and not taken.is_provisional:
            Figure._take_entered_since(company, period)
        elif fresh or end <= fields.Datetime.now() or not taken:
            Figure._take(company, period)

    @api.model
    def _take_past(self, company, period):
        """Have the figures taken that those of a period are compared with.

        What a report says of the past does not depend on which button was used when.
        """
        periods = {period.shifted(-count) for count in range(TREND)}
        periods.add(period.last_year())
        figures = self.env["service.quality.figure"]
        figures._take_past(company, sorted(periods, key=lambda one: one.start))

    @api.model
    def _scope_domain(self, report):
        """Return of what the report's figures are, as a domain of figures."""
        if not report._has_figures():
            return Domain.FALSE
        subject = report._subject()
        ids = (subject or report.company_id).ids
        if report.kind == "customer":
            ids = report._versions().ids
        return Domain("scope", "=", SCOPE_OF_KIND[report.kind]) & Domain(
            "scope_id", "in", ids
        )

    @api.model
    def _figures(self, report, first, scope=None):
        """Return the figures of the report's scope from a day on until the period."""
        period = report._period()
        return self.env["service.quality.figure"].search(
            Domain("company_id", "=", report.company_id.id)
            & Domain("period_kind", "=", period.kind)
            & Domain("date_from", ">=", first)
            & Domain("date_from", "<=", period.start)
            & (self._scope_domain(report) if scope is None else scope)
        )

    @api.model
    def _prepare_lines(self, report, figures):
        """Return the values of the lines, in the order of the indicators."""
        figures = figures.filtered(lambda one: self._is_told(report, one))
        # one query for all that the lines are compared with
        past = self._past_figures(report, figures)
        late = self._late_open(report)
        ordered = figures.sorted(
            lambda one: (one.indicator_id.sequence, one.indicator_id.id, one.scope_id)
        )
        lines = [
            self._prepare_line(report, figure, past)
            | {"late_open_count": _late_of(figure.indicator_id, late)}
            for figure in ordered
        ]
        lines = [vals for vals in lines if _says_something(vals)]
        for vals in self._headlines(lines):
            vals["is_headline"] = True
        return lines

    @api.model
    def _measured_figures(self, report, figures):
        """Return what was measured of the service project behind an agreement.

        Availability and patrols are a project's; the customer reads them as well.
        """
        project = report.agreement_id.project_id
        if not project:
            return figures.browse()
        scope = Domain("scope", "=", "project") & Domain("scope_id", "=", project.id)
        there = figures.filtered("has_value").indicator_id
        return self._figures(report, report.date_from, scope).filtered(
            lambda one: (
                one.has_value
                and one.indicator_id._declared().is_entered
                and one.indicator_id not in there
            )
        )

    @api.model
    def _is_told(self, report, figure):
        """Return True if a figure is for the readers: customers are not told all."""
        return (
            report.kind not in FOR_THE_CUSTOMER or figure.indicator_id.is_for_customers
        )

    @api.model
    def _late_open(self, report):
        """Count the promises that are late and open, whenever they fell due.

        :return: dict of (kind, metric) to a number
        """
        domain = (
            Domain("company_id", "=", report.company_id.id)
            & Domain("counted", "=", True)
            & self.env["service.quality.clock"]._burning_domain("late")
        )
        if report.kind == "department":
            domain &= Domain("team_id", "=", report.team_id.id)
        elif report.kind in DETAILED:
            domain &= Domain("agreement_id", "in", self._agreements(report).ids)
        found = self.env["service.quality.clock"]._read_group(
            domain, ["kind", "metric"], ["__count"]
        )
        return {(kind, metric): count for kind, metric, count in found}

    @api.model
    def _text(self, figure):
        """Return a figure as people read it: of few, how many there were."""
        if not figure.has_value:
            return "–"
        indicator = figure.indicator_id
        if few_of(indicator, figure.numerator, figure.denominator):
            return f"{figure.numerator:g} / {figure.denominator:g}"
        return indicator._format(figure.value)

    @api.model
    def _count_text(self, count):
        """Return how many were counted as people read it, in thousands."""
        return formatLang(self.env, count, digits=0) if count else ""

    @api.model
    def _past_figures(self, report, figures):
        """Return figures by indicator, scope and first day, a trend long."""
        period = report._period()
        first = min(period.shifted(1 - TREND).start, period.last_year().start)
        scopes = {}
        for figure in figures:
            scopes.setdefault(figure.scope, set()).add(figure.scope_id)
        scope = Domain.OR(
            Domain("scope", "=", name) & Domain("scope_id", "in", ids)
            for name, ids in scopes.items()
        )
        found = self._figures(report, first, scope)
        return {_place(one) + (one.date_from,): one for one in found}

    @api.model
    def _prepare_line(self, report, figure, past):
        """Return the line of a figure with what it is compared with."""
        period = report._period()
        place, none = _place(figure), figure.browse()
        before = past.get((*place, period.previous().start), none)
        last_year = past.get((*place, period.last_year().start), none)
        trend = [period.shifted(count) for count in range(1 - TREND, 1)]
        return (
            self._prepare_figure(figure)
            | self._prepare_heading(report, figure)
            | {
                "has_previous": before.has_value,
                "previous_value": before.value,
                "previous_hits": before.numerator,
                "previous_count": before.denominator,
                "previous_text": self._text(before),
                "has_last_year": last_year.has_value,
                "last_year_value": last_year.value,
                "last_year_hits": last_year.numerator,
                "last_year_count": last_year.denominator,
                "last_year_text": self._text(last_year),
                "trend": [
                    (one.label, _value(past.get((*place, one.start), none)))
                    for one in trend
                ],
            }
        )

    @api.model
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

    @api.model
    def _prepare_heading(self, report, figure):
        """Return under which heading a figure stands, and its name there."""
        indicator = figure.indicator_id
        name = indicator.name
        if figure.scope == "agreement" and figure.agreement_id != report.agreement_id:
            name = f"{name} · {figure.agreement_id.display_name}"
        return {"section": indicator.section, "name": name}

    @api.model
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
            "after_text": indicator._format(figure.value_after)
            if figure.excluded_count and figure.has_value_after
            else "",
            "rests_text": ", ".join(figure._reservations()),
            "value_text": self._text(figure),
            "count_text": self._count_text(figure.denominator),
            "has_goal": has_goal,
            "goal": figure.goal if has_goal else 0,
            "tolerance": figure.tolerance if has_goal else 0,
            "goal_text": indicator._format(figure.goal) if has_goal else "",
        }

    # ------------------------------------------------------------------
    # Targets by process (regulation A4.3.3)
    # ------------------------------------------------------------------

    @api.model
    def _prepare_target_lines(self, report, as_of):
        """Return a line for each process and target that counted in the period.

        :param as_of: figure; what the ledger knew when it was taken counts
        """
        period = report._period()
        periods = [period.shifted(count) for count in range(1 - TREND, 1)]
        year_ago = period.last_year()
        if year_ago not in periods:
            periods.insert(0, year_ago)
        kept = self._count_targets(report, as_of, periods)
        figures = self._target_figures(report)
        Target = self.env["service.quality.target"]
        return [
            self._prepare_target_line(
                period,
                Target.browse(target_id),
                process_id,
                found,
                figures.get(target_id),
            )
            for (process_id, target_id), found in sorted(
                kept.items(), key=lambda item: (item[0][0] or 0, item[0][1])
            )
            if period in found
        ]

    @api.model
    def _count_targets(self, report, as_of, periods):
        """Count the rows of the attainment figure by process, target and period.

        :param periods: those wanted, the oldest first, each beginning where the one
            before it ends
        :return: dict of (process id, target id) to a dict of period to :class:`Kept`;
            open and late are of the last period, and 0 in those before
        """
        counting = self.env["service.quality.counting"]
        context = counting._counting_context(
            report.company_id, periods[-1], as_of=as_of
        )
        starts = [period.bounds(as_of.tz)[0] for period in periods]
        found = self.env.execute_query(
            SQL(
                """
                SELECT process_id, target_id,
                       COALESCE(width_bucket(at, %(starts)s::timestamp[]), %(last)s),
                       count(*) FILTER (WHERE %(counted)s),
                       count(*) FILTER (WHERE %(counted)s AND hit),
                       count(*) FILTER (WHERE state = 'open'),
                       count(*) FILTER (WHERE state = 'late'),
                       count(*) FILTER (WHERE %(counted)s AND excluded),
                       count(*) FILTER (WHERE %(counted)s AND hit AND NOT excluded)
                  FROM (%(rows)s) AS counted
                 WHERE agreement_id = ANY(%(agreements)s)
                 GROUP BY 1, 2, 3
                """,
                starts=starts,
                last=len(starts),
                counted=COUNTED,
                rows=self.env["service.quality.formula"]._rows(
                    self._attainment(), context._replace(start=starts[0])
                ),
                agreements=self._agreements(report).ids,
            )
        )
        kept = {}
        for process_id, target_id, place, *numbers in found:
            by_period = kept.setdefault((process_id, target_id), {})
            by_period[periods[place - 1]] = Kept(*numbers)
        return kept

    @api.model
    def _agreements(self, report):
        """Return the agreements whose targets are told, in all their versions."""
        if report.kind == "customer":
            return report._versions()
        return self.env["service.quality.agreement"].search(
            [("project_id", "=", report.project_id.id)]
        )

    @api.model
    def _target_figures(self, report):
        """Return the figure of each target in the period, by the target's id."""
        figures = self._figures(
            report,
            report.date_from,
            Domain("scope", "=", "target")
            & Domain("indicator_id", "=", self._attainment().id),
        )
        return {figure.scope_id: figure for figure in figures}

    @api.model
    def _prepare_target_line(self, period, target, process_id, kept, figure):
        """Return the values of a line.

        :param kept: dict of period to :class:`Kept`
        :param figure: of the target in all processes, or None
        """
        indicator = self._attainment()
        now = kept[period]
        value, goal = _share(now), target.goal_percent
        interval = wilson(now.met, now.counted) or (0, 0)
        after = share(now.met_after, now.counted - now.excluded)
        trend = [period.shifted(count) for count in range(1 - TREND, 1)]
        return {
            "section": "target",
            "target_id": target.id,
            "process_id": process_id,
            "indicator_id": indicator.id,
            "figure_id": figure and figure.id,
            "name": target.display_name,
            "has_value": value is not None,
            "value": value or 0,
            "value_text": _of_few(now) or _format(indicator, value),
            "numerator": now.met,
            "denominator": now.counted,
            "count_text": self._count_text(now.counted) or "0",
            "open_count": now.open,
            "missed_open_count": now.late,
            "excluded_count": now.excluded,
            "value_after": after or 0,
            "after_text": _format(indicator, after) if now.excluded else "",
            "low": interval[0],
            "high": interval[1],
            "is_small": is_small(now.counted),
            "has_goal": bool(goal),
            "goal": goal,
            "goal_text": _format(indicator, goal),
            "goal_state": judge(value, goal or None, 0, "higher"),
            **_prepare_past(indicator, "previous", kept.get(period.previous())),
            **_prepare_past(indicator, "last_year", kept.get(period.last_year())),
            "trend": [(one.label, _share(kept.get(one))) for one in trend],
        }

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------

    @api.model
    def _propose_summary(self, report):
        """Return three sentences to begin with: figures, and the red contracts.

        A report that is about one thing, as an event, begins with that.
        """
        if report.kind not in PERIODIC:
            story = self.env["service.quality.report.story"]
            return "\n".join(story._sentences(report))
        lines = report.line_ids.filtered("is_headline")
        sentences = [self._sentence(line) for line in lines[:3]]
        red = self.env["service.quality.report.telling"]._red_contracts(report)
        if red:
            names = ", ".join(f"{row[0]} · {row[1]}: {row[3]}" for row in red)
            sentences[1:] = [
                self.env._("Below what was promised: %s.", names),
                *sentences[1:2],
            ]
        return "\n".join(sentences)

    @api.model
    def _sentence(self, line):
        """Return what a figure was, and how far it moved, in a sentence."""
        if not line.has_value:
            return self.env._("%s: no data in this period.", line.name)
        words = {"name": line.name, "value": line.value_text}
        if line.has_previous and (change := line._change_text("previous")) != "–":
            return self.env._(
                "%(name)s was %(value)s, %(change)s against the period before.",
                change=change,
                **words,
            )
        return self.env._("%(name)s was %(value)s.", **words)


def _place(figure):
    return figure.indicator_id.id, figure.scope, figure.scope_id


def few_of(indicator, part, whole):
    """Return True if how many of how many says more than a rate does."""
    if indicator.summary == "per_thousand":
        return bool(whole) and is_few(part)
    return indicator.summary == "share" and bool(whole) and is_few(whole)


def _of_few(kept):
    """Return how many of how many, None where a percentage says more.

    >>> _of_few(NONE_KEPT._replace(counted=5, met=3))
    '3 / 5'
    >>> _of_few(NONE_KEPT._replace(counted=10, met=9)), _of_few(None)
    (None, None)
    """
    if kept and kept.counted and is_few(kept.counted):
        return f"{kept.met} / {kept.counted}"
    return None


def _late_of(indicator, late):
    """Return how many of what an attainment counts are late and open."""
    if indicator.formula != "attainment":
        return 0
    metric, kind = map(indicator._chosen, ("metric", "clock_kind"))
    return sum(
        count
        for (of_kind, of_metric), count in late.items()
        if of_metric == (metric or of_metric)
        and of_kind in ([kind] if kind else ["sla", "house"])
    )


def _value(figure):
    return figure.value if figure.has_value else None


def _says_something(vals):
    """Return True if a line has a value or a goal, now or in its trend."""
    values = [value for _label, value in vals["trend"]]
    return (
        vals["has_goal"] or vals["has_last_year"] or any(v is not None for v in values)
    )


def _share(kept):
    return share(kept.met, kept.counted) if kept else None


def _prepare_past(indicator, name, kept):
    """Return the values of a line that tell of a period before.

    :param name: how their fields begin
    :param kept: the :class:`Kept` of that period, or None
    """
    value = _share(kept)
    return {
        f"has_{name}": value is not None,
        f"{name}_value": value or 0,
        f"{name}_count": (kept or NONE_KEPT).counted,
        f"{name}_text": _of_few(kept) or _format(indicator, value),
    }


def _format(indicator, value):
    return "–" if value is None else indicator._format(value)
