from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.service_quality_overview import (
    ARCHIVED_TOO,
    with_tiles,
)

TILES = {
    "technical_centre": [(40, "major_complaints")],
    "project_manager": [(30, "project_complaints")],
    "desk": [(40, "complaints")],
}
"""What each role sees of this, with its place on the page."""


class ServiceQualityOverview(models.AbstractModel):
    """The first page shows the complaints that are open."""

    _inherit = "service.quality.overview"

    @api.model
    def _tiles(self):
        return with_tiles(super()._tiles(), TILES)

    @api.model
    def _complaint_tile(self, key, title, domain):
        return self._tile(
            key,
            title,
            "helpdesk.ticket",
            Domain("service_is_complaint", "=", True)
            & Domain("service_complaint_state", "!=", "closed")
            & Domain("service_phase", "!=", "cancelled")
            & domain,
            self.env._("not closed"),
            action="service_quality_complaint.helpdesk_ticket_complaint_action",
            context=ARCHIVED_TOO,
        )

    @api.model
    def _tile_complaints(self):
        title = self.env._("Complaints open")
        return self._complaint_tile("complaints", title, Domain.TRUE)

    @api.model
    def _tile_major_complaints(self):
        return self._complaint_tile(
            "major_complaints",
            self.env._("Major complaints open"),
            Domain("service_severity", "=", "major"),
        )

    @api.model
    def _tile_project_complaints(self):
        projects = self.env["service.quality.project"].search(self._mine())
        return self._complaint_tile(
            "project_complaints",
            self.env._("Complaints of my customers"),
            Domain("commercial_partner_id", "in", projects.partner_id.ids),
        )
