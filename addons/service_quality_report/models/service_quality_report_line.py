from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, ormcache

from odoo.addons.service_quality_core.models.base import CarriedJson
from odoo.addons.service_quality_core.tools.selection import with_codes
from odoo.addons.service_quality_indicator.models.service_quality_figure import (
    GOAL_STATES,
)
from odoo.addons.service_quality_indicator.tools.formula import by_rank
from odoo.addons.service_quality_indicator.tools.statistics import is_few

from .report_data import DETAILED, says
from .service_quality_report_content import few_of

NOT_REACHED = ("tolerated", "beyond")


class ServiceQualityReportLine(models.Model):
    """A line shows a figure, and says what is done where it missed its goal."""

    _name = "service.quality.report.line"
    _description = "Figure of a Report"
    _inherit = ["service.quality.report.part"]
    _order = "report_id, section_rank, process_rank, sequence, id"

    _list_sequence = 10
    _list_template = None
    _row_key = ("indicator_id", "target_id", "process_id", "name")
    _row_kept = ("cause", "action", "no_action_reason", "is_headline")

    section = fields.Selection(
        selection=lambda self: self._section_selection(),
        required=True,
        default="figure",
        readonly=True,
    )
    section_rank = fields.Integer(compute="_compute_ranks", store=True)
    process_id = fields.Many2one(
        "helpdesk.ticket.type", readonly=True, ondelete="restrict"
    )
    process_rank = fields.Integer(compute="_compute_ranks", store=True)
    target_id = fields.Many2one(
        "service.quality.target", readonly=True, ondelete="restrict"
    )
    indicator_id = fields.Many2one(
        "service.quality.indicator",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    figure_id = fields.Many2one(
        "service.quality.figure",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    name = fields.Char(required=True, readonly=True)
    sentence = fields.Char(string="What It Says", readonly=True)

    # figures
    has_value = fields.Boolean(readonly=True)
    value = fields.Float(
        string="Number", readonly=True, digits=(16, 4), aggregator=None
    )
    numerator = fields.Float(readonly=True, digits=(16, 4), aggregator=None)
    denominator = fields.Float(readonly=True, digits=(16, 4), aggregator=None)
    open_count = fields.Integer(string="Open", readonly=True, aggregator=None)
    missed_open_count = fields.Integer(
        string="Open and Missed", readonly=True, aggregator=None
    )
    late_open_count = fields.Integer(
        string="Late and Open in All",
        readonly=True,
        aggregator=None,
        help="When the figures were taken, whichever period they were missed in.",
    )
    excluded_count = fields.Integer(string="Excluded", readonly=True, aggregator=None)
    value_after = fields.Float(
        string="After Exclusions", readonly=True, digits=(16, 4), aggregator=None
    )
    low = fields.Float(
        string="Interval From", readonly=True, digits=(16, 4), aggregator=None
    )
    high = fields.Float(
        string="Interval To", readonly=True, digits=(16, 4), aggregator=None
    )
    is_small = fields.Boolean(string="Fewer Than 30", readonly=True)
    has_goal = fields.Boolean(readonly=True)
    goal = fields.Float(
        string="Goal (Number)", readonly=True, digits=(16, 4), aggregator=None
    )
    tolerance = fields.Float(readonly=True, digits=(16, 4), aggregator=None)
    goal_state = fields.Selection(GOAL_STATES, readonly=True)
    has_previous = fields.Boolean(readonly=True)
    previous_value = fields.Float(
        string="Period Before", readonly=True, digits=(16, 4), aggregator=None
    )
    previous_count = fields.Float(readonly=True, digits=(16, 4), aggregator=None)
    previous_hits = fields.Float(readonly=True, aggregator=None)
    has_last_year = fields.Boolean(readonly=True)
    last_year_value = fields.Float(
        string="Same Period Last Year", readonly=True, digits=(16, 4), aggregator=None
    )
    last_year_count = fields.Float(readonly=True, digits=(16, 4), aggregator=None)
    last_year_hits = fields.Float(readonly=True, aggregator=None)
    trend = CarriedJson(
        readonly=True, help="Pairs of a period and its value, the oldest first."
    )

    # as people read it, in the report's language
    value_text = fields.Char(string="Result", readonly=True)
    goal_text = fields.Char(string="Wanted", readonly=True)
    previous_text = fields.Char(string="Before", readonly=True)
    last_year_text = fields.Char(string="Last Year", readonly=True)
    count_text = fields.Char(string="Counted", readonly=True)
    after_text = fields.Char(string="With Exclusions Left Out", readonly=True)

    # by people
    is_headline = fields.Boolean(
        string="First Page", help="One of the figures on the report's first page."
    )
    cause = fields.Text(string="Why It Was Missed")
    action = fields.Text(string="Improvement Action")
    no_action_reason = fields.Text(string="Why There Is No Action")
    is_answered = fields.Boolean(compute="_compute_is_answered")

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("section", "process_id")
    def _compute_ranks(self):
        ranks = {code: n for n, (code, _label) in enumerate(self._section_selection())}
        for line in self:
            line.section_rank = ranks.get(line.section, len(ranks))
            line.process_rank = line.process_id.id or 0

    @api.depends("goal_state", "action", "no_action_reason")
    def _compute_is_answered(self):
        for line in self:
            line.is_answered = (
                line.goal_state not in NOT_REACHED
                or says(line.action)
                or says(line.no_action_reason)
            )

    def _is_explained(self):
        """Return True if it says why the goal was missed, and what is done about it."""
        self.ensure_one()
        is_missed = self.goal_state in NOT_REACHED and self._misses_goal()
        return not is_missed or (self.is_answered and says(self.cause))

    def _misses_goal(self):
        """Return True if it is no matter of chance that the goal was missed."""
        self.ensure_one()
        return self.figure_id._misses_goal() if self.figure_id else True

    def _is_few(self):
        """Return True if how many there were says more than a percentage."""
        self.ensure_one()
        return self.has_value and few_of(
            self.indicator_id, self.numerator, self.denominator
        )

    def _is_nothing(self):
        """Return True if there was nothing to count, and nothing before."""
        self.ensure_one()
        return (
            self.indicator_id.summary in ("count", "sum")
            and self.has_value
            and not (self.value or self.previous_value or self.last_year_value)
        )

    def _change_text(self, name):
        """Return how far it moved from what it is compared with, as a signed text.

        :param name: ``previous`` or ``last_year``
        """
        self.ensure_one()
        if not (self.has_value and self[f"has_{name}"]):
            return "–"
        summary = self.indicator_id.summary
        counts = (self.denominator, self[f"{name}_count"])
        few = summary not in ("sum",) and any(map(is_few, counts))
        if summary == "per_thousand":
            few = is_few(self.numerator) or is_few(self[f"{name}_hits"])
        if few and summary in ("share", "per_thousand"):
            return "–"  # of so few a percentage says nothing
        return self.indicator_id._format_change(
            self[f"{name}_value"], self.value, of_few=few
        )

    # ------------------------------------------------------------------
    # Sections
    # ------------------------------------------------------------------

    @api.model
    def _all_sections(self):
        """Return the sections of a report: those of indicators, and its own.

        :return: dict of code to (rank, label)
        """
        own = {"target": (20, self.env._("Service targets"))}
        return self.env["service.quality.formula"]._sections() | own

    @api.model
    def _section_selection(self):
        return with_codes(by_rank(self._all_sections()), self._sections_in_use())

    @api.model
    @ormcache()
    def _sections_in_use(self):
        """Return the codes of the sections of all lines there are."""
        found = self.env.execute_query(
            SQL("SELECT DISTINCT section FROM service_quality_report_line ORDER BY 1")
        )
        return tuple(code for (code,) in found)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def _step_refusal(self, label):
        return self.env._(
            "A figure is not written by hand. Say what is done about it, or take the "
            "figures again."
        )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_rows(self):
        """Open the rows that the figure counts."""
        self.ensure_one()
        if not self.figure_id:
            raise UserError(self.env._("This figure is not counted from rows."))
        if self.section != "target":
            return self.figure_id.action_open_rows()
        action = self.figure_id._action_rows("all", self.process_id.id)
        return action | {"name": f"{self.process_id.name or ''} · {self.name}"}

    # ------------------------------------------------------------------
    # What the list says
    # ------------------------------------------------------------------

    @api.model
    def _prepare_rows(self, report, figures):
        content = self.env["service.quality.report.content"]
        lines = content._prepare_lines(report, figures)
        newest = content._newest(figures)
        if newest and report.kind in DETAILED:
            lines += content._prepare_target_lines(report, newest)
        return lines

    def _compared(self):
        return {
            (line.section, line.process_id.id, line.name): (
                line.name,
                " · ".join(
                    filter(
                        None,
                        (line.value_text, line.count_text, line.goal_text, line.cause,
                         line.action, line.no_action_reason),
                    )
                ),
            )
            for line in self
        }  # fmt: skip
