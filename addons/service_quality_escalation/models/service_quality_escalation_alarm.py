from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from odoo.addons.service_quality_core.models.service_quality_clock import KINDS
from odoo.addons.service_quality_core.models.service_quality_target import (
    metric_selection,
)

from .recipients import Recipients
from .service_quality_escalation_step import trigger_selection
from .service_quality_sweep import KEY

TOLERANCE = timedelta(minutes=5)
"""An alarm that comes so long after its time is late: the server was down, or the
ticket was entered afterwards. The scheduler looks about once a minute."""

LABELS = (
    *KEY, "company_id", "agreement_id", "kind", "metric", "partner_id", "team_id",
    "deadline",
)  # fmt: skip
"""What an alarm takes over from its clock."""


class ServiceQualityEscalationAlarm(models.Model):
    """An alarm records a step of a rule that fired on a clock, which it does once.

    The clock is named by its key and not by its id: it is a projection, and may be made
    again. What the step was when it fired is kept beside it.
    """

    _name = "service.quality.escalation.alarm"
    _description = "Alarm"
    _inherit = "service.quality.notification.mixin"
    _order = "fired_at desc, id desc"
    _log_access = False

    _activity_field = "service_alarm_id"
    _mail_template = "service_quality_escalation.alarm_mail"

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
    trigger = fields.Selection(
        trigger_selection, string="When", required=True, readonly=True
    )
    amount = fields.Integer(readonly=True)

    # what became of it
    due_at = fields.Datetime(required=True, readonly=True)
    fired_at = fields.Datetime(required=True, readonly=True)
    is_late = fields.Boolean(
        string="Raised Late",
        readonly=True,
        help="It came more than five minutes after its time, as when the server was "
        "down, or the ticket was entered afterwards.",
    )
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
        people = Recipients(self, due).resolve()
        actions = self._actions()
        for one, users in zip(due, people, strict=True):
            again, action = False, actions.get(one.step.action)
            if action and action.once_a_ticket:
                again = one.once in done or plan.repeated(one.key, one.step.id)
                done.add(one.once)
            values.append(self._prepare_alarm(one, users, again))
        alarms = self.create(values)
        alarms._act()
        return alarms

    @api.model
    def _prepare_alarm(self, due, users, again):
        """Return the values of an alarm.

        :param users: the users whom it tells
        :param again: it was done for another promise of the ticket already
        """
        clock, step = due.clock, due.step
        now = fields.Datetime.now()
        values = {
            **{name: clock[name] for name in LABELS},
            "step_id": step.id,
            "trigger": step.trigger,
            "amount": step.amount,
            "due_at": due.at,
            "fired_at": now,
            "is_late": now - due.at > TOLERANCE,
            "user_ids": [Command.set(users.ids)],
            **self._prepare_outcome(step, users),
        }
        return values | {"outcome": "repeated", "user_ids": []} if again else values

    def _settle(self):
        """End what alarms still ask people to do: their clocks are over."""
        if self:
            # who ends the clock need not be the one who was to look after it
            Activity = self.env["mail.activity"].sudo()
            Activity.search([("service_alarm_id", "in", self.ids)]).unlink()

    # ------------------------------------------------------------------
    # People
    # ------------------------------------------------------------------

    @api.model
    def _record_of(self, one):
        return self.env["helpdesk.ticket"].browse(one.clock["ticket_id"])

    @api.model
    def _company_of(self, one):
        return self.env["res.company"].browse(one.clock["company_id"])

    @api.model
    def _agreement_of(self, one):
        Agreement = self.env["service.quality.agreement"]
        return Agreement.browse(one.clock["agreement_id"] or ())

    @api.model
    def _teams_of(self, due):
        """Return the team that has each clock, or none."""
        Team = self.env["helpdesk.ticket.team"]
        teams = Team.browse({one.clock["team_id"] for one in due} - {None})
        return [teams.browse(one.clock["team_id"] or ()) for one in due]

    @api.model
    def _people_assignee(self, due):
        """Return who works on what is due; addons say who else has their promises."""
        users = self.env["res.users"]
        return [users.browse(one.clock["user_id"] or ()) for one in due]

    @api.model
    def _people_duty(self, due):
        teams = self._teams_of(due)
        found = self.env["service.quality.duty"]._on_duty(teams[0].union(*teams))
        return [found.get(team.id, self.env["res.users"]) for team in teams]

    @api.model
    def _people_leader(self, due):
        return [team.user_id for team in self._teams_of(due)]

    # ------------------------------------------------------------------
    # Telling
    # ------------------------------------------------------------------

    def _tell_managers(self, say):
        """Have service managers look after an alarm that did not get through.

        :param say: function that returns the summary, of the alarm in their language
        """
        managers = self.company_id._service_role_users("service_manager")
        self._plan_activities(
            [
                self._prepare_activity(user, say(self._seen_by(user)))
                for user in managers
            ]
        )

    def _place(self):
        return self.ticket_id

    def _do_activity(self):
        """Give each person one activity for a clock.

        Whoever holds several roles is told by several steps, and has to do it once: the
        last step says how it stands.
        """
        last = {(row._clock_key(), user): row for row in self for user in row.user_ids}
        self._open_activities().filtered(
            lambda one: (one.service_alarm_id._clock_key(), one.user_id) in last
        ).unlink()
        self._plan_activities(
            [
                row._prepare_activity(user, row.with_context(lang=user.lang).summary)
                for (_clock, user), row in last.items()
            ]
        )

    def _open_activities(self):
        """Return what alarms still ask people to do at the same tickets."""
        # those of all who were told, also where the ticket is hidden from who acts
        Activity = self.env["mail.activity"].sudo()
        return Activity.search(
            [
                ("res_model", "=", "helpdesk.ticket"),
                ("res_id", "in", self.ticket_id.ids),
                ("service_alarm_id", "!=", False),
            ]
        )

    def _clock_key(self):
        return (self.ticket_id, self.target_id, self.cycle, self.round, self.holder)

    def _mail_subject(self):
        return f"[{self.ticket_id.number}] {self.summary}"

    def _do_sms(self):
        """Queue one text message for each person."""
        self.env["sms.sms"].create(
            [
                {
                    "number": user.partner_id._phone_format(fname="phone")
                    or user.partner_id.phone,
                    "partner_id": user.partner_id.id,
                    "body": alarm.with_context(lang=user.lang)._in_short(user),
                }
                for alarm in self
                for user in alarm.user_ids
            ]
        )

    def _do_webhook(self):
        """Queue one message for the channel of each step."""
        closed = self.filtered(lambda alarm: not alarm.step_id.webhook_id.active)
        for company, some in closed.grouped("company_id").items():
            own = some.with_context(lang=company._service_lang())
            failure = own.env._("The channel is archived.")
            some.write({"outcome": "failed", "failure": failure})
        self.env["service.quality.webhook.delivery"].create(
            [
                {
                    "webhook_id": alarm.step_id.webhook_id.id,
                    "alarm_id": alarm.id,
                    "text": alarm._in_channel(),
                }
                for alarm in self - closed
            ]
        )

    # ------------------------------------------------------------------
    # Changing the ticket
    # ------------------------------------------------------------------

    def _do_reassign(self):
        """Give each ticket to the person whom its step names."""
        for user, alarms in self.grouped("user_ids").items():
            alarms._change_tickets({"user_id": user.id}, user)

    def _do_raise_priority(self):
        """Put each ticket one priority higher; the highest stays."""
        codes = list(
            self.env["helpdesk.ticket"]._fields["priority"].get_values(self.env)
        )
        for priority, alarms in self.grouped(lambda a: a.ticket_id.priority).items():
            place = codes.index(priority) + 1 if priority else 0
            if place < len(codes):
                alarms._change_tickets({"priority": codes[place]})

    def _change_tickets(self, values, user=None):
        """Write to tickets; one that refuses keeps no other from it.

        :param user: who is to have the tickets, and must be able to see them
        """
        try:
            with self.env.cr.savepoint():
                # where one alone is refused, the reason is kept
                tickets = self.ticket_id.with_context(
                    service_automatic=True, lang=self.company_id[:1]._service_lang()
                )
                tickets.write(values)
                if user:
                    tickets.with_user(user).with_context(
                        allowed_company_ids=user.company_ids.ids
                    ).check_access("read")
        except UserError as error:
            if len(self) > 1:
                for alarm in self:
                    alarm._change_tickets(values, user)
            else:
                self.write({"outcome": "failed", "failure": str(error)})

    # ------------------------------------------------------------------
    # Presentation
    # ------------------------------------------------------------------

    def _deadline_text(self, user):
        """Return the deadline in a user's zone and language, or nothing."""
        if not self.deadline:
            return ""
        env = self._seen_by(user).env
        deadline = format_datetime(
            env, self.deadline, tz=env.context["tz"], dt_format="short"
        )
        return env._("Due %s", deadline)

    def _in_short(self, user):
        """Return what fits into a text message."""
        parts = (self.ticket_id.number, self.summary, self._deadline_text(user))
        return " · ".join(filter(None, parts))

    def _in_channel(self):
        """Return the message for a channel of another company's service.

        It names the ticket and leaves out its title, its customer and what was said.
        """
        company = self.company_id
        alarm = self.with_context(lang=company._service_lang())
        zone = company._service_tz()
        deadline = self.deadline and format_datetime(
            alarm.env, self.deadline, tz=zone, dt_format="short"
        )
        lines = [
            f"{alarm.ticket_id.number} · {alarm.summary}",
            deadline and alarm.env._("Due %s", deadline),
            alarm.team_id.name and alarm.env._("Team %s", alarm.team_id.name),
            alarm._link(),
        ]
        return "\n".join(filter(None, lines))
