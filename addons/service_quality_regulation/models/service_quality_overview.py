from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.service_quality_overview import with_tiles

TILES = {
    "executive": [(70, "obligations")],
    "quality": [(70, "obligations")],
    "technical_centre": [(70, "obligations")],
}
"""What each role sees of this, with its place on the page."""


class ServiceQualityOverview(models.AbstractModel):
    """Adds the tile of obligations to the first page."""

    _inherit = "service.quality.overview"

    @api.model
    def _tiles(self):
        return with_tiles(super()._tiles(), TILES)

    @api.model
    def _tile_obligations(self):
        return self._tile(
            "obligations",
            self.env._("Obligations overdue"),
            "service.quality.compliance",
            Domain("state", "=", "overdue")
            & Domain("company_id", "=", self.env.company.id),
            self.env._("of the regulations in force"),
            action="service_quality_regulation.service_quality_compliance_action",
        )
