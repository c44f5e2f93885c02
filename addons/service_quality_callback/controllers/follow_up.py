from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.service_quality_core.tools.form_text import clean_text
from odoo.addons.service_quality_guest.controllers.guest import (
    GuestController,
    guest_route,
)

from ..models.callback_data import SATISFACTION, SOLVED
from ..models.service_quality_callback_written_answer import MOST_WORDS


class FollowUpController(GuestController):
    """The follow-up page takes a customer's answer by the link that was sent.

    Opening the link answers nothing: programs that look through mails open it as well.
    """

    @guest_route("/service/follow-up/<string:token>", methods=["GET", "POST"])
    def follow_up(self, token, **given):
        """Show the questions of a follow-up call, or take the answers to them."""
        is_answer = request.httprequest.method == "POST"
        self._count("answer" if is_answer else "read")
        call = request.env["service.quality.callback"]._by_token(token)
        if not call:
            return self._page("service_quality_callback.follow_up_gone", {}, status=404)
        if "lang" not in request.httprequest.args:
            request.registry["ir.http"]._service_guest_speak(call.partner_id.lang)
        call = call.with_context(lang=request.env.lang)
        if not call._is_answerable():
            return self._page(
                "service_quality_callback.follow_up_done", follow_up_values(call)
            )
        if not is_answer:
            return self._page(
                "service_quality_callback.follow_up", follow_up_values(call)
            )
        return self._answer(call, given)

    def _answer(self, call, given):
        values = follow_up_values(call) | {"given": read_answer(given)}
        refusal = self._refusal(given) or enter_answer(call, values["given"], "link")
        if refusal:
            return self._page(
                "service_quality_callback.follow_up",
                values | {"refusal": refusal},
                status=400,
            )
        return self._page(
            "service_quality_callback.follow_up_done", values | {"thanks": True}
        )


def read_answer(given):
    """Return a customer's answer out of what a form has sent."""
    return {
        "solved": given.get("solved"),
        "satisfaction": given.get("satisfaction"),
        "reason_ids": request.httprequest.form.getlist("reason"),
        "comment": clean_text(given.get("comment"), MOST_WORDS)[0],
    }


def enter_answer(call, answer, channel):
    """Enter a customer's answer, all of it or nothing; return why not, if so."""
    try:
        with call.env.cr.savepoint():
            call.with_context(lang=request.env.lang)._answer_in_writing(answer, channel)
    except UserError as error:
        return error.args[0]
    return None


def follow_up_values(call):
    """Return what is asked about a ticket, and of which one."""
    fields = call._fields
    solved = dict(fields["solved"]._description_selection(call.env))
    satisfaction = dict(fields["satisfaction"]._description_selection(call.env))
    return {
        "company": call.company_id,
        "ticket": call.ticket_id,
        "solved": [(key, solved[key]) for key, _label in SOLVED],
        "satisfaction": [(key, satisfaction[key]) for key, _label in SATISFACTION],
        "reasons": call.env["service.quality.callback.reason"].search([]),
        "most_words": MOST_WORDS,
        "given": {},
    }
