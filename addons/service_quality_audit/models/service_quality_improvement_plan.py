import base64
from collections import defaultdict
from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.service_quality_core.tools.period import Period
from odoo.addons.service_quality_indicator.models.service_quality_period_mixin import (
    PERIOD_KINDS,
)

from ..tools.gaps import Gap, rank

PLAN = "service_quality_audit.report_improvement_plan"

MEASURE = "mgmtsystem.action"

MINOR = ("immediate", "correction", "prevention")
"""The kinds of measures that an executive approves in one list, unless they are costly.
"""

KINDS = [
    ("promise", "Promise to customers"),
    ("inner", "Promise of another team or supplier"),
    ("indicator", "Indicator"),
    ("obligation", "Duty of the regulations"),
    ("nonconformity", "Nonconformity"),
    ("other", "Other"),
]


class ServiceQualityImprovementPlan(models.Model):
    """The service improvement plan (服务改进计划) of a quarter: regulation A4.1.3.

    It lists what was missed since the quarter before, process by process and ranked,
    and the minor measures of the time. People say of each gap what is done about it,
    by whom and until when; an executive approves all of it.
    """

    _name = "service.quality.improvement.plan"
    _description = "Service Improvement Plan"
    _inherit = [
        "service.quality.approval.mixin",
        "service.quality.signature.mixin",
        "service.quality.period.mixin",
        "service.quality.stand.in.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_from desc, id desc"
    _check_company_auto = True
    _second_roles = ("executive",)

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    period_kind = fields.Selection(PERIOD_KINDS, default="quarter")
    user_id = fields.Many2one(
        "res.users",
        string="Prepared By",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        ondelete="restrict",
    )
    line_ids = fields.One2many(
        "service.quality.improvement.plan.line", "plan_id", string="Gaps", copy=False
    )
    open_count = fields.Integer(
        string="Without Decision", compute="_compute_open_count"
    )
    minor_ids = fields.Many2many(
        MEASURE,
        "service_quality_improvement_plan_minor_rel",
        string="Minor Measures",
        readonly=True,
        copy=False,
        help="The minor measures of this period. Those that wait for approval are "
        "approved with the plan.",
    )
    summary = fields.Text(
        string="What Follows", help="What the service should be like in three months."
    )
    state = fields.Selection(
        [("draft", "Being drawn up"), ("approved", "Approved")],
        string="Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        tracking=True,
    )
    decided_by_id = fields.Many2one(
        "res.users",
        string="Approved By",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    decided_at = fields.Datetime(string="Approved On", readonly=True, copy=False)
    gathered_at = fields.Datetime(string="Gaps Found On", readonly=True, copy=False)
    document = fields.Binary(
        string="Plan as PDF", readonly=True, copy=False, attachment=True
    )
    document_name = fields.Char(compute="_compute_document_name")

    _period_uniq = models.UniqueIndex(
        "(company_id, period_kind, date_from)",
        "There is a plan of this time already. Add to that one.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("period_kind")
    def _compute_date_from(self):
        """Propose the period that runs: a plan looks forward."""
        for plan in self:
            kind = plan.period_kind or "quarter"
            plan.date_from = Period.around(kind, plan.company_id._service_day()).start

    @api.depends("period_kind", "date_from")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for plan in self:
            period = plan._period()
            plan.display_name = self.env._(
                "Improvement plan %s", period.label if period else ""
            ).strip()

    @api.depends("line_ids.decision")
    def _compute_open_count(self):
        for plan in self:
            open_ = plan.line_ids.filtered(lambda line: not line._is_decided())
            plan.open_count = len(open_)

    @api.depends("period_kind", "date_from")
    def _compute_document_name(self):
        for plan in self:
            plan.document_name = f"{plan.display_name}.pdf"

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Find the gaps at once."""
        plans = super().create(vals_list)
        plans._gather()
        plans._ask_to_approve()
        return plans

    def write(self, vals):
        """Change only what is not approved."""
        self._check_open(vals)
        if self and {"period_kind", "date_from", "company_id"} & vals.keys():
            raise UserError(
                self.env._(
                    "The period of a plan does not change. Draw up another "
                    "plan for another period."
                )
            )
        return super().write(vals)

    def _check_open(self, names):
        """Refuse to change what is approved."""
        written = {n for n in names if not n.startswith(("message_", "activity_"))}
        if self.env.su or not written:
            return
        approved = self.filtered(lambda plan: plan.state == "approved")
        if approved:
            raise UserError(
                self.env._(
                    "%s is approved, and stays as it is. Enter what is new in the "
                    "next plan.",
                    approved[0].display_name,
                )
            )

    @api.model
    def _step_refusal(self, label):
        return self.env._("Use Approve to approve a plan.")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        if any(plan.state == "approved" for plan in self):
            raise UserError(self.env._("An approved plan stays in the record."))

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_gather(self):
        """Look for gaps again; what people have written about them stays.

        :raise UserError: once the plan is approved
        """
        self._ensure_some()
        self.check_access("write")
        self._check_open({"line_ids"})
        self._gather()
        return True

    # ------------------------------------------------------------------
    # Gaps
    # ------------------------------------------------------------------

    def _since(self):
        """Return the first day of what the plan looks at: of the period before."""
        return self._period().previous().start

    def _span(self):
        """Return the moments between which gaps are looked for, naive UTC."""
        company = self.company_id
        return (
            company._service_midnight(self._since()),
            company._service_midnight(self._period().end),
        )

    def _gather(self):
        """List the gaps and the minor measures of some plans."""
        Line = self.env["service.quality.improvement.plan.line"]
        for plan in self:
            # what is counted is counted for everybody who reads the plan
            told = plan.sudo().with_context(
                lang=plan.company_id._service_lang(),
                allowed_company_ids=plan.company_id.ids,
            )
            Line._store(told, rank(told._gaps()))
            told._write_as_step(
                {
                    "gathered_at": fields.Datetime.now(),
                    "minor_ids": [Command.set(told._minor_measures().ids)],
                }
            )

    def _gaps(self):
        """Return the gaps of one plan, in any order; addons add theirs.

        :return: list of :class:`~..tools.gaps.Gap`, in the language of the context
        """
        self.ensure_one()
        return [
            *self._gaps_of_promises(),
            *self._gaps_of_indicators(),
            *self._gaps_of_obligations(),
            *self._gaps_of_nonconformities(),
        ]

    def _gaps_of_promises(self):
        """Return by process and promise how many were not kept."""
        start, end = self._span()
        Clock = self.env["service.quality.clock"]
        metrics = dict(Clock._fields["metric"]._description_selection(self.env))
        counts = defaultdict(lambda: [0, 0])
        groups = Clock._read_group(
            Domain("company_id", "=", self.company_id.id)
            & Domain("counted", "=", True)
            & Domain("verdict", "!=", False)
            & Domain("judged_at", ">=", start)
            & Domain("judged_at", "<", end),
            ["kind", "process_id", "metric", "verdict"],
            ["__count"],
        )
        for kind, process, metric, verdict, count in groups:
            key = ("promise" if kind == "sla" else "inner", process, metric)
            counts[key][0] += count * (verdict == "missed")
            counts[key][1] += count
        return [
            Gap(
                f"{kind}:{process.id or 0}:{metric}",
                kind,
                metrics.get(metric, metric),
                missed,
                due,
                process.id,
            )
            for (kind, process, metric), (missed, due) in counts.items()
            if missed
        ]

    def _gaps_of_indicators(self):
        """Return of each indicator of the company how often its goal was missed."""
        figures = self.env["service.quality.figure"]._read_group(
            Domain("company_id", "=", self.company_id.id)
            & Domain("scope", "=", "company")
            & Domain("is_provisional", "=", False)
            & Domain("goal_state", "!=", "no_goal")
            & Domain("date_to", ">=", self._since())
            & Domain("date_from", "<", self._period().end),
            ["indicator_id", "goal_state"],
            ["__count"],
        )
        counts = defaultdict(lambda: [0, 0])
        for indicator, state, count in figures:
            counts[indicator][0] += count * (state == "beyond")
            counts[indicator][1] += count
        return [
            self._gap_of("indicator", indicator, *pair)
            for indicator, pair in counts.items()
            if pair[0]
        ]

    def _gaps_of_obligations(self):
        """Return of each duty in how many periods it was missed, uncorrected."""
        groups = self.env["service.quality.compliance"]._read_group(
            Domain("company_id", "=", self.company_id.id)
            & Domain("state", "not in", ("not_supported", "not_applicable", "nothing"))
            & Domain("date_to", ">=", self._since())
            & Domain("date_from", "<", self._period().end),
            ["obligation_id", "state"],
            ["__count"],
        )
        counts = defaultdict(lambda: [0, 0])
        for obligation, state, count in groups:
            counts[obligation][0] += count * (state in ("overdue", "not_fulfilled"))
            counts[obligation][1] += count
        return [
            self._gap_of("obligation", obligation, *pair)
            for obligation, pair in counts.items()
            if pair[0]
        ]

    def _gaps_of_nonconformities(self):
        """Return how many nonconformities of the time are open at its end.

        They are counted, not named: some are hidden. Of the time are those that were
        open on a day of it; what was cancelled is no nonconformity.
        """
        start, end = self._span()
        Nonconformity = self.env["mgmtsystem.nonconformity"]
        own = (
            Domain("company_id", "=", self.company_id.id)
            & Domain("state", "!=", "cancel")
            & Domain("service_raised_at", "<", end)
        )

        def open_at(moment):
            ended_later = Domain("closing_date", ">=", moment)
            return Domain("closing_date", "=", False) | ended_later

        missed = Nonconformity.search_count(own & open_at(end))
        if not missed:
            return []
        due = Nonconformity.search_count(own & open_at(start))
        name = self.env._("Nonconformities that are not closed")
        return [Gap("nonconformity", "nonconformity", name, missed, due)]

    @api.model
    def _gap_of(self, kind, record, missed, due):
        return Gap(
            f"{kind}:{record.id}",
            kind,
            record.display_name,
            missed,
            due,
            model=record._name,
            res_id=record.id,
        )

    def _minor_measures(self):
        """Return the minor measures of the time of one plan."""
        measures = self.env[MEASURE].search(
            Domain("company_id", "=", self.company_id.id)
            & Domain("type_action", "in", MINOR)
            & Domain("service_about_on", ">=", self._since())
            & Domain("service_about_on", "<", self._period().end)
            & Domain("service_state", "!=", "cancelled")
        )
        return measures.filtered(lambda measure: not measure._is_costly())

    # ------------------------------------------------------------------
    # Approval
    # ------------------------------------------------------------------

    def _ask_to_approve(self):
        """Ask an executive to approve the plan until the end of its time."""
        self.env["mail.activity"]._service_plan(
            [
                (
                    plan,
                    plan._second_persons().users[:1],
                    plan.date_to,
                    lambda own: own.env._("Approve: %s", own.display_name),
                )
                for plan in self.sudo()  # who approves is asked for everybody
            ]
        )

    def _refusal(self):
        return self.env._("An executive approves a service improvement plan.")

    def _check_decidable(self, state):
        for plan in self:
            missing = plan._missing()
            if missing:
                raise ValidationError(
                    self.env._(
                        "The plan cannot be approved yet:\n%s",
                        "\n".join(f"• {text}" for text in missing),
                    )
                )

    def _missing(self):
        """List what keeps the plan from being approved, in words."""
        _ = self.env._
        if self.state == "approved":
            return [_("It is approved already.")]
        if self.date_from > self.company_id._service_day():
            return [_("Its time has not begun.")]
        begins = self.company_id._service_midnight(self.date_from)
        if not self.gathered_at or self.gathered_at < begins:
            return [_("Gaps were looked for before its time began: look again.")]
        return [
            _(
                "%s: say what is done by whom until when, or why it waits.",
                line.name,
            )
            for line in self.line_ids
            if not line._is_decided()
        ]

    def _decide(self, state):
        """Approve what is open, make measures of what is done, and keep the paper."""
        result = super()._decide(state)
        self._sign(state, self.env._("Service improvement plan"))
        self.activity_ids.filtered("automated").action_feedback()
        self.line_ids._carry_out()
        for plan in self:
            plan._waiting_measures()._start(plan.decided_by_id, plan.decided_at)
        self._keep_document()
        return result

    def _signed_content(self, meaning, part):
        """Return the gaps with what was decided about each, and the minor measures."""
        self.ensure_one()
        return {
            "date_from": fields.Date.to_string(self.date_from),
            "summary": self.summary or "",
            "line_ids": [line._signed() for line in self.line_ids.sorted("id")],
            "minor_ids": sorted(self.minor_ids.ids),
        }

    def _signed_labels(self):
        return {
            name: self._fields[name]._description_string(self.env)
            for name in self._signed_content("approved", 0)
        }

    def _waiting_measures(self):
        """Return the minor measures that are approved with one plan.

        Nobody approves what is theirs, and those of a nonconformity are approved there.
        """
        user = self.env.user
        return self.minor_ids.filtered(
            lambda one: (
                one.service_state == "proposed"
                and not one._approved_with()
                and user not in one._authors()
            )
        )

    def _keep_document(self):
        """Print the plan in the language of the company, and keep exactly that."""
        report = self.env["ir.actions.report"]
        for plan in self:
            # batched: plans are approved one by one
            content, _kind = report._render_qweb_pdf(PLAN, plan.ids)
            plan._write_as_step({"document": base64.b64encode(content)})

    def _prepare_page(self):
        """Return what the page of one plan shows: dict of values."""
        self.ensure_one()
        company = self.company_id
        plan = self.with_context(lang=company._service_lang(), tz=company._service_tz())
        return {
            "plan": plan,
            "company": company,
            "tz": company._service_tz(),
            "since": self._since(),
            "last": self._period().end - timedelta(days=1),
            # those of hidden complaints are for who may read these
            "minors": plan.minor_ids.filtered(lambda one: not one.service_ticket_id),
        }
