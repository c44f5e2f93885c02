from datetime import timedelta

from odoo import Command, api, fields, models

from ..core.service_quality_clock import KINDS
from ..core.service_quality_target import metric_selection
from .escalation_data import ACTIONS, IMPERSONAL, RECIPIENTS, TRIGGERS
from .recipients import PromiseRecipients
from .service_quality_sweep import KEY

TOLERANCE = timedelta(minutes=5)
"""An alarm that comes so long after its time is late: the server was down, or the
ticket was entered afterwards. The scheduler looks about once a minute."""

LABELS = (
    *KEY, "company_id", "agreement_id", "kind", "metric", "partner_id", "team_id",
    "deadline",
)  # fmt: skip
"""What an alarm takes over from its clock."""

ONCE_A_TICKET = ("reassign", "raise_priority")
"""What a step does to a ticket once in a cycle, for whichever of its promises: a raised
priority promises something else, for which the step would fire again."""

OUTCOMES = [
    ("done", "Done"),
    ("nobody", "Nobody could be reached"),
    ("repeated", "Not repeated"),
    ("failed", "Failed"),
]


class ServiceQualityEscalationAlarm(models.Model):
    """One step of an escalation rule that fired on one clock, which it does once.

    The clock is named by its key and not by its id: it is a projection, and may be made
    anew. What the step was when it fired is kept beside it.
    """

    _name = "service.quality.escalation.alarm"
    _description = "Alarm"
    _inherit = "service.quality.notification.mixin"
    _order = "fired_at desc, id desc"
    _log_access = False

    # the clock
    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, readonly=True, ondelete="cascade"
    )
    target_id = fields.Many2one(
        "service.quality.target",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    cycle = fields.Integer(required=True, readonly=True)
    round = fields.Integer(required=True, readonly=True)
    holder = fields.Integer(required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    agreement_id = fields.Many2one(
        "service.quality.agreement",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    kind = fields.Selection(KINDS, string="Promised By", required=True, readonly=True)
    metric = fields.Selection(metric_selection, required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, index="btree_not_null"
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team", readonly=True, index="btree_not_null"
    )
    deadline = fields.Datetime(readonly=True)

    # the step
    step_id = fields.Many2one(
        "service.quality.escalation.step",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    rule_id = fields.Many2one(related="step_id.rule_id", store=True, index=True)
    trigger = fields.Selection(TRIGGERS, string="When", required=True, readonly=True)
    amount = fields.Integer(readonly=True)
    recipient = fields.Selection(RECIPIENTS, string="Meant For", readonly=True)
    action = fields.Selection(ACTIONS, required=True, readonly=True)

    # what became of it
    due_at = fields.Datetime(required=True, readonly=True)
    fired_at = fields.Datetime(required=True, readonly=True)
    is_late = fields.Boolean(
        string="Raised Late",
        readonly=True,
        help="It came more than five minutes after its time, as when the server was "
        "down, or the ticket was entered afterwards.",
    )
    outcome = fields.Selection(OUTCOMES, required=True, readonly=True, default="done")
    failure = fields.Char(readonly=True)
    user_ids = fields.Many2many("res.users", string="Told", readonly=True)
    mail_id = fields.Many2one(
        "mail.mail", readonly=True, index="btree_not_null", ondelete="set null"
    )
    activity_ids = fields.One2many("mail.activity", "service_alarm_id")
    delivery_ids = fields.One2many("service.quality.webhook.delivery", "alarm_id")
    summary = fields.Char(compute="_compute_summary")

    _key_uniq = models.UniqueIndex(
        "(ticket_id, target_id, cycle, round, holder, step_id)"
    )
    _fired_idx = models.Index("(company_id, fired_at)")

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("trigger", "amount", "metric", "deadline")
    @api.depends_context("lang")
    def _compute_summary(self):
        names = dict(self._fields["metric"]._description_selection(self.env))
        for alarm in self:
            alarm.summary = alarm._in_words(names[alarm.metric])

    @api.depends("ticket_id", "summary")
    def _compute_display_name(self):
        for alarm in self:
            # who reads an alarm that is over need not have the ticket any more
            number = alarm.ticket_id.sudo().number
            alarm.display_name = f"{number} · {alarm.summary}"

    def _in_words(self, metric):
        """Say what is the matter, in the language of the reader."""
        if self.trigger == "complaint":
            return self.env._("A complaint has arrived")
        if self.trigger == "before":
            return self.env._(
                "%(metric)s: due in %(minutes)s min of working time",
                metric=metric,
                minutes=self.amount,
            )
        if self.trigger == "percent" and self.amount != 100:
            return self.env._(
                "%(metric)s: %(percent)s %% of the time used",
                metric=metric,
                percent=self.amount,
            )
        if self.amount and self.trigger == "after":
            return self.env._(
                "%(metric)s: late by %(minutes)s min of working time",
                metric=metric,
                minutes=self.amount,
            )
        return self.env._("%s: late", metric)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_ticket(self):
        """Open the ticket."""
        self.ensure_one()
        return self.ticket_id.get_formview_action()

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _raise(self, due, plan):
        """Raise alarms, each with all that it does in the same transaction.

        :param due: list of :class:`~.service_quality_sweep.Due`
        :param plan: the :class:`~.alert_plan.AlertPlan` of their tickets
        :return: the alarms
        """
        done, values = set(), []
        people = PromiseRecipients(self.env, due).resolve()
        for one, users in zip(due, people, strict=True):
            again = False
            if one.step.action in ONCE_A_TICKET:
                again = one.once in done or plan.repeated(one.key, one.step.id)
                done.add(one.once)
            values.append(self._prepare_alarm(one, users, again))
        alarms = self.create(values)
        alarms._act()
        return alarms

    @api.model
    def _assignees(self, due):
        """Return who works on what is due: users by the keys of clocks.

        It is the person who has the ticket; addons say who else has their promises.

        :param due: list of :class:`~.service_quality_sweep.Due`
        """
        users = self.env["res.users"]
        return {one.key: users.browse(one.clock["user_id"] or ()) for one in due}

    @api.model
    def _prepare_alarm(self, due, users, again):
        """Return the values of an alarm.

        :param users: whom it tells
        :param again: it was done for another promise of the ticket already
        """
        clock, step = due.clock, due.step
        now = fields.Datetime.now()
        outcome = "done"
        if again:
            outcome = "repeated"
        elif not users and step.action not in IMPERSONAL:
            outcome = "nobody"
        return {
            **{name: clock[name] for name in LABELS},
            "step_id": step.id,
            "trigger": step.trigger,
            "amount": step.amount,
            "recipient": step.action not in IMPERSONAL and step.recipient,
            "action": step.action,
            "due_at": due.at,
            "fired_at": now,
            "is_late": now - due.at > TOLERANCE,
            "outcome": outcome,
            "user_ids": [] if again else [Command.set(users.ids)],
        }

    def _settle(self):
        """End what alarms still ask people to do: their clocks are over."""
        if self:
            # whoever ends the clock need not be the one who was to look after it
            Activity = self.env["mail.activity"].sudo()
            Activity.search([("service_alarm_id", "in", self.ids)]).unlink()
