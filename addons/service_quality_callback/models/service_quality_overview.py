from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.service_quality_overview import with_tiles

TILES = {
    "executive": [(20, "satisfaction"), (30, "calls_reached")],
    "quality": [(20, "satisfaction"), (30, "calls_reached")],
    "desk": [(30, "calls_due"), (50, "calls_reached")],
    "staff": [(50, "my_grade")],
}
"""What each role sees of this, with its place on the page."""


class ServiceQualityOverview(models.AbstractModel):
    """The first page shows follow-up calls and grades."""

    _inherit = "service.quality.overview"

    @api.model
    def _tiles(self):
        return with_tiles(super()._tiles(), TILES)

    @api.model
    def _tile_codes(self):
        return super()._tile_codes() | {
            "satisfaction": "satisfaction_mean",
            "calls_reached": "callback_reached",
            "my_grade": "satisfaction_mean",
        }

    @api.model
    def _tile_calls_due(self):
        return self._tile(
            "calls_due",
            self.env._("Follow-up calls to make"),
            "service.quality.callback",
            self._calls_due_domain(),
            self.env._("now"),
            mood="warning",
            action="service_quality_callback.service_quality_callback_action",
        )

    @api.model
    def _calls_due_domain(self):
        """Return the domain of the calls that the desk is to make."""
        return Domain("state", "=", "open") & Domain("aside_as", "=", False)
