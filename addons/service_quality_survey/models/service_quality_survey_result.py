from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.service_quality_core.models.base import CarriedJson
from odoo.addons.service_quality_indicator.models.service_quality_counting import (
    COUNTED,
)
from odoo.addons.service_quality_indicator.tools.statistics import (
    is_few,
    share,
    wilson,
)

from ..tools.survey_statistics import TOLD, response_rates
from .result_data import GAP, NAMING, RESULT_KINDS
from .survey_data import BLOCKS, CHANNELS, ROLES

LABELS = {"role": ROLES, "channel": CHANNELS}

ORDER = {kind: place for place, (kind, _label) in enumerate(RESULT_KINDS)}

GAP_STATES = [
    ("worse", "Felt worse than measured"),
    ("better", "Felt better than measured"),
    ("alike", "Alike"),
    ("few", "Too few to say"),
    ("none", "Not both known"),
]


class ServiceQualitySurveyResult(models.Model):
    """Is a figure of a survey: of everybody, a question, a promise, or some people.

    The figures are counted in one go, as often as wanted while people answer, and once
    more when the survey is closed. From then on they stay. A score is from 0 to 100.
    """

    _name = "service.quality.survey.result"
    _description = "Figure of a Survey"
    _inherit = ["service.quality.steps.mixin"]
    _order = "survey_id desc, sequence, id"

    survey_id = fields.Many2one(
        "service.quality.survey",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="survey_id.company_id", store=True)
    sequence = fields.Integer(readonly=True)
    kind = fields.Selection(RESULT_KINDS, required=True, readonly=True)
    key = fields.Char(
        readonly=True, help="By which the same figure is found in another survey."
    )
    code = fields.Char(readonly=True)
    block = fields.Selection(BLOCKS, string="About", readonly=True)
    question_id = fields.Many2one(
        "survey.question", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    promise_id = fields.Many2one(
        "service.quality.survey.promise",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    customer_id = fields.Many2one(
        "res.partner", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    agreement_id = fields.Many2one(
        "service.quality.agreement",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Department",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Account Manager",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    name = fields.Char(compute="_compute_name", compute_sudo=True)

    # who answered
    population = fields.Integer(readonly=True)
    asked = fields.Integer(
        string="To Be Asked", readonly=True, help="Of a sample, who was drawn."
    )
    answered = fields.Integer(readonly=True)
    partial = fields.Integer(string="Half-way", readonly=True)
    refused = fields.Integer(readonly=True)
    other = fields.Integer(
        string="Not Reached", readonly=True, help="Another person, or a wrong address."
    )
    rr1 = fields.Float(
        string="Response RR1 (%)",
        compute="_compute_rates",
        help="By AAPOR: whole answers of all who were to be asked.",
    )
    rr2 = fields.Float(
        string="Response RR2 (%)",
        compute="_compute_rates",
        help="By AAPOR: whole and partial answers.",
    )
    ref1 = fields.Float(string="Refusals REF1 (%)", compute="_compute_rates")
    con1 = fields.Float(string="Contacts CON1 (%)", compute="_compute_rates")
    response_text = fields.Char(string="Response", compute="_compute_texts")

    # what they said
    count = fields.Integer(string="Answers", readonly=True)
    has_value = fields.Boolean(readonly=True)
    value = fields.Float(string="Score", readonly=True, help="From 0 to 100.")
    has_interval = fields.Boolean(readonly=True)
    low = fields.Float(string="From", readonly=True)
    high = fields.Float(string="To", readonly=True)
    satisfied = fields.Integer(
        readonly=True, help="How many gave 8 or more of 10, or as much."
    )
    answers = CarriedJson(
        string="Answer by Answer",
        readonly=True,
        help="How often each answer was given.",
    )
    has_previous = fields.Boolean(readonly=True)
    previous_value = fields.Float(string="Last Year", readonly=True)
    previous_count = fields.Integer(readonly=True)
    previous_satisfied = fields.Integer(readonly=True)
    weighted_value = fields.Float(string="Weighted", readonly=True)
    design_effect = fields.Float(readonly=True)
    effective_count = fields.Float(readonly=True)
    value_text = fields.Char(string="Felt", compute="_compute_texts")
    previous_text = fields.Char(string="Last Year's", compute="_compute_texts")
    change_text = fields.Char(string="Change", compute="_compute_texts")

    # beside it what was measured
    measured_met = fields.Integer(readonly=True)
    measured_count = fields.Integer(string="Targets Counted", readonly=True)
    measured_text = fields.Char(string="Measured", compute="_compute_texts")
    gap = fields.Float(
        readonly=True,
        help="The score less the share of targets that were met, in points.",
    )
    gap_text = fields.Char(string="Points Apart", compute="_compute_texts")
    gap_state = fields.Selection(
        GAP_STATES, string="Compared", compute="_compute_texts"
    )

    # those who did not answer
    silent_count = fields.Integer(string="Did Not Answer", readonly=True)
    silent_value = fields.Float(readonly=True)
    has_adjusted = fields.Boolean(readonly=True)
    adjusted_value = fields.Float(readonly=True)

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends(*NAMING.values(), "kind", "code")
    @api.depends_context("lang")
    def _compute_name(self):
        facts = self.env["service.quality.survey.silence"]._fact_labels()
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for line in self:
            if line.kind == "silence":
                line.name = facts.get(line.code, line.code)
            elif line.kind in NAMING:
                line.name = line[NAMING[line.kind]].display_name
            elif line.promise_id:
                line.name = line.promise_id.display_name
            elif line.kind in LABELS:
                line.name = line._label()
            else:
                line.name = line.code or kinds[line.kind]

    def _label(self):
        """Return the name of a role or a channel."""
        contacts = self.env["service.quality.survey.contact"]
        field = contacts._fields[self.kind]
        labels = dict(field._description_selection(self.env))
        return labels.get(self.code, self.code)

    @api.depends("name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.name

    @api.depends("asked", "answered", "partial", "refused", "other")
    def _compute_rates(self):
        for line in self:
            rates = response_rates(
                line.answered,
                line.partial,
                line.refused,
                line.asked - line.answered - line.partial - line.refused - line.other,
                line.other,
            )
            line.rr1, line.rr2 = rates.rr1 or 0, rates.rr2 or 0
            line.ref1, line.con1 = rates.ref1 or 0, rates.con1 or 0

    @api.depends("value", "count", "measured_met", "measured_count", "asked")
    @api.depends_context("lang", "service_survey_confidential")
    def _compute_texts(self):
        for line in self:
            line.value_text = line._say(line.value, line.satisfied, line.count)
            line.response_text = _of(line.answered, line.asked)
            line.measured_text = _of(line.measured_met, line.measured_count)
            line.previous_text = "–"
            if line.has_previous:
                line.previous_text = line._say(
                    line.previous_value, line.previous_satisfied, line.previous_count
                )
            line.change_text = line._change()
            line.gap_state = line._gap_state()
            is_known = line.gap_state not in ("few", "none")
            line.gap_text = f"{line.gap:+.1f}" if is_known else "–"

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        if any(line.survey_id.closed_at for line in self):
            raise UserError(
                self.env._("The survey is closed: its figures stay as they are.")
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_answers(self):
        """List the answers that the figure is of."""
        self.ensure_one()
        questions = self.question_id | self.promise_id.question_ids
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "survey.user_input.line",
            "domain": [
                ("question_id", "in", questions.ids),
                ("skipped", "=", False),
                ("user_input_id.service_contact_ids.state", "=", "answered"),
            ],
            "view_mode": "list",
            "views": [(False, "list")],
        }

    def action_open_measured(self):
        """List the service targets that were counted, as the clocks have them."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "service.quality.clock",
            "domain": [("id", "in", self._measured_ids())],
            "context": {"active_test": False},
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _take(self, survey):
        """Count the figures of one survey anew.

        :param survey: not closed before, or being closed
        """
        # everybody's answers are counted, and nobody writes figures
        survey = survey.sudo()
        lines = self.sudo().with_env(survey.env)  # likewise
        lines.env.flush_all()  # what waits is not lost with what is read anew
        values = lines.env["service.quality.survey.counting"]._count(survey)
        lines.env.cr.execute(
            SQL(
                "DELETE FROM service_quality_survey_result WHERE survey_id = %s",
                survey.id,
            )
        )
        lines.env.invalidate_all(flush=False)
        values.sort(key=_place)
        return lines._create_as_step(
            [
                self._prepare(survey, vals) | {"sequence": sequence}
                for sequence, vals in enumerate(values)
            ]
        )

    @api.model
    def _prepare(self, survey, counted):
        """Return the values of a figure from what was counted."""
        values = {
            name: value
            for name, value in counted.items()
            if name in self._fields and name != "code"
        }
        field = NAMING.get(counted["kind"].removesuffix("_promise"))
        if field and counted["ref"]:
            values[field] = counted["ref"]
        return values | {"survey_id": survey.id, "code": counted.get("code") or False}

    def _measured_ids(self):
        """Return the ids of the clocks that were counted for one promise."""
        self.ensure_one()
        content = self.env["service.quality.report.content"]
        indicator = content._attainment()
        targets = self.promise_id.sudo().target_ids  # whatever agreements one reads
        if not indicator or not targets:
            return []
        context = self.env["service.quality.counting"]._counting_context(
            self.company_id, self.survey_id._period(), ("target",)
        )
        found = self.env.execute_query(
            SQL(
                "SELECT res_id FROM (%s) AS counted WHERE target_id = ANY(%s) AND %s "
                "ORDER BY res_id",
                self.env["service.quality.formula"]._rows(indicator, context),
                targets.ids,
                COUNTED,
            )
        )
        return [res_id for (res_id,) in found]

    # ------------------------------------------------------------------
    # In words
    # ------------------------------------------------------------------

    def _say(self, value, satisfied, count):
        """Return a score as people read it; of few, how many are satisfied.

        What one person alone has said is told where answers are read, and nowhere else:
        ``service_survey_confidential`` in the context.
        """
        if self.kind == "silence":
            return f"{value:.1f}"
        if not count or not self.has_value:
            return "–"
        if count < TOLD and self.env.context.get("service_survey_confidential"):
            return self.env._("one answer, confidential")
        if self.block == "nps":
            if is_few(count):
                return self.env._(
                    "%(count)s of %(all)s recommend us", count=satisfied, all=count
                )
            return f"{value:+.0f}"
        if is_few(count):
            return self.env._(
                "%(count)s of %(all)s satisfied", count=satisfied, all=count
            )
        return f"{value:.1f}"

    def _change(self):
        """Return how far a score moved against last year; nothing of few."""
        if not self.has_previous or is_few(min(self.count, self.previous_count)):
            return "–"
        return f"{self.value - self.previous_value:+.1f}"

    def _gap_state(self):
        """Return how what is felt compares with what is measured."""
        if not self.has_value or not self.measured_count:
            return "none"
        if is_few(min(self.count, self.measured_count)):
            return "few"
        measured = wilson(self.measured_met, self.measured_count)
        if self.gap <= -GAP and self.high < measured[0]:
            return "worse"
        if self.gap >= GAP and self.low > measured[1]:
            return "better"
        return "alike"

    def _interval_text(self):
        """Return between what a score lies, where enough have answered."""
        return f"{self.low:.1f} – {self.high:.1f}" if self.has_interval else "–"


def _of(part, whole):
    """Return a share as people read it: of few, how many there were.

    >>> _of(3, 4), _of(45, 50), _of(0, 0)
    ('3 / 4', '90.0 % (45 / 50)', '–')
    """
    if not whole:
        return "–"
    text = f"{part} / {whole}"
    return text if is_few(whole) else f"{share(part, whole):.1f} % ({text})"


def _place(values):
    """Return where a figure stands: promises with the widest gap first, few last."""
    if values["kind"] != "promise":
        return ORDER[values["kind"]], False, 0
    fewest = min(values["count"], values["measured_count"])
    return ORDER["promise"], is_few(fewest), values.get("gap", 0)
