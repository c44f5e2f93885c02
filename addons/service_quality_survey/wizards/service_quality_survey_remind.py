from odoo import api, fields, models
from odoo.fields import Domain


class ServiceQualitySurveyRemind(models.TransientModel):
    """Says how many are reminded and who is not, before anybody is."""

    _name = "service.quality.survey.remind"
    _description = "Remind Now"

    survey_id = fields.Many2one(
        "service.quality.survey", required=True, readonly=True, ondelete="cascade"
    )
    remind_count = fields.Integer(string="Reminded", compute="_compute_words")
    words = fields.Text(string="Who Is Reminded", compute="_compute_words")

    @api.depends("survey_id")
    @api.depends_context("lang")
    def _compute_words(self):
        for wizard in self:  # batched: one dialog at a time
            count, words = wizard._told()
            wizard.remind_count = count
            wizard.words = words

    def action_remind(self):
        """Remind them.

        :return: an action that closes the dialog
        """
        self.ensure_one()
        self.survey_id._remind()
        return {"type": "ir.actions.act_window_close"}

    def _told(self):
        """Return how many are reminded, and a text about them and the others."""
        _ = self.env._
        survey = self.survey_id
        Contact = self.env["service.quality.survey.contact"]
        asked = Domain("survey_id", "=", survey.id) & Domain("state", "=", "asked")
        waiting = Contact.search_count(asked)
        count = Contact.search_count(asked & Contact._awaited_domain())
        words = [_("%s people have not answered and are reminded now.", count)]
        if waiting - count:
            words.append(
                _(
                    "%s people are not: they were written to within three days, or "
                    "nothing can be sent to them by itself.",
                    waiting - count,
                )
            )
        for number, text in (
            (survey.answered_count, _("%s people have answered: they get nothing.")),
            (survey.partial_count, _("%s people are half-way: they get nothing.")),
            (survey.refused_count, _("%s people refused: they get nothing.")),
        ):
            if number:
                words.append(text % number)
        return count, "\n".join(words)
