from odoo.http import request

from odoo.addons.helpdesk_mgmt.controllers.myaccount import CustomerPortalHelpdesk


class ServiceQualityPortal(CustomerPortalHelpdesk):
    def _ticket_get_page_view_values(self, ticket, access_token, **kwargs):
        """Add what was promised, with times in the reader's zone."""
        values = super()._ticket_get_page_view_values(ticket, access_token, **kwargs)
        reader = request.env.user.partner_id
        if request.env.user._is_public():
            reader = ticket.partner_id  # whoever was sent the link
        return values | {
            "service_targets": ticket._service_portal_targets(),
            "service_tz": reader.tz or "UTC",
        }
