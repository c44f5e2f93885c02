from odoo.http import request

from odoo.addons.helpdesk_mgmt.controllers.myaccount import CustomerPortalHelpdesk


class ServiceQualityPortal(CustomerPortalHelpdesk):
    def _ticket_get_page_view_values(self, ticket, access_token, **kwargs):
        """Add what was promised and signed, with times in the reader's zone."""
        values = super()._ticket_get_page_view_values(ticket, access_token, **kwargs)
        reader = request.env.user.partner_id
        if request.env.user._is_public():
            reader = ticket.partner_id  # who was sent the link
        return values | {
            "service_attachments": ticket._service_portal_attachments(),
            "service_targets": ticket._service_portal_targets(),
            "service_tz": reader._service_tz(ticket.company_id),
        }
