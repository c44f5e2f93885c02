from odoo.http import request, route

from odoo.addons.service_quality_core.controllers.limits import count_request
from odoo.addons.service_quality_core.controllers.portal_page import (
    TICKET,
    ServiceQualityTicketPage,
)
from odoo.addons.service_quality_core.tools.form_text import (
    MOST_TEXT,
    clean_text,
    weigh,
)

LEAST = 10
MOST_BYTES = 64 * 1024
"""A text alone is sent."""


class ServiceQualityPortalSuggestion(ServiceQualityTicketPage):
    """The portal lets customers suggest what could be better, and tells the outcome."""

    def _ticket_get_page_view_values(self, ticket, access_token, **kwargs):
        """Add what the customer has suggested."""
        values = super()._ticket_get_page_view_values(ticket, access_token, **kwargs)
        reader = self._service_reader(ticket)
        return values | {
            "service_suggestions": ticket._service_portal_suggestions(reader),
            "service_may_suggest": not request.env.user._is_public(),
            "service_most_text": MOST_TEXT,
        }

    @route(
        f"{TICKET}/suggest",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
        max_content_length=MOST_BYTES,
    )
    def portal_service_suggest(self, ticket_id, access_token=None, **given):
        """Enter a suggestion of who sees the ticket."""
        count_request("report")
        ticket = self._service_ticket(ticket_id)
        if not ticket:
            return request.redirect("/my")
        text, length = clean_text(given.get("text"))
        refusal = ""
        if weigh(text) < LEAST:
            refusal = request.env._("Please write what could be better.")
        elif length > MOST_TEXT:
            refusal = request.env._(
                "Your text is too long: at most %s characters.", MOST_TEXT
            )
        elif not ticket._service_suggest(text, request.env.user.partner_id):
            refusal = request.env._(
                "Several suggestions of yours wait for an answer already. Please wait "
                "until we have decided on them."
            )
        if refusal:
            told = {"suggest": {"refusal": refusal, "text": text}}
            return self._service_show(ticket, None, told)
        return self._service_back(ticket, None, "service_suggestions")
