from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.service_quality_core.models.base import LEAST_REASON
from odoo.addons.service_quality_core.models.roles import group_of
from odoo.addons.service_quality_core.models.service_quality_rectify_mixin import End

from ..tools.cause import same_cause

ANSWER = {"analysis", "action", "action_until", "no_action_reason"}
FOLLOW_UP = {"follow_up", "is_effective"}
WRITTEN_BY_FOLLOWERS = FOLLOW_UP | {"deadline"}

FOLLOWERS = (group_of("quality"), group_of("technical_centre"))
"""Regulation A4.3.5: who judges whether what was done about a deviation is enough."""

ANSWER_DAYS = 10
"""Within so many days after it was raised a deviation is analysed."""


class ServiceQualityDeviation(models.Model):
    """Regulations A4.2.2 and A4.3.4: records a figure beyond its goal, and the action.

    Raised once for each cause in a period that is over: one miss stands in many figures
    and is explained once. Its owner says why, and what is done or why nothing is; the
    quality department follows it up and closes it.
    """

    _name = "service.quality.deviation"
    _description = "Deviation from a Goal"
    _inherit = [
        "service.quality.rectify.mixin",
        "service.quality.steps.mixin",
        "service.quality.decision.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "service.quality.due.mixin",
    ]
    _order = "date_from desc, indicator_id, id"
    _rec_name = "indicator_id"

    _second_roles = ("quality", "technical_centre")
    _not_authored = frozenset(WRITTEN_BY_FOLLOWERS | {"owner_id"})
    _due_subject = "deviation"
    _due_sequence = 70
    _due_owner = "owner_id"
    _due_depends = ("state", "deadline", "answered_at", "closed_at")

    figure_id = fields.Many2one(
        "service.quality.figure",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    indicator_id = fields.Many2one(related="figure_id.indicator_id", store=True)
    company_id = fields.Many2one(related="figure_id.company_id", store=True)
    scope = fields.Selection(related="figure_id.scope", store=True)
    scope_id = fields.Integer(related="figure_id.scope_id", store=True)
    scope_name = fields.Char(related="figure_id.scope_name")
    period = fields.Char(related="figure_id.period")
    date_from = fields.Date(related="figure_id.date_from", store=True)
    date_to = fields.Date(related="figure_id.date_to", store=True)
    also_figure_ids = fields.Many2many(
        "service.quality.figure",
        "service_quality_deviation_also_rel",
        string="The Same Cause",
        readonly=True,
        ondelete="restrict",
        help="Figures beyond their goals in which the same cases stand. They are "
        "answered here, too.",
    )
    value_text = fields.Char(string="Measured", readonly=True, help="When raised.")
    goal_text = fields.Char(string="Goal", readonly=True, help="When raised.")
    owner_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        domain=[("share", "=", False)],
        tracking=True,
    )
    deadline = fields.Date(required=True, tracking=True)
    analysis = fields.Text(tracking=True, help="Why the goal was missed.")
    action = fields.Text(
        string="Proposed Action", tracking=True, help="What is done, by whom, by when."
    )
    action_until = fields.Date(tracking=True, help="The day by which it is done.")
    no_action_reason = fields.Text(
        string="Why No Action", tracking=True, help="Where nothing is to be done."
    )
    answered_at = fields.Datetime(readonly=True)
    answered_by_id = fields.Many2one("res.users", readonly=True, index="btree_not_null")
    follow_up = fields.Text(
        tracking=True, help="What became of it, by the figures of the periods after."
    )
    is_effective = fields.Selection(
        [("yes", "Effective"), ("no", "Not effective"), ("none", "No action needed")],
        string="Did It Work",
        tracking=True,
    )
    closed_at = fields.Datetime(readonly=True)
    closed_by_id = fields.Many2one("res.users", readonly=True, index="btree_not_null")
    state = fields.Selection(
        [("open", "To analyse"), ("answered", "To follow up"), ("closed", "Closed")],
        compute="_compute_state",
        store=True,
        index=True,
    )

    _figure_uniq = models.UniqueIndex("(figure_id)")

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("answered_at", "closed_at")
    def _compute_state(self):
        for deviation in self:
            if deviation.closed_at:
                deviation.state = "closed"
            else:
                deviation.state = "answered" if deviation.answered_at else "open"

    @api.depends("indicator_id", "scope_name", "date_from")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for deviation in self:
            names = (
                deviation.indicator_id.name,
                deviation.scope_name,
                deviation.date_from and f"{deviation.date_from:%Y-%m}",
            )
            deviation.display_name = " · ".join(filter(None, names))

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """Refuse changes of what was measured, and of what is closed."""
        if not self.env.su:
            rectified = self._rectify_fields().keys()
            closed = self.filtered("closed_at")
            if closed and vals.keys() - rectified:
                raise AccessError(self.env._("This deviation is closed."))
            handed_in = (self - closed).filtered("answered_at")
            if vals.keys() & ANSWER and handed_in:
                raise AccessError(
                    self.env._("The analysis was handed in. Reopen it to change it.")
                )
            if vals.keys() & WRITTEN_BY_FOLLOWERS:
                self._check_follower()
        return super().write(vals)

    @api.model
    def _step_refusal(self, label):
        return self.env._("What a deviation was raised for stays as it was.")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_raised(self):
        raise UserError(self.env._("A deviation stays on record."))

    # ------------------------------------------------------------------
    # What is rectified
    # ------------------------------------------------------------------

    _rectify_deciders = ("quality", "technical_centre")

    @api.model
    def _rectify_fields(self):
        return super()._rectify_fields() | {
            "analysis": False,
            "action": False,
            "action_until": False,
            "no_action_reason": False,
            "follow_up": False,
            "is_effective": True,
        }

    def _rectify_ended(self):
        return self.filtered("closed_at")

    def _rectify_ends(self):
        return {one: End(one.closed_at, one.closed_by_id) for one in self}

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_answer(self):
        """Hand in the analysis, with an action or the reason why there is none.

        :raise ValidationError: where one of them is missing
        """
        self._ensure_some()
        self.check_access("write")
        for deviation in self:
            if deviation.state != "open":
                raise UserError(self.env._("This analysis was handed in already."))
            if not (deviation.analysis or "").strip():
                raise ValidationError(self.env._("Enter why the goal was missed."))
            if not deviation._has_decision():
                raise ValidationError(
                    self.env._(
                        "Enter what is done about it, or why nothing is. Nothing was "
                        "recorded."
                    )
                )
        self._service_check_filled_in("analysis", "action", "no_action_reason")
        self._service_check_says(["analysis"])
        self._service_check_says(["action", "no_action_reason"], LEAST_REASON)
        self.sudo()._write_as_step(  # by the button alone
            {"answered_at": fields.Datetime.now(), "answered_by_id": self.env.uid}
        )
        self.activity_ids.action_feedback()
        return True

    def action_reopen(self):
        """Send the analysis back to its owner.

        :raise AccessError: for all but those who follow deviations up
        """
        self._ensure_some()
        self._check_follower()
        self.sudo()._write_as_step(  # by the button alone
            {
                "answered_at": False,
                "answered_by_id": False,
                "closed_at": False,
                "closed_by_id": False,
            }
        )
        self._remind()
        return True

    def action_close(self):
        """Close what was followed up.

        :raise AccessError: for all but those who follow deviations up, and for who
            handed in the analysis: nobody judges one's own work
        :raise ValidationError: without an analysis, or without a result
        """
        self._ensure_some()
        self.check_access("read")
        self._check_second_person(self._follower_refusal())
        for deviation in self:
            if deviation.state != "answered":
                raise ValidationError(
                    self.env._("Only what was analysed, and is not closed, is closed.")
                )
            if not deviation.is_effective or not (deviation.follow_up or "").strip():
                raise ValidationError(
                    self.env._("Enter what became of it, and whether it worked.")
                )
        for deviation in self:
            said = (deviation.analysis, deviation.action, deviation.no_action_reason)
            deviation._service_check_said(
                "follow_up",
                deviation.follow_up,
                LEAST_REASON,
                beyond="\n".join(filter(None, said)),
            )
        self._decide_as_second_person(self.env._("Closed"), self._follower_refusal())
        self.sudo()._write_as_step(  # by the button alone
            {"closed_at": fields.Datetime.now(), "closed_by_id": self.env.uid}
        )
        return True

    def action_open_rows(self):
        """Open the rows that the figure counts."""
        self.ensure_one()
        return self.figure_id.action_open_rows()

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _has_decision(self):
        """Return True if an action, or the reason why there is none, is written."""
        self.ensure_one()
        return bool((self.action or self.no_action_reason or "").strip())

    def _check_follower(self):
        """Refuse users who do not follow deviations up."""
        if self.env.su:
            return
        self.check_access("write")
        if any(self.env.user.has_group(group) for group in FOLLOWERS):
            return
        # where nobody of them is left it is for whoever decides in their place
        if not all(one.may_decide for one in self):
            raise AccessError(self._follower_refusal())

    @api.model
    def _follower_refusal(self):
        return self.env._(
            "The quality department and the technical service centre follow "
            "deviations up."
        )

    def _check_may_move_due(self):
        self._check_follower()
        return super()._check_may_move_due()

    def _authors(self):
        """Return who has handed in the analysis as well."""
        return super()._authors() | self.answered_by_id

    @api.model
    def _raise_for(self, figures):
        """Raise a deviation for what lies beyond its goal, once for each cause.

        It is judged by the cadence of the indicator, and against an agreement in the
        one figure of each service target. What so few cases may be by chance is passed
        over: see :func:`~..tools.statistics.misses_goal`.

        :param figures: of any periods; those that are not over are passed over
        :return: the new deviations
        """
        beyond = self._to_explain(figures)
        causes = self._by_cause(beyond)
        owners = self._owners(beyond.browse([figure.id for figure in causes]))
        # users do not write what was measured
        deviations = self.sudo()._create_as_step(
            [
                {
                    "figure_id": figure.id,
                    "also_figure_ids": [Command.set(also.ids)],
                    "value_text": figure.value_text,
                    "goal_text": figure.goal_text,
                    "owner_id": owners[figure].id,
                    "deadline": fields.Date.add(
                        figure.company_id._service_day(), days=ANSWER_DAYS
                    ),
                }
                for figure, also in causes.items()
            ]
        )
        deviations._remind()
        return deviations.sudo(False)

    @api.model
    def _to_explain(self, figures):
        """Return the figures beyond their goal of which somebody is to say why."""
        beyond = figures.filtered(
            lambda figure: (
                figure.goal_state == "beyond"
                and not figure.is_provisional
                and figure.period_kind == figure.indicator_id.cadence
                and not figure._is_personal()  # more people read deviations
                and figure._misses_goal()
            )
        )
        return self._with_own_goal(beyond) | beyond.filtered(
            lambda figure: figure.scope == "target" and figure.indicator_id.metric
        )

    @api.model
    def _by_cause(self, beyond):
        """Return which figures stand for a cause of their own, with their companions.

        What was raised before for a cause takes up the others of the same one.

        :return: dict of figure to figures
        """
        # whoever takes figures, one cause is explained once
        there = self.sudo().search(
            [
                ("company_id", "in", beyond.company_id.ids),
                ("date_from", "in", beyond.mapped("date_from")),
            ]
        )
        known = there.figure_id | there.also_figure_ids
        leaders = {one.figure_id: one for one in there}
        causes, joined = {}, {}
        for figure in (beyond - known).sorted(lambda one: one._cause_rank()):
            place = figure._cause_place()
            leader = next(
                (
                    one
                    for one in (*leaders, *causes)
                    if same_cause(one._cause_place(), place)
                ),
                None,
            )
            if leader is None:
                causes[figure] = beyond.browse()
            elif leader in causes:
                causes[leader] |= figure
            else:
                joined.setdefault(leaders[leader], []).append(figure.id)
        for deviation, ids in joined.items():  # a few, of one taking
            deviation._write_as_step(
                {"also_figure_ids": [Command.link(one) for one in ids]}
            )
        return causes

    @api.model
    def _with_own_goal(self, figures):
        """Return the figures whose goal an executive approved for their scope."""
        # whoever takes figures, goals are compared with all of them
        Target = self.env["service.quality.indicator.target"].sudo()
        targets = Target.search(
            [
                ("state", "=", "approved"),
                ("indicator_id", "in", figures.indicator_id.ids),
            ]
        )
        own = {
            (target.indicator_id, target.company_id, target.scope, target.scope_id)
            for target in targets
        }
        return figures.filtered(
            lambda figure: (
                own
                & {
                    (figure.indicator_id, figure.company_id, figure.scope, scope_id)
                    for scope_id in (figure.scope_id, 0)
                }
            )
        )

    @api.model
    def _owners(self, figures):
        """Return who answers for each figure: of its scope, else of its indicator."""
        by_scope = {
            "department": ("helpdesk.ticket.team", "user_id"),
            "project": ("service.quality.project", "user_id"),
            "agreement": ("service.quality.agreement", "manager_id"),
        }
        found = {}
        for scope, some in figures.grouped("scope").items():
            model, name = by_scope.get(scope, (None, None))
            if model:
                # whoever looks after the scope, whoever takes the figures
                records = self.env[model].sudo().browse(some.mapped("scope_id"))
                for record in records.exists():  # a query for each scope
                    found[scope, record.id] = record[name]
        fallback = {
            company: company._service_role_users("quality")[:1]
            for company in figures.company_id
        }
        owners = {}
        for figure in figures:
            company, indicator = figure.company_id, figure.indicator_id
            people = company._service_people(
                found.get((figure.scope, figure.scope_id), self.env["res.users"])
            ) or company._service_people(indicator.with_company(company).owner_id)
            owners[figure] = people or fallback[company]
        return owners

    def _answerable(self, members):
        return self.owner_id

    @api.model
    def _due_subject_label(self):
        return self.env._("Deviations")

    def _due_agreement(self):
        return self.figure_id.agreement_id

    def _due_project(self):
        return self.figure_id.project_id or super()._due_project()

    def _overdue_text(self):
        return self.env._("Deviation not analysed: %s", self.display_name)

    def _remind(self):
        """Plan the analysis as an activity of each owner."""
        self.env["mail.activity"]._service_plan(
            [
                (one, one.owner_id, one.deadline, lambda own: own._todo())
                for one in self.filtered("owner_id")
            ]
        )

    def _todo(self):
        """Return what the owner is asked to do."""
        return self.env._("Why was the goal missed? %s", self.display_name)
