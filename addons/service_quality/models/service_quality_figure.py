import json

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.period import MONTHS, Period
from ..tools.statistics import is_small, wilson
from .counting_scene import SCOPE_COLUMNS, SCOPES
from .past_ledger import PastLedger

SCOPE_NAMES = [
    ("company", "Company"),
    ("department", "Department"),
    ("project", "Service project"),
    ("agreement", "Agreement"),
    ("customer", "Customer"),
    ("category", "Category"),
    ("process", "Process"),
    ("engineer", "Engineer"),
    ("target", "Service target"),
]

PERIOD_KINDS = [
    ("month", "Month"),
    ("quarter", "Quarter"),
    ("half", "Half-year"),
    ("year", "Year"),
]

GOAL_STATES = [
    ("on_target", "On target"),
    ("tolerated", "Tolerated"),
    ("beyond", "Beyond tolerance"),
    ("no_data", "No data"),
    ("no_goal", "No goal"),
]

KEY = (
    "indicator_id", "company_id", "period_kind", "date_from", "scope", "scope_id",
)  # fmt: skip

STAMP = (
    "company_id", "period_kind", "date_from", "taken_at", "ledger_id",
    "ledger_snapshot", "excluded_until",
)  # fmt: skip
"""What figures have in common that were taken together."""

AFTER = ("excluded_count", "value_after", "has_value_after")

EXCLUDABLE = ("attainment", "call_attempted", "call_reached")
"""Formulas over clocks of which misses can be excluded."""

REFERENCES = {
    "department": "team_id",
    "project": "project_id",
    "agreement": "agreement_id",
    "customer": "partner_id",
    "engineer": "user_id",
}
"""The scopes whose records a figure refers to, for rules and groupings."""


