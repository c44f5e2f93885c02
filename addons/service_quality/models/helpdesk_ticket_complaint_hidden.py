from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class HelpdeskTicket(models.Model):
    """Keep a complaint from those whom it is about.

    Who a complaint names never sees it, nor does anybody who works under them; what
    the supervision hotline is told about an outlet or team is hidden from all who work
    there. Who works under whom is what the teams say now: their leaders, members and
    parents.
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

    @api.depends("service_about_user_id", "service_about_team_id", "service_is_report")
    @api.depends_context("uid")
    def _compute_service_is_hidden(self):
        hidden = self.filtered_domain(self._service_hidden_domain())
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
        return Domain("service_about_user_id", "in", superiors.ids) | (
            Domain("service_is_report", "=", True)
            & Domain("service_about_team_id", "in", areas.ids)
        )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains(
        "user_id",
        "team_id",
        "service_about_user_id",
        "service_about_team_id",
        "service_is_report",
    )
    def _check_service_assignment(self):
        for ticket in self.sudo():  # whoever assigns it
            if not (ticket.service_about_user_id or ticket.service_is_report):
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
        teams = self.env["helpdesk.ticket.team"].sudo()  # who works under whom
        ticket = self.sudo()  # also for who may not read it
        person = ticket.service_about_user_id
        led = teams.search([("user_id", "=", person.id)]) if person else teams
        if ticket.service_is_report:
            led |= ticket.service_about_team_id
        under = teams.search([("id", "child_of", led.ids)]) if led else teams
        return person | under.user_id | under.user_ids

    def _service_visible_to(self, users):
        """Return those of some users who may know of a ticket.

        Whoever tells people of a ticket asks this first.
        """
        self.ensure_one()
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

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Leave out followers who are not to know of the complaint."""
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        if not self.sudo().service_is_complaint:  # also where staff's fields are hidden
            return recipients
        hidden = set(self._service_hidden_from().partner_id.ids)
        return [found for found in recipients if found["id"] not in hidden]
