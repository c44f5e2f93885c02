from odoo import api, fields, models
from odoo.fields import Domain


class ServiceQualityTicketHiddenMixin(models.AbstractModel):
    """Hides tickets from people who are not to see them, whatever their groups allow.

    By itself it hides nothing. Addons say which tickets are about which people; what
    belongs to a hidden ticket is hidden with it, by ``service.quality.hidden.mixin``.
    """

    _name = "service.quality.ticket.hidden.mixin"
    _description = "Tickets Hidden From People They Are About"

    service_is_hidden = fields.Boolean(
        string="Hidden From Me",
        compute="_compute_service_is_hidden",
        search="_search_service_is_hidden",
        compute_sudo=True,  # it is asked before the ticket may be read
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends_context("uid")
    def _compute_service_is_hidden(self):
        self.service_is_hidden = False
        self._service_hidden_here().service_is_hidden = True

    def _search_service_is_hidden(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._service_hidden_domain()

    # ------------------------------------------------------------------
    # What addons add
    # ------------------------------------------------------------------

    @api.model
    def _service_hidden_domain(self):
        """Return the domain of tickets that the user is not to see; addons add some.

        It is asked for each time, as record rules keep what they know of a user.
        """
        return Domain.FALSE

    def _service_about(self):
        """Return what a ticket is hidden by, as a tuple; addons add to it.

        One that is empty or all false says, without a query, that nothing hides it.
        """
        return ()

    def _service_hidden_from(self):
        """Return the users who are not to see a ticket; addons add to them."""
        return self.env["res.users"]

    def _service_is_open_to(self, team):
        """Return True if a team may have the ticket; addons keep it from some."""
        return True

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _service_visible_to(self, users):
        """Return those of some users who may know of a ticket, people of its company.

        All that tells people of a ticket asks this first.
        """
        self.ensure_one()
        users = self.company_id._service_people(users)
        return users - self._service_hidden_from() if users else users

    def _service_open_team(self, team):
        """Return a team, or the nearest above it, that may have the ticket."""
        while team and not self._service_is_open_to(team):
            team = team.parent_id
        return team

    # ------------------------------------------------------------------
    # Access
    # ------------------------------------------------------------------

    def _service_hidden_here(self):
        """Return those of the tickets that are hidden from the user, as superuser."""
        tickets = self.sudo()  # asked before it may be read
        # most are about no one, and are known without a query
        tickets = tickets.filtered(lambda ticket: any(ticket._service_about()))
        return tickets and tickets.filtered_domain(self._service_hidden_domain())

    @api.depends_context("uid")
    def _compute_display_name(self):
        """Do not name a hidden ticket where another record refers to it."""
        result = super()._compute_display_name()
        for ticket in self._service_hidden_here().sudo(self.env.su):
            ticket.display_name = self.env._("Hidden")
        return result

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Leave out followers who are not to know of a ticket."""
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        ticket = self.sudo()  # also where staff's fields are hidden
        if not any(ticket._service_about()):
            return recipients
        hidden = set(self._service_hidden_from().partner_id.ids)
        return [found for found in recipients if found["id"] not in hidden]
