from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, ormcache

from odoo.addons.service_quality_core.models.base import CarriedJson
from odoo.addons.service_quality_core.tools.selection import with_codes
from odoo.addons.service_quality_indicator.models.counting_context import ALL_SCOPES
from odoo.addons.service_quality_indicator.models.service_quality_figure import (
    GOAL_STATES,
)
from odoo.addons.service_quality_indicator.tools.cause import same_cause
from odoo.addons.service_quality_indicator.tools.formula import by_rank
from odoo.addons.service_quality_indicator.tools.statistics import is_few

from .report_data import DETAILED, FOR_THE_CUSTOMER, says
from .service_quality_report_content import few_of

WRITTEN = {"cause", "action", "no_action_reason"}

NOT_REACHED = ("tolerated", "beyond")

OF_ONE_CUSTOMER = ("agreement", "target")
"""Scopes of which a deviation tells of one customer alone."""


class ServiceQualityReportLine(models.Model):
    """A line shows a figure, and says what is done where it missed its goal."""

    _name = "service.quality.report.line"
    _description = "Figure of a Report"
    _inherit = ["service.quality.report.part"]
    _order = "report_id, section_rank, process_rank, sequence, id"

    _list_sequence = 10
    _list_template = None
    _row_key = ("indicator_id", "target_id", "process_id", "name")
    _row_kept = ("cause", "action", "no_action_reason", "taken_from", "is_headline")

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
    rests_text = fields.Char(
        string="Rests On",
        readonly=True,
        help="How many of what was counted rest on a deadline set by hand, were "
        "brought in afterwards, or were noted without a connection.",
    )

    # by people
    is_headline = fields.Boolean(
        string="First Page", help="One of the figures on the report's first page."
    )
    cause = fields.Text(string="Why It Was Missed")
    action = fields.Text(string="Improvement Action")
    no_action_reason = fields.Text(string="Why There Is No Action")
    taken_from = fields.Char(
        string="Taken Over From",
        readonly=True,
        help="The deviations that say so; nobody wrote it here.",
    )
    explained_by_id = fields.Many2one(
        "service.quality.report.line",
        string="Explained At",
        compute="_compute_explained_by_id",
        help="One miss stands in many figures. It is explained once, at this one.",
    )
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

    @api.depends("report_id.line_ids.goal_state", "figure_id", "target_id")
    def _compute_explained_by_id(self):
        """Ask once for each cause, at the figure for which its deviation is raised."""
        lines = self.sudo().report_id.line_ids  # whose case it is, is no secret
        missed = lines.filtered(
            lambda line: line.goal_state in NOT_REACHED and line._misses_goal()
        )
        found, leaders = {}, []
        for line in missed.sorted(lambda line: line._cause_rank()):
            place = line._cause_place()
            leader = next(
                (
                    one
                    for one, its_place in leaders
                    if one.report_id == line.report_id
                    and place
                    and its_place
                    and same_cause(its_place, place)
                ),
                line,
            )
            if leader == line:
                leaders.append((line, place))
            found[line] = leader
        for line in self:
            # found with all rights, as above
            line.explained_by_id = found.get(line.sudo(), self.browse()).id

    def _cause_place(self):
        """Return what of the service the line tells; None where it has no figure.

        The figure of a target is counted by the indicator of all promises: what is
        promised is known from the target.
        """
        self.ensure_one()
        if not self.figure_id:
            return None
        place = self.figure_id._cause_place()
        return place._replace(metric=self.target_id.metric or place.metric)

    def _cause_rank(self):
        """Return the place among lines of one cause: as figures, see there."""
        self.ensure_one()
        place = self._cause_place()
        if not place:
            return (True, True, len(ALL_SCOPES), self.indicator_id.sequence, 0, 0)
        return (not place.metric, *self.figure_id._cause_rank()[1:])

    @api.depends("explained_by_id", "action", "no_action_reason")
    def _compute_is_answered(self):
        for line in self:
            line.is_answered = (
                line.explained_by_id != line
                or says(line.action)
                or says(line.no_action_reason)
            )

    def _is_explained(self):
        """Return True if it says why the goal was missed, and what is done about it.

        A line that another one explains says nothing itself.
        """
        self.ensure_one()
        is_asked = self.explained_by_id == self
        return not is_asked or (self.is_answered and says(self.cause))

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

    def _notes(self):
        """Return what else there is to say of the figure, as texts, without noughts."""
        self.ensure_one()
        _, notes = self.env._, []
        if self.missed_open_count:
            notes.append(_("missed and still open: %s", self.missed_open_count))
        if self.late_open_count:
            notes.append(_("late and open in all: %s", self.late_open_count))
        if self.open_count:
            notes.append(_("open, not yet due: %s", self.open_count))
        if self.excluded_count:
            notes.append(_("excluded: %s", self.excluded_count))
        if self.excluded_count and self.after_text:
            notes.append(_("with them left out: %s", self.after_text))
        if self.rests_text:
            notes.append(_("among them: %s", self.rests_text))
        return notes

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

    def write(self, vals):
        """Note that people write themselves what was taken over before."""
        result = super().write(vals)
        if "taken_from" not in vals and vals.keys() & WRITTEN:
            # no longer what a deviation says
            self.sudo().filtered("taken_from")._write_as_step({"taken_from": False})
        if "cause" in vals:
            self.sudo().report_id.miss_ids._take_over_causes()  # as in the report
        return result

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
    # What deviations say
    # ------------------------------------------------------------------

    @api.model
    def _fill(self, report, figures):
        result = super()._fill(report, figures)
        self._of(report)._take_over_answers()
        return result

    def _take_over_answers(self):
        """Write into drafts what deviations say of the same cause.

        Only the lines that are asked say it, and only where people have said nothing.
        Where a cause has several deviations, all of them are answered before.
        """
        lines = self.sudo()  # people do not write figures
        silent = lines.filtered(
            lambda line: line.report_id.state == "draft" and not line.is_answered
        )
        deviations = lines.env["service.quality.deviation"].search(
            [
                ("company_id", "in", silent.company_id.ids),
                ("date_from", "in", silent.report_id.mapped("date_from")),
            ]
        )
        for line in silent:  # a few
            if found := line._answers(deviations):
                texts = {
                    "cause": _joined(found.mapped("analysis")),
                    "action": _joined(found.mapped("action")),
                    "no_action_reason": _joined(found.mapped("no_action_reason")),
                }
                taken = {n: texts[n] for n in texts if texts[n] and not line[n]}
                names = ", ".join(found.mapped("display_name"))
                line._write_as_step(taken | {"taken_from": names})
        silent.report_id.miss_ids._take_over_causes()

    def _answers(self, deviations):
        """Return the answered deviations that explain a line.

        That is the one of its figure; else those within what it tells; else those of
        more. What is said of all customers is not told to one.
        """
        self.ensure_one()
        figure, place = self.figure_id, self._cause_place()
        if self.report_id.kind in FOR_THE_CUSTOMER:
            deviations = deviations.filtered(
                lambda one: one.figure_id == figure or one.scope in OF_ONE_CUSTOMER
            )
        own = deviations.filtered(
            lambda one: figure and figure in one.figure_id | one.also_figure_ids
        )
        alike = deviations.filtered(
            lambda one: place and same_cause(one.figure_id._cause_place(), place)
        )
        width = ALL_SCOPES.index
        within = alike.filtered(lambda one: width(one.scope) >= width(figure.scope))
        for found in (own, within, alike - within):
            if found and all(found.mapped("answered_at")):
                return found
        return deviations.browse()

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
                        (line.value_text, line.count_text, line.rests_text,
                         line.goal_text, line.cause, line.action,
                         line.no_action_reason),
                    )
                ),
            )
            for line in self
        }  # fmt: skip


def _joined(texts):
    """Return different texts one below the other.

    >>> _joined(["A part was missing.", False, "A part was missing.", "A storm."])
    'A part was missing.\\nA storm.'
    >>> _joined([False])
    False
    """
    return "\n".join(dict.fromkeys(filter(None, texts))) or False
