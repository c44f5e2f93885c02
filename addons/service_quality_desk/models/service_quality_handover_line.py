from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.service_quality_target import (
    metric_selection,
)
from odoo.addons.service_quality_core.tools.period import local_midnight

KINDS = [
    ("late", "Late"),
    ("activity", "Activity due"),
]

LISTED = 200
"""Late tickets that one shift can look through; the desk has the others."""

WRITTEN_BY_HAND = frozenset({"note", "pass_on"})


class ServiceQualityHandoverLine(models.Model):
    """A line shows something that was open when a shift was handed over, as it was."""

    _name = "service.quality.handover.line"
    _description = "Line of a Shift Handover"
    _inherit = ["service.quality.rectify.mixin", "service.quality.steps.mixin"]
    _order = "handover_id, sequence, deadline, id"
    _check_company_auto = True

    handover_id = fields.Many2one(
        "service.quality.handover",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="handover_id.company_id", store=True)
    sequence = fields.Integer(readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    source = fields.Integer(readonly=True, help="The id of what the line is about.")
    ticket_id = fields.Many2one(
        "helpdesk.ticket", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, index="btree_not_null", ondelete="set null"
    )

    # as it stood
    about = fields.Char(readonly=True, help="The ticket, and what is to be done.")
    metric = fields.Selection(metric_selection, string="Service Target", readonly=True)
    deadline = fields.Datetime(readonly=True)
    user_id = fields.Many2one(
        "res.users", string="In Hand", readonly=True, ondelete="restrict", index=True
    )

    # by who leaves
    can_pass_on = fields.Boolean(compute="_compute_can_pass_on")
    pass_on = fields.Boolean(
        help="Becomes the next one's when the shift is taken over, if it is still "
        "open and in the hand of who leaves."
    )
    note = fields.Char()

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("user_id", "handover_id.from_user_id")
    def _compute_can_pass_on(self):
        for line in self:
            line.can_pass_on = line.user_id == line.handover_id.from_user_id

    @api.depends("about")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.about

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def _step_refusal(self, label):
        return self.env._(
            "A line shows what was open then. Only its note and whether it is "
            "passed on can be changed."
        )

    # ------------------------------------------------------------------
    # What is rectified
    # ------------------------------------------------------------------

    @api.model
    def _rectify_fields(self):
        return super()._rectify_fields() | dict.fromkeys(WRITTEN_BY_HAND, False)

    def _rectify_ended(self):
        ended = self.handover_id._rectify_ended()
        return self.filtered(lambda line: line.handover_id in ended)

    def _rectify_ends(self):
        ends = self.handover_id._rectify_ends()
        return {line: ends[line.handover_id] for line in self}

    def _rectify_is_open_to_user(self):
        return self.handover_id._rectify_is_open_to_user()

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open(self):
        """Open the ticket."""
        self.ensure_one()
        return self.ticket_id.get_formview_action()

    # ------------------------------------------------------------------
    # Collecting
    # ------------------------------------------------------------------

    def _key(self):
        """Return what tells a line from the others of its handover."""
        self.ensure_one()
        return self.kind, self.source

    @api.model
    def _prepare_lines(self, handover):
        """Return the lines of what is open, as far as both people may see it.

        :return: list of values, and whether more is late than is listed
        """
        giver = self.with_user(handover.from_user_id)
        late, is_cut = giver._prepare_late(handover.team_id)
        lines = [*late, *giver._prepare_others(handover.team_id)]
        # what is hidden from the next is not told by the handover either
        tickets = self.env["helpdesk.ticket"].browse(
            {line["ticket_id"] for line in lines}
        )
        taker = handover.to_user_id or handover.from_user_id
        # asked of the taker, who may not read all of them
        hidden = tickets.with_user(taker).sudo().filtered("service_is_hidden")
        giver_id = handover.from_user_id.id
        return [
            line
            | {
                "handover_id": handover.id,
                "sequence": number,
                "pass_on": line["kind"] != "late" and line["user_id"] == giver_id,
            }
            for number, line in enumerate(lines)
            if line["ticket_id"] not in hidden.ids
        ], is_cut

    @api.model
    def _prepare_late(self, team):
        """Return a line for each late ticket of a team, and whether there are more."""
        clocks = self.env["service.quality.desk"]._late_promises(
            Domain("ticket_id", "any", [("team_id", "=", team.id)])
        )
        first = {}
        for clock in clocks:
            first.setdefault(clock.ticket_id, clock)
        listed = list(first.items())[:LISTED]
        return [
            self._prepare_line("late", ticket, ticket, clock.deadline, ticket.user_id)
            | {"metric": clock.metric}
            for ticket, clock in listed
        ], len(first) > LISTED

    @api.model
    def _prepare_others(self, team):
        """Return the lines of what is open besides late tickets of a team.

        Addons put theirs in front.
        """
        return self._prepare_activities()

    @api.model
    def _prepare_activities(self):
        """Return a line for each activity at a ticket that is due today or before."""
        Activity = self.env["mail.activity"]
        today = self.env.user.partner_id._service_day()
        activities = Activity.search(
            self._activity_domain() & Domain("date_deadline", "<=", today),
            order="date_deadline, id",
        )
        tickets = self.env["helpdesk.ticket"].browse(activities.mapped("res_id"))
        return [
            self._prepare_line(
                "activity",
                activity,
                ticket,
                self._end_of(activity.date_deadline),
                activity.user_id,
                activity.summary or activity.activity_type_id.name,
            )
            | {"activity_id": activity.id}
            for activity, ticket in zip(activities, tickets, strict=True)
        ]

    @api.model
    def _activity_domain(self):
        """Return the domain of activities with a line of their own.

        Addons leave out those of what they list themselves.
        """
        return Domain("user_id", "=", self.env.uid) & Domain(
            "res_model", "=", "helpdesk.ticket"
        )

    @api.model
    def _end_of(self, day):
        """Return the last second of a day in the zone of who leaves, as naive UTC."""
        following = day + timedelta(days=1)
        zone = self.env.user.partner_id._service_tz()
        return local_midnight(following, zone) - timedelta(seconds=1)

    @api.model
    def _prepare_line(self, kind, source, ticket, deadline, user, what=None):
        # who reads the ticket is shown these names on it
        ticket = ticket.sudo()
        return {
            "kind": kind,
            "source": source.id,
            "ticket_id": ticket.id,
            "about": " · ".join(filter(None, (ticket.number, ticket.name, what))),
            "deadline": deadline,
            "user_id": user.id or False,
        }

    # ------------------------------------------------------------------
    # Passing on
    # ------------------------------------------------------------------

    def _pass_on(self, giver, taker):
        """Let the next have what was marked and who leaves still has in hand.

        Addons pass on what they list.
        """
        marked = self.filtered("pass_on")
        marked.activity_id.filtered(
            lambda activity: activity.active and activity.user_id == giver
        ).with_context(mail_activity_quick_update=True).write({"user_id": taker.id})
        marked.filtered(lambda line: line.kind == "late").ticket_id.filtered(
            lambda ticket: ticket.user_id == giver
        ).write({"user_id": taker.id})
