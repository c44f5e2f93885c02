from odoo.exceptions import AccessError, MissingError
from odoo.http import request, route

from odoo.addons.service_quality_core.controllers.portal import ServiceQualityPortal


class ServiceQualityVisitPortal(ServiceQualityPortal):
    """Shows customers in the portal the service sheets that they signed."""

    def _ticket_get_page_view_values(self, ticket, access_token, **kwargs):
        """Add the service sheets that the customer signed."""
        values = super()._ticket_get_page_view_values(ticket, access_token, **kwargs)
        return values | {"service_sheets": ticket._service_portal_sheets()}

    @route(
        "/my/ticket/<int:ticket_id>/sheet/<int:sheet_id>",
        type="http",
        auth="public",
        website=True,
        readonly=True,
    )
    def portal_service_sheet(self, ticket_id, sheet_id, access_token=None, **_kwargs):
        """Download a service sheet that the customer of a ticket signed."""
        try:
            ticket = self._document_check_access(
                "helpdesk.ticket", ticket_id, access_token=access_token
            )
        except (AccessError, MissingError):
            return request.redirect("/my")
        sheet = ticket._service_portal_sheet(sheet_id)
        if not sheet:
            raise request.not_found()
        stream = request.env["ir.binary"]._get_stream_from(
            sheet, "pdf", filename_field="filename"
        )
        return stream.get_response(as_attachment=True)
