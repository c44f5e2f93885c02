"""How people answer, whatever the channel, apart from who they are."""

import base64
import io

import qrcode

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.service_quality_core.models.roles import group_of
from odoo.addons.service_quality_core.tools.form_text import clean_text

from .questionnaire_data import CHOOSING
from .survey_data import CHANNELS

ANSWER_PATH = "/service/survey/%s/%s"

MOST_REASON = 2000

BY_PERSON = ("paper", "phone")
"""What an interviewer enters, also on the days after the last one."""


class ServiceQualitySurveyContact(models.Model):
    """Takes the one answer of a person."""

    _inherit = "service.quality.survey.contact"

    answer_line_ids = fields.One2many(
        related="user_input_id.user_input_line_ids",
        string="Answers",
        groups="service_quality_core.service_quality_group_quality",
    )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_enter_paper(self):
        """Open the page on which an interviewer enters a paper."""
        return self._action_enter("paper")

    def action_enter_phone(self):
        """Open the page on which an interviewer asks by telephone."""
        return self._action_enter("phone")

    def _action_enter(self, channel):
        self.ensure_one()
        self._check_interviewer()
        return {
            "type": "ir.actions.act_url",
            "url": f"/service-quality/survey/{self.id}/{channel}",
            "target": "self",
        }

    def action_print_paper(self):
        """Print the questions on paper, for each person in their language."""
        self._ensure_some()
        for contact in self:
            contact._check_interviewer()
        return self.env.ref(
            "service_quality_survey.paper_questionnaire_report"
        ).report_action(self, data={}, config=False)

    # ------------------------------------------------------------------
    # Links
    # ------------------------------------------------------------------

    def _link(self, channel="link"):
        """Return the address that opens the answer of one person.

        :param channel: by which it is sent, and by which the answer then came
        """
        return self.get_base_url() + self._path(channel)

    def _path(self, channel):
        self.ensure_one()
        # who sends it need not know it
        return ANSWER_PATH % (self.sudo().token, channel)

    def _qr(self, channel="qr"):
        """Return the address of one person as a code to scan: PNG, as base64."""
        image = io.BytesIO()
        qrcode.make(self._link(channel), box_size=6, border=2).save(image, "PNG")
        return base64.b64encode(image.getvalue())

    def _print_lang(self):
        """Return the language of the person, the company's where it is unknown."""
        own = self.sudo()  # who prints need not read contacts
        installed = dict(self.env["res.lang"].get_installed())
        return own.lang if own.lang in installed else own.company_id._service_lang()

    # ------------------------------------------------------------------
    # Who may
    # ------------------------------------------------------------------

    def _account_managers(self):
        """Return who looks after the customer of one person, and is rated with it."""
        own = self.sudo()  # whoever asks
        agreements = own.agreement_ids
        return (
            agreements.manager_id | agreements.salesperson_id | own.customer_id.user_id
        )

    def _check_interviewer(self):
        """Refuse who may not ask one person nor enter what they answered.

        :raise AccessError: for whoever is neither named an interviewer nor of the
            quality department, and for who looks after the customer
        """
        self.ensure_one()
        self.check_access("read")
        user = self.env.user
        # whether one is named is told to whoever asks
        is_named = user in self.survey_id.sudo().interviewer_ids
        if not is_named and not user.has_group(group_of("quality")):
            raise AccessError(
                self.env._("Interviewers enter answers. Ask the quality department.")
            )
        if user in self._account_managers():
            raise AccessError(
                self.env._(
                    "You look after this customer: somebody else asks them, and enters "
                    "what they answer."
                )
            )

    def _closed_words(self, channel):
        """Return why one person cannot answer now, "" if they can."""
        self.ensure_one()
        _ = self.env._
        survey = self.survey_id
        if self.state == "answered":
            return _("This person has answered already. One person answers once.")
        if survey.state in ("draft", "ready"):
            return _("The survey has not begun yet.")
        today = survey.company_id._service_day()
        is_late = survey.close_date and survey.close_date < today
        if survey.state != "field" or (is_late and channel not in BY_PERSON):
            return _("This survey has ended.")
        if self.is_excluded or not self.is_drawn:
            return _("This person is not asked in this survey.")
        return ""

    def _check_open(self, channel):
        closed = self.sudo()._closed_words(channel)  # people answer, who have no rights
        if closed:
            raise UserError(closed)

    @api.model
    def _to_answer(self, partner):
        """Return what a person can answer now in the portal, as superuser."""
        # customers have no rights to what is ours; these are their own
        found = self.sudo().search(
            [
                ("partner_id", "=", partner.id),
                ("survey_id.state", "=", "field"),
                ("is_drawn", "=", True),
                ("state", "!=", "answered"),
            ]
        )
        return found.filtered(lambda one: not one._closed_words("portal"))

    # ------------------------------------------------------------------
    # Questions
    # ------------------------------------------------------------------

    def _questions(self):
        """Return what one person is asked: nothing about promises made to others."""
        self.ensure_one()
        own = self.sudo()  # whoever asks
        agreements = own.agreement_ids
        return own.survey_id.question_ids.filtered(
            lambda question: (
                not question.is_page
                and (
                    not agreements
                    or not question.service_promise_ids
                    or any(
                        not promise.agreement_ids or promise.agreement_ids & agreements
                        for promise in question.service_promise_ids
                    )
                )
            )
        )

    def _form(self, given=None, problems=None):
        """Return the questions of one person as a form shows them.

        :param given: dict of question id to what was entered, a text or a list of
            texts, and of (question id, "comment") to the text beside it; None: what
            the person has saved
        :param problems: dict of question id to what is wrong
        :return: list of dicts
        """
        given = self._saved() if given is None else given
        problems = problems or {}
        return [
            {
                "number": number,
                "question": question,
                "type": question.question_type,
                "steps": [
                    str(step)
                    for step in range(question.scale_min, question.scale_max + 1)
                ]
                if question.question_type == "scale"
                else [],
                "choices": question.suggested_answer_ids,
                "given": given.get(question.id, ""),
                "comment": given.get((question.id, "comment"), ""),
                "problem": problems.get(question.id),
            }
            for number, question in enumerate(self._questions(), 1)
        ]

    def _saved(self):
        """Return what one person has entered so far, as :meth:`_form` takes it."""
        found = {}
        # a person's own answer
        for line in self.sudo().user_input_id.user_input_line_ids:
            key, kind = line.question_id.id, line.answer_type
            if kind == "suggestion":
                found.setdefault(key, []).append(str(line.suggested_answer_id.id))
            elif kind == "char_box" and line.question_id.question_type in CHOOSING:
                found[key, "comment"] = line.value_char_box
            elif kind == "numerical_box":
                found[key] = f"{line.value_numerical_box:g}"
            elif kind:
                found[key] = str(line[f"value_{kind}"])
        return found

    # ------------------------------------------------------------------
    # Answers
    # ------------------------------------------------------------------

    def _open_answer(self, channel):
        """Return the answer of one person, made when they enter something first.

        :param channel: a key of :data:`.survey_data.CHANNELS`
        :return: a record of ``survey.user_input``
        :raise UserError: in words, where they cannot answer
        """
        self.ensure_one()
        own = self.sudo()  # people answer, who have no rights
        own._lock()
        own._check_open(channel)
        if not own.user_input_id:
            lang = self.env["res.lang"]._lang_get(self.env.lang or "en_US")
            answer = own.env["survey.user_input"].create(
                {
                    "survey_id": own.survey_id.questionnaire_id.id,
                    "partner_id": own.partner_id.id,
                    "email": own.email,
                    "nickname": own.name,
                    "lang_id": lang.id,
                    "predefined_question_ids": [Command.set(own._questions().ids)],
                    "state": "in_progress",
                    "start_datetime": fields.Datetime.now(),
                }
            )
            own._write_as_step({"user_input_id": answer.id})
        return own.user_input_id

    def _save_answers(
        self, values, channel, user=None, files=None, comments=None, is_whole=True
    ):
        """Save what one person answers, once: the first whole answer counts.

        What is valid is kept; the person is half-way as long as something is wrong or
        missing, and goes on by any channel.

        :param values: dict of question id to a text, a number, or choices' ids
        :param channel: a key of :data:`.survey_data.CHANNELS`
        :param user: who entered it, of paper and telephone
        :param files: the scans of a paper, a list of :class:`~.form.Upload`
        :param comments: dict of question id to the text beside the choices
        :param is_whole: False to go on later
        :return: dict of question id to what is wrong, empty when all is saved; under
            None what is wrong with the whole
        :raise UserError: in words, where the person cannot answer
        """
        self.ensure_one()
        if channel not in dict(CHANNELS):
            raise UserError(self.env._("Unknown channel."))
        # a person's own scans
        if channel == "paper" and not files and not self.sudo().scan_ids:
            return {None: self.env._("Attach the scan of the paper.")}
        answers, problems = self._read(values, comments or {})
        wrong = {
            key: text
            for key, text in problems.items()
            if is_whole or values.get(key) or (comments or {}).get(key)
        }
        if not any(answer or comment for answer, comment in answers.values()):
            self._check_open(channel)
            nothing = {None: self.env._("Nothing is entered yet.")}
            return wrong or nothing
        answer = self._open_answer(channel)
        for question in self._questions():
            text, comment = answers[question.id]
            answer._save_lines(question, text, comment)  # batched: at most fifteen
        own = self.sudo()  # people answer, who have no rights
        if files:
            own._attach(files)
        if wrong or not is_whole:
            own._write_as_step({"state": "partial"})
            return wrong
        self._end_answer(answer, channel, user)
        return {}

    def _read(self, values, comments):
        """Return what was entered, and what is wrong with it.

        :return: tuple of dict of question id to (answer, comment), and dict of question
            id to a text
        """
        answers, problems = {}, {}
        for question in self._questions().with_context(lang=self.env.lang):
            answer, comment, problem = question._service_read(
                values.get(question.id), comments.get(question.id)
            )
            answers[question.id] = answer, comment
            if problem:
                problems[question.id] = problem
        return answers, problems

    def _attach(self, files):
        self._write_as_step(
            {
                "scan_ids": [
                    Command.create(
                        {
                            "name": file.name,
                            "raw": file.content,
                            "mimetype": file.mimetype,
                            "res_model": self._name,
                            "res_id": self.id,
                        }
                    )
                    for file in files
                ]
            }
        )

    def _end_answer(self, answer, channel, user):
        answer._mark_done()
        own = self.sudo()  # people answer, who have no rights
        own._write_as_step(
            {
                "state": "answered",
                "channel": channel,
                "answered_at": fields.Datetime.now(),
                "entered_by_id": user and user.id,
            }
        )
        own._answered()

    def _answered(self):
        """Do what the answer of one person asks for: whom it troubles is called."""
        self.env["service.quality.survey.recall"]._raise_for(self)

    # ------------------------------------------------------------------
    # Refusals
    # ------------------------------------------------------------------

    def _refuse(self, words="", channel="link"):
        """Note that one person does not want to answer; no reminder is sent.

        :param words: why, if they said so
        :param channel: by which they said it
        :raise UserError: where they have answered, or the survey has ended
        """
        self._give_up("refused", words, channel)

    def _wrong_person(self, words="", channel="link"):
        """Note that whoever was reached is another person.

        :param words: who it is, if they said so
        :param channel: by which they said it
        :raise UserError: where the person has answered, or the survey has ended
        """
        self._give_up("wrong_person", words, channel)

    def _give_up(self, state, words, channel):
        self.ensure_one()
        own = self.sudo()  # people refuse, who have no rights
        own._lock()
        self._check_open(channel)
        text = clean_text(words, MOST_REASON)[0]
        own._write_as_step({"state": state, "words": text or False})
