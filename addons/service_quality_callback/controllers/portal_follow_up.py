from odoo.http import request, route

from odoo.addons.service_quality_core.controllers.limits import count_request
from odoo.addons.service_quality_core.controllers.portal_page import (
    TICKET,
    ServiceQualityTicketPage,
)

from .follow_up import enter_answer, follow_up_values, read_answer


class ServiceQualityPortalFollowUp(ServiceQualityTicketPage):
    """The portal asks customers what a follow-up call asks."""

    def _ticket_get_page_view_values(self, ticket, access_token, **kwargs):
        """Add what the customer is asked."""
        values = super()._ticket_get_page_view_values(ticket, access_token, **kwargs)
        call = ticket._service_portal_call(self._service_reader(ticket))
        return values | {
            "service_call": call,
            "service_questions": call and follow_up_values(call),
        }

    @route(
        f"{TICKET}/follow-up",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
    )
    def portal_service_follow_up(self, ticket_id, access_token=None, **given):
        """Answer the follow-up call of a ticket."""
        count_request("answer")
        ticket = self._service_ticket(ticket_id, access_token)
        call = ticket and ticket._service_portal_call(self._service_reader(ticket))
        if not call:
            return request.redirect("/my")
        answer = read_answer(given)
        refusal = enter_answer(call, answer, "portal")
        if refusal:
            told = {"given": answer, "refusal": refusal}
            return self._service_show(ticket, access_token, {"follow_up": told})
        return self._service_back(ticket, access_token, "service_follow_up")
