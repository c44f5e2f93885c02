from odoo import api, models
from odoo.tools import SQL

from ..core.service_quality_target import metric_selection


class ServiceQualityCounting(models.AbstractModel):
    """Formulas over clocks: each counts once, in the period in which it was judged."""

    _inherit = "service.quality.counting"

    # ------------------------------------------------------------------
    # Formulas
    # ------------------------------------------------------------------

    @api.model
    def _rows_attainment(self, indicator, context):
        """Promises that were to be kept by then (ISO/IEC 20000-1, 8.3.3).

        A clock counts in the period of its verdict, one that is open past its deadline
        as missed in the period of the deadline; cancelled ones do not count. ``at``
        says when that is.
        """
        return SQL(
            """
            SELECT %(columns)s
              FROM (%(clocks)s) AS clock
            """,
            clocks=self._judged_clocks(indicator, context),
            columns=self._row_columns(
                "clock",
                state=SQL("clock.part"),
                hit=SQL("clock.part = 'counted' AND clock.verdict = 'met'"),
                goal=SQL("clock.goal"),
                excluded=SQL("clock.excluded"),
                at=SQL("COALESCE(clock.judged_at, clock.deadline)"),
            ),
        )

    @api.model
    def _rows_clock_time(self, indicator, context):
        """Working hours used until what was promised was done, by when it was done."""
        return SQL(
            """
            SELECT %(columns)s
              FROM %(clock)s AS clock
              LEFT JOIN service_quality_agreement AS agreement
                ON agreement.id = clock.agreement_id
             WHERE clock.company_id = %(company)s
               AND clock.metric = ANY(%(metrics)s)
               AND clock.kind = ANY(%(kinds)s)
               AND clock.stopped_at >= %(start)s AND clock.stopped_at < %(cut)s
               AND clock.state = 'done' AND clock.counted
            """,
            clock=context.table("clock"),
            columns=self._row_columns(
                "clock",
                value=SQL("clock.elapsed_seconds / 3600.0::float"),
                project_id=SQL("agreement.project_id"),
            ),
            **self._clock_conditions(indicator, context),
        )

    # ------------------------------------------------------------------
    # Parts of queries
    # ------------------------------------------------------------------

    @api.model
    def _judged_clocks(self, indicator, context, metrics=None):
        """Return the query of clocks that are judged in a period, or open at its end.

        ``part`` tells them apart: counted; late, which is missed and was still open
        at the cut-off; open, which is neither over nor due.
        """
        conditions = self._clock_conditions(indicator, context)
        if metrics:
            conditions["metrics"] = metrics
        own = SQL(
            "clock.company_id = %(company)s AND clock.metric = ANY(%(metrics)s)"
            " AND clock.kind = ANY(%(kinds)s) AND clock.counted",
            **conditions,
        )
        return SQL(
            """
            SELECT clock.*,
                   target.goal_percent::float AS goal,
                   agreement.project_id,
                   %(excluded)s AS excluded
              FROM (%(judged)s UNION ALL %(overdue)s UNION ALL %(running)s) AS clock
              JOIN service_quality_target AS target ON target.id = clock.target_id
              LEFT JOIN service_quality_agreement AS agreement
                ON agreement.id = clock.agreement_id
            """,
            excluded=self._is_excluded(context),
            judged=self._clocks_judged(context, own),
            overdue=self._clocks_overdue(context, own),
            running=self._clocks_running(context, own),
        )

    @api.model
    def _is_excluded(self, context):
        """Return the condition that an exclusion of the clock was approved."""
        until = context.excluded_until
        return SQL(
            """
            EXISTS (SELECT 1
                      FROM service_quality_exclusion AS exclusion
                     WHERE exclusion.ticket_id = clock.ticket_id
                       AND exclusion.target_id = clock.target_id
                       AND exclusion.cycle = clock.cycle
                       AND exclusion.round = clock.round
                       AND exclusion.holder = clock.holder
                       AND exclusion.state = 'approved' AND %s)
            """,
            SQL("exclusion.decided_at <= %s", until) if until else SQL("TRUE"),
        )

    @api.model
    def _clocks_judged(self, context, own):
        """Clocks with a verdict of the period; missed ones may still be open."""
        return SQL(
            """
            SELECT clock.*,
                   CASE WHEN clock.verdict = 'missed'
                         AND (clock.stopped_at IS NULL OR clock.stopped_at >= %(cut)s)
                        THEN 'late' ELSE 'counted' END AS part
              FROM %(clock)s AS clock
             WHERE %(own)s
               AND clock.judged_at >= %(start)s AND clock.judged_at < %(cut)s
            """,
            own=own,
            clock=context.table("clock"),
            start=context.start,
            cut=context.cut,
        )

    @api.model
    def _clocks_overdue(self, context, own):
        """SLA case 27: clocks that run past their deadline are missed from then on."""
        return SQL(
            """
            SELECT clock.*, 'late' AS part
              FROM %(clock)s AS clock
             WHERE %(own)s AND clock.state IN ('running', 'paused')
               AND clock.verdict IS NULL
               AND clock.deadline >= %(start)s AND clock.deadline < %(cut)s
            """,
            own=own,
            clock=context.table("clock"),
            start=context.start,
            cut=context.cut,
        )

    @api.model
    def _clocks_running(self, context, own):
        """Clocks that were neither over nor due at the cut-off, if since then."""
        return SQL(
            """
            SELECT clock.*, 'open' AS part
              FROM %(clock)s AS clock
             WHERE %(own)s AND clock.state IN ('running', 'paused')
               AND clock.verdict IS NULL AND clock.started_at < %(cut)s
               AND (clock.deadline IS NULL OR clock.deadline >= %(cut)s)
             UNION ALL
            SELECT clock.*, 'open' AS part
              FROM %(clock)s AS clock
             WHERE %(own)s
               AND clock.judged_at >= %(cut)s AND clock.started_at < %(cut)s
            """,
            own=own,
            clock=context.table("clock"),
            cut=context.cut,
        )

    @api.model
    def _clock_conditions(self, indicator, context):
        """Return what clocks are chosen by: promises to customers unless one is named.

        Every metric is named where all count, so that the index is of use.
        """
        metric, kind = map(indicator._chosen, ("metric", "clock_kind"))
        return {
            "company": context.company.id,
            "metrics": [metric]
            if metric
            else [code for code, _label in metric_selection(self)],
            "kinds": [kind] if kind else ["sla", "house"],
            "start": context.start,
            "cut": context.cut,
        }
