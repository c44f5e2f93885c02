"""Takes figures; the model has this second file because of its length."""

import json
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.service_quality_core.models.arguments import Arguments
from odoo.addons.service_quality_core.models.roles import group_of
from odoo.addons.service_quality_core.tools.isolation import run_isolated
from odoo.addons.service_quality_core.tools.period import MONTHS, Period

from .counting_context import ALL_SCOPES, SCOPES
from .service_quality_figure import PROVED
from .service_quality_period_mixin import PERIOD_KINDS

KEY = (
    "indicator_id", "company_id", "period_kind", "date_from", "scope", "scope_id",
)  # fmt: skip

REFERENCES = ("team_id", "project_id", "agreement_id", "partner_id", "user_id")
"""What a figure refers to, for rules and groupings."""

WAS = tuple(f"{name}_before" for name in PROVED)


class ServiceQualityFigure(models.Model):
    """Takes figures: counts them once, and stores them in sets.

    Figures of a period that is over are closed. To take them again needs a reason, and
    each that comes out different keeps what it was (ISO 9001, 7.5.3: control of
    documented information).
    """

    _inherit = "service.quality.figure"

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @api.model
    def take_period(self, kind, date_from, reason=None):
        """Take all figures of a period of the current company again.

        As after an import of history. Figures of reports that were sent stay there.

        :param kind: month, quarter, half or year
        :param date_from: its first day, as date or text ``YYYY-MM-DD``
        :param reason: text; why closed figures are taken again, kept with those that
            come out different
        :return: how many figures there are
        :raise AccessError: for users who are not of the quality department
        :raise UserError: for a day on which no such period begins, a future one, or
            closed figures and no reason
        """
        if not self.env.user.has_group(group_of("quality")):
            raise AccessError(
                self.env._("Figures are taken anew by the quality department.")
            )
        given = Arguments(self.env)
        kind = given.choice("kind", kind, PERIOD_KINDS)
        day = given.date("date_from", date_from)
        reason = given.reason("reason", reason)
        try:
            period = Period(kind, day)
        except ValueError as error:
            raise UserError(
                self.env._(
                    "No period of the kind %(kind)s begins on %(day)s. Give the first "
                    "day of a month, quarter, half-year or year.",
                    kind=kind,
                    day=date_from,
                )
            ) from error
        if period.start > self.env.company._service_day():
            raise UserError(
                self.env._("%s has not begun: there is nothing to count.", period.label)
            )
        # users do not write figures
        return len(self.sudo()._take(self.env.company, period, reason=reason))

    @api.model
    def _take(
        self,
        company,
        period,
        indicators=None,
        scopes=ALL_SCOPES,
        reason=None,
        asks_why=True,
    ):
        """Count indicators over a period and store what comes out, for all scopes.

        What was taken before is overwritten, so that nothing is there twice; a scope
        that has nothing to count any more is left with no data. Figures that are
        closed are overwritten for a reason, and keep what they were.

        :param company: record
        :param period: :class:`~..tools.period.Period`
        :param indicators: records; all that are counted for the company
        :param reason: text, why closed figures are taken again
        :param asks_why: whether a deviation is raised for what is beyond its goal
        :return: the figures
        :raise UserError: for closed figures and no reason
        """
        Indicator = self.env["service.quality.indicator"]
        if indicators is None:
            indicators = Indicator._of_company(company)
        indicators = indicators._known()
        closed = self._closed(company, period, indicators)
        closed._check_reason(reason)
        before = closed._proved()
        if not company.service_engineer_figures:
            scopes = tuple(scope for scope in scopes if scope != "engineer")
        stamp = self._stamp(company, period)
        found = self.env["service.quality.counting"]._count(
            indicators, company, period, scopes
        )
        figures = self._store(company, period, indicators, scopes, found, stamp)
        self._keep_corrections(before, reason)
        if asks_why:
            self.env["service.quality.deviation"]._raise_for(figures)
        return figures

    @api.model
    def _take_past(self, company, periods):
        """Take the figures that are missing of periods long over, imported history too.

        What is compared with the past needs them, whoever had them taken or not. Nobody
        is asked why a goal was missed then.

        :param periods: list of :class:`~..tools.period.Period` of one kind
        """
        first, now = self._first_day(company), fields.Datetime.now()
        tz = company._service_tz()
        periods = [
            one
            for one in periods
            if first and one.last >= first and one.bounds(tz)[1] <= now
        ]
        every = self.env["service.quality.indicator"]._of_company(company)
        closed = self._closed_by_period(company, periods)
        for period in periods:  # each once, in a few queries
            missing = every - closed.get(period, every.browse())
            if missing:
                self._take(company, period, missing, asks_why=False)
        self._take_imported_since(company, periods)

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _stamp(self, company, period):
        """Return what of the ledger is seen now, and when now is."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT GREATEST((SELECT max(id) FROM service_quality_event),
                            (SELECT max(id) FROM service_quality_clock_change)),
                   pg_current_snapshot()::text, pg_current_xact_id()::text
            """
        )
        ledger_id, snapshot, xid = self.env.cr.fetchone()
        now, tz = fields.Datetime.now(), company._service_tz()
        return {
            "period_kind": period.kind,
            "date_from": period.start,
            "date_to": period.last,
            "is_provisional": now < period.bounds(tz)[1],
            "taken_at": now,
            "tz": tz,
            "ledger_id": ledger_id or 0,
            "ledger_snapshot": snapshot,
            "ledger_xid": xid,
            "excluded_until": now,
        }

    @api.model
    def _store(self, company, period, indicators, scopes, found, stamp):
        """Write what was counted, in one statement; see :meth:`_take`."""
        own = self.with_context(lang=company._service_lang())
        references = own._references(found)
        rows = [
            stamp | values | references[values["scope"], values["scope_id"]]
            for values in found
            # the ledger outlives contacts and categories: of what is gone none is told
            if (values["scope"], values["scope_id"]) in references
        ]
        goals = self.env["service.quality.indicator.target"]._goals(
            indicators, company, period
        )
        for row in rows:
            row.update(goals.judge(row))
        self._empty(company, period, indicators, scopes)
        if rows:
            self._upsert(rows)
        self.invalidate_model(flush=False)
        domain = self._taken_domain(company, period, indicators)
        return self.search(domain & Domain("scope", "in", scopes))

    @api.model
    def _taken_domain(self, company, period, indicators):
        return (
            Domain("company_id", "=", company.id)
            & Domain("period_kind", "=", period.kind)
            & Domain("date_from", "=", period.start)
            & Domain("indicator_id", "in", indicators.ids)
        )

    @api.model
    def _empty(self, company, period, indicators, scopes):
        """Take the numbers out of figures that are about to be taken again."""
        self.env.cr.execute(
            """
            UPDATE service_quality_figure
               SET value = NULL, has_value = FALSE, numerator = 0, denominator = 0,
                   open_count = 0, missed_open_count = 0, excluded_count = 0,
                   value_after = NULL, has_value_after = FALSE, by_hand_count = 0,
                   value_computed = NULL, brought_count = 0, offline_count = 0,
                   goal_state = 'no_data'
             WHERE company_id = %s AND period_kind = %s AND date_from = %s
               AND indicator_id = ANY(%s) AND scope = ANY(%s)
            """,
            [company.id, period.kind, period.start, indicators.ids, list(scopes)],
        )

    @api.model
    def _upsert(self, rows):
        """Insert figures, or write over those that are there."""
        names = list(rows[0])
        columns = SQL(", ").join(map(SQL.identifier, names))
        updates = SQL(", ").join(
            SQL("%s = excluded.%s", SQL.identifier(name), SQL.identifier(name))
            for name in names
            if name not in KEY
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO service_quality_figure (%(columns)s)
                SELECT %(columns)s
                  FROM json_populate_recordset(
                       NULL::service_quality_figure, %(rows)s::json)
                    ON CONFLICT (%(key)s) DO UPDATE SET %(updates)s
                """,
                columns=columns,
                rows=json.dumps(rows, default=str),
                key=SQL(", ").join(map(SQL.identifier, KEY)),
                updates=updates,
            )
        )

    @api.model
    def _references(self, found):
        """Return the name and the references of every scope that was counted.

        Names are in the language of the context, for all who read the figures.

        :return: dict of (scope, id) to a dict of values; without what is gone
        """
        wanted = {}
        for values in found:
            wanted.setdefault(values["scope"], set()).add(values["scope_id"])
        references = {}
        for scope, ids in wanted.items():
            # the names are stored for all readers of the figure
            Model = self.env[SCOPES[scope].model].sudo()
            records = Model.with_context(active_test=False).browse(ids)
            for record in records.exists():  # one query per scope
                references[scope, record.id] = self._prepare_references(scope, record)
        return references

    @api.model
    def _prepare_references(self, scope, record):
        """Return the values by which a figure knows its scope's record."""
        values, column = dict.fromkeys(REFERENCES), SCOPES[scope].column
        values["scope_name"] = record.display_name
        if column in REFERENCES:
            values[column] = record.id
        agreement = {"agreement": record, "target": getattr(record, "agreement_id", 0)}
        if scope in agreement:
            values["agreement_id"] = agreement[scope].id or None
            values["project_id"] = agreement[scope].project_id.id or None
        return values

    # ------------------------------------------------------------------
    # Closed figures
    # ------------------------------------------------------------------

    @api.model
    def _closed(self, company, period, indicators):
        """Return the figures of a period that were taken after it was over."""
        domain = self._taken_domain(company, period, indicators)
        return self.search(domain & Domain("is_provisional", "=", False))

    def _check_reason(self, reason):
        """Refuse to take closed figures again without a reason."""
        if self and not (reason or "").strip():
            raise UserError(
                self.env._(
                    "The figures of %s are closed. Say why they are taken anew: what "
                    "comes out different is kept with the reason.",
                    self[0].period,
                )
            )

    def _proved(self):
        """Return the stored numbers of figures, a list by id."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id, %s FROM service_quality_figure WHERE id = ANY(%s)",
                SQL(", ").join(map(SQL.identifier, PROVED)),
                self.ids,
            )
        )
        return {row[0]: [number or 0 for number in row[1:]] for row in rows}

    @api.model
    def _keep_corrections(self, before, reason):
        """Record what closed figures were that have come out different.

        :param before: dict of :meth:`_proved`
        """
        now = fields.Datetime.now()
        after = self.browse(before)._proved()
        self.env["service.quality.figure.correction"].create(
            [
                {
                    "figure_id": figure_id,
                    "corrected_at": now,
                    "user_id": self.env.uid,
                    "reason": reason,
                    **dict(zip(WAS, kept, strict=True)),
                    **dict(zip(PROVED, after[figure_id], strict=True)),
                }
                for figure_id, kept in before.items()
                if kept != after[figure_id]
            ]
        )

    # ------------------------------------------------------------------
    # The past
    # ------------------------------------------------------------------

    @api.model
    def _first_day(self, company):
        """Return the first day that anything is known of, None of a new company."""
        tickets = self.env["helpdesk.ticket"].with_context(active_test=False)
        opened = tickets.search(
            [("company_id", "=", company.id), ("service_opened_at", "!=", False)],
            order="service_opened_at",
            limit=1,
        ).service_opened_at
        measured = self.env["service.quality.measurement"].search(
            [("company_id", "=", company.id)], order="date_to", limit=1
        )
        days = [measured.date_to, opened and company._service_day(opened)]
        return min(filter(None, days), default=None)

    @api.model
    def _closed_by_period(self, company, periods):
        """Return the indicators of which closed figures are there, by period."""
        found = self._read_group(
            Domain("company_id", "=", company.id)
            & Domain("scope", "=", "company")
            & Domain("is_provisional", "=", False)
            & Domain("period_kind", "in", {one.kind for one in periods})
            & Domain("date_from", "in", [one.start for one in periods]),
            ["period_kind", "date_from:day"],
            ["indicator_id:recordset"],
        )
        return {Period(kind, start): indicators for kind, start, indicators in found}

    @api.model
    def _take_imported_since(self, company, periods):
        """Take closed figures again of periods whose history was imported since."""
        for period in self._imported_since(company, periods):
            own = self.with_context(lang=company._service_lang())
            reason = own.env._("History that was imported after the period")
            self._take(company, period, reason=reason, asks_why=False)

    @api.model
    def _imported_since(self, company, periods):
        """Return the periods of which rows were imported after figures were closed."""
        counted = {
            Period(kind, start): ledger_id
            for kind, start, ledger_id in self._read_group(
                Domain("company_id", "=", company.id)
                & Domain("scope", "=", "company")
                & Domain("is_provisional", "=", False)
                & Domain("indicator_id.source", "=", "ledger")
                & Domain("period_kind", "in", {one.kind for one in periods})
                & Domain("date_from", "in", [one.start for one in periods]),
                ["period_kind", "date_from:day"],
                ["ledger_id:min"],
            )
        }
        known = [period for period in periods if period in counted]
        bounds = [period.bounds(company._service_tz()) for period in known]
        found = self.env.execute_query(
            SQL(
                """
                SELECT place
                  FROM unnest(%(starts)s::timestamp[], %(ends)s::timestamp[],
                              %(rows)s::int[])
                       WITH ORDINALITY AS period (start, stop, ledger_id, place)
                 WHERE EXISTS (
                       SELECT 1 FROM service_quality_event AS event
                        WHERE event.company_id = %(company)s
                          AND event.at >= period.start AND event.at < period.stop
                          AND event.id > period.ledger_id
                          AND event.origin IN ('import', 'migration'))
                 ORDER BY place
                """,
                starts=[start for start, _end in bounds],
                ends=[end for _start, end in bounds],
                rows=[counted[period] for period in known],
                company=company.id,
            )
        )
        return [known[place - 1] for (place,) in found]

    # ------------------------------------------------------------------
    # What people enter
    # ------------------------------------------------------------------

    @api.model
    def _take_entered_since(self, company, period):
        """Take closed figures again whose rows people entered since.

        Availability of a month is read when it is over, and patrols are reported
        after they were made: such figures follow what was entered.
        """
        indicators = self._entered_since(company, period)
        if indicators:
            own = self.with_context(lang=company._service_lang())
            reason = own.env._("Measured values that came in after the period")
            self._take(company, period, indicators, reason=reason)

    @api.model
    def _entered_since(self, company, period):
        """Return indicators of which something was entered since they were taken."""
        formulas = self.env["service.quality.formula"]
        entered = formulas._codes_with("is_entered")
        figures = self.search(
            Domain("company_id", "=", company.id)
            & Domain("period_kind", "=", period.kind)
            & Domain("date_from", "=", period.start)
            & Domain("scope", "=", "company")
            & (
                Domain("indicator_id.source", "=", "measured")
                | Domain("indicator_id.formula", "in", entered)
            )
        )
        moments = formulas._entered_at(figures.indicator_id, company, period)
        since = figures.filtered(
            lambda one: (
                one.indicator_id in moments
                and moments[one.indicator_id] >= one.taken_at
            )
        )
        return since.indicator_id

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.model
    def _cron_take_figures(self):
        """Take the figures of the periods that run, and of those that have just ended.

        It runs daily. What a run leaves behind the next one takes, also where the job
        was off for months: a closed period is taken once, a running one each day.
        Measured values that came in for a closed one are taken as well.
        """
        work = []
        for company in self.env["res.company"].search([]):
            plan = partial(self._plan_taking, company, work)
            run_isolated(self.env.cr, f"plan of the figures of {company.name}", plan)
        for left, (take, company, period) in zip(
            range(len(work) - 1, -1, -1), work, strict=True
        ):
            what = f"figures of {company.name}, {period.label}"
            run_isolated(self.env.cr, what, partial(take, company, period))
            if not self.env["ir.cron"]._commit_progress(1, remaining=left):
                return

    @api.model
    def _plan_taking(self, company, work):
        """Add to a list what there is to take for a company.

        :param work: list of tuples ``(method, company, period)``
        """
        for take, periods in (
            (self._take, self._periods_to_take(company)),
            (self._take_entered_since, self._periods_ended(company)),
        ):
            work += [(take, company, period) for period in periods]

    @api.model
    def _periods_to_take(self, company):
        """Return the periods that are taken by themselves: none that is closed."""
        periods = self._periods_ended(company) + self._periods_running(company)
        closed = self._read_group(
            [
                ("company_id", "=", company.id),
                ("scope", "=", "company"),
                ("is_provisional", "=", False),
                ("date_from", "in", [period.start for period in periods]),
            ],
            ["period_kind", "date_from:day"],
        )
        known = {(kind, start) for kind, start in closed}
        return [period for period in periods if tuple(period) not in known]

    @api.model
    def _periods_running(self, company):
        """Return the period of each kind that runs where the company is."""
        today = company._service_day()
        return [Period.around(kind, today) for kind in MONTHS]

    @api.model
    def _periods_ended(self, company):
        """Return the periods of each kind that ended since figures were last taken."""
        last = dict(
            self._read_group(
                [
                    ("company_id", "=", company.id),
                    ("scope", "=", "company"),
                    ("is_provisional", "=", False),
                ],
                ["period_kind"],
                ["date_from:max"],
            )
        )
        return [
            period
            for kind in MONTHS
            for period in company._service_periods_ended(kind, last.get(kind))
        ]
