from odoo import api, fields, models
from odoo.exceptions import UserError

ANSWERED = frozenset(
    {
        "survey_id", "state", "test_entry", "start_datetime", "end_datetime",
        "user_input_line_ids",
    }
)  # fmt: skip
"""What is not changed of an answer that was given."""


class SurveyUserInput(models.Model):
    """Is the answer of one person; once it was given it stays as it is."""

    _inherit = "survey.user_input"

    service_contact_ids = fields.One2many(
        "service.quality.survey.contact", "user_input_id", string="Person Asked"
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        if vals.keys() & ANSWERED:
            self._service_check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_service_answer(self):
        self._service_check_open()

    def _service_check_open(self):
        """Refuse changes of what a customer has answered.

        :raise UserError: for a whole answer of a customer survey
        """
        given = self.filtered(lambda one: one.state == "done")
        # whose questionnaire it is, whoever writes
        if given.sudo().survey_id._service_is_ours():
            raise UserError(
                self.env._(
                    "What a customer has answered stays as it is, and is not deleted."
                )
            )
