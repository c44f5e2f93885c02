from odoo import api, models
from odoo.tools import SQL, ormcache

from odoo.addons.service_quality_core.models.service_quality_target import (
    metric_selection,
)

from ..tools.formula import Formula
from .counting_context import LABELS

USUAL = {
    "state": SQL("'counted'"),
    "hit": SQL("TRUE"),
    "value": SQL("NULL::float"),
    "goal": SQL("NULL::float"),
    "excluded": SQL("FALSE"),
    "by_hand": SQL("FALSE"),
    "hit_computed": SQL("FALSE"),
    "offline": SQL("FALSE"),
}
"""What a row is that a formula says nothing else of."""

NOT_OF_EVENTS = (
    "project_id", "agreement_id", "partner_id", "category_id", "process_id",
    "target_id",
)  # fmt: skip
NOT_OF_MEASUREMENTS = (
    "ticket_id", "team_id", "category_id", "process_id", "user_id", "target_id",
)  # fmt: skip
NOT_OF_PATROLS = (
    "ticket_id", "team_id", "agreement_id", "category_id", "process_id", "target_id",
)  # fmt: skip
"""The labels that their tables do not have."""


class ServiceQualityFormula(models.AbstractModel):
    """Declares the formulas of indicators, and gives the rows that each counts.

    Addons add a formula by ``_formulas`` and a method ``_rows_<code>(indicator,
    context)``: one query, whose rows have

    - ``res_id``, of the declared model, and ``ticket_id``
    - ``state``: counted; late (counted, and still open at the cut-off); open (neither
      over nor due, and in no rate)
    - ``hit``: in the numerator; ``value``: what means and percentiles are of
    - ``goal``: what the agreement asks for, percent; ``excluded``: by an approved
      exclusion
    - ``by_hand``: its deadline was set by hand; ``hit_computed``: it would be in the
      numerator by the computed one
    - ``offline``: a phone without a connection noted when it was kept or missed
    - the labels: company, team, project, agreement, customer, category, process,
      engineer and service target
    """

    _name = "service.quality.formula"
    _description = "Formulas of Indicators"

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @api.model
    def _formulas(self):
        """Return what indicators are counted by; addons add theirs.

        :return: dict of code to :class:`~..tools.formula.Formula`
        """
        _ = self.env._
        clock, span = "service.quality.clock", "service.quality.span"
        promised = {"is_for_customers": True, "choices": ("metric", "clock_kind")}
        told = {"is_for_customers": True}
        volume = {"section": "volume", "is_for_customers": True}
        event, record = "service.quality.event", {"section": "record"}
        return {
            "attainment": Formula(
                _("Met service targets"),
                clock,
                headline=10,
                is_excludable=True,
                has_agreed_goal=True,
                **promised,
            ),
            "clock_time": Formula(_("Working time used"), clock, **promised),
            "first_contact": Formula(
                _("Solved at first contact"), span, headline=50, **told
            ),
            "reopened": Formula(_("Reopened"), span, **told),
            "opened": Formula(_("Opened tickets"), span, **volume),
            "handled": Formula(_("Handled tickets"), span, **volume),
            "backlog": Formula(_("Open tickets and their age"), span, **volume),
            "no_agreement": Formula(_("Without agreement"), span),
            "wall_time": Formula(_("Time by holder"), span),
            "working_time": Formula(_("Working time by holder"), span),
            "escalations": Formula(
                _("Escalations"),
                "service.quality.escalation.alarm",
                choices=("recipient",),
            ),
            "voids": Formula(_("Voided rows"), event),
            "late_entries": Formula(
                _("Entered later"), event, is_personal=True, **record
            ),
            "late_imports": Formula(_("Imported later"), event, **record),
            "late_phones": Formula(_("Sent later by phones"), event, **record),
            "silent_pauses": Formula(_("Pauses without a message"), span, **record),
            "reopenings": Formula(_("Resolved, then reopened"), span, **record),
            "cancelled_worked": Formula(
                _("Cancelled after work or late"), span, **record
            ),
            "patrols": Formula(
                _("Patrols made in time"),
                "service.quality.patrol",
                section="measured",
                is_for_customers=True,
                is_entered=True,
            ),
        }

    @api.model
    def _sections(self):
        """Return the sections of reports that tell indicators; addons add theirs.

        :return: dict of code to (rank, label)
        """
        _ = self.env._
        return {
            "figure": (10, _("Figures")),
            "measured": (30, _("Measured targets")),
            "volume": (60, _("Volumes")),
            "record": (70, _("Keeping of the record")),
        }

    @api.model
    @ormcache()
    def _formulas_kept(self):
        """Return :meth:`_formulas`, kept: all but the labels is of any language."""
        return self._formulas()

    @api.model
    def _codes_with(self, attribute):
        """Return the codes of the formulas that declare an attribute."""
        formulas = self._formulas_kept().items()
        return [code for code, declared in formulas if getattr(declared, attribute)]

    @api.model
    def _rows(self, indicator, context):
        """Return the query of the rows that an indicator counts."""
        indicator._check_known()
        rows = getattr(self, f"_rows_{indicator._counted_by()}")
        return rows(indicator, context)

    @api.model
    def _entered_at(self, indicators, company, period):
        """Return when rows of a period were entered last, of indicators with such rows.

        :return: dict of indicator to an instant, naive UTC; none where there is no row
        """
        found = {}
        for code, some in indicators.grouped(lambda one: one._counted_by()).items():
            found |= getattr(self, f"_entered_{code}")(some, company, period)
        return found

    # ------------------------------------------------------------------
    # Formulas over clocks
    # ------------------------------------------------------------------

    @api.model
    def _rows_attainment(self, indicator, context):
        """Return the promises that were to be kept by then (ISO/IEC 20000-1, 8.3.3).

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
                by_hand=SQL("clock.deadline_set"),
                hit_computed=SQL(
                    "clock.part = 'counted'"
                    " AND COALESCE(clock.stopped_at <= clock.deadline_computed, FALSE)"
                ),
                offline=self._is_noted_offline(context),
                at=SQL("COALESCE(clock.judged_at, clock.deadline)"),
            ),
        )

    @api.model
    def _rows_clock_time(self, indicator, context):
        """Return the working hours until a promise was kept, by when it was kept."""
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
    # Formulas over alarms and voided rows
    # ------------------------------------------------------------------

    @api.model
    def _rows_escalations(self, indicator, context):
        """Return the alarms raised in the period to people, of one level or all."""
        level = SQL("alarm.recipient IS NOT NULL")
        if recipient := indicator._chosen("recipient"):
            level = SQL("alarm.recipient = %s", recipient)
        return SQL(
            """
            SELECT %(columns)s
              FROM service_quality_escalation_alarm AS alarm
              JOIN helpdesk_ticket AS ticket ON ticket.id = alarm.ticket_id
              LEFT JOIN service_quality_agreement AS agreement
                ON agreement.id = alarm.agreement_id
             WHERE alarm.company_id = %(company)s
               AND alarm.fired_at >= %(start)s AND alarm.fired_at < %(cut)s
               AND alarm.outcome <> 'repeated' AND %(level)s
            """,
            level=level,
            company=context.company.id,
            start=context.start,
            cut=context.cut,
            columns=self._row_columns(
                "alarm",
                without=("category_id", "process_id", "user_id"),
                project_id=SQL("agreement.project_id"),
            ),
        )

    @api.model
    def _rows_voids(self, indicator, context):
        """Return the rows of the ledger voided in the period, each to be explained."""
        return SQL(
            """
            SELECT %(columns)s
              FROM service_quality_event AS event
             WHERE event.company_id = %(company)s AND event.kind = 'voided'
               AND event.recorded_at >= %(start)s AND event.recorded_at < %(cut)s
               AND %(known)s
            """,
            known=context.known("event"),
            company=context.company.id,
            start=context.start,
            cut=context.cut,
            columns=self._row_columns("event", without=NOT_OF_EVENTS),
        )

    # ------------------------------------------------------------------
    # Formulas over when rows were entered
    # ------------------------------------------------------------------

    @api.model
    def _rows_late_entries(self, indicator, context):
        """Return what people entered in the period; hit is what they entered later.

        A row counts when it was entered, whenever it happened, and stays counted when
        it is voided. Later is more than the minutes after it happened that the company
        had set when it was entered. Engineer is whoever entered it. Rows of imports,
        other programs and phones without a connection, of mail and the portal, and
        what follows from a row by itself are not in it: see :meth:`_entered_kinds`.
        """
        return self._entries(context, ("user",), hit=self._is_late_entry(context))

    @api.model
    def _rows_late_imports(self, indicator, context):
        """Return the rows that imports and other programs entered later.

        Later is as :meth:`_rows_late_entries` says, whose rate they are apart from; no
        person is measured by them.
        """
        return self._late_apart(context, ("import", "migration", "rpc"))

    @api.model
    def _rows_late_phones(self, indicator, context):
        """Return the rows that phones noted in time, and sent later once connected."""
        return self._late_apart(context, ("offline",))

    @api.model
    def _entered_kinds(self):
        """Return the kinds of rows that people enter; addons add theirs.

        Rows that follow from these by themselves, as a call that is due, are of other
        kinds, and so are those that take back others, or say what holds from now on.
        """
        return (
            "opened", "phase", "assigned", "responded", "updated", "arrived",
            "departed", "noted",
        )  # fmt: skip

    @api.model
    def _late_apart(self, context, origins):
        nobody = {"user_id": SQL("NULL::int")}
        return self._entries(context, origins, self._is_late_entry(context), **nobody)

    @api.model
    def _entries(self, context, origins, condition=None, **own):
        """Return the rows of some origins that were entered in the period."""
        return SQL(
            """
            SELECT %(columns)s
              FROM service_quality_event AS event
             WHERE event.company_id = %(company)s
               AND event.recorded_at >= %(start)s AND event.recorded_at < %(cut)s
               AND event.origin = ANY(%(origins)s) AND event.kind = ANY(%(kinds)s)
               AND %(condition)s AND %(known)s
            """,
            condition=condition or SQL("TRUE"),
            known=context.known("event"),
            company=context.company.id,
            start=context.start,
            cut=context.cut,
            origins=list(origins),
            kinds=list(self._entered_kinds()),
            columns=self._row_columns("event", without=NOT_OF_EVENTS, **own),
        )

    @api.model
    def _is_late_entry(self, context):
        """Return the condition that a row was entered later than its limit allows."""
        first, *later = context.company._service_entry_limits()
        limit = SQL(" ").join(
            SQL("WHEN event.recorded_at >= %s::timestamp THEN %s", since, minutes)
            for since, minutes in reversed(later)  # of one second, the last one holds
        )
        return SQL(
            "event.recorded_at > event.at + make_interval(mins => %s)",
            SQL("CASE %s ELSE %s END", limit, first[1]) if later else first[1],
        )

    # ------------------------------------------------------------------
    # Formulas over what people enter
    # ------------------------------------------------------------------

    @api.model
    def _rows_measured(self, indicator, context):
        """Return values whose last day lies in the period; hit are those at goal."""
        return SQL(
            """
            SELECT %(columns)s
              FROM service_quality_measurement AS measurement
             WHERE measurement.indicator_id = %(indicator)s
               AND measurement.company_id = %(company)s
               AND measurement.date_to >= %(first)s AND measurement.date_to < %(end)s
               AND date_trunc('second', measurement.create_date) <= %(known)s
               AND (measurement.superseded_at IS NULL
                    OR measurement.superseded_at > %(known)s)
            """,
            indicator=indicator.id,
            company=context.company.id,
            first=context.period.start,
            end=context.period.end,
            known=context.known_at,
            columns=self._row_columns(
                "measurement",
                without=NOT_OF_MEASUREMENTS,
                hit=SQL("NOT measurement.is_missed"),
                value=SQL("measurement.value::float"),
                goal=SQL("NULLIF(measurement.goal, 0)::float"),
            ),
        )

    @api.model
    def _entered_measured(self, indicators, company, period):
        """Return when values were entered last; see :meth:`_entered_at`."""
        found = self.env["service.quality.measurement"]._read_group(
            [
                ("company_id", "=", company.id),
                ("indicator_id", "in", indicators.ids),
                ("date_to", ">=", period.start),
                ("date_to", "<", period.end),
            ],
            ["indicator_id"],
            ["create_date:max"],
        )
        return dict(found)

    @api.model
    def _rows_patrols(self, indicator, context):
        """Return patrols planned in the period; in time on their day or before.

        Dropped ones count as not made; those still ahead stand apart.
        """
        return SQL(
            """
            SELECT %(columns)s
              FROM service_quality_patrol AS patrol
              JOIN service_quality_project AS project ON project.id = patrol.project_id
             WHERE patrol.company_id = %(company)s
               AND patrol.date_planned >= %(first)s AND patrol.date_planned < %(end)s
            """,
            company=context.company.id,
            first=context.period.start,
            end=context.period.end,
            columns=self._row_columns(
                "patrol",
                without=NOT_OF_PATROLS,
                state=self._patrol_state(context),
                hit=SQL(
                    "COALESCE(patrol.in_time AND patrol.done_at <= %s, FALSE)",
                    context.known_at,
                ),
                partner_id=SQL("project.partner_id"),
            ),
        )

    @api.model
    def _entered_patrols(self, indicators, company, period):
        """Return when patrols were reported last; see :meth:`_entered_at`."""
        [(reported_at,)] = self.env["service.quality.patrol"]._read_group(
            [
                ("company_id", "=", company.id),
                ("date_planned", ">=", period.start),
                ("date_planned", "<", period.end),
            ],
            [],
            ["write_date:max"],
        )
        return dict.fromkeys(indicators, reported_at) if reported_at else {}

    @api.model
    def _patrol_state(self, context):
        """Return the expression of whether a patrol counts, as it was known then."""
        return SQL(
            """
            CASE WHEN patrol.done_at <= %(known)s
                   OR patrol.drop_reason IS NOT NULL THEN 'counted'
                 WHEN patrol.date_planned < %(today)s THEN 'late'
                 ELSE 'open' END
            """,
            known=context.known_at,
            today=context.today,
        )

    # ------------------------------------------------------------------
    # Parts of queries
    # ------------------------------------------------------------------

    @api.model
    def _row_columns(self, alias, without=(), **own):
        """Return the columns of a counted row: what is in a table, or is as usual.

        :param alias: of the table that has the ticket and the labels
        :param without: names of the labels that it does not have
        :param own: expressions by column, of what is not there or is another
        """
        there = {name: SQL.identifier(alias, name) for name in ("ticket_id", *LABELS)}
        there |= dict.fromkeys(without, SQL("NULL::int"))
        columns = {"res_id": SQL.identifier(alias, "id")} | there | USUAL | own
        return SQL(", ").join(
            SQL("%s AS %s", expression, SQL.identifier(name))
            for name, expression in columns.items()
        )

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
        """Return clocks with a verdict of the period; missed ones may still be open."""
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
        """Return clocks past their deadline, missed from then on (SLA case 27)."""
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
        """Return clocks neither over nor due at the cut-off, whatever came since."""
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
