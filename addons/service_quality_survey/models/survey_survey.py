from odoo import fields, models


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
