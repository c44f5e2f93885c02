from odoo import models


class ServiceQualityReportLine(models.Model):
    """What a report says is done about a missed goal is a measure."""

    _name = "service.quality.report.line"
    _inherit = ["service.quality.report.line", "service.quality.measure.source.mixin"]

    def _measure_values(self):
        report = self.report_id
        return {
            "name": self.action,
            "type_action": "correction",
            "company_id": report.company_id.id,
            "user_id": report.user_id.id,
            "service_about_on": report.date_from,
            "service_team_id": report.team_id.id,
            "service_project_id": report.project_id.id,
        }

    def _measure_name(self):
        return f"{self.report_id.display_name} · {self.name}"

    def _commit_measures(self):
        """Leave out what a deviation of the same figure has promised already."""
        # whoever sends it need not read deviations
        deviations = self.env["service.quality.deviation"].sudo()
        figures = self.sudo().figure_id  # likewise
        known = deviations.search(
            [
                "|",
                ("figure_id", "in", figures.ids),
                ("also_figure_ids", "in", figures.ids),
            ]
        ).filtered(lambda one: one._standing_measures())
        told = known.figure_id | known.also_figure_ids
        own = self.filtered(
            lambda line: line.figure_id.id not in told.ids and not line.explained_by_id
        )
        return super(ServiceQualityReportLine, own)._commit_measures()
