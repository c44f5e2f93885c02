from odoo import api, models
from odoo.tools import SQL

from odoo.addons.service_quality_survey.models.service_quality_survey_silence import (
    Fact,
)


class ServiceQualitySurveySilence(models.AbstractModel):
    """Adds complaints and bad follow-up calls to what is known of who is silent."""

    _inherit = "service.quality.survey.silence"

    @api.model
    def _fact_labels(self):
        _ = self.env._
        return super()._fact_labels() | {
            "complaints": _("Complaints of the customer"),
            "bad_calls": _("Dissatisfied follow-up calls of the customer"),
        }

    @api.model
    def _facts(self, survey):
        start, end = survey._bounds()
        complaints = SQL(
            "SELECT commercial_partner_id, count(*) FROM helpdesk_ticket "
            "WHERE company_id = %s AND service_is_complaint "
            "AND service_complained_at >= %s AND service_complained_at < %s GROUP BY 1",
            survey.company_id.id,
            start,
            end,
        )
        calls = SQL(
            "SELECT commercial_partner_id, count(*) FROM service_quality_callback "
            "WHERE company_id = %s AND satisfaction_score BETWEEN 1 AND 2 "
            "AND ended_at >= %s AND ended_at < %s GROUP BY 1",
            survey.company_id.id,
            start,
            end,
        )
        return super()._facts(survey) | {
            "complaints": Fact(complaints, "customer"),
            "bad_calls": Fact(calls, "customer"),
        }
