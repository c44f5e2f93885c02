from odoo import api, fields, models
from odoo.exceptions import UserError

FREE = frozenset({"user_id", "color"})
CHATTER = ("message_", "activity_", "website_message_")


class SurveySurvey(models.Model):
    """Is the questionnaire of a campaign; what people answer is read by its own rules.

    Odoo's rules let officers of surveys read the answers of the types that they name,
    which ours is none of.
    """

    _inherit = "survey.survey"

    survey_type = fields.Selection(
        selection_add=[("service_quality", "Customer satisfaction")],
        ondelete={"service_quality": "cascade"},
    )
    service_campaign_ids = fields.One2many(
        "service.quality.survey", "questionnaire_id", string="Customer Surveys"
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        names = {name for name in vals.keys() - FREE if not name.startswith(CHATTER)}
        if names:
            self._service_check_unlocked()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_service_asked(self):
        self._service_check_unlocked()

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _service_is_ours(self):
        """Return the questionnaires of customer surveys."""
        return self.filtered(lambda one: one.survey_type == "service_quality")

    def _service_check_unlocked(self):
        """Refuse changes of what people are being asked, or were.

        :raise UserError: where a campaign with it has been in the field
        """
        # whoever would change a question, the campaign is asked
        campaigns = self._service_is_ours().sudo().service_campaign_ids
        started = campaigns.filtered("started_at")
        if started:
            raise UserError(
                self.env._(
                    "People are being asked these questions, or were: %s. Neither a "
                    "question nor a choice changes any more, or answers would not be "
                    "comparable. Make another survey.",
                    ", ".join(started.mapped("name")),
                )
            )
