from odoo.exceptions import AccessError, MissingError
from odoo.http import request, route

from odoo.addons.helpdesk_mgmt.controllers.myaccount import CustomerPortalHelpdesk

from ...models.complaint.service_quality_hotline import HOTLINE_PATH
from ...tools.core.typed import MOST_TEXT, clean_text
from ..callback.follow_up import enter_answer, follow_up_values, read_answer
from ..core.limits import MOST_BYTES, count_request
from ..guest.form import files_hint, new_key, read_key, take_uploads
from .hotline import reply_to_answer

PAGE = "helpdesk_mgmt.portal_helpdesk_ticket_page"

TICKET = "/my/ticket/<int:ticket_id>"


class ServiceQualityPortalComplaint(CustomerPortalHelpdesk):
    """In the portal, customers answer follow-up calls and complain about tickets."""

    # ------------------------------------------------------------------
    # Page of the ticket
    # ------------------------------------------------------------------

    def _ticket_get_page_view_values(self, ticket, access_token, **kwargs):
        """Add what the customer is asked, and what became of a complaint."""
        values = super()._ticket_get_page_view_values(ticket, access_token, **kwargs)
        reader = self._service_reader(ticket)
        call = ticket._service_portal_call(reader)
        company = ticket.company_id.sudo()  # its page is for everybody
        return values | {
            "service_call": call,
            "service_questions": call and follow_up_values(call),
            "service_complaint": ticket._service_portal_complaint(reader),
            "service_complaints": ticket._service_portal_complaints(),
            "service_may_complain": not request.env.user._is_public(),
            "service_hotline_path": f"{HOTLINE_PATH}/{company.service_hotline_code}",
            "service_token": access_token or "",
            "service_told": {},
        }

    def _service_reader(self, ticket):
        """Return as whom somebody reads: with the link alone, as whoever has it."""
        user = request.env.user
        # whoever has the link may see its ticket, and no contacts otherwise
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

    # ------------------------------------------------------------------
    # Answering
    # ------------------------------------------------------------------

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
            return request.render("service_quality.portal_complain", values)
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
            return request.render("service_quality.portal_complain", values, status=400)
        return self._service_enter(ticket, text, uploads, values["key"])

    def _service_enter(self, ticket, text, uploads, key):
        partner = request.env.user.partner_id
        tickets = request.env["helpdesk.ticket"]
        entered = ticket._service_portal_complaint_values(partner, text)
        receipt = tickets._service_submit_form(entered, uploads, key)
        complaint = tickets._service_complaint_by_receipt(**receipt)
        complaint.message_subscribe(partner.ids)
        return self._service_back(complaint, None, "service_complaint")
