from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.base import LEAST_REASON

from ..tools.statistics import judge
from .counting_context import LABELS, SCOPE_NAMES, SCOPES

CHATTER = ("message_", "activity_")

AGREED_SCOPES = ("project", "agreement", "customer", "target")
"""Where what the agreements ask for is the goal, unless a target says otherwise."""


class ServiceQualityIndicatorTarget(models.Model):
    """Says what an indicator is to reach, once an executive has approved it."""

    _name = "service.quality.indicator.target"
    _description = "Target of an Indicator"
    _inherit = [
        "service.quality.approval.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_from desc, indicator_id, id"
    _check_company_auto = True
    _second_roles = ("executive",)

    indicator_id = fields.Many2one(
        "service.quality.indicator", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    direction = fields.Selection(related="indicator_id.direction")
    unit = fields.Selection(related="indicator_id.unit")

    # what it is of: without a record it holds for each one of the scope
    scope = fields.Selection(SCOPE_NAMES, required=True, default="company")
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Department",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    project_id = fields.Many2one(
        "service.quality.project",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    agreement_id = fields.Many2one(
        "service.quality.agreement",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", index="btree_not_null", ondelete="restrict"
    )
    category_id = fields.Many2one(
        "helpdesk.ticket.category", index="btree_not_null", ondelete="restrict"
    )
    process_id = fields.Many2one(
        "helpdesk.ticket.type", index="btree_not_null", ondelete="restrict"
    )
    user_id = fields.Many2one(
        "res.users", string="Engineer", index="btree_not_null", ondelete="restrict"
    )
    target_id = fields.Many2one(
        "service.quality.target",
        string="Service Target",
        index="btree_not_null",
        ondelete="restrict",
    )
    scope_id = fields.Integer(
        string="Scope Record",
        compute="_compute_scope_id",
        store=True,
        help="The record of the scope; 0: each one that has no target of its own.",
    )
    scope_name = fields.Char(string="Of", compute="_compute_scope_name")

    # when
    date_from = fields.Date(
        required=True,
        default=lambda self: self.env.company._service_day(),
        tracking=True,
        help="It holds from its approval on at the earliest, and judges the periods "
        "that begin then. It judges a running one only where there was no goal yet.",
    )
    date_to = fields.Date(
        string="Until",
        tracking=True,
        help="The last day on which it holds; empty: open.",
    )

    # what
    goal_low = fields.Float(help="The lower end of a range.")
    goal = fields.Float(required=True, tracking=True)
    tolerance = fields.Float(
        tracking=True, help="How far beyond the goal is still tolerated."
    )
    has_red_line = fields.Boolean(
        help="A figure beyond it is a grave matter at once, in a single period."
    )
    red_line = fields.Float(
        tracking=True, help="A second limit, worse than the goal with its tolerance."
    )
    reason = fields.Text(help="Why this goal: for whoever approves it.")
    state = fields.Selection(
        [("draft", "Draft"), ("approved", "Approved"), ("refused", "Refused")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    decided_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    decided_at = fields.Datetime(readonly=True, copy=False)

    _date_check = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "A target ends after it begins. Correct one of the dates.",
    )
    _tolerance_check = models.Constraint(
        "CHECK (tolerance >= 0)", "A tolerance is not negative."
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("scope", *LABELS)
    def _compute_scope_id(self):
        for target in self:
            target.scope_id = target._scope_record().id

    @api.depends("scope_id")
    def _compute_scope_name(self):
        for target in self:
            record = target._scope_record()
            target.scope_name = record.display_name or self.env._("Each one")

    @api.depends("indicator_id", "scope_name", "goal")
    def _compute_display_name(self):
        for target in self:
            indicator = target.indicator_id
            goal = indicator and indicator._format(target.goal)
            names = (indicator.name, indicator and target.scope_name, goal)
            target.display_name = " · ".join(filter(None, names))

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains(
        "indicator_id", "goal", "goal_low", "tolerance", "has_red_line", "red_line"
    )
    def _check_possible(self):
        """Refuse what no figure can reach, or every one does."""
        for target in self:
            problem = target._impossible()
            if problem:
                raise ValidationError(problem)

    @api.constrains("state", "scope", "scope_id", "date_from", "date_to")
    def _check_overlap(self):
        """Refuse a second target of an indicator and scope at the same time."""
        approved = self.filtered(lambda target: target.state == "approved")
        targets = self.sudo()  # also those the user does not read
        for target in approved:
            domain = target._overlap_domain()
            others = targets.search_count(domain, limit=1)  # batched: one at a time
            if others:
                raise ValidationError(
                    self.env._(
                        "%s: another approved target holds in the same time. End it "
                        "first, or choose other dates.",
                        target.display_name,
                    )
                )

    def _impossible(self):
        """Return why a target is impossible, or False."""
        self.ensure_one()
        bounds = [self.goal]
        if self.direction == "range":
            bounds.append(self.goal_low)
            if self.goal_low > self.goal:
                return self.env._(
                    "The range begins above its end. Correct one of them."
                )
        if min(bounds) < 0:
            return self.env._("No figure is below zero. Choose another goal.")
        if self.unit == "percent" and max(bounds) > 100:
            return self.env._(
                "A share is never above 100. Choose a goal between 0 and 100."
            )
        if self.unit == "points" and not 1 <= self.goal <= 5:
            return self.env._("Points are from 1 to 5. Choose a goal between them.")
        return self.has_red_line and self._impossible_red_line()

    def _impossible_red_line(self):
        """Return why the red line is none, or False."""
        if self.direction == "range":
            return self.env._("Of a range there is no red line. Leave it out.")
        status = judge(self.red_line, self.goal, self.tolerance, self.direction)
        if status != "beyond" or self.red_line < 0:
            return self.env._(
                "The red line is worse than the goal with its tolerance. Correct one "
                "of them."
            )
        return False

    def _overlap_domain(self):
        self.ensure_one()
        domain = (
            Domain("id", "!=", self.id)
            & Domain("state", "=", "approved")
            & Domain("indicator_id", "=", self.indicator_id.id)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("scope", "=", self.scope)
            & Domain("scope_id", "=", self.scope_id)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", self.date_from))
        )
        if self.date_to:
            domain &= Domain("date_from", "<=", self.date_to)
        return domain

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        changed = {name for name in vals if not name.startswith(CHATTER)}
        if changed and any(target.state != "draft" for target in self):
            raise UserError(
                self.env._(
                    "What was decided stays as it is. End the target, and propose "
                    "another one."
                )
            )
        return super().write(vals)

    @api.model
    def _step_refusal(self, label):
        return self._refusal()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        if any(target.state != "draft" for target in self):
            raise UserError(
                self.env._(
                    "A target that was decided is part of the record. End it instead."
                )
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_refuse(self):
        """Refuse targets.

        :raise AccessError: for users who are no executives
        """
        return self._take_decision("refused", self.env._("Refused"))

    def action_end(self):
        """Ask for the last day of an approved target."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("End the target"),
            "res_model": "service.quality.indicator.target.end",
            "view_mode": "form",
            "target": "new",
            "context": {"default_target_id": self.id},
        }

    def _end_on(self, day, reason):
        """End an approved target, from today on and by who may approve one.

        :param day: the last day on which it holds
        :raise AccessError: as :meth:`action_approve`
        :raise ValidationError: for a day that is past, or a target that has ended
        """
        self.ensure_one()
        today = self.company_id._service_day()
        ended = self.date_to and self.date_to < today
        if self.state != "approved" or ended:
            raise ValidationError(self.env._("Only a target that holds is ended."))
        if day < today:
            raise ValidationError(
                self.env._("A target ends from today on, and not for the past.")
            )
        self.check_access("read")
        self._service_check_said("reason", reason, LEAST_REASON)
        self._decide_as_second_person(self.env._("Ended"), self._refusal())
        target = self.sudo()  # executives decide, they do not write
        target._write_as_step({"date_to": day})
        target._message_log(body=reason, author_id=self.env.user.partner_id.id)

    @api.model
    def _refusal(self):
        return self.env._("Targets of indicators are decided by executives.")

    def _check_decidable(self, state):
        if any(target.state != "draft" for target in self):
            raise UserError(self.env._("This target was decided already."))
        for target in self if state == "approved" else ():
            if target.date_to and target.date_to < target.company_id._service_day():
                raise ValidationError(
                    self.env._(
                        "%s would have ended before it is approved. A target holds "
                        "from its approval on.",
                        target.display_name,
                    )
                )

    def _prepare_decided(self, state):
        """Have a target begin no sooner than it was approved.

        Whoever knows the figures already does not choose what they are to reach.
        """
        values = super()._prepare_decided(state)
        today = self.company_id._service_day()
        if state == "approved" and self.date_from < today:
            values["date_from"] = today
        return values

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _scope_record(self):
        """Return the record that the target is of; empty for each of the scope."""
        return self[SCOPES[self.scope or "company"].column]

    @api.model
    def _red_lines(self, figures):
        """Return the red lines that held when the periods of figures began, one query.

        That of the record itself comes before one for each of its kind.

        :return: dict of figure to a number, without those that have none
        """
        found = self.sudo().search(  # read with the figure
            [
                ("indicator_id", "in", figures.indicator_id.ids),
                ("company_id", "in", figures.company_id.ids),
                ("state", "=", "approved"),
            ],
            order="date_from",
        )
        lines = {}
        for figure in figures:
            held = found.filtered(
                lambda target, figure=figure: (
                    target.indicator_id == figure.indicator_id
                    and target.company_id == figure.company_id
                    and target.scope == figure.scope
                    and target.scope_id in (figure.scope_id, 0)
                    and target.date_from <= figure.date_from
                    and (not target.date_to or target.date_to >= figure.date_from)
                )
            )
            target = held.filtered("scope_id")[-1:] or held[-1:]
            if target.has_red_line:
                lines[figure] = target.red_line
        return lines

    @api.model
    def _goals(self, indicators, company, period):
        """Return the :class:`Goals` of indicators in a period, one query.

        A period is judged by what was to be reached when it began: who knows how it
        went does not choose anew.
        """
        found = self.sudo().search_fetch(  # read with the figure
            [
                ("indicator_id", "in", indicators.ids),
                ("company_id", "=", company.id),
                ("state", "=", "approved"),
                ("date_from", "<", period.end),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", period.start),
            ],
            order="date_from DESC",
        )
        return Goals(indicators, found, period.start)


class Goals:
    """Holds the goals of some indicators in a period."""

    def __init__(self, indicators, targets, first_day):
        """Sort targets, the latest first, by whether the first day has them."""
        self._directions = {one.id: one.direction for one in indicators}
        self._agreed = {one.id for one in indicators if one._declared().has_agreed_goal}
        self._held, self._begun = {}, {}
        for target in targets:
            goals = self._held if target.date_from <= first_day else self._begun
            key = target.indicator_id.id, target.scope, target.scope_id
            goals[key] = target.goal, target.tolerance, target.goal_low

    def _goal(self, row):
        """Return goal, tolerance and lower end for what was counted of a scope.

        A target of the record itself comes first, then one for each of its kind; then
        what the agreements ask for (Regulation A4.3.4: against the SLA). Only where
        none of them held on the first day, the first target since then counts.
        """
        indicator_id, scope = row["indicator_id"], row["scope"]
        own, each = (indicator_id, scope, row["scope_id"]), (indicator_id, scope, 0)
        found = self._held.get(own) or self._held.get(each)
        if found:
            return found
        if indicator_id in self._agreed and scope in AGREED_SCOPES:
            if row["agreed_goal"] is not None:
                return row["agreed_goal"], 0.0, None
        return self._begun.get(own) or self._begun.get(each) or (None, None, None)

    def judge(self, row):
        """Return goal, tolerance and status of what was counted of a scope."""
        goal, tolerance, low = self._goal(row)
        direction = self._directions[row["indicator_id"]]
        value = row["value"] if row["has_value"] else None
        return {
            "goal": goal,
            "tolerance": tolerance,
            "goal_low": low if direction == "range" else None,
            "goal_state": judge(value, goal, tolerance or 0.0, direction, low),
        }
