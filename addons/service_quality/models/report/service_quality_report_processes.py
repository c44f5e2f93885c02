from collections import namedtuple

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.indicator.statistics import is_small, judge, share, wilson
from ..indicator.service_quality_counting import COUNTED
from .report_data import TREND

Kept = namedtuple("Kept", "counted met open late excluded met_after")
"""How often a target was kept within a process and period."""


class ServiceQualityReport(models.Model):
    """Regulation A4.3.3: how each target was kept, one section for each process."""

    _inherit = "service.quality.report"

    def _prepare_target_lines(self, as_of):
        """Return a line for each process and target that counted in the period.

        :param as_of: figure; what the ledger knew when it was taken counts
        """
        period = self._period()
        periods = [period.shifted(count) for count in range(1 - TREND, 1)]
        year_ago = period.last_year()
        if year_ago not in periods:
            periods.insert(0, year_ago)
        kept = self._count_targets(as_of, periods)
        figures = self._target_figures()
        Target = self.env["service.quality.target"]
        return [
            self._prepare_target_line(
                Target.browse(target_id), process_id, found, figures.get(target_id)
            )
            for (process_id, target_id), found in sorted(
                kept.items(), key=lambda item: (item[0][0] or 0, item[0][1])
            )
            if period in found
        ]

    def _count_targets(self, as_of, periods):
        """Count the rows of the attainment figure by process, target and period.

        :param periods: those wanted, the oldest first, each beginning where the one
            before it ends
        :return: dict of (process id, target id) to a dict of period to :class:`Kept`;
            open and late are of the last period, and 0 in those before
        """
        counting = self.env["service.quality.counting"]
        context = counting._counting_context(self.company_id, periods[-1], as_of=as_of)
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
                agreements=self._agreements().ids,
            )
        )
        kept = {}
        for process_id, target_id, place, *numbers in found:
            by_period = kept.setdefault((process_id, target_id), {})
            by_period[periods[place - 1]] = Kept(*numbers)
        return kept

    def _agreements(self):
        """Return the agreements whose targets are told, in all their versions."""
        if self.kind == "customer":
            return self._versions()
        return self.env["service.quality.agreement"].search(
            [("project_id", "=", self.project_id.id)]
        )

    def _target_figures(self):
        """Return the figure of each target in the period, by the target's id."""
        figures = self._figures(
            self.date_from,
            Domain("scope", "=", "target")
            & Domain("indicator_id", "=", self._attainment().id),
        )
        return {figure.scope_id: figure for figure in figures}

    def _prepare_target_line(self, target, process_id, kept, figure):
        """Return the values of a line.

        :param kept: dict of period to :class:`Kept`
        :param figure: of the target in all processes, or None
        """
        period, indicator = self._period(), self._attainment()
        now = kept[period]
        value, goal = _share(now), target.goal_percent
        interval = wilson(now.met, now.counted) or (0, 0)
        before = _share(kept.get(period.previous()))
        year_ago = _share(kept.get(period.last_year()))
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
            "value_text": _text(indicator, value),
            "numerator": now.met,
            "denominator": now.counted,
            "count_text": str(now.counted),
            "open_count": now.open,
            "missed_open_count": now.late,
            "excluded_count": now.excluded,
            "value_after": share(now.met_after, now.counted - now.excluded) or 0,
            "low": interval[0],
            "high": interval[1],
            "is_small": is_small(now.counted),
            "has_goal": bool(goal),
            "goal": goal,
            "goal_text": _text(indicator, goal),
            "goal_state": judge(value, goal or None, 0, "higher"),
            "has_previous": before is not None,
            "previous_value": before or 0,
            "previous_text": _text(indicator, before),
            "has_last_year": year_ago is not None,
            "last_year_value": year_ago or 0,
            "last_year_text": _text(indicator, year_ago),
            "trend": [(one.label, _share(kept.get(one))) for one in trend],
        }


def _share(kept):
    return share(kept.met, kept.counted) if kept else None


def _text(indicator, value):
    return "–" if value is None else indicator._format(value)
