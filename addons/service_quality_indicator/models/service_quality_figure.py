from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.tools.period import Period

from ..tools.cause import Place
from ..tools.statistics import is_small, judge, misses_goal, wilson
from .counting_context import ALL_SCOPES, SCOPE_NAMES
from .past_ledger import PastLedger
from .service_quality_period_mixin import PERIOD_KINDS

GOAL_STATES = [
    ("on_target", "On target"),
    ("tolerated", "Within tolerance"),
    ("beyond", "Beyond tolerance"),
    ("no_data", "No data"),
    ("no_goal", "No goal"),
]


PROVED = (
    "has_value", "value", "numerator", "denominator", "open_count",
    "missed_open_count",
)  # fmt: skip
"""What of a closed figure does not change without a reason."""

STAMP = (
    "company_id", "period_kind", "date_from", "taken_at", "ledger_id",
    "ledger_snapshot", "excluded_until",
)  # fmt: skip
"""What figures have in common that were taken together."""

AFTER = ("excluded_count", "value_after", "has_value_after")
"""What changes in a figure when an exclusion is approved."""


class ServiceQualityFigure(models.Model):
    """Regulation A4.2.2: keeps an indicator's figure of a period and scope.

    It says what of the ledger it counts, so that it can be counted again: the highest
    row and the transactions that were seen. The ledger gives back what clocks, spans
    and tickets were. The figure itself keeps what the ledger does not hold: words that
    were taken back, and labels that were deleted since, or purged by law.
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

    # what it is of
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

    is_of_line = fields.Boolean(
        string="Of Me or My Line",
        compute="_compute_is_of_line",
        search="_search_is_of_line",
        help="Of the reader, or of who works in a team that the reader leads.",
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
    by_hand_count = fields.Integer(
        string="Deadline Set by Hand",
        readonly=True,
        help="Counted ones whose deadline was set by hand, as the customer agreed.",
    )
    value_computed = fields.Float(
        string="Without Deadlines Set by Hand",
        readonly=True,
        aggregator="avg",
        help="The number by the deadlines that were promised.",
    )
    brought_count = fields.Integer(
        string="Brought in Afterwards",
        readonly=True,
        help="Counted ones of tickets that were imported later than people may enter.",
    )
    offline_count = fields.Integer(
        string="Noted Without a Connection",
        readonly=True,
        help="Counted ones whose end a phone noted without a connection, and sent "
        "later.",
    )
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

    correction_ids = fields.One2many(
        "service.quality.figure.correction", "figure_id", readonly=True
    )
    is_corrected = fields.Boolean(
        compute="_compute_is_corrected", search="_search_is_corrected"
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

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_of_line(self):
        people = self._own_line()
        for figure in self:
            figure.is_of_line = figure.user_id in people

    def _search_is_of_line(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("user_id", "in", self._own_line().ids)

    @api.model
    def _own_line(self):
        """Return the reader and who works under them."""
        return self.env.user | self.env.user._service_led()

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

    @api.depends(
        "is_small", "has_value", "is_provisional", "excluded_count", "by_hand_count",
        "brought_count", "offline_count",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_note(self):
        """Write beside a figure what a reader has to know of it."""
        for figure in self:
            notes = (
                figure.is_small and figure.has_value and self.env._("few counted"),
                figure.is_provisional and self.env._("provisional"),
                figure.excluded_count
                and self.env._("%s excluded", figure.excluded_count),
                *figure._reservations(),
            )
            figure.note = ", ".join(note for note in notes if note)

    def _reservations(self):
        """Return in words how many of the counted ones rest on less than the others.

        :return: list of texts, in the language of the context
        """
        self.ensure_one()
        _, notes = self.env._, []
        if self.by_hand_count and self.has_value:
            notes.append(
                _(
                    "%(count)s by a deadline set by hand, without: %(value)s",
                    count=self.by_hand_count,
                    value=self.indicator_id._format(self.value_computed),
                )
            )
        if self.brought_count:
            notes.append(_("%s brought in afterwards", self.brought_count))
        if self.offline_count:
            notes.append(_("%s noted without a connection", self.offline_count))
        return notes

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

    @api.depends("correction_ids")
    def _compute_is_corrected(self):
        for figure in self:
            # that there is one is no secret, what it says is for its readers
            figure.is_corrected = bool(figure.sudo().correction_ids)

    def _search_is_corrected(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("correction_ids", "!=", False)

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

    def action_count_again(self):
        """Count from what the ledger knew when the figure was taken, and compare."""
        self.ensure_one()
        self.check_access("read")
        figure = self.sudo()  # users who may read the figure may have it counted
        figure.indicator_id._check_known()
        [counted] = figure._recount().values()
        found = counted.get("value") if counted.get("has_value") else None
        same = all((counted.get(name) or 0) == (self[name] or 0) for name in PROVED)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if same else "danger",
                "sticky": not same,
                "message": self.env._(
                    "Counted again from the ledger: the same, %s.", self.value_text
                )
                if same
                else self.env._(
                    "Counted again from the ledger: %(found)s instead of %(kept)s. "
                    "Check the ledger, and whether labels were deleted since.",
                    found=self.indicator_id._format(found),
                    kept=self.value_text,
                ),
            },
        }

    def _action_rows(self, part, process_id=None):
        """Open rows of the figure, of one process or of all."""
        self.ensure_one()
        self.check_access("read")
        # users who may read the figure may have its rows counted; which of them they
        # open is up to the rules of the rows
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

    def _is_personal(self):
        """Return True if the figure tells how one person works."""
        self.ensure_one()
        return self.scope == "engineer" and self.indicator_id._declared().is_personal

    # ------------------------------------------------------------------
    # Causes
    # ------------------------------------------------------------------

    def _misses_goal(self):
        """Return True if it is no matter of chance that the goal was missed."""
        self.ensure_one()
        indicator = self.indicator_id
        if indicator.source == "measured" or indicator.summary in ("count", "sum"):
            return True  # it was measured, and not drawn from a few cases
        interval = (self.low, self.high) if indicator.summary == "share" else None
        goals = (self.goal_low, self.goal)
        return misses_goal(self.denominator, interval, goals, indicator.direction)

    def _beyond_red_line(self):
        """Return the closed figures that are beyond a red line, and not by chance."""
        beyond = self.filtered(
            lambda figure: (
                figure.goal_state == "beyond"
                and not figure.is_provisional
                and figure.period_kind == figure.indicator_id.cadence
                and not figure._is_personal()
                and figure._misses_goal()
            )
        )
        lines = self.env["service.quality.indicator.target"]._red_lines(beyond)
        return beyond.filtered(
            lambda figure: (
                figure in lines
                and judge(
                    figure.value, lines[figure], 0.0, figure.indicator_id.direction
                )
                == "beyond"
            )
        )

    def _cause_place(self):
        """Return what of the service the figure tells: see ``tools.cause``."""
        self.ensure_one()
        indicator = self.indicator_id
        return Place(
            (self.company_id.id, self.period_kind, self.date_from),
            indicator.formula or indicator.id,
            indicator._chosen("metric") or "",
            indicator._chosen("clock_kind") or "",
            self.scope,
            self.scope_id,
            self.agreement_id.id,
            self.project_id.id,
        )

    def _cause_rank(self):
        """Return the place among figures of one cause: the first one stands for all.

        What tells most of the cause comes first, and of that the widest scope.
        """
        self.ensure_one()
        place, indicator = self._cause_place(), self.indicator_id
        return (
            not place.metric,
            not place.kind,
            ALL_SCOPES.index(self.scope),
            indicator.sequence,
            self.scope_id,
            self.id,
        )

    # ------------------------------------------------------------------
    # Counting again
    # ------------------------------------------------------------------

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

    @api.model
    def _count_exclusions(self, exclusions):
        """Count figures again that count misses of which exclusions were approved.

        Only the figure after exclusions changes: a miss stays a miss.
        """
        # a day more on either side, in whichever zone the periods begin
        days = [exclusion.judged_at.date() for exclusion in exclusions]
        first, last = min(days) - timedelta(days=1), max(days) + timedelta(days=1)
        excludable = self.env["service.quality.formula"]._codes_with("is_excludable")
        figures = self.search(
            [
                ("company_id", "in", exclusions.company_id.ids),
                ("indicator_id.formula", "in", excludable),
                ("date_from", "<=", last),
                ("date_to", ">=", first),
            ]
        )
        figures.excluded_until = fields.Datetime.now()
        for figure, counted in figures._recount().items():
            if counted:
                figure.write({name: counted[name] for name in AFTER})

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.autovacuum
    def _gc_engineers(self):
        """Forget figures of persons when their company no longer keeps who did what."""
        companies = self.env["res.company"].search(
            [("service_staff_retention_months", ">", 0)]
        )
        old = Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain(
                "date_to",
                "<",
                company._service_day()
                - relativedelta(months=company.service_staff_retention_months),
            )
            for company in companies
        )
        self.search(Domain("scope", "=", "engineer") & old).unlink()
