from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import formatLang

from ...tools.core.period import Period
from ..core.service_quality_clock import KINDS
from ..core.service_quality_target import metric_selection
from ..escalation.escalation_data import RECIPIENTS

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


class ServiceQualityIndicator(models.Model):
    """Regulation A3.2.3: what the quality of the service business is told by.

    An indicator names its formula, a method that gives the counted rows, and how they
    are summed up. Addons add formulas in :meth:`_formulas`.
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
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", help="Empty: for every company.", ondelete="restrict"
    )

    # how it is counted
    source = fields.Selection(
        [("ledger", "Counted from tickets"), ("measured", "Measured")],
        required=True,
        default="ledger",
        tracking=True,
    )
    formula = fields.Selection(
        selection=lambda self: [
            choice for labels in self._formulas().values() for choice in labels.items()
        ],
        tracking=True,
    )
    metric = fields.Selection(
        metric_selection, tracking=True, help="Which promises; none: all of them."
    )
    clock_kind = fields.Selection(
        KINDS,
        string="Promised By",
        tracking=True,
        help="Agreements and house rules are counted apart; none: what is promised to "
        "customers, by either.",
    )
    recipient = fields.Selection(
        RECIPIENTS, string="Escalated To", help="Which level; none: all of them."
    )
    summary = fields.Selection(SUMMARIES, required=True, default="share", tracking=True)
    unit = fields.Selection(UNITS, required=True, default="percent", tracking=True)
    direction = fields.Selection(
        DIRECTIONS, required=True, default="higher", tracking=True
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

    @api.depends_context("company")
    @api.depends("figure_ids.value")
    def _compute_last_figure_id(self):
        """Read the company's figure of the last whole month, as the first page does.

        The running month stands for it only until there is a whole one.
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

    @api.ondelete(at_uninstall=False)
    def _unlink_except_figures(self):
        Figure = self.env["service.quality.figure"].sudo()  # of all companies
        if Figure.search_count([("indicator_id", "in", self.ids)], limit=1):
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
            "service_quality.service_quality_figure_action"
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
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _formulas(self):
        """Return the formulas by the model of the counted rows: label by name.

        The rows of each are given by ``_rows_<name>`` of ``service.quality.counting``.
        Addons add theirs to both. No tuples here: from a row of these the export of
        terms takes the names too.
        """
        _ = self.env._
        return {
            "service.quality.clock": {
                "attainment": _("Met service targets"),
                "clock_time": _("Working time used"),
            },
            "service.quality.span": {
                "first_contact": _("Solved at first contact"),
                "reopened": _("Reopened"),
                "opened": _("Opened tickets"),
                "handled": _("Handled tickets"),
                "backlog": _("Open tickets and their age"),
                "no_agreement": _("Without agreement"),
                "wall_time": _("Time by holder"),
                "working_time": _("Working time by holder"),
            },
            "service.quality.escalation.alarm": {
                "escalations": _("Escalations"),
            },
            "service.quality.event": {
                "voids": _("Voided rows"),
            },
            "service.quality.patrol": {
                "patrols": _("Patrols made in time"),
            },
        }

    @api.model
    def _of_company(self, company):
        """Return the active indicators that are counted for a company."""
        return self.search([("company_id", "in", (company.id, False))])

    def _format(self, value):
        """Write a value with its unit, for people; empty where there is no data."""
        self.ensure_one()
        if value is None or value is False:
            return self.env._("no data")
        digits = 0 if self.summary == "count" else 2 if self.unit == "points" else 1
        text = formatLang(self.env, value, digits=digits)
        units = {
            "percent": self.env._("%s %%", text),
            "working_hours": self.env._("%s working h", text),
            "hours": self.env._("%s h", text),
            "days": self.env._("%s days", text),
            "per_thousand": self.env._("%s per 1,000", text),
        }
        return units.get(self.unit, text)
