from odoo.http import request
from odoo.tools import email_normalize

from odoo.addons.service_quality_core.tools.form_text import (
    MOST_TEXT,
    clean_line,
    clean_text,
)
from odoo.addons.service_quality_guest.controllers.form import (
    files_hint,
    new_key,
    read_key,
    take_uploads,
)
from odoo.addons.service_quality_guest.controllers.guest import (
    GuestController,
    guest_route,
)

from ..models.service_quality_complaint_hotline import ABOUT
from ..models.service_quality_hotline import HOTLINE_PATH
from .complaint import complaint_values, reply_to_answer

STATUS_PATH = f"{HOTLINE_PATH}/receipt"


class HotlineController(GuestController):
    """The supervision hotline is open to everybody, also nameless (Regulation C2.3)."""

    # ------------------------------------------------------------------
    # Telling
    # ------------------------------------------------------------------

    @guest_route(
        [HOTLINE_PATH, f"{HOTLINE_PATH}/<string:code>"], methods=["GET", "POST"]
    )
    def hotline(self, code=None, **given):
        """Show the form of a team's or company's hotline, or take a complaint by it."""
        is_sent = request.httprequest.method == "POST"
        self._count("report" if is_sent else "read")
        tickets = request.env["helpdesk.ticket"]
        place = (
            request.env["service.quality.hotline"]._service_hotline_place(code)
            if code
            else request.env.company.sudo()  # its name is on the page
        )
        if not place:
            raise request.not_found()
        values = self._form_values(place)
        if not is_sent:
            return self._page("service_quality_complaint.hotline_form", values)
        values["key"] = read_key(given) or values["key"]
        words, refusal = self._read(given)
        uploads = []
        if not refusal:
            uploads, refusal = take_uploads()
        if refusal:
            values |= {"given": words, "refusal": refusal}
            return self._page(
                "service_quality_complaint.hotline_form", values, status=400
            )
        entered = tickets._service_hotline_values(place, words)
        receipt = tickets._service_submit_form(entered, uploads, values["key"])
        return self._page(
            "service_quality_complaint.hotline_thanks", values | _for_reading(receipt)
        )

    def _form_values(self, place):
        _ = request.env._
        return {
            "intro": _("Tell us what is not right about %s.", place.name),
            "received": _("Your report about %s has reached us.", place.name),
            "company": place if place._name == "res.company" else place.company_id,
            "place": place,
            "hotline": place._service_hotline_number(),
            "key": new_key(),
            "given": {"about": "place", "anonymous": True},
            "most_text": MOST_TEXT,
            "files_hint": files_hint(),
            "status_path": STATUS_PATH,
        }

    def _read(self, given):
        """Return what was entered, cleaned, and what is wrong with it."""
        _ = request.env._
        text, length = clean_text(given.get("text"))
        about = given.get("about")
        words = {
            "about": about if about in ABOUT else "other",
            "which": clean_line(given.get("which")),
            "text": text,
            "anonymous": given.get("anonymous") != "0",
            "name": clean_line(given.get("name")),
            "email": clean_line(given.get("email")),
            "phone": clean_line(given.get("phone")),
        }
        refusal = self._refusal(given)
        if not refusal and not text:
            refusal = _("Please write what happened.")
        if not refusal and length > MOST_TEXT:
            refusal = _(
                "Your text is too long: %(length)s characters, and %(most)s fit in. "
                "What did not fit is cut off below. Shorten it, or attach it as a PDF.",
                length=length,
                most=MOST_TEXT,
            )
        if not refusal and not words["anonymous"]:
            if words["email"] and not email_normalize(words["email"]):
                refusal = _("The mail address is not complete.")
            elif not (words["email"] or words["phone"]):
                refusal = _(
                    "Enter a mail address or a telephone number, or stay anonymous."
                )
        return words, refusal

    # ------------------------------------------------------------------
    # Looking it up
    # ------------------------------------------------------------------

    @guest_route(STATUS_PATH, methods=["GET", "POST"])
    def status(self, **given):
        """Ask for a receipt and its secret, or show how that complaint stands."""
        if request.httprequest.method != "POST":
            self._count("read")
            return self._page("service_quality_complaint.hotline_receipt", {})
        self._count("secret")
        refusal = self._refusal(given)
        receipt = {name: clean_line(given.get(name)) for name in ("receipt", "secret")}
        values = {"given": receipt, "refusal": refusal}
        if refusal:
            return self._page(
                "service_quality_complaint.hotline_receipt", values, status=400
            )
        tickets = request.env["helpdesk.ticket"]
        ticket = tickets._service_complaint_by_receipt(**receipt)
        if not ticket:
            values["refusal"] = request.env._(
                "Number and secret do not belong together. Look at the receipt again."
            )
            return self._page(
                "service_quality_complaint.hotline_receipt", values, status=403
            )
        ticket = ticket.with_context(lang=request.env.lang)
        return self._page(
            "service_quality_complaint.hotline_status",
            values | self._reply(ticket, given),
        )

    def _reply(self, ticket, given):
        """Do what the complainant asks for; return what is shown then."""
        return reply_to_answer(ticket, given) | complaint_values(ticket)


def _for_reading(receipt):
    """Return a receipt in groups of four, as it is easily copied by hand."""
    return {
        name: "-".join(text[start : start + 4] for start in range(0, len(text), 4))
        for name, text in receipt.items()
    }
