from odoo import api, fields, models

from ...tools.core.period import Period
from ...tools.indicator.statistics import is_small, wilson

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
        help="The last day of the period.",
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
    note = fields.Char(compute="_compute_note")
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
    goal_text = fields.Char(string="Wanted", compute="_compute_goal_text")
    tolerance = fields.Float(readonly=True, aggregator="avg")
    goal_state = fields.Selection(
        GOAL_STATES, string="Status", readonly=True, default="no_goal"
    )

    # what it counts
    is_provisional = fields.Boolean(
        string="Provisional", readonly=True, help="The period was not over."
    )
    taken_at = fields.Datetime(string="Counted On", required=True, readonly=True)
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

    @api.depends("goal", "goal_low", "goal_state", "indicator_id.direction")
    @api.depends_context("lang")
    def _compute_goal_text(self):
        signs = {"higher": "≥ %s", "lower": "≤ %s"}
        for figure in self:
            indicator = figure.indicator_id
            goal = indicator._format(figure.goal)
            unset = figure.goal_state == "no_data" and not figure.goal
            if figure.goal_state == "no_goal" or unset:
                figure.goal_text = False
            elif indicator.direction == "range":
                low = indicator._format(figure.goal_low)
                figure.goal_text = f"{low} – {goal}"
            else:
                figure.goal_text = signs[indicator.direction] % goal

    @api.depends("is_small", "has_value", "is_provisional", "excluded_count")
    @api.depends_context("lang")
    def _compute_note(self):
        """Say beside a figure what a reader has to know of it."""
        for figure in self:
            notes = (
                figure.is_small and figure.has_value and self.env._("few counted"),
                figure.is_provisional and self.env._("provisional"),
                figure.excluded_count
                and self.env._("%s excluded", figure.excluded_count),
            )
            figure.note = ", ".join(note for note in notes if note)

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

    def _action_rows(self, part, process_id=None):
        """Open rows of the figure, of one process or of all."""
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
            process_id=process_id,
        )
        return action | {"name": self.display_name}

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

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
