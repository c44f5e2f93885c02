from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.service_quality_core.tools.form_text import MOST_LINE, clean_text

from .questionnaire_data import CHOOSING
from .survey_data import BLOCKS

MOST_ANSWER = 2000

MOST_NUMBER = 10**12


class SurveyQuestion(models.Model):
    """Asks customers about a promise, or about the service as a whole."""

    _inherit = "survey.question"

    service_block = fields.Selection(BLOCKS, string="About", copy=True)
    service_promise_ids = fields.Many2many(
        "service.quality.survey.promise",
        "service_quality_survey_promise_question_rel",
        "question_id",
        "promise_id",
        string="Promises",
        copy=False,
        ondelete="restrict",
    )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("service_promise_ids", "survey_id")
    def _check_service_promise_ids(self):
        for question in self:
            campaigns = question.survey_id.service_campaign_ids
            if question.service_promise_ids.survey_id - campaigns:
                raise ValidationError(
                    self.env._("A question is about promises of its own survey.")
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        questions = super().create(vals_list)
        questions.survey_id._service_check_unlocked()
        return questions

    def write(self, vals):
        self.survey_id._service_check_unlocked()
        result = super().write(vals)
        if "survey_id" in vals:
            self.survey_id._service_check_unlocked()
        return result

    def unlink(self):
        """Take out what a question asked about with it, as long as nobody is asked."""
        linked = self.filtered("service_promise_ids")
        if linked:
            linked.survey_id._service_check_unlocked()
            linked.service_promise_ids = [Command.clear()]
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_service_asked(self):
        self.survey_id._service_check_unlocked()

    # ------------------------------------------------------------------
    # Answers
    # ------------------------------------------------------------------

    def _service_read(self, raw, comment=None):
        """Return an answer to one question as Odoo keeps it, and what is wrong.

        :param raw: what a form sent: a text, a number, or a list of choices' ids
        :param comment: the text beside the choices
        :return: tuple of answer, comment and problem; an answer that is wrong is empty,
            and an empty one to a mandatory question has a problem, too
        """
        self.ensure_one()
        try:
            answer = self._service_parse(raw)
            comment = self._service_parse_comment(comment)
        except UserError as error:
            return "", "", error.args[0]
        problem = self.validate_question(answer, comment).get(self.id)
        return ("" if problem else answer), comment, problem

    def _service_parse(self, raw):
        _ = self.env._
        kind = self.question_type
        if kind in CHOOSING:
            return self._service_parse_choice(raw)
        if isinstance(raw, (int, float)) and not isinstance(raw, bool):
            raw = f"{raw:g}" if kind == "numerical_box" else str(raw)
        if kind == "text_box":
            return self._service_parse_text(raw, MOST_ANSWER)
        if kind == "char_box":
            return self._service_parse_text(raw, MOST_LINE).replace("\n", " ")
        text = clean_text(raw, MOST_LINE)[0]
        if not text:
            return ""
        if kind == "scale":
            steps = map(str, range(self.scale_min, self.scale_max + 1))
            if text not in steps:
                raise UserError(_("Please choose one of the numbers."))
            return text
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            number = None
        if number is None or not abs(number) <= MOST_NUMBER:
            raise UserError(_("Please enter a number."))
        return str(number)

    def _service_parse_text(self, raw, most):
        text, length = clean_text(raw, most)
        if length > most:
            raise UserError(
                self.env._(
                    "Your text is too long: %(length)s characters, of at most "
                    "%(most)s. Shorten it, please.",
                    length=length,
                    most=most,
                )
            )
        return text

    def _service_parse_comment(self, raw):
        return self._service_parse_text(raw, MOST_LINE) if self.comments_allowed else ""

    def _service_parse_choice(self, raw):
        """Return the ids of choices of one question."""
        given = raw if isinstance(raw, (list, tuple)) else [raw]
        texts = dict.fromkeys(str(one) for one in given if one not in (None, False, ""))
        ids = {str(one.id): one.id for one in self.suggested_answer_ids}
        if texts.keys() - ids.keys():
            raise UserError(self.env._("Please choose one of the answers."))
        found = [ids[text] for text in texts]
        if self.question_type == "multiple_choice":
            return found
        if len(found) > 1:
            raise UserError(self.env._("Please choose only one of the answers."))
        return found[0] if found else ""
