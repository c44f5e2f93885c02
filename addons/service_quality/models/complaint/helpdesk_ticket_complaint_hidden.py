from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

QUALITY = "service_quality.service_quality_group_quality"


class HelpdeskTicket(models.Model):
    """Keep a complaint from those whom it is about.

    Who a complaint names never sees it, nor does anybody who works under them; what
    the supervision hotline is told about an outlet or team is hidden from all who work
    there. Who works under whom is what the teams say now: their leaders, members and
    parents. As long as it is not clear whom a report is about, only the quality
    department sees it.
    """

    _inherit = "helpdesk.ticket"

    service_is_hidden = fields.Boolean(
        string="Hidden From Me",
        compute="_compute_service_is_hidden",
        search="_search_service_is_hidden",
        compute_sudo=True,  # it is asked before the ticket may be read
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends(
        "service_about_user_id",
        "service_about_team_id",
        "service_is_report",
        "service_is_unclear",
    )
    @api.depends_context("uid")
    def _compute_service_is_hidden(self):
        hidden = self._service_hidden_here()
        for ticket in self:
            ticket.service_is_hidden = ticket in hidden

    def _search_service_is_hidden(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._service_hidden_domain()

    @api.model
    def _service_hidden_domain(self):
        """Return the domain of tickets that the user is not to see.

        Asked anew each time, as record rules keep what they know of a user.
        """
        if self.env.user.share:
            return (
                Domain.FALSE
            )  # works here in no team, and may not ask by these fields
        areas = self.env.user._service_areas()
        superiors = self.env.user | areas.user_id
        hidden = Domain("service_about_user_id", "in", superiors.ids) | (
            Domain("service_is_report", "=", True)
            & Domain("service_about_team_id", "in", areas.ids)
        )
        if not (self.env.user._is_superuser() or self.env.user.has_group(QUALITY)):
            hidden |= Domain("service_is_unclear", "=", True)
        return hidden

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains(
        "user_id",
        "team_id",
        "service_about_user_id",
        "service_about_team_id",
        "service_is_report",
        "service_is_unclear",
    )
    def _check_service_assignment(self):
        for ticket in self.sudo():  # whoever assigns it
            if not any(ticket._service_about()):
                continue
            hidden_from = ticket._service_hidden_from()
            if ticket.user_id in hidden_from or (
                ticket.team_id and not ticket._service_is_open_to(ticket.team_id)
            ):
                raise ValidationError(
                    self.env._(
                        "Complaint %s is about the person or team that it would be "
                        "assigned to, or about whom they work under. Choose another.",
                        ticket.number,
                    )
                )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _service_hidden_from(self):
        """Return the users who are not to see a ticket."""
        self.ensure_one()
        # who works under whom, in teams that are archived too
        teams = self.env["helpdesk.ticket.team"].sudo().with_context(active_test=False)
        ticket = self.sudo()  # also for who may not read it
        person = ticket.service_about_user_id
        led = teams.search([("user_id", "=", person.id)]) if person else teams
        if ticket.service_is_report:
            led |= ticket.service_about_team_id
        under = teams.search([("id", "child_of", led.ids)]) if led else teams
        hidden_from = person | under.user_id | under.user_ids
        if ticket.service_is_unclear:
            quality = self.env.ref(QUALITY).sudo().all_user_ids  # as above
            hidden_from |= hidden_from.search(
                [("share", "=", False), ("id", "not in", quality.ids)]
            )
        return hidden_from

    def _service_visible_to(self, users):
        """Return those of some users who may know of a ticket, people of its company.

        Whoever tells people of a ticket asks this first.
        """
        self.ensure_one()
        users = self.company_id._service_people(users)
        return users - self._service_hidden_from() if users else users

    def _service_is_open_to(self, team):
        """Tell whether a team may have the ticket: not that of whom it is about."""
        # who works under whom, also for who may not read it
        ticket, line = self.sudo(), team.sudo()._service_line()
        return not (
            ticket.service_about_user_id & line.user_id
            or (ticket.service_is_report and ticket.service_about_team_id in line)
        )

    def _service_open_team(self, team):
        """Return a team, or the nearest above it, that may have the ticket."""
        while team and not self._service_is_open_to(team):
            team = team.parent_id
        return team

    def _service_hide_from_others(self, before):
        """End what gave access to tickets, once they are about others than before.

        :param before: what :meth:`_service_complaint_facts` gave before the write
        """
        after = self._service_complaint_facts()
        changed = self.browse(
            ticket_id
            for ticket_id, new in after.items()
            if new.about != before[ticket_id].about
        ).sudo()  # who says so need not see it any more
        for ticket in changed:
            ticket._service_end_access(ticket._service_hidden_from().partner_id)
        if changed:
            for model in ("mail.message", "mail.followers", "mail.activity"):
                self.env[model].invalidate_model(["service_is_hidden"])

    # ------------------------------------------------------------------
    # Access
    # ------------------------------------------------------------------

    def _service_hidden_here(self):
        """Return those of the tickets that are hidden from the user, as superuser."""
        tickets = self.sudo()  # asked before it may be read
        # most name nobody, and are known without a query
        tickets = tickets.filtered(lambda ticket: any(ticket._service_about()))
        return tickets and tickets.filtered_domain(self._service_hidden_domain())

    def _service_about(self):
        """Return whom a ticket is hidden from: a person, a team, or nearly all."""
        return (
            self.service_about_user_id.id,
            self.service_is_report and self.service_about_team_id.id,
            self.service_is_unclear,
        )

    @api.depends(
        "service_about_user_id",
        "service_about_team_id",
        "service_is_report",
        "service_is_unclear",
    )
    @api.depends_context("uid")
    def _compute_display_name(self):
        """Do not name a hidden ticket where another record refers to it."""
        result = super()._compute_display_name()
        for ticket in self._service_hidden_here().sudo(self.env.su):
            ticket.display_name = self.env._("Hidden")
        return result

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Leave out followers who are not to know of the complaint."""
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        ticket = self.sudo()  # also where staff's fields are hidden
        if not any(ticket._service_about()):
            return recipients
        hidden = set(self._service_hidden_from().partner_id.ids)
        return [found for found in recipients if found["id"] not in hidden]
