from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.service_quality_overview import with_tiles

TILES = {
    "executive": [(45, "measures_to_approve")],
    "quality": [(55, "measures_to_check")],
    "technical_centre": [(55, "my_measures")],
    "service_manager": [(45, "measures_to_decide"), (55, "my_measures")],
    "project_manager": [(55, "my_measures")],
    "desk": [(65, "my_measures")],
    "staff": [(55, "my_measures")],
    "sales": [(45, "my_measures")],
}
"""What each role sees of this, with its place on the page."""

ACTION = "service_quality_audit.mgmtsystem_action_action"


class ServiceQualityOverview(models.AbstractModel):
    """Add the tiles of measures to the first page."""

    _inherit = "service.quality.overview"

    @api.model
    def _tiles(self):
        return with_tiles(super()._tiles(), TILES)

    @api.model
    def _measure_tile(self, key, title, domain, hint):
        company = Domain("company_id", "=", self.env.company.id)
        return self._tile(
            key, title, "mgmtsystem.action", company & domain, hint,
            mood="warning", action=ACTION,
        )  # fmt: skip

    @api.model
    def _tile_my_measures(self):
        return self._measure_tile(
            "my_measures",
            self.env._("My measures"),
            Domain("user_id", "=", self.env.uid)
            & Domain("service_state", "in", ("proposed", "open")),
            self.env._("promised by me, not done yet"),
        )

    @api.model
    def _tile_measures_to_check(self):
        return self._measure_tile(
            "measures_to_check",
            self.env._("Measures to check"),
            Domain("service_state", "=", "done")
            | Domain("service_state", "=", "open") & Domain("is_overdue", "=", True),
            self.env._("reported done, or overdue"),
        )

    @api.model
    def _tile_measures_to_approve(self):
        return self._measure_tile(
            "measures_to_approve",
            self.env._("Measures to approve"),
            Domain("service_state", "=", "proposed")
            & Domain("service_for_executive", "=", True),
            self.env._("costly ones and improvements"),
        )

    @api.model
    def _tile_measures_to_decide(self):
        return self._measure_tile(
            "measures_to_decide",
            self.env._("Measures to approve"),
            Domain("service_state", "=", "proposed")
            & Domain("service_for_executive", "=", False),
            self.env._("proposed, not decided yet"),
        )
