from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.service_quality_overview import with_tiles

from .report_data import PERIODIC

TILES = {
    "executive": [(40, "reports_to_acknowledge")],
    "quality": [(50, "reports_to_finish")],
    "technical_centre": [(50, "reports_to_review")],
    "service_manager": [(50, "my_reports")],
    "project_manager": [(50, "my_reports")],
}
"""What each role sees of this, with its place on the page."""


class ServiceQualityOverview(models.AbstractModel):
    """Add the tiles of reports to the first page."""

    _inherit = "service.quality.overview"

    @api.model
    def _tiles(self):
        return with_tiles(super()._tiles(), TILES)

    @api.model
    def _report_tile(self, key, title, domain, hint):
        return self._tile(
            key,
            title,
            "service.quality.report",
            domain,
            hint,
            mood="warning",
            action="service_quality_report.service_quality_report_action",
        )

    @api.model
    def _tile_my_reports(self):
        return self._report_tile(
            "my_reports",
            self.env._("Reports to write"),
            Domain("state", "=", "draft") & self._mine(),
            self.env._("mine, not reviewed yet"),
        )

    @api.model
    def _tile_reports_to_finish(self):
        return self._report_tile(
            "reports_to_finish",
            self.env._("Reports not sent yet"),
            Domain("state", "in", ("draft", "reviewed")),
            self.env._("drafts and reviewed ones"),
        )

    @api.model
    def _tile_reports_to_review(self):
        return self._report_tile(
            "reports_to_review",
            self.env._("Annual reports to review"),
            Domain("state", "=", "draft")
            & Domain("period_kind", "=", "year")
            & Domain("kind", "in", PERIODIC),
            self.env._("by the technical service centre"),
        )

    @api.model
    def _tile_reports_to_acknowledge(self):
        waiting = (
            Domain("user_id", "=", self.env.uid)
            & Domain("acknowledge_by", "!=", False)
            & Domain("acknowledged_at", "=", False)
        )
        return self._report_tile(
            "reports_to_acknowledge",
            self.env._("Reports to acknowledge"),
            Domain("delivery_ids", "any", waiting),
            self.env._("sent to me"),
        )
