from odoo import api, fields, models

from odoo.addons.service_quality_report.models.report_data import DRAFT_DAYS

KIND = "survey"


class ServiceQualityReport(models.Model):
    """Tells what came out of a customer survey, as one more kind of report."""

    _inherit = "service.quality.report"

    kind = fields.Selection(
        selection_add=[(KIND, "Customer survey report")], ondelete={KIND: "cascade"}
    )
    survey_id = fields.Many2one(
        "service.quality.survey",
        string="Customer Survey",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    @api.depends("survey_id.state")
    def _compute_is_provisional(self):
        """A closed survey is final, also in the year that it is about."""
        result = super()._compute_is_provisional()
        for report in self.filtered(lambda one: one.kind == KIND):
            # who reads the report reads whether its survey is closed
            report.is_provisional = not report.sudo().survey_id.closed_at
        return result

    @api.model
    def _subjects(self):
        return super()._subjects() | {KIND: "survey_id"}

    def _subject_name(self):
        # whoever reads the report reads what it is about
        return super(ServiceQualityReport, self.sudo())._subject_name()

    @api.model
    def _make_of_survey(self, survey):
        """Make the draft of the report of one closed survey.

        :return: the report
        """
        company = survey.company_id
        report = self._create_as_step(
            [
                {
                    "kind": KIND,
                    "company_id": company.id,
                    "period_kind": survey.period_kind,
                    "date_from": survey.date_from,
                    "due_date": fields.Date.add(
                        company._service_day(), days=DRAFT_DAYS
                    ),
                    "survey_id": survey.id,
                    # of each survey one, though several are of a year
                    "event_key": f"survey:{survey.id}",
                    "user_id": survey.user_id.id,
                }
            ]
        )
        report._ask_to_write()
        return report
