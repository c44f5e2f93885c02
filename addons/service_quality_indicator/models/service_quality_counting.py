from datetime import datetime

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.service_quality_core.tools.period import local_day

from ..tools.formula import LEAST_OF_A_PERSON
from ..tools.statistics import share
from .counting_context import ALL_SCOPES, SCOPES, CountingContext, columns_of

COUNTED = SQL("state IN ('counted', 'late')")
"""What is open and not yet due is in no rate."""

PERCENTILES = {"median": 0.5, "p90": 0.9}

PARTS = ("all", "hit", "not_hit", "late", "open", "excluded")
"""Which of the counted rows a drill-down opens."""


class ServiceQualityCounting(models.AbstractModel):
    """Counts the rows of indicators: each figure of the product comes from here.

    The rows are those of the indicator's formula, see ``service.quality.formula``.
    Figures are their aggregate over all scopes at once; a drill-down opens the same
    rows.
    """

    _name = "service.quality.counting"
    _description = "Counting of Indicators"

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @api.model
    def _count(self, indicators, company, period, scopes=ALL_SCOPES, as_of=None):
        """Count indicators over a period, those over the same rows in one query.

        :param company: record
        :param period: :class:`~..tools.period.Period`
        :param scopes: of :data:`~.counting_context.SCOPES`
        :param as_of: a figure; only what the ledger knew when it was taken counts
        :return: list of dicts with the columns of ``service.quality.figure`` that are
            counted: ``indicator_id, scope, scope_id, value, has_value, numerator,
            denominator, open_count, missed_open_count, excluded_count, value_after,
            has_value_after, by_hand_count, value_computed, brought_count,
            offline_count, agreed_goal``
        """
        context = self._counting_context(company, period, scopes, as_of)
        found = []
        for some in indicators._known().grouped(self._same_rows).values():
            # one query, however many rows and scopes there are
            found += self._count_rows(some, context, scopes)
        return found

    @api.model
    def _open_rows(self, indicator, company, period, scope, scope_id, *args, **kwargs):
        """Return the action that opens the rows that a figure counts.

        It takes what :meth:`_row_ids` takes.
        """
        ids = self._row_ids(
            indicator, company, period, scope, scope_id, *args, **kwargs
        )
        return {
            "type": "ir.actions.act_window",
            "name": indicator.name,
            "res_model": indicator._declared().model,
            "domain": [("id", "in", ids)],
            "context": {"active_test": False},
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
        }

    @api.model
    def _row_ids(
        self,
        indicator,
        company,
        period,
        scope,
        scope_id,
        part="all",
        as_of=None,
        process_id=None,
    ):
        """Return the ids of the rows that a figure counts, of the formula's model.

        :param scope: of :data:`~.counting_context.SCOPES`
        :param scope_id: id of the scope's record
        :param part: of :data:`PARTS`
        :param as_of: a figure; what the ledger knew when it was taken counts
        :param process_id: only rows of this process, False for those of none
        """
        conditions = {
            "all": SQL("TRUE") if indicator.summary == "per_thousand" else COUNTED,
            "hit": SQL("%s AND hit", COUNTED),
            "not_hit": SQL("%s AND NOT hit", COUNTED),
            "late": SQL("state = 'late'"),
            "open": SQL("state = 'open'"),
            "excluded": SQL("excluded"),
        }
        context = self._counting_context(company, period, (scope,), as_of)
        rows = self.env["service.quality.formula"]._rows(indicator, context)
        found = self.env.execute_query(
            SQL(
                "SELECT res_id FROM (%s) AS counted WHERE %s = %s AND %s AND %s"
                " AND res_id IS NOT NULL ORDER BY res_id",
                rows,
                SQL.identifier(SCOPES[scope].column),
                scope_id,
                conditions[part],
                SQL("TRUE")
                if process_id is None
                else SQL("process_id IS NOT DISTINCT FROM %s", process_id or None),
            )
        )
        return [res_id for (res_id,) in found]

    # ------------------------------------------------------------------
    # Counting
    # ------------------------------------------------------------------

    @api.model
    def _counting_context(self, company, period, scopes=ALL_SCOPES, as_of=None):
        """Return the context of a period, as it is or as a figure saw it."""
        self.env.flush_all()
        tz = as_of.tz if as_of else company._service_tz()
        start, end = period.bounds(tz)
        seen_at = as_of.taken_at if as_of else fields.Datetime.now()
        return CountingContext(
            company,
            start,
            min(end, seen_at),
            as_of._past_ledger() if as_of else None,
            as_of.excluded_until if as_of else None,
            period,
            as_of.taken_at if as_of else datetime.max,
            local_day(seen_at, tz),
            frozenset(columns_of(scopes)),
        )

    @api.model
    def _same_rows(self, indicator):
        """Return the key of what an indicator counts: those with the same share rows.

        What has no formula is counted by itself.
        """
        own = False if indicator.formula else indicator.id
        choices = indicator._declared().choices
        return (own, indicator.formula, *map(indicator._chosen, choices))

    @api.model
    def _count_rows(self, indicators, context, scopes):
        """Count indicators over the same rows; see :meth:`_count`."""
        place = len(columns_of(scopes))  # of the row that says which scope it is
        names = [scope for scope in scopes if scope != "company"]
        query = self._query(indicators, context, scopes)
        return [
            self._prepare_count(indicator, context, found, row[place + 1 :])
            for row in self.env.execute_query(query)
            if (found := _scope_of(context, names, row)) is not None
            and self._says_enough(indicators, found, row[place + 1])
            for indicator in indicators
        ]

    @api.model
    def _query(self, indicators, context, scopes):
        """Return the query that counts the rows of indicators in all scopes.

        :return: rows of the values of the scopes' columns, the number that says which
            of them were grouped by, and the numbers of :meth:`_prepare_count`
        """
        formulas = self.env["service.quality.formula"]
        columns = columns_of(scopes)
        sets = [SQL("(%s)", SQL.identifier(column)) for column in columns]
        if "company" in scopes:
            sets.append(SQL("()"))
        level = SQL(", ").join(SQL.identifier(column) for column in columns)
        wanted = set(indicators.mapped("summary"))
        return SQL(
            """
            WITH counted AS MATERIALIZED (%(rows)s)
            SELECT %(level)s %(grouping)s,
                   count(*) FILTER (WHERE %(counted)s) AS whole,
                   count(*) FILTER (WHERE %(counted)s AND hit) AS part,
                   count(*) FILTER (WHERE state = 'open') AS open,
                   count(*) FILTER (WHERE state = 'late') AS late,
                   count(*) FILTER (WHERE %(counted)s AND excluded) AS excluded,
                   count(*) FILTER (WHERE %(counted)s AND excluded AND hit)
                       AS excluded_part,
                   count(*) FILTER (WHERE %(counted)s AND by_hand) AS by_hand,
                   count(*) FILTER (WHERE %(counted)s AND by_hand AND hit)
                       AS by_hand_part,
                   count(*) FILTER (WHERE %(counted)s AND by_hand AND hit_computed)
                       AS computed_part,
                   count(*) FILTER (WHERE %(counted)s AND ticket_id IN (%(brought)s))
                       AS brought,
                   count(*) FILTER (WHERE %(counted)s AND offline) AS offline,
                   sum(value) FILTER (WHERE %(counted)s) AS total,
                   avg(goal) FILTER (WHERE %(counted)s) AS goal,
                   %(percentiles)s
              FROM counted
             GROUP BY GROUPING SETS (%(sets)s)
            """,
            rows=formulas._rows(indicators[0], context),
            brought=formulas._brought_later(context),
            level=SQL("%s,", level) if columns else SQL(),
            grouping=SQL("GROUPING(%s)", level) if columns else SQL("0"),
            counted=COUNTED,
            percentiles=SQL(", ").join(
                self._percentile(fraction if summary in wanted else None)
                for summary, fraction in PERCENTILES.items()
            ),
            sets=SQL(", ").join(sets),
        )

    @api.model
    def _says_enough(self, indicators, scope, whole):
        """Return False for how one person works, told from too few rows.

        :param scope: ``(scope, id)``
        :param whole: how many rows were counted
        """
        return (
            scope[0] != "engineer"
            or whole >= LEAST_OF_A_PERSON
            or not indicators[0]._declared().is_personal
        )

    @api.model
    def _percentile(self, fraction):
        """Return a percentile of the values, which are sorted only if it is wanted."""
        if fraction is None:
            return SQL("NULL::float")
        return SQL(
            "percentile_cont(%s) WITHIN GROUP (ORDER BY value) FILTER (WHERE %s)",
            fraction,
            COUNTED,
        )

    @api.model
    def _prepare_count(self, indicator, context, scope, numbers):
        """Return what was counted of one scope, from the numbers of its rows."""
        whole, part, still_open, late, out, out_part, *numbers = numbers
        by_hand, by_hand_part, computed_part, *numbers = numbers
        brought, offline, total, goal, *ranks = numbers
        percentiles = dict(zip(PERCENTILES, ranks, strict=True))
        value, numerator, denominator = self._summarise(
            indicator.summary, whole, part, total, percentiles
        )
        after = value
        if indicator.summary == "share" and out:
            after = share(part - out_part, whole - out)
        computed = value
        if indicator.summary == "share" and by_hand:
            computed = share(part - by_hand_part + computed_part, whole)
        return {
            "indicator_id": indicator.id,
            "company_id": context.company.id,
            "scope": scope[0],
            "scope_id": scope[1],
            "value": value,
            "has_value": value is not None,
            "numerator": numerator,
            "denominator": denominator,
            "open_count": still_open,
            "missed_open_count": late,
            "excluded_count": out,
            "value_after": after,
            "has_value_after": after is not None,
            "by_hand_count": by_hand,
            "value_computed": computed,
            "brought_count": brought,
            "offline_count": offline,
            "agreed_goal": goal,
        }

    @api.model
    def _summarise(self, summary, whole, part, total, percentiles):
        """Return value, numerator and denominator; no value where there is no data.

        Nothing is a number, too: of what is only counted, 0 is an answer.
        """
        if summary == "share":
            return share(part, whole), part, whole
        if summary == "per_thousand":
            base = whole - part
            return (1000 * part / base if base else None), part, base
        if summary == "count":
            return float(whole), whole, whole
        if not whole:
            return None, 0, 0
        total = float(total or 0)
        if summary == "sum":
            return total, total, whole
        if summary == "mean":
            return total / whole, total, whole
        return percentiles[summary], total, whole


def _scope_of(context, names, row):
    """Return the scope of a group: ``(scope, id)``, None where it has no record."""
    level = row[len(names)]
    if level == (1 << len(names)) - 1:
        return "company", context.company.id
    for place, name in enumerate(names):
        # GROUPING has a bit for each column, the first one highest, 0 if grouped by
        if not level >> (len(names) - 1 - place) & 1:
            return None if row[place] is None else (name, row[place])
    raise ValueError(level)
