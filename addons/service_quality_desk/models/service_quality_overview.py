from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.service_quality_overview import with_tiles

TILES = {
    "desk": [(70, "handovers")],
}
"""What each role sees of this, with its place on the page."""


class ServiceQualityOverview(models.AbstractModel):
    """Adds the tile of shifts to the first page."""

    _inherit = "service.quality.overview"

    @api.model
    def _tiles(self):
        return with_tiles(super()._tiles(), TILES)

    @api.model
    def _tile_handovers(self):
        Handover = self.env["service.quality.handover"]
        return self._tile(
            "handovers",
            self.env._("Shifts not taken over"),
            Handover._name,
            Domain(Handover._waiting_domain("all")),
            self.env._("now"),
            mood="warning",
            action="service_quality_desk.service_quality_handover_action",
        )
