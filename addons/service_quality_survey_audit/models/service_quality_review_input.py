from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_audit.models.service_quality_review_input import (
    Found,
    Input,
)


class ServiceQualityReviewInput(models.Model):
    """Adds the yearly survey, apart from what customers say in follow-up calls."""

    _inherit = "service.quality.review.input"

    @api.model
    def _inputs(self):
        _ = self.env._
        return [
            *super()._inputs(),
            Input("survey", 45, _("Customer survey of the company"), "c 1", "e"),
        ]

    @api.model
    def _input_survey(self, span):
        """Return the surveys closed in the time: index, answers and coverage."""
        _ = self.env._
        surveys = self.env["service.quality.survey"].search(
            Domain("company_id", "=", span.company.id)
            & Domain("closed_at", ">=", span.start)
            & Domain("closed_at", "<", span.end)
            & Domain("state", "in", ("closed", "done")),
            order="closed_at, id",
        )
        if not surveys:
            return Found()
        totals = surveys.sudo().result_ids.filtered(  # figures of everybody
            lambda one: one.kind == "total"
        )
        by_survey = totals.grouped("survey_id")
        heads = (
            _("Survey"),
            _("Satisfaction index"),
            _("Answered"),
            _("Agreements covered"),
        )
        rows = []
        for survey in surveys:
            # figures of everybody
            total = by_survey.get(survey.sudo(), totals.browse())[:1]
            rows.append(
                (
                    survey.name,
                    f"{total.value:.1f}" if total.has_value else "–",
                    f"{survey.answered_count} / {survey.asked_count}",
                    f"{survey.covered_count} / {survey.agreement_count}",
                )
            )
        summary = _("%s surveys of the company were closed.", len(surveys))
        return Found(summary, heads, rows)
