from odoo.http import request, route

from odoo.addons.service_quality_core.controllers.limits import (
    MOST_BYTES,
    count_request,
)
from odoo.addons.service_quality_core.controllers.portal_page import (
    TICKET,
    ServiceQualityTicketPage,
)
from odoo.addons.service_quality_core.tools.form_text import MOST_TEXT, clean_text
from odoo.addons.service_quality_guest.controllers.form import (
    files_hint,
    new_key,
    read_key,
    take_uploads,
)

from ..models.service_quality_hotline import HOTLINE_PATH
from .complaint import reply_to_answer


class ServiceQualityPortalComplaint(ServiceQualityTicketPage):
    """The portal lets customers complain about tickets and reply to the answer."""

    # ------------------------------------------------------------------
    # Page of the ticket
    # ------------------------------------------------------------------

    def _ticket_get_page_view_values(self, ticket, access_token, **kwargs):
        """Add what became of a complaint, and where to complain."""
        values = super()._ticket_get_page_view_values(ticket, access_token, **kwargs)
        reader = self._service_reader(ticket)
        company = ticket.company_id.sudo()  # its page is for everybody
        return values | {
            "service_complaint": ticket._service_portal_complaint(reader),
            "service_complaints": ticket._service_portal_complaints(),
            "service_may_complain": not request.env.user._is_public(),
            "service_hotline_path": f"{HOTLINE_PATH}/{company.service_hotline_code}",
        }

    # ------------------------------------------------------------------
    # Answering
    # ------------------------------------------------------------------

    @route(
        f"{TICKET}/complaint/reply",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
    )
    def portal_service_reply(self, ticket_id, access_token=None, **given):
        """Accept or refuse the answer to a complaint."""
        count_request("answer")
        ticket = self._service_ticket(ticket_id, access_token)
        if not ticket:
            return request.redirect("/my")
        complaint = ticket._service_portal_complaint(self._service_reader(ticket))
        if complaint.get("may_reply") and given.get("action") in ("accept", "refuse"):
            told = reply_to_answer(ticket.with_context(lang=request.env.lang), given)
            if told.get("refusal"):
                return self._service_show(ticket, access_token, {"reply": told})
        return self._service_back(ticket, access_token, "service_complaint")

    # ------------------------------------------------------------------
    # Complaining
    # ------------------------------------------------------------------

    @route(
        f"{TICKET}/complain",
        type="http",
        auth="user",
        website=True,
        methods=["GET", "POST"],
        max_content_length=MOST_BYTES,
    )
    def portal_service_complain(self, ticket_id, **given):
        """Complain about a ticket of one's own."""
        ticket = self._service_ticket(ticket_id)
        if not ticket:
            return request.redirect("/my")
        values = {
            "page_name": "ticket",
            "ticket": ticket,
            "key": read_key(given) or new_key(),
            "most_text": MOST_TEXT,
            "files_hint": files_hint(),
        }
        if request.httprequest.method != "POST":
            return request.render("service_quality_complaint.portal_complain", values)
        count_request("report")
        text, length = clean_text(given.get("text"))
        uploads, refusal = take_uploads()
        if not text:
            refusal = request.env._("Please write what happened.")
        elif length > MOST_TEXT:
            refusal = request.env._(
                "Your text is too long: at most %s characters.", MOST_TEXT
            )
        if refusal:
            values |= {"text": text, "refusal": refusal}
            return request.render(
                "service_quality_complaint.portal_complain", values, status=400
            )
        return self._service_enter(ticket, text, uploads, values["key"])

    def _service_enter(self, ticket, text, uploads, key):
        partner = request.env.user.partner_id
        tickets = request.env["helpdesk.ticket"]
        entered = ticket._service_portal_complaint_values(partner, text)
        receipt = tickets._service_submit_form(entered, uploads, key)
        complaint = tickets._service_complaint_by_receipt(**receipt)
        complaint.message_subscribe(partner.ids)
        return self._service_back(complaint, None, "service_complaint")
