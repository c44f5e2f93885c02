from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools.escalation.alerts import ARRIVAL
from .escalation_data import ACTIONS, RECIPIENTS, TRIGGERS, fitting

PLANNED = {"trigger", "amount", "active"}
"""The fields that make a step another one, which counts from then on."""


class ServiceQualityEscalationStep(models.Model):
    _name = "service.quality.escalation.step"
    _description = "Escalation Step"
    _inherit = ["service.quality.steps.mixin"]
    _order = "rule_id, sequence, id"

    rule_id = fields.Many2one(
        "service.quality.escalation", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="rule_id.company_id", store=True, index=True)
    subject = fields.Selection(related="rule_id.subject")
    # what the lists offer
    fitting_triggers = fields.Json(compute="_compute_fitting")
    fitting_recipients = fields.Json(compute="_compute_fitting")
    fitting_actions = fields.Json(compute="_compute_fitting")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    trigger = fields.Selection(
        TRIGGERS, string="When", required=True, default="percent"
    )
    amount = fields.Integer(
        default=80,
        help="A percentage or minutes of the promise's own working time; days of the "
        "calendar after the day until which something was to be done.",
    )
    recipient = fields.Selection(RECIPIENTS, string="Whom", default="assignee")
    user_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        ondelete="restrict",
        domain=[("share", "=", False)],
    )
    action = fields.Selection(ACTIONS, required=True, default="activity")
    webhook_id = fields.Many2one(
        "service.quality.webhook",
        string="Channel",
        index="btree_not_null",
        ondelete="restrict",
    )
    since = fields.Datetime(
        string="Counts From",
        required=True,
        readonly=True,
        copy=False,
        default=fields.Datetime.now,
    )

    _amount_check = models.Constraint(
        "CHECK (trigger = 'complaint' OR amount BETWEEN 0 AND 5256000)",
        "A step comes at a percentage or so many minutes, from 0 to ten years.",
    )
    _percent_check = models.Constraint(
        "CHECK (trigger != 'percent' OR amount BETWEEN 1 AND 10000)",
        "A step comes when between 1 % and 10,000 % of the time are used.",
    )
    _days_check = models.Constraint(
        "CHECK (trigger != 'days' OR amount <= 3650)",
        "A step comes at most ten years after the due day.",
    )
    _recipient_check = models.Constraint(
        "CHECK (recipient IS NOT NULL OR action IN ('webhook', 'raise_priority'))",
        "Choose whom the step is for.",
    )
    _user_check = models.Constraint(
        "CHECK (user_id IS NOT NULL OR recipient IS DISTINCT FROM 'user' "
        "OR action IN ('webhook', 'raise_priority'))",
        "Choose the user whom the step is for.",
    )
    _webhook_check = models.Constraint(
        "CHECK (webhook_id IS NOT NULL OR action != 'webhook')",
        "Choose the channel that the message goes to.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("subject")
    def _compute_fitting(self):
        for step in self:
            fit = fitting(step.subject)
            step.fitting_triggers = fit["trigger"]
            step.fitting_recipients = fit["recipient"]
            step.fitting_actions = fit["action"]

    @api.depends("trigger", "amount", "recipient", "user_id", "action", "webhook_id")
    def _compute_display_name(self):
        for step in self:
            parts = [step._when(), step._whom(), step._label("action")]
            step.display_name = " · ".join(filter(None, parts))

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("trigger", "rule_id")
    def _check_trigger(self):
        for step in self:
            metric = step.rule_id.metric
            if step.trigger == "complaint" and metric not in (False, ARRIVAL):
                raise ValidationError(
                    self.env._(
                        "When a complaint arrives its answer begins to be due. Choose "
                        "the metric Complaint answer for the rule, or none."
                    )
                )

    @api.constrains("trigger", "recipient", "action", "rule_id")
    def _check_fits(self):
        for step in self:
            fit = fitting(step.subject)
            for name in ("trigger", "action", "recipient"):
                if step[name] and step[name] not in fit[name]:
                    raise ValidationError(step._misfit(name))

    def _misfit(self, name):
        """Say why a value of a field does not fit what the rule is about."""
        about = self._label("subject")
        if name == "trigger" and self.trigger == "days":
            return self.env._(
                "The promises of tickets have a deadline and no due day. Choose "
                "percentages or minutes for the step, or another subject for the rule."
            )
        if name == "trigger":
            return self.env._(
                "%(subject)s have a due day and no clock. Choose for the step: days "
                "after the due day.",
                subject=about,
            )
        if name == "action":
            return self.env._(
                "%(action)s is for tickets only. Of %(subject)s people are told by an "
                "activity or an e-mail.",
                action=self._label("action"),
                subject=about,
            )
        return self.env._(
            "%(subject)s belong to no team with a roster. Choose somebody else than: "
            "%(recipient)s.",
            subject=about,
            recipient=self._label("recipient"),
        )

    @api.constrains("webhook_id", "rule_id")
    def _check_webhook_id(self):
        for step in self:
            if step.webhook_id and step.webhook_id.company_id != step.company_id:
                raise ValidationError(
                    self.env._(
                        "The channel %s belongs to another company. Choose one of the "
                        "rule's company.",
                        step.webhook_id.name,
                    )
                )

    @api.constrains("rule_id")
    def _check_rule_id(self):
        self.rule_id._check_step_ids()

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create(vals_list)
        steps.rule_id._plan_anew()
        return steps

    def write(self, vals):
        planned = PLANNED & vals.keys()
        result = super().write(vals)
        if planned:
            self._write_as_step({"since": fields.Datetime.now()})
        if planned or "rule_id" in vals:
            self.rule_id._plan_anew()
        return result

    def unlink(self):
        rules = self.rule_id
        result = super().unlink()
        rules._plan_anew()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fired(self):
        fired = [("step_id", "in", self.ids)]
        Alarm = self.env["service.quality.escalation.alarm"].sudo()  # of any ticket
        Reminder = self.env["service.quality.escalation.reminder"].sudo()  # likewise
        if Alarm.search_count(fired, limit=1) or Reminder.search_count(fired, limit=1):
            raise UserError(
                self.env._(
                    "A step that has told people is part of the record. Archive it "
                    "instead; it then tells no more."
                )
            )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _comes(self, due, today):
        """Return whether the step has come for something that was due on a day.

        What came before the day since when the step and its rule count is past.

        :param today: the day in the zone of the company
        """
        self.ensure_one()
        day = fields.Date.add(due, days=self.amount)
        since = self.company_id._service_day(max(self.since, self.rule_id.since))
        return since <= day <= today

    # ------------------------------------------------------------------
    # Presentation
    # ------------------------------------------------------------------

    def _label(self, name):
        """Return a selection's label in the reader's language."""
        field = self._fields[name]
        return dict(field._description_selection(self.env)).get(self[name], "")

    def _when(self):
        """Return in words when the step fires."""
        texts = {
            "percent": self.env._("at %s %%", self.amount),
            "before": self.env._("%s min before the deadline", self.amount),
            "after": self.env._("%s min after the deadline", self.amount),
            "complaint": self.env._("a complaint arrives"),
            "days": self.env._("day %s after the due day", self.amount),
        }
        if self.trigger == "after" and not self.amount:
            return self.env._("at the deadline")
        if self.trigger == "days" and not self.amount:
            return self.env._("on the due day")
        return texts.get(self.trigger, "")

    def _whom(self):
        """Return in words whom the step is for."""
        if self.action == "webhook":
            return self.webhook_id.name
        if self.action == "raise_priority":
            return ""
        return (
            self.user_id.name if self.recipient == "user" else self._label("recipient")
        )
