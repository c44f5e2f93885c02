from odoo import models
from odoo.tools import SQL

from ..tools.statistics import is_small, judge, share, wilson
from .service_quality_counting import COUNTED


class ServiceQualityReport(models.Model):
    """Regulation A4.3.3: how each target was kept, one section for each process."""

    _inherit = "service.quality.report"

    def _prepare_target_lines(self):
        """Return a line for each process and target that counted in the period."""
        period = self._period()
        now = self._count_targets(period)
        before = self._count_targets(period.previous())
        last_year = self._count_targets(period.last_year())
        Target = self.env["service.quality.target"]
        return [
            self._prepare_target_line(
                Target.browse(key[1]),
                key[0],
                now[key],
                before.get(key),
                last_year.get(key),
            )
            for key in sorted(now, key=lambda key: (key[0] or 0, key[1]))
        ]

    def _count_targets(self, period):
        """Count the rows of the attainment figure by process and target.

        :return: dict of (process id, target id) to (counted, met, open, open and
            missed, excluded, met without excluded ones)
        """
        column = "project_id" if self.kind == "project" else "agreement_id"
        subjects = self.project_id if self.kind == "project" else self._versions()
        counting = self.env["service.quality.counting"]
        scene = counting._scene(self.company_id, period)
        found = self.env.execute_query(
            SQL(
                """
                SELECT process_id, target_id,
                       count(*) FILTER (WHERE %(counted)s),
                       count(*) FILTER (WHERE %(counted)s AND hit),
                       count(*) FILTER (WHERE state = 'open'),
                       count(*) FILTER (WHERE state = 'late'),
                       count(*) FILTER (WHERE %(counted)s AND excluded),
                       count(*) FILTER (WHERE %(counted)s AND hit AND NOT excluded)
                  FROM (%(rows)s) AS counted
                 WHERE %(column)s = ANY(%(subjects)s)
                 GROUP BY process_id, target_id
                """,
                counted=COUNTED,
                rows=counting._rows(self._attainment(), scene),
                column=SQL.identifier(column),
                subjects=subjects.ids,
            )
        )
        return {(process, target): numbers for process, target, *numbers in found}

    def _prepare_target_line(self, target, process_id, numbers, before, last_year):
        """Return the values of a line."""
        counted, met, still_open, late, excluded, met_after = numbers
        indicator = self._attainment()
        value, goal = share(met, counted), target.goal_percent
        interval = wilson(met, counted) or (0, 0)
        past, year_ago = _share(before), _share(last_year)
        return {
            "section": "target",
            "target_id": target.id,
            "process_id": process_id,
            "indicator_id": indicator.id,
            "name": target.display_name,
            "has_value": value is not None,
            "value": value or 0,
            "value_text": _text(indicator, value),
            "numerator": met,
            "denominator": counted,
            "count_text": str(counted),
            "open_count": still_open,
            "missed_open_count": late,
            "excluded_count": excluded,
            "value_after": share(met_after, counted - excluded) or 0,
            "low": interval[0],
            "high": interval[1],
            "is_small": is_small(counted),
            "has_goal": bool(goal),
            "goal": goal,
            "goal_text": _text(indicator, goal),
            "goal_state": judge(value, goal or None, 0, "higher"),
            "has_previous": past is not None,
            "previous_value": past or 0,
            "previous_text": _text(indicator, past),
            "has_last_year": year_ago is not None,
            "last_year_value": year_ago or 0,
            "last_year_text": _text(indicator, year_ago),
        }


def _share(numbers):
    return share(numbers[1], numbers[0]) if numbers else None


def _text(indicator, value):
    return "–" if value is None else indicator._format(value)
