from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import is_html_empty

from odoo.addons.service_quality_core.models.arguments import Arguments
from odoo.addons.service_quality_core.models.base import LEAST_REASON
from odoo.addons.service_quality_core.models.service_quality_rectify_mixin import End
from odoo.addons.service_quality_core.models.service_quality_request import idempotent

DAYS_TO_ENTER = 1
"""How many days after its date a patrol that was made in time may be entered."""

RESULTS = [
    ("in_order", "In order"),
    ("found", "Something found"),
]

WRITTEN_BY_HAND = {"user_id", "report", "attachment_ids"}


class ServiceQualityPatrol(models.Model):
    """Regulation A4.3.4: records one inspection on the spot, planned and reported.

    It is in time when it was made on its date or before, and entered by the day after.
    The day it is said to be made alone proves nothing; what was not made stays open.
    """

    _name = "service.quality.patrol"
    _description = "Patrol Inspection"
    _inherit = [
        "service.quality.rectify.mixin",
        "service.quality.steps.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_planned desc, id desc"
    _rec_name = "plan_id"

    plan_id = fields.Many2one(
        "service.quality.patrol.plan",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    project_id = fields.Many2one(related="plan_id.project_id", store=True, index=True)
    company_id = fields.Many2one(related="plan_id.company_id", store=True)
    partner_id = fields.Many2one(related="project_id.partner_id")
    instruction = fields.Html(related="plan_id.instruction")
    date_planned = fields.Date(string="Planned For", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="Patroller",
        index="btree_not_null",
        domain=[("share", "=", False)],
        tracking=True,
    )
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("overdue", "Overdue"),
            ("done", "Done"),
            ("dropped", "Dropped"),
        ],
        compute="_compute_state",
        search="_search_state",
    )
    result = fields.Selection(RESULTS, readonly=True, tracking=True)
    report = fields.Html(
        help="What was looked at and what was found.", sanitize_style=True
    )
    attachment_ids = fields.Many2many(
        "ir.attachment", string="Evidence", help="Photos, logs, a signed sheet."
    )
    done_on = fields.Date(string="Made On", readonly=True, tracking=True)
    done_at = fields.Datetime(
        string="Reported At", readonly=True, help="When the result was entered."
    )
    done_by_id = fields.Many2one(
        "res.users", string="Reported By", readonly=True, index="btree_not_null"
    )
    in_time = fields.Boolean(compute="_compute_in_time", store=True)
    drop_reason = fields.Char(string="Dropped Because", readonly=True, tracking=True)

    _once_uniq = models.UniqueIndex(
        "(plan_id, date_planned)", "This patrol is planned for that day already."
    )
    _done_idx = models.Index("(company_id, date_planned)")

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("done_on", "drop_reason", "date_planned")
    def _compute_state(self):
        for state, _label in self._fields["state"].selection:
            self.filtered_domain(self._state_domain(state)).state = state

    @api.depends("done_on", "done_at", "date_planned")
    def _compute_in_time(self):
        for patrol in self:
            patrol.in_time = bool(
                patrol.done_at
                and patrol.done_on <= patrol.date_planned
                and patrol.company_id._service_day(patrol.done_at)
                <= fields.Date.add(patrol.date_planned, days=DAYS_TO_ENTER)
            )

    @api.depends("plan_id", "date_planned")
    def _compute_display_name(self):
        for patrol in self:
            day = patrol.date_planned and str(patrol.date_planned)
            patrol.display_name = " · ".join(filter(None, (patrol.plan_id.name, day)))

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(self._state_domain(state) for state in value)

    @api.model
    def _state_domain(self, state):
        pending = Domain("done_on", "=", False) & Domain("drop_reason", "=", False)
        operators = {"planned": ">=", "overdue": "<"}
        if state in operators:
            return pending & self.env["res.company"]._service_day_domain(
                lambda day: Domain("date_planned", operators[state], day)
            )
        domains = {
            "done": Domain("done_on", "!=", False),
            "dropped": Domain("drop_reason", "!=", False),
        }
        return domains.get(state, Domain.FALSE)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """Refuse changes of a patrol that was reported or dropped."""
        if not self.env.su and vals.keys() - self._rectify_fields().keys():
            if any(patrol.done_on or patrol.drop_reason for patrol in self):
                raise AccessError(self._step_refusal(None))
        return super().write(vals)

    @api.model
    def _step_refusal(self, label):
        return self.env._(
            "A patrol is reported once, by its buttons; its report stays."
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_planned(self):
        if any(patrol.state != "planned" for patrol in self):
            raise UserError(
                self.env._("A patrol that was made, missed or dropped stays on record.")
            )

    # ------------------------------------------------------------------
    # What is rectified
    # ------------------------------------------------------------------

    @api.model
    def _rectify_fields(self):
        return super()._rectify_fields() | {
            "result": True,
            "done_on": True,
            "report": False,
            "drop_reason": False,
        }

    def _rectify_ended(self):
        return self.filtered(lambda patrol: patrol.done_on or patrol.drop_reason)

    def _rectify_ends(self):
        """Return when and by whom patrols were reported; leaders drop them."""
        return {one: End(one.done_at, one.done_by_id) for one in self if one.done_at}

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_in_order(self):
        """Report that everything was in order, as the report says."""
        return self.report_result("in_order")

    def action_found(self):
        """Report that something was found, as the report says."""
        return self.report_result("found")

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @idempotent
    def report_result(self, result, report=None, done_on=None, external_ref=None):
        """Report what the patrols found.

        :param result: ``in_order`` or ``found``
        :param report: HTML text; left out, the report as it is
        :param done_on: the date on which it was made, ``YYYY-MM-DD`` in the user's
            zone; left out, today
        :param external_ref: the caller's own key; a repeat under it does nothing more
        :return: True
        :raise AccessError: for users who may not write the patrols
        :raise ValidationError: for an unknown result, a date ahead, or without a report
        :raise UserError: when one of them was reported or dropped already
        """
        self._ensure_some()
        self.check_access("write")
        given = Arguments(self.env)
        given.choice("result", result, RESULTS)
        report = given.text("report", report)
        self._check_open()
        today = self.company_id[:1]._service_day()
        date = given.date("done_on", done_on) if done_on else today
        if date > today:
            raise ValidationError(self.env._("A patrol is reported after it was made."))
        values = {
            "result": result,
            "done_on": date,
            "done_at": fields.Datetime.now(),
            "done_by_id": self.env.uid,
        }
        if report:
            values["report"] = report
        elif any(is_html_empty(patrol.report) for patrol in self):
            raise ValidationError(
                self.env._(
                    "Enter in the report what was looked at and what was found. "
                    "Nothing was recorded."
                )
            )
        for patrol in self:
            patrol._service_check_text("report", report or patrol.report)
            patrol._service_check_said("report", report or patrol.report, LEAST_REASON)
        self.sudo().attachment_ids._service_check_evidence()  # of who attached them
        self.sudo()._write_as_step(values)  # the patroller
        self.activity_ids.action_feedback()
        return True

    @idempotent
    def drop(self, reason, external_ref=None):
        """Drop patrols that will not be made; they are listed with the reason.

        :param reason: why, in words
        :param external_ref: the caller's own key; a repeat under it does nothing more
        :raise AccessError: for users who do not plan patrols
        :raise ValidationError: without a reason
        """
        self._ensure_some()
        self.plan_id.check_access("write")
        reason = Arguments(self.env).reason("reason", reason)
        if not reason:
            raise ValidationError(self.env._("Say why the patrol is not made."))
        self._check_open()
        self.sudo()._write_as_step({"drop_reason": reason})  # the planner
        self.activity_ids.unlink()
        return True

    def _check_open(self):
        if any(patrol.done_on or patrol.drop_reason for patrol in self):
            raise UserError(self.env._("This patrol was reported or dropped already."))

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _service_keeping(self):
        """Return the patrols whose evidence stays: those reported or dropped."""
        return self.filtered(lambda patrol: patrol.done_on or patrol.drop_reason)

    @api.model
    def _remind(self):
        """Plan an activity for patrols up to the coming week that have none."""
        due = self.search(
            (self._state_domain("planned") | self._state_domain("overdue"))
            & self.env["res.company"]._service_day_domain(
                lambda day: Domain("date_planned", "<=", fields.Date.add(day, days=7))
            )
            & Domain("user_id", "!=", False)
            & Domain("activity_ids", "=", False)
        )
        self.env["mail.activity"]._service_plan(
            [
                (one, one.user_id, one.date_planned, lambda own: own._todo())
                for one in due
            ]
        )

    def _todo(self):
        """Return what the patroller is asked to do."""
        return self.env._("Patrol: %s", self.plan_id.name)
