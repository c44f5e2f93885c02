from odoo.exceptions import AccessError, MissingError
from odoo.http import request

from odoo.addons.helpdesk_mgmt.controllers.myaccount import CustomerPortalHelpdesk

PAGE = "helpdesk_mgmt.portal_helpdesk_ticket_page"

TICKET = "/my/ticket/<int:ticket_id>"


class ServiceQualityTicketPage(CustomerPortalHelpdesk):
    """Helps addons to put forms on the page of a ticket and to answer what is sent."""

    def _ticket_get_page_view_values(self, ticket, access_token, **kwargs):
        """Add what the forms on the page need, and what was wrong with one sent."""
        values = super()._ticket_get_page_view_values(ticket, access_token, **kwargs)
        return values | {"service_token": access_token or "", "service_told": {}}

    def _service_reader(self, ticket):
        """Return the contact who reads a page: by link alone, the ticket's own."""
        user = request.env.user
        # who has the link may see its ticket, and no contacts otherwise
        return ticket.sudo().partner_id if user._is_public() else user.partner_id

    def _service_ticket(self, ticket_id, access_token=None):
        """Return a ticket that the visitor may see, as superuser, or nothing."""
        try:
            return self._document_check_access(
                "helpdesk.ticket", ticket_id, access_token=access_token
            )
        except (AccessError, MissingError):
            return None

    def _service_show(self, ticket, access_token, told):
        """Show the page of a ticket again, with what is wrong with what was sent."""
        values = self._ticket_get_page_view_values(ticket, access_token)
        values["service_told"] = told
        return request.render(PAGE, values, status=400)

    def _service_back(self, ticket, access_token, anchor):
        query = f"?access_token={access_token}" if access_token else ""
        return request.redirect(f"/my/ticket/{ticket.id}{query}#{anchor}")
