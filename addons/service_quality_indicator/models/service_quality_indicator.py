from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, float_round, formatLang, ormcache

from odoo.addons.service_quality_core.models.roles import group_of
from odoo.addons.service_quality_core.models.service_quality_clock import KINDS
from odoo.addons.service_quality_core.models.service_quality_target import (
    metric_selection,
)
from odoo.addons.service_quality_core.tools.period import Period
from odoo.addons.service_quality_core.tools.selection import with_codes
from odoo.addons.service_quality_escalation.models import (
    service_quality_notification_mixin as notification,
)

from ..tools.formula import Formula, by_rank

SUMMARIES = [
    ("share", "Share of those counted (%)"),
    ("count", "Number"),
    ("sum", "Sum"),
    ("mean", "Mean"),
    ("median", "Median"),
    ("p90", "90th percentile"),
    ("per_thousand", "Per 1,000"),
]
"""How the counted rows of an indicator become its one figure."""

UNITS = [
    ("percent", "%"),
    ("working_hours", "Working hours"),
    ("hours", "Hours"),
    ("days", "Days"),
    ("count", "Number"),
    ("points", "Points"),
    ("per_thousand", "Per 1,000"),
]

DIRECTIONS = [
    ("higher", "Higher is better"),
    ("lower", "Lower is better"),
    ("range", "Within a range"),
]

MEASURED = Formula(
    "",
    "service.quality.measurement",
    "measured",
    is_for_customers=True,
    is_entered=True,
)
"""What stands for the formula of an indicator that is measured."""

DEFINES = (
    "company_id", "source", "formula", "metric", "clock_kind", "recipient", "summary",
    "unit", "direction", "cadence",
)  # fmt: skip
"""The fields that say what is counted of whom, how, and what is good of it."""

TOLD_TO_CUSTOMERS = (False, "sla")
"""Customers are told of their agreements, and not of the house's or teams' rules."""


