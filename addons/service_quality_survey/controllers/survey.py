from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.service_quality_guest.controllers.guest import (
    GuestController,
    guest_route,
)

from ..models.questionnaire_data import CHOOSING
from ..models.service_quality_survey_contact_answer import MOST_REASON
from ..models.survey_question import MOST_ANSWER

CHANNELS = ("mail", "sms", "link", "qr", "portal", "handed")
"""The ways by which a link reaches people; any other is a copied one."""

CANNOT_SAY = "none"
"""What a form sends for a scale on which nothing is chosen: it is left blank."""

PATH = "/service/survey/<string:token>"


class SurveyController(GuestController):
    """The page on which a person answers a survey, by the link that only they have.

    Opening the link answers nothing: programs that look through mails open it as well.
    No cookie says who it is, so that links of several people, or of last year, may be
    opened in one browser.
    """

    @guest_route([PATH, f"{PATH}/<string:channel>"], methods=["GET", "POST"])
    def survey(self, token, channel="link", **given):
        """Show the questions of one person, or take what they have entered."""
        is_answer = request.httprequest.method == "POST"
        self._count("answer" if is_answer else "read")
        contact = request.env["service.quality.survey.contact"]._find(token)
        if not contact:
            return self._page("service_quality_survey.survey_gone", {}, status=404)
        if "lang" not in request.httprequest.args:
            request.registry["ir.http"]._service_guest_speak(contact.lang)
        contact = contact.with_context(lang=request.env.lang)
        channel = channel if channel in CHANNELS else "link"
        if contact._closed_words(channel):
            return self._closed(contact)
        if not is_answer:
            return self._page(
                "service_quality_survey.survey_page", survey_values(contact)
            )
        refusal = self._refusal(given)
        if refusal:
            return self._again(contact, *read_form(contact), {None: refusal})
        return self._take(contact, channel, given)

    def _take(self, contact, channel, given):
        action = given.get("action")
        try:
            if action in ("refuse", "wrong"):
                give_up(contact, action, given.get("words"), channel)
                return self._end(contact, action)
            values, comments = read_form(contact)
            problems = contact._save_answers(
                values, channel, comments=comments, is_whole=action != "later"
            )
        except UserError:
            return self._closed(contact)  # or answered by another way just now
        if problems:
            return self._again(contact, values, comments, problems)
        return self._end(contact, "later" if action == "later" else "thanks")

    def _again(self, contact, values, comments, problems):
        """Show the form with what was entered, and what is wrong with it."""
        return self._page(
            "service_quality_survey.survey_page",
            survey_values(contact, values, comments, problems),
            status=400,
        )

    def _closed(self, contact):
        is_answered = contact.state == "answered"
        return self._end(contact, "answered" if is_answered else "closed")

    def _end(self, contact, what):
        values = {"company": contact.company_id, "contact": contact, "what": what}
        return self._page("service_quality_survey.survey_end", values)


def give_up(contact, action, words, channel):
    """Note that a person refused, or is another one."""
    if action == "refuse":
        contact._refuse(words, channel)
    else:
        contact._wrong_person(words, channel)


def read_form(contact):
    """Return what a form has sent: answers and the texts beside choices, by question.

    :return: tuple of two dicts of question id to a text or a list of texts
    """
    form = request.httprequest.form
    values, comments = {}, {}
    for question in contact._questions():
        given = form.getlist(f"q{question.id}")
        is_list = question.question_type in CHOOSING
        text = "".join(given[:1])
        values[question.id] = given if is_list else "" if text == CANNOT_SAY else text
        if question.comments_allowed:
            comments[question.id] = form.get(f"c{question.id}", "")
    return values, comments


def survey_values(contact, values=None, comments=None, problems=None):
    """Return what the form shows of one person's questions.

    :param values: what was entered; None: what the person has saved
    """
    given = None
    if values is not None:
        given = values | {(key, "comment"): text for key, text in comments.items()}
    problems = problems or {}
    return {
        "company": contact.company_id,
        "contact": contact,
        "survey": contact.survey_id,
        "questions": contact._form(given, problems),
        "refusal": problems.get(None),
        "has_problems": bool(problems.keys() - {None}),
        "most_answer": MOST_ANSWER,
        "most_reason": MOST_REASON,
    }
