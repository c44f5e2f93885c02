from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import Controller, request, route

from odoo.addons.service_quality_core.controllers.limits import MOST_BYTES
from odoo.addons.service_quality_guest.controllers.form import (
    files_hint,
    take_uploads,
)

from .survey import give_up, read_form, survey_values


class SurveyEntryController(Controller):
    """Interviewers enter papers, and ask by telephone, on the form of the customers."""

    @route(
        "/service-quality/survey/<int:contact_id>/<any(paper, phone):channel>",
        type="http",
        auth="user",
        methods=["GET", "POST"],
        max_content_length=MOST_BYTES,
    )
    def enter(self, contact_id, channel, **given):
        """Show the questions of one person, or take what an interviewer has entered."""
        contact = self._contact(contact_id)
        lang = request.httprequest.args.get("lang") or contact.lang
        # questions are read out in the language of the person
        request.registry["ir.http"]._service_guest_speak(lang)
        contact = contact.with_context(lang=request.env.lang)
        closed = contact._closed_words(channel)
        if closed:
            return self._end(contact, channel, "closed", {"words": closed})
        if request.httprequest.method != "POST":
            return self._page(contact, channel, survey_values(contact))
        return self._take(contact, channel, given)

    def _contact(self, contact_id):
        contacts = request.env["service.quality.survey.contact"]
        contact = contacts.browse(contact_id).exists()
        try:
            if contact:
                contact._check_interviewer()
        except (AccessError, MissingError):
            contact = None
        if not contact:
            raise request.not_found()
        return contact.sudo()  # an interviewer reads no answers but this one

    def _take(self, contact, channel, given):
        action = given.get("action")
        try:
            if action in ("refuse", "wrong"):
                give_up(contact, action, given.get("words"), channel)
                return self._end(contact, channel, action)
            values, comments = read_form(contact)
            uploads, refusal = take_uploads()
            problems = (
                {None: refusal}
                if refusal
                else contact._save_answers(
                    values,
                    channel,
                    user=request.env.user,
                    files=uploads,
                    comments=comments,
                    is_whole=action != "later",
                )
            )
        except UserError as error:
            return self._end(contact, channel, "closed", {"words": error.args[0]})
        if problems:
            values = survey_values(contact, values, comments, problems)
            return self._page(contact, channel, values, status=400)
        return self._end(contact, channel, "later" if action == "later" else "thanks")

    def _page(self, contact, channel, values, status=200):
        values |= {"channel": channel, "files_hint": files_hint()}
        return self._render("survey_entry", contact, values, status)

    def _end(self, contact, channel, what, values=()):
        values = {"channel": channel, "what": what, "words": ""} | dict(values)
        return self._render("survey_entry_end", contact, values)

    def _render(self, template, contact, values, status=200):
        values = {"company": contact.company_id, "contact": contact} | values
        guests = request.registry["ir.http"]
        return guests._service_guest_page(
            f"service_quality_survey.{template}", values, status
        )
