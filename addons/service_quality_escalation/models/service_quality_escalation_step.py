from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.service_quality_core.tools.instants import to_epoch

from ..tools.alerts import EscalationStep
from .escalation_data import PROMISE, Action, Trigger, options
from .service_quality_notification_mixin import action_selection, recipient_selection

PLANNED = {"trigger", "amount", "active"}
"""The fields that make a step another one, which counts from then on."""

TOLD = {*PLANNED, "recipient", "user_id", "action", "webhook_id"}
"""The fields of which a change stays on record at the rule."""


GONE = Action("", is_personal=False)
"""What is taken for an action whose addon is gone."""


def trigger_selection(records):
    """Return when steps may come, for a selection."""
    Step = records.env["service.quality.escalation.step"]
    rows = records.env["service.quality.notification.mixin"]
    return options(Step._triggers(), rows._codes_in_use("trigger"))


class ServiceQualityEscalationStep(models.Model):
    """A step of an escalation rule says when something is done, what, and for whom."""

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
    # what the step asks for
    is_counted = fields.Boolean(compute="_compute_needs")
    is_personal = fields.Boolean(compute="_compute_needs")
    needs_user = fields.Boolean(compute="_compute_needs")
    needs_channel = fields.Boolean(compute="_compute_needs")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    trigger = fields.Selection(
        trigger_selection, string="When", required=True, default="percent"
    )
    amount = fields.Integer(
        default=80,
        help="A percentage or minutes of the promise's own working time; days of the "
        "calendar before or after the day until which something was to be done.",
    )
    recipient = fields.Selection(recipient_selection, string="Whom", default="assignee")
    user_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        ondelete="restrict",
        domain=[("share", "=", False)],
    )
    action = fields.Selection(action_selection, required=True, default="activity")
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
        "CHECK (amount BETWEEN 0 AND 5256000)",
        "A step comes at a percentage or so many minutes, from 0 to ten years.",
    )
    _percent_check = models.Constraint(
        "CHECK (trigger != 'percent' OR amount BETWEEN 1 AND 10000)",
        "A step comes when between 1 % and 10,000 % of the time are used.",
    )
    _days_check = models.Constraint(
        "CHECK (trigger NOT IN ('days', 'days_before') OR amount <= 3650)",
        "A step comes at most ten years before or after the due day.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("subject")
    def _compute_fitting(self):
        for step in self:
            step.fitting_triggers = step._fitting("trigger")
            step.fitting_recipients = step._fitting("recipient")
            step.fitting_actions = step._fitting("action")

    @api.depends("trigger", "action", "recipient")
    def _compute_needs(self):
        triggers, actions = self._known("trigger"), self._known("action")
        for step in self:
            trigger, action = triggers.get(step.trigger), actions.get(step.action, GONE)
            step.is_counted = bool(trigger) and trigger.is_counted
            step.is_personal = action.is_personal
            step.needs_user = action.is_personal and step.recipient == "user"
            step.needs_channel = action.needs_channel

    @api.depends("trigger", "amount", "recipient", "user_id", "action", "webhook_id")
    def _compute_display_name(self):
        for step in self:
            parts = [step._when(), step._whom(), step._label("action")]
            step.display_name = " · ".join(filter(None, parts))

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("recipient", "user_id", "action", "webhook_id")
    def _check_needs(self):
        for step in self:
            if step.is_personal and not step.recipient:
                raise ValidationError(self.env._("Choose whom the step is for."))
            if step.needs_user and not step.user_id:
                raise ValidationError(
                    self.env._("Choose the user whom the step is for.")
                )
            if step.needs_channel and not step.webhook_id:
                raise ValidationError(
                    self.env._("Choose the channel that the message goes to.")
                )

    @api.constrains("trigger", "rule_id")
    def _check_trigger(self):
        triggers = self._known("trigger")
        for step in self:
            trigger = triggers.get(step.trigger)
            metric = step.rule_id.metric
            if trigger and trigger.metric and metric not in (False, trigger.metric):
                names = dict(
                    step.rule_id._fields["metric"]._description_selection(self.env)
                )
                raise ValidationError(
                    self.env._(
                        "“%(trigger)s” is when the time for this begins: %(metric)s. "
                        "Choose this metric for the rule, or none.",
                        trigger=trigger.label,
                        metric=names[trigger.metric],
                    )
                )

    @api.constrains("trigger", "recipient", "action", "rule_id")
    def _check_fits(self):
        for step in self:
            for name in ("trigger", "action", "recipient"):
                known = step[name] in step._known(name)  # of an addon that is there
                if known and step[name] not in step._fitting(name):
                    raise ValidationError(step._misfit(name))

    def _misfit(self, name):
        """Say why a value of a field does not fit what the rule is about."""
        about = self._label("subject")
        if name == "trigger" and self.subject == PROMISE:
            return self.env._(
                "The promises of tickets have a deadline and no due day. Choose "
                "percentages or minutes for the step, or another subject for the rule."
            )
        if name == "trigger":
            return self.env._(
                "%(subject)s have a due day and no clock. Choose for the step: days "
                "before or after the due day.",
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
        steps.rule_id._plan_again()
        steps.rule_id._follow_gaps(steps.company_id)
        return steps

    def write(self, vals):
        planned = PLANNED & vals.keys()
        rules, before = self.rule_id, self._in_words() if TOLD & vals.keys() else {}
        result = super().write(vals)
        self._log_changes(before, self._in_words() if before else {})
        if planned:
            self._write_as_step({"since": fields.Datetime.now()})
        if planned or "rule_id" in vals:
            self.rule_id._plan_again()
            self.rule_id._follow_gaps((rules | self.rule_id).company_id)
        return result

    def unlink(self):
        rules = self.rule_id
        self._log_changes(self._in_words(), {})
        result = super().unlink()
        rules._plan_again()
        rules._follow_gaps(rules.company_id)
        return result

    def _is_early(self):
        """Return True if a step comes before the deadline of what has a clock."""
        self.ensure_one()
        return self.trigger == "before" or (
            self.trigger == "percent" and self.amount < 100
        )

    def _in_words(self):
        """Return when, whom and what, as steps say it: dict of step to text."""
        found = {}
        for company, steps in self.grouped("company_id").items():
            own = steps.with_context(lang=company._service_lang())  # batched: one
            for step, told in zip(steps, own, strict=True):
                words = told.display_name
                found[step] = words if step.active else f"({words})"
        return found

    @api.model
    def _log_changes(self, before, after):
        """Put on record at the rules what steps said before, and say after.

        :param before: as :meth:`_in_words`; ``after`` likewise, without those deleted
        """
        for step, old in before.items():
            new = after.get(step, "–")
            if new != old:
                # batched: steps of one form; on record whoever may read it
                step.rule_id.sudo()._message_log(
                    body=f"{old} → {new}", author_id=self.env.user.partner_id.id
                )

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
    # What steps may be
    # ------------------------------------------------------------------

    @api.model
    def _triggers(self):
        """Return when steps may come, by code: dict of :class:`Trigger`.

        Addons add to it, and say by ``_when`` of the step and ``_in_words`` of the
        alarm how it reads.
        """
        _ = self.env._
        return {
            "percent": Trigger(_("% of the time used")),
            "before": Trigger(_("Minutes before the deadline")),
            "after": Trigger(_("Minutes after the deadline")),
            "days_before": Trigger(_("Days before the due day"), by_day=True),
            "days": Trigger(_("Days after the due day"), by_day=True),
        }

    @api.model
    def _known(self, name):
        """Return what a field of steps may be, by code, with what was declared."""
        if name == "trigger":
            return self._triggers()
        rows = self.env["service.quality.notification.mixin"]
        return rows._actions() if name == "action" else rows._recipients()

    def _fitting(self, name):
        """Return the codes that a field may have under the rule of the step."""
        by_day = self.subject != PROMISE
        known = self._known(name).items()
        if name == "trigger":
            return [
                code
                for code, one in known
                if one.by_day == by_day and one.subject in (None, self.subject)
            ]
        return [code for code, one in known if one.by_day or not by_day]

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _prepare_step(self):
        """Return the :class:`EscalationStep` that clocks are compared with."""
        return EscalationStep(
            self.id,
            self.trigger,
            self.amount,
            to_epoch(max(self.since, self.rule_id.since)),
            self._triggers()[self.trigger].metric,
        )

    def _days_after(self):
        """Return how many days after the due day the step comes; negative: before."""
        self.ensure_one()
        return {"days": self.amount, "days_before": -self.amount}.get(self.trigger, 0)

    def _due_of(self, records):
        """Return the records of one company on which the step has come, and its day.

        What came before the day since when the step and its rule count is past, and
        so is a day of notice when the due day is over.

        :return: dict of record to the day on which the step came
        """
        self.ensure_one()
        today = self.company_id._service_day()
        since = self.company_id._service_day(max(self.since, self.rule_id.since))
        return {
            record: day
            for record, day in records._comes_on(self).items()
            if since <= day <= today
            and (self.trigger != "days_before" or today <= record._due_on())
        }

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
            "days_before": self.env._("%s days before the due day", self.amount),
            "days": self.env._("day %s after the due day", self.amount),
        }
        if self.trigger == "after" and not self.amount:
            return self.env._("at the deadline")
        if self.trigger in ("days", "days_before") and not self.amount:
            return self.env._("on the due day")
        return texts.get(self.trigger, "")

    def _whom(self):
        """Return in words whom the step is for."""
        if self.needs_channel:
            return self.webhook_id.name
        if not self.is_personal:
            return ""
        return self.user_id.name if self.needs_user else self._label("recipient")
