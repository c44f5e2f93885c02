from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.alerts import ARRIVAL

TRIGGERS = [
    ("percent", "% of the time used"),
    ("before", "Minutes before the deadline"),
    ("after", "Minutes after the deadline"),
    ("complaint", "A complaint arrives"),
]

RECIPIENTS = [
    ("assignee", "Assignee"),
    ("duty", "Whoever is on duty"),
    ("leader", "Team leader"),
    ("project_manager", "Project manager"),
    ("service_manager", "Service manager"),
    ("quality", "Quality department"),
    ("technical_centre", "Technical service centre"),
    ("executive", "Executives"),
    ("user", "A certain user"),
]

ACTIONS = [
    ("activity", "Activity"),
    ("mail", "E-mail"),
    ("sms", "SMS"),
    ("webhook", "Message to a channel"),
    ("reassign", "Reassign"),
    ("raise_priority", "Raise the priority"),
]

IMPERSONAL = ("webhook", "raise_priority")
"""Actions that are done without anybody being chosen."""

PLANNED = {"trigger", "amount", "active"}
"""The fields that make a step another one, which counts from then on."""


class ServiceQualityEscalationStep(models.Model):
    _name = "service.quality.escalation.step"
    _description = "Escalation Step"
    _order = "rule_id, sequence, id"

    rule_id = fields.Many2one(
        "service.quality.escalation", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="rule_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    trigger = fields.Selection(
        TRIGGERS, string="When", required=True, default="percent"
    )
    amount = fields.Integer(
        default=80,
        help="A percentage, or minutes of the promise's own working time.",
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
        if planned:
            vals = dict(vals, since=fields.Datetime.now())
        result = super().write(vals)
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
        Alarm = self.env["service.quality.escalation.alarm"].sudo()  # of any ticket
        if Alarm.search_count([("step_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._(
                    "A step that has raised alarms is part of the record. Archive it "
                    "instead; it then raises no more."
                )
            )

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
        }
        if self.trigger == "after" and not self.amount:
            return self.env._("at the deadline")
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