class ServiceQualityIndicator(models.Model):
    """Regulation A3.2.3: defines a number that tells the quality of the service.

    An indicator names its formula, which gives the counted rows, and how they are
    summed up. Addons add formulas to ``service.quality.formula``.
    """

    _name = "service.quality.indicator"
    _description = "Indicator"
    _inherit = ["mail.thread"]
    _order = "sequence, code, id"
    _check_company_auto = True

    code = fields.Char(required=True, copy=False)
    name = fields.Char(required=True, translate=True)
    sentence = fields.Char(
        required=True, translate=True, help="What it says, in one sentence."
    )
    sequence = fields.Integer(default=100)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        help="Empty: for every company.",
        ondelete="restrict",
        tracking=True,
    )

    # how it is counted
    source = fields.Selection(
        [("ledger", "Counted from tickets"), ("measured", "Measured")],
        required=True,
        default="ledger",
        tracking=True,
    )
    formula = fields.Selection(
        selection=lambda self: self._formula_selection(), tracking=True
    )
    metric = fields.Selection(
        selection=lambda self: self._metric_selection(),
        tracking=True,
        help="Which promises; none: all of them.",
    )
    clock_kind = fields.Selection(
        KINDS,
        string="Promised By",
        tracking=True,
        help="Agreements and house rules are counted apart; none: what is promised to "
        "customers, by either.",
    )
    recipient = fields.Selection(
        notification.recipient_selection,
        string="Escalated To",
        tracking=True,
        help="Which level; none: all of them.",
    )
    asks_metric = fields.Boolean(compute="_compute_asks")
    asks_clock_kind = fields.Boolean(compute="_compute_asks")
    asks_recipient = fields.Boolean(compute="_compute_asks")
    summary = fields.Selection(SUMMARIES, required=True, default="share", tracking=True)
    unit = fields.Selection(UNITS, required=True, default="percent", tracking=True)
    direction = fields.Selection(
        DIRECTIONS, required=True, default="higher", tracking=True
    )

    # how reports tell it
    section = fields.Selection(
        selection=lambda self: self._section_selection(),
        compute="_compute_section",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
        help="Reports show it under this heading.",
    )
    headline_sequence = fields.Integer(
        string="First Page",
        compute="_compute_section",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Reports show one indicator of each formula on their first page, the "
        "lowest number first. With 0 it stands there only if there is room.",
    )
    is_for_customers = fields.Boolean(
        string="For Customers",
        compute="_compute_is_for_customers",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Customers read it in their reports.",
    )

    # who looks after it
    owner_id = fields.Many2one(
        "res.users",
        company_dependent=True,
        domain=[("share", "=", False)],
        tracking=True,
        help="Answers for the figures of the current company: each has its own.",
    )
    cadence = fields.Selection(
        [
            ("month", "Monthly"),
            ("quarter", "Quarterly"),
            ("half", "Half-yearly"),
            ("year", "Yearly"),
        ],
        required=True,
        default="month",
        tracking=True,
    )
    next_review_date = fields.Date(
        string="Next Review", help="When it is judged whether it still says something."
    )
    target_ids = fields.One2many("service.quality.indicator.target", "indicator_id")
    figure_ids = fields.One2many("service.quality.figure", "indicator_id")
    last_figure_id = fields.Many2one(
        "service.quality.figure", compute="_compute_last_figure_id"
    )
    last_value = fields.Char(
        string="Latest", compute="_compute_last_figure_id", help="Of the company."
    )

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "There is an indicator with this code."
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("source", "formula")
    def _compute_section(self):
        """Take over what the formula declares, until it is changed by hand."""
        for indicator in self:
            declared = indicator._declared()
            indicator.section = declared.section
            indicator.headline_sequence = declared.headline

    @api.depends("source", "formula", "clock_kind")
    def _compute_is_for_customers(self):
        for indicator in self:
            indicator.is_for_customers = (
                indicator._declared().is_for_customers
                and indicator._chosen("clock_kind") in TOLD_TO_CUSTOMERS
            )

    @api.depends("source", "formula")
    def _compute_asks(self):
        for indicator in self:
            choices = indicator._declared().choices
            indicator.asks_metric = "metric" in choices
            indicator.asks_clock_kind = "clock_kind" in choices
            indicator.asks_recipient = "recipient" in choices

    @api.depends_context("company")
    @api.depends("figure_ids.value")
    def _compute_last_figure_id(self):
        """Read the company's figure of the last whole month, as the first page does.

        The running month is shown only until there is a whole one.
        """
        figures = self.env["service.quality.figure"].search(
            [
                ("indicator_id", "in", self.ids),
                ("company_id", "=", self.env.company.id),
                ("period_kind", "=", "month"),
                ("scope", "=", "company"),
            ],
            order="is_provisional desc, date_from",
        )
        newest = {figure.indicator_id: figure for figure in figures}
        for indicator in self:
            figure = newest.get(indicator, figures.browse())
            indicator.last_figure_id = figure
            indicator.last_value = figure.value_text if figure else False

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("source", "formula")
    def _check_formula(self):
        for indicator in self:
            if (indicator.source == "ledger") != bool(indicator.formula):
                raise ValidationError(
                    self.env._(
                        "%s: what is counted from tickets needs a formula, and what is "
                        "measured has none. Choose one or the other.",
                        indicator.name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """Refuse to make another indicator of what has goals or figures already."""
        if not self.env.su and vals.keys() & set(DEFINES):
            self._check_defined_alike(vals)
        return super().write(vals)

    def _check_defined_alike(self, vals):
        """Refuse a change of what figures say, and of what is good, to all but
        executives.
        """
        if self.env.user.has_group(group_of("executive")):
            return
        changed = self.filtered(lambda one: one._is_redefined(vals))
        goals = changed.sudo().target_ids  # of every company
        if changed._with_figures() or "approved" in goals.mapped("state"):
            raise UserError(
                self.env._(
                    "%s has figures or an approved goal. Only an executive changes "
                    "what it counts, and what is good. Archive it and define another "
                    "indicator.",
                    changed[0].name,
                )
            )

    def _is_redefined(self, vals):
        """Return True if values change what defines an indicator."""
        self.ensure_one()
        return any(
            (vals[name] or False)
            != (self._fields[name].convert_to_write(self[name], self) or False)
            for name in DEFINES
            if name in vals
        )

    def _with_figures(self):
        """Return one of the indicators that has figures, or none."""
        Figure = self.env["service.quality.figure"].sudo()  # of all companies
        return Figure.search([("indicator_id", "in", self.ids)], limit=1).indicator_id

    @api.ondelete(at_uninstall=False)
    def _unlink_except_figures(self):
        if self._with_figures():
            raise ValidationError(
                self.env._(
                    "There are figures of this indicator, which are part of the "
                    "record. Archive it instead."
                )
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_view_figures(self):
        """Open the figures of the last twelve months of the company."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_indicator.service_quality_figure_action"
        )
        today = self.env.company._service_day()
        first = Period.around("month", today).shifted(-11)
        action["name"] = action["display_name"] = self.name
        action["domain"] = [
            ("indicator_id", "=", self.id),
            ("date_from", ">=", first.start),
        ]
        action["context"] = {"search_default_company": 1, "search_default_month": 1}
        action["view_mode"] = "graph,list,pivot,form"
        action["views"] = [(False, mode) for mode in action["view_mode"].split(",")]
        return action

    # ------------------------------------------------------------------
    # Formulas
    # ------------------------------------------------------------------

    @api.model
    def _formula_selection(self):
        """Return the formulas as a selection; one that is gone shows its code."""
        formulas = self.env["service.quality.formula"]._formulas()
        known = [(code, declared.label) for code, declared in formulas.items()]
        return with_codes(known, self._codes_in_use("formula"))

    @api.model
    def _metric_selection(self):
        """Return the metrics as a selection; one that is gone shows its code."""
        return with_codes(metric_selection(self), self._codes_in_use("metric"))

    @api.model
    def _section_selection(self):
        sections = self.env["service.quality.formula"]._sections()
        return with_codes(by_rank(sections), self._codes_in_use("section"))

    @api.model
    @ormcache("name")
    def _codes_in_use(self, name):
        """Return the codes that a field of the indicators has."""
        column = SQL.identifier(name)
        found = self.env.execute_query(
            SQL(
                "SELECT DISTINCT %s FROM service_quality_indicator"
                " WHERE %s IS NOT NULL ORDER BY 1",
                column,
                column,
            )
        )
        return tuple(code for (code,) in found)

    def _declared(self):
        """Return the :class:`~..tools.formula.Formula` of an indicator."""
        self.ensure_one()
        if self.source == "measured":
            return MEASURED
        formulas = self.env["service.quality.formula"]._formulas_kept()
        return formulas.get(self.formula) or Formula(self.formula, None)

    def _counted_by(self):
        """Return the code of the methods that count an indicator."""
        self.ensure_one()
        return "measured" if self.source == "measured" else self.formula

    def _chosen(self, name):
        """Return what a field chooses, False where the formula does not ask for it."""
        return name in self._declared().choices and self[name]

    def _known(self):
        """Return the indicators that can be counted: their formula is declared."""
        formulas = self.env["service.quality.formula"]._formulas_kept()
        return self.filtered(
            lambda one: one.source == "measured" or one.formula in formulas
        )

    def _check_known(self):
        """Refuse to count by a formula whose addon is gone."""
        for indicator in self - self._known():
            raise UserError(
                self.env._(
                    "%(indicator)s was counted by %(formula)s, which is not installed "
                    "any more. Its figures stay as they were taken.",
                    indicator=indicator.name,
                    formula=indicator.formula,
                )
            )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _of_company(self, company):
        """Return the active indicators that are counted for a company."""
        return self.search([("company_id", "in", (company.id, False))])._known()

    def _format(self, value):
        """Return a value with its unit, for people."""
        self.ensure_one()
        if value is None or value is False:
            return self.env._("no data")
        if self.unit in ("working_hours", "hours"):
            return self._in_working_time(self._format_hours(value))
        text = formatLang(self.env, value, digits=self._digits())
        units = {
            "percent": self.env._("%s %%", text),
            "days": self.env._("%s days", text),
            "per_thousand": self.env._("%s per 1,000", text),
        }
        return units.get(self.unit, text)

    def _digits(self):
        """Return how many decimals of a value are shown."""
        return 0 if self.summary == "count" else 2 if self.unit == "points" else 1

    def _format_change(self, before, value, of_few=False):
        """Return how far a value moved, with its sign and unit, for people.

        :param of_few: so few were counted that a percentage says nothing
        """
        self.ensure_one()
        moved = value - before
        if self.unit not in ("working_hours", "hours"):
            moved = float_round(
                moved, precision_digits=self._digits()
            )  # as it is shown: no "+0.0"
        sign = "+" if moved > 0 else "−" if moved < 0 else "±"
        if self.unit == "percent":
            text = formatLang(self.env, abs(moved), digits=1)
            return self.env._("%s pts", f"{sign}{text}")
        if self.unit in ("working_hours", "hours"):
            return f"{sign}{self._format_hours(abs(moved))}"
        if self.unit == "per_thousand":
            text = formatLang(self.env, abs(moved), digits=1)
            return self.env._("%s per 1,000", f"{sign}{text}")
        text = f"{sign}{self._format(abs(moved))}"
        if self.summary == "count" and before and not of_few:
            percent = formatLang(self.env, 100 * abs(moved) / before, digits=0)
            text = f"{text} ({sign}{percent} %)"
        return text

    def _format_hours(self, hours):
        """Return a time in hours as people say it: 12 min, 2 h 5 min, 661 h."""
        minutes = round(hours * 60)
        whole, rest = divmod(minutes, 60)
        if not minutes:
            return self.env._("less than a minute") if hours else self.env._("0 min")
        if not whole:
            return self.env._("%s min", rest)
        if not rest or whole >= 100:
            return self.env._("%s h", round(hours))
        return self.env._("%(hours)s h %(minutes)s min", hours=whole, minutes=rest)

    def _in_working_time(self, text):
        """Name a time as what it is: that of the calendars, or that of the wall."""
        if self.unit == "working_hours":
            return self.env._("%s (working time)", text)
        return text
