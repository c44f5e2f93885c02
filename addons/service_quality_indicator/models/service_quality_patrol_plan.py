from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

HORIZON = relativedelta(days=35)
"""Patrols are in the calendar of their patrollers this long ahead."""

MOST = 1000
"""A plan has a patrol after at most this number of its units."""

UNITS = [("days", "Days"), ("weeks", "Weeks"), ("months", "Months")]


class ServiceQualityPatrolPlan(models.Model):
    """Plans what is inspected for a service project, and how often.

    Each date of the plan becomes a patrol of its own, which stays when the plan is
    changed: what was not done is not planned away.
    """

    _name = "service.quality.patrol.plan"
    _description = "Patrol Plan"
    _inherit = ["mail.thread"]
    _order = "project_id, name, id"

    name = fields.Char(
        string="What Is Inspected", required=True, translate=True, tracking=True
    )
    active = fields.Boolean(default=True)
    project_id = fields.Many2one(
        "service.quality.project",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    company_id = fields.Many2one(related="project_id.company_id", store=True)
    user_id = fields.Many2one(
        "res.users",
        string="Patroller",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        domain=[("share", "=", False)],
        tracking=True,
    )
    every = fields.Integer(required=True, default=1, tracking=True)
    unit = fields.Selection(UNITS, required=True, default="months", tracking=True)
    date_start = fields.Date(
        string="First Patrol",
        required=True,
        default=lambda self: self.env.company._service_day(),
        tracking=True,
    )
    date_end = fields.Date(string="Last Day", tracking=True)
    instruction = fields.Html(
        help="What to look at, in which order.", sanitize_style=True
    )
    patrol_ids = fields.One2many("service.quality.patrol", "plan_id")
    next_date = fields.Date(compute="_compute_next_date")

    _date_check = models.Constraint(
        "CHECK (date_end IS NULL OR date_end >= date_start)",
        "A plan cannot end before its first patrol. Correct one of the dates.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("project_id")
    def _compute_user_id(self):
        for plan in self:
            plan.user_id = plan.user_id or plan.project_id.user_id

    @api.depends("patrol_ids.date_planned", "patrol_ids.state")
    def _compute_next_date(self):
        for plan in self:
            pending = plan.patrol_ids.filtered(lambda patrol: not patrol.done_at)
            plan.next_date = min(pending.mapped("date_planned"), default=False)

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("date_start", "every", "unit")
    def _check_rhythm(self):
        """Refuse a plan that never ends, or fills the calendar with years gone by."""
        if any(not 1 <= plan.every <= MOST for plan in self):
            raise ValidationError(
                self.env._(
                    "A patrol is made every so many days, weeks or months: enter one "
                    "or more, and %s at most.",
                    MOST,
                )
            )
        if any(
            plan.date_start < plan.company_id._service_day() - relativedelta(years=1)
            for plan in self
        ):
            raise ValidationError(
                self.env._(
                    "A plan starts a year ago at most. Enter the first patrol that is "
                    "still to be made or to be proved."
                )
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        plans._plan_patrols()
        return plans

    def write(self, vals):
        """Plan again what is still ahead after the rhythm has changed."""
        if "project_id" in vals and any(
            plan.project_id.id != vals["project_id"] and plan.patrol_ids
            for plan in self
        ):
            raise UserError(
                self.env._(
                    "There are patrols of this plan already, which stay with their "
                    "service project. Archive it, and make a plan for the other one."
                )
            )
        result = super().write(vals)
        if vals.keys() & {"every", "unit", "date_start", "date_end", "active"}:
            ahead = self.patrol_ids.filtered(
                lambda patrol: (
                    patrol.state == "planned"
                    and patrol.date_planned > patrol.company_id._service_day()
                )
            )
            ahead.sudo().unlink()  # a date ahead is the plan's to move
            self._plan_patrols()
        return result

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _plan_patrols(self):
        """Make the patrols that fall due up to the horizon, each date once."""
        patrols = self.with_context(active_test=False).patrol_ids
        made = {(patrol.plan_id, patrol.date_planned) for patrol in patrols}
        # users who change a plan need not be allowed to create patrols
        Patrol = self.env["service.quality.patrol"].sudo()
        return Patrol._create_as_step(
            [
                {"plan_id": plan.id, "date_planned": date, "user_id": plan.user_id.id}
                for plan in self.filtered("active")
                for date in plan._dates(plan.company_id._service_day() + HORIZON)
                if (plan, date) not in made
            ]
        )

    def _dates(self, until):
        """Return the dates of a plan up to a day, from its first patrol on.

        Counted from the first one, so that the 31st comes back after a short month.
        """
        self.ensure_one()
        last = min(until, self.date_end or until)
        dates, step = [], 0
        while (
            date := self.date_start + relativedelta(**{self.unit: self.every * step})
        ) <= last:
            dates.append(date)
            step += 1
        return dates

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.model
    def _cron_plan_patrols(self):
        """Plan the patrols of the weeks to come, and remind of those due."""
        self.search([("project_id.active", "=", True)])._plan_patrols()
        self.env["service.quality.patrol"]._remind()
