from odoo import api, fields, models


class SurveyQuestionAnswer(models.Model):
    """Is a choice of a question; it stays as long as people are asked."""

    _inherit = "survey.question.answer"

    service_is_wish = fields.Boolean(
        string="Wish to Be Called", help="Who chooses it is called by telephone."
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        choices = super().create(vals_list)
        choices._service_check_unlocked()
        return choices

    def write(self, vals):
        self._service_check_unlocked()
        result = super().write(vals)
        if vals.keys() & {"question_id", "matrix_question_id"}:
            self._service_check_unlocked()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_service_asked(self):
        self._service_check_unlocked()

    def _service_check_unlocked(self):
        questions = self.question_id | self.matrix_question_id
        questions.survey_id._service_check_unlocked()
