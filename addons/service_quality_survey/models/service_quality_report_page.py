from odoo import api, models

from odoo.addons.service_quality_indicator.tools.statistics import is_few

from .service_quality_report import KIND


class ServiceQualityReportPage(models.AbstractModel):
    """Shows how far a survey covers the agreements on the first page of its report."""

    _inherit = "service.quality.report.page"

    @api.model
    def _prepare_frame(self, report):
        frame = super()._prepare_frame(report)
        if report.kind != KIND:
            return frame | {"survey": None}
        story = self.env["service.quality.report.story"]
        survey = story._survey(report)
        nps = survey.result_ids.filtered(lambda line: line.block == "nps")[:1]
        return frame | {
            "survey": survey,
            "total": survey._total(),
            "nps": nps,
            "is_few": is_few,
        }

    @api.model
    def _prepare_notes(self, report):
        if report.kind != KIND:
            return super()._prepare_notes(report)
        # likewise when it was counted
        taken = self._moment_text(report, report.sudo().survey_id.taken_at)
        return [
            self.env._("Figures counted %s, from whole answers alone.", taken),
            self.env._(
                "Answers are named and confidential: what one person alone has said is "
                "not told."
            ),
        ]