class ServiceQualityFigure(models.Model):
    """Regulation A4.2.2: an indicator's figure of a period and scope, as it was taken.

    It says what of the ledger it counts, so that it can be counted again: the highest
    row and the transactions that were seen.
    """

    _name = "service.quality.figure"
    _description = "Figure"
    _order = "date_from desc, indicator_id, scope, scope_name, id"
    _log_access = False

    indicator_id = fields.Many2one(
        "service.quality.indicator",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict"
    )
    period_kind = fields.Selection(PERIOD_KINDS, required=True, readonly=True)
    date_from = fields.Date(string="Period From", required=True, readonly=True)
    date_to = fields.Date(
        string="Period To",
        required=True,
        readonly=True,
        help="The first day that no longer belongs to it.",
    )
    period = fields.Char(compute="_compute_period")

    # of whom
    scope = fields.Selection(SCOPE_NAMES, required=True, readonly=True)
    scope_id = fields.Integer(
        string="Scope Record", required=True, readonly=True, aggregator=None
    )
    scope_name = fields.Char(string="Of", readonly=True)
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Department",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    project_id = fields.Many2one(
        "service.quality.project",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Also of a figure of an agreement or target of the project.",
    )
    agreement_id = fields.Many2one(
        "service.quality.agreement",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Also of a figure of one of its targets.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Engineer",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )

    # what was counted
    value = fields.Float(readonly=True, aggregator="avg")
    has_value = fields.Boolean(
        readonly=True, help="No data is no value, neither 0 nor 100 %."
    )
    value_text = fields.Char(string="Figure", compute="_compute_value_text")
    numerator = fields.Float(readonly=True)
    denominator = fields.Float(string="Counted", readonly=True)
    open_count = fields.Integer(
        string="Open",
        readonly=True,
        help="Neither over nor due at the end of the period: in no rate.",
    )
    missed_open_count = fields.Integer(
        string="Missed and Open",
        readonly=True,
        help="Missed ones that were still open; they are counted.",
    )
    excluded_count = fields.Integer(string="Excluded", readonly=True)
    value_after = fields.Float(
        string="After Exclusions", readonly=True, aggregator="avg"
    )
    has_value_after = fields.Boolean(readonly=True)
    low = fields.Float(string="From (95 %)", compute="_compute_interval")
    high = fields.Float(string="To (95 %)", compute="_compute_interval")
    is_small = fields.Boolean(
        string="Few",
        compute="_compute_interval",
        help="Fewer than 30 were counted: chance has a large part in it.",
    )

    # what was wanted
    agreed_goal = fields.Float(
        readonly=True,
        aggregator="avg",
        help="What the agreements ask for of what was counted, in percent.",
    )
    goal = fields.Float(readonly=True, aggregator="avg")
    goal_low = fields.Float(readonly=True, aggregator="avg")
    tolerance = fields.Float(readonly=True, aggregator="avg")
    goal_state = fields.Selection(
        GOAL_STATES, string="Status", readonly=True, default="no_goal"
    )

    # what it counts
    is_provisional = fields.Boolean(
        string="Provisional", readonly=True, help="The period was not over."
    )
    taken_at = fields.Datetime(required=True, readonly=True)
    tz = fields.Char(string="Time Zone", required=True, readonly=True)
    ledger_id = fields.Integer(
        string="Last Row of the Ledger", readonly=True, aggregator=None
    )
    ledger_snapshot = fields.Char(string="Transactions Seen", readonly=True)
    ledger_xid = fields.Char(string="Own Transaction", readonly=True)
    excluded_until = fields.Datetime(
        string="Exclusions Until", readonly=True, help="Approved ones up to then."
    )

    _key_uniq = models.UniqueIndex(
        "(indicator_id, company_id, period_kind, date_from, scope, scope_id)",
        "There is one figure of an indicator for each period and scope.",
    )
    _scope_idx = models.Index("(company_id, period_kind, date_from, scope, scope_id)")

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("period_kind", "date_from")
    def _compute_period(self):
        for figure in self:
            figure.period = figure._period().label

    @api.depends("indicator_id", "scope_name", "period")
    def _compute_display_name(self):
        for figure in self:
            figure.display_name = " · ".join(
                part
                for part in (
                    figure.indicator_id.name,
                    figure.scope_name,
                    figure.period,
                )
                if part
            )

    @api.depends("value", "has_value", "indicator_id.unit", "indicator_id.summary")
    @api.depends_context("lang")
    def _compute_value_text(self):
        for figure in self:
            value = figure.value if figure.has_value else None
            figure.value_text = figure.indicator_id._format(value)

    @api.depends("numerator", "denominator", "indicator_id.summary")
    def _compute_interval(self):
        for figure in self:
            part, whole = round(figure.numerator), round(figure.denominator)
            is_share = figure.indicator_id.summary == "share"
            bounds = wilson(part, whole) if is_share else None
            figure.low, figure.high = bounds or (0.0, 0.0)
            figure.is_small = figure.indicator_id.summary not in (
                "count",
                "sum",
            ) and is_small(whole)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_rows(self):
        """Open the rows that the figure counts, as they were counted."""
        return self._action_rows("all")

    def action_open_missed(self):
        """Open the counted rows that are not in the numerator."""
        return self._action_rows("not_hit")

    def action_open_late(self):
        """Open the missed rows that were still open."""
        return self._action_rows("late")

    def action_open_open(self):
        """Open the rows that were neither over nor due."""
        return self._action_rows("open")

    def _action_rows(self, part):
        self.ensure_one()
        self.check_access("read")
        # the rows are counted for whoever may read the figure, and opened by their
        # own rules
        counting = self.env["service.quality.counting"].sudo()
        figure = self.sudo()  # it is read already
        action = counting._open_rows(
            figure.indicator_id,
            figure.company_id,
            figure._period(),
            figure.scope,
            figure.scope_id,
            part,
            as_of=figure,
        )
        return action | {"name": self.display_name}

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @api.model
    def _take(self, company, period, indicators=None, scopes=SCOPES):
        """Count indicators over a period and store what comes out, for all scopes.

        What was taken before is overwritten, so that nothing stands twice; a scope
        that has nothing to count any more is left with no data.

        :param company: record
        :param period: :class:`~..tools.period.Period`
        :param indicators: records; all that are counted for the company
        :return: the figures
        """
        if indicators is None:
            indicators = self.env["service.quality.indicator"]._of_company(company)
        indicators = indicators.filtered(lambda one: one.source == "ledger")
        if not company.service_engineer_figures:
            scopes = tuple(scope for scope in scopes if scope != "engineer")
        stamp = self._stamp(company, period)
        found = self.env["service.quality.counting"]._count(
            indicators, company, period, scopes
        )
        return self._store(company, period, indicators, scopes, found, stamp)

    @api.model
    def _trend(self, indicator, scope, scope_id, period, count=12):
        """Return the figures of a scope over the last periods, the oldest first.

        :param period: the last :class:`~..tools.period.Period`
        """
        return self.search(
            [
                ("indicator_id", "=", indicator.id),
                ("scope", "=", scope),
                ("scope_id", "=", scope_id),
                ("period_kind", "=", period.kind),
                ("date_from", ">=", period.shifted(1 - count).start),
                ("date_from", "<=", period.start),
            ],
            order="date_from",
        )

    def _period(self):
        """Return the :class:`~..tools.period.Period` of the figure."""
        self.ensure_one()
        return Period(self.period_kind, self.date_from)

    def _recount(self):
        """Count figures again from what the ledger knew when they were taken.

        Nothing is written. Figures that were taken together are counted together.

        :return: dict of figure to the dict of what was counted, empty where nothing was
        """
        found = {}
        for some in self._taken_together():
            counts = self.env["service.quality.counting"]._count(
                some.indicator_id, some.company_id, some[0]._period(), as_of=some[0]
            )
            by_key = {
                (one["indicator_id"], one["scope"], one["scope_id"]): one
                for one in counts
            }
            for figure in some:
                key = (figure.indicator_id.id, figure.scope, figure.scope_id)
                found[figure] = by_key.get(key, {})
        return found

    def _taken_together(self):
        """Return the figures in sets that one counting gave."""
        return self.grouped(
            lambda figure: tuple(figure[name] for name in STAMP)
        ).values()

    def _past_ledger(self):
        """Return the ledger as the figure saw it."""
        self.ensure_one()
        stamp = (self.ledger_id, self.ledger_snapshot, self.ledger_xid)
        return PastLedger(self.env, stamp)

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _count_exclusions(self, exclusions):
        """Count figures again that count misses of which exclusions were approved.

        Only the figure after exclusions changes: a miss stays a miss.
        """
        moments = [exclusion.judged_at for exclusion in exclusions]
        figures = self.search(
            [
                ("company_id", "in", exclusions.company_id.ids),
                ("indicator_id.formula", "in", EXCLUDABLE),
                ("date_from", "<=", max(moments)),
                ("date_to", ">=", min(moments)),
            ]
        )
        figures.excluded_until = fields.Datetime.now()
        for figure, counted in figures._recount().items():
            if counted:
                figure.write({name: counted[name] for name in AFTER})

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
            "date_to": period.end,
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
        references = self._references(found)
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
                   value_after = NULL, has_value_after = FALSE, goal_state = 'no_data'
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

        :return: dict of (scope, id) to a dict of values; without what is gone
        """
        wanted = {}
        for values in found:
            wanted.setdefault(values["scope"], set()).add(values["scope_id"])
        references = {}
        for scope, ids in wanted.items():
            model = SCOPE_COLUMNS[scope][1] if scope != "company" else "res.company"
            # names of what was counted, whoever counts; one query per scope
            records = self.env[model].sudo().with_context(active_test=False)
            for record in records.browse(ids).exists():
                references[scope, record.id] = self._prepare_references(scope, record)
        return references

    @api.model
    def _prepare_references(self, scope, record):
        """Return the values by which a figure knows its scope's record."""
        values = dict.fromkeys(REFERENCES.values())
        values["scope_name"] = record.display_name
        if scope in REFERENCES:
            values[REFERENCES[scope]] = record.id
        agreement = {"agreement": record, "target": getattr(record, "agreement_id", 0)}
        if scope in agreement:
            values["agreement_id"] = agreement[scope].id or None
            values["project_id"] = agreement[scope].project_id.id or None
        return values

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.model
    def _cron_take_figures(self):
        """Take the figures of the periods that run, and of those that have just ended.

        It runs daily. What a run leaves behind the next one takes: a closed period is
        taken once, a running one anew each day.
        """
        work = [
            (company, period)
            for company in self.env["res.company"].search([])
            for period in self._periods_to_take(company)
        ]
        for done, (company, period) in enumerate(work, start=1):
            self._take(company, period)
            if not self.env["ir.cron"]._commit_progress(1, remaining=len(work) - done):
                return

    @api.model
    def _periods_to_take(self, company):
        """Return the running periods of a company, after those not yet closed."""
        today = fields.Date.context_today(self.with_context(tz=company._service_tz()))
        running = [Period.around(kind, today) for kind in MONTHS]
        ended = [period.previous() for period in running]
        closed = self._read_group(
            [
                ("company_id", "=", company.id),
                ("scope", "=", "company"),
                ("is_provisional", "=", False),
                ("date_from", "in", [period.start for period in ended]),
            ],
            ["period_kind", "date_from:day"],
        )
        known = {(kind, start) for kind, start in closed}
        return [period for period in ended if tuple(period) not in known] + running
