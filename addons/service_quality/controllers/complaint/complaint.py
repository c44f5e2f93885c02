from odoo.http import request

from ...models.complaint.service_quality_complaint_complainant import ANSWER_PATH
from ..guest.guest import GuestController, guest_route
from .hotline import complaint_values, reply_to_answer


class ComplaintController(GuestController):
    """The page of an answer lets complainants without an account reply to it.

    Opening the link says nothing: programs that look through mails open it as well.
    """

    @guest_route(f"{ANSWER_PATH}/<string:token>", methods=["GET", "POST"])
    def answer(self, token, **given):
        """Show the answer to a complaint, or take what its customer says of it."""
        is_sent = request.httprequest.method == "POST"
        self._count("answer" if is_sent else "read")
        tickets = request.env["helpdesk.ticket"]
        ticket = tickets._service_complaint_by_answer_token(token)
        if not ticket:
            return self._page("complaint_gone", {}, status=404)
        if "lang" not in request.httprequest.args:
            request.registry["ir.http"]._service_guest_speak(ticket.partner_id.lang)
        ticket = ticket.with_context(lang=request.env.lang)
        told, status = {}, 200
        if is_sent:
            refusal = self._refusal(given)
            told = {"refusal": refusal} if refusal else reply_to_answer(ticket, given)
            status = 400 if told.get("refusal") else 200
        values = complaint_values(ticket) | told
        return self._page("complaint_answer", values, status=status)
