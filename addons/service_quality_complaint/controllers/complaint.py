from odoo.http import request

from odoo.addons.service_quality_core.tools.form_text import MOST_TEXT, clean_text
from odoo.addons.service_quality_guest.controllers.guest import (
    GuestController,
    guest_route,
)

from ..models.service_quality_complaint_complainant import ANSWER_PATH


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
            return self._page(
                "service_quality_complaint.complaint_gone", {}, status=404
            )
        if "lang" not in request.httprequest.args:
            request.registry["ir.http"]._service_guest_speak(ticket.partner_id.lang)
        ticket = ticket.with_context(lang=request.env.lang)
        told, status = {}, 200
        if is_sent:
            refusal = self._refusal(given)
            told = {"refusal": refusal} if refusal else reply_to_answer(ticket, given)
            status = 400 if told.get("refusal") else 200
        values = complaint_values(ticket) | told
        return self._page(
            "service_quality_complaint.complaint_answer", values, status=status
        )


def reply_to_answer(ticket, given):
    """Enter what the complainant says to the answer, or adds.

    :return: dict ``{"note", "refusal", "words"}``: what is told about it
    """
    _ = ticket.env._
    words, length = clean_text(given.get("words"))
    action = given.get("action")
    if action == "accept" and ticket._service_may_reply():
        ticket._service_complaint_reply(True)
        return {"note": _("You have accepted the answer. Thank you.")}
    if action in ("refuse", "message"):
        refusal = None
        if length > MOST_TEXT:
            refusal = _("Your text is too long: at most %s characters.", MOST_TEXT)
        elif not words and action == "refuse":
            refusal = _("Please write why you do not accept the answer.")
        elif not words:
            refusal = _("Please write your message first.")
        if refusal:
            return {"refusal": refusal, "words": words}
    if action == "refuse" and ticket._service_may_reply():
        ticket._service_complaint_reply(False, words)
        return {"note": _("We have taken down that you do not accept the answer.")}
    if action == "message":
        ticket._service_complainant_writes(words)
        return {"note": _("Your message has reached us.")}
    return {}


def complaint_values(ticket):
    """Return what is shown of a complaint to its complainant."""
    complaint = ticket._service_complaint_for_complainant()
    company = ticket.company_id
    return {
        "company": company,
        "complaint": complaint,
        "hotline": complaint["hotline"],
        "steps": ticket._service_complaint_steps(complaint["state"]),
        "tz": ticket.partner_id._service_tz(company),
        "most_text": MOST_TEXT,
    }
