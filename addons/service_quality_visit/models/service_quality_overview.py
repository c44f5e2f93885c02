from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.service_quality_overview import with_tiles

TILES = {
    "staff": [(30, "my_visits")],
}
"""What each role sees of this, with its place on the page."""


class ServiceQualityOverview(models.AbstractModel):
    """Adds the tile of visits to the first page."""

    _inherit = "service.quality.overview"

    @api.model
    def _tiles(self):
        return with_tiles(super()._tiles(), TILES)

    @api.model
    def _tile_my_visits(self):
        return self._tile(
            "my_visits",
            self.env._("My visits not signed yet"),
            "service.quality.visit",
            self._mine() & Domain("state", "in", ("planned", "on_site", "left")),
            self.env._("planned or under way"),
            mood="warning",
            action="service_quality_visit.service_quality_visit_action",
        )
