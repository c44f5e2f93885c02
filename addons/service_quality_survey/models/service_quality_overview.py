from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.service_quality_overview import with_tiles

TILES = {
    "staff": [(58, "survey_calls")],
}
"""What each role sees of this, with its place on the page.

The page of the quality department is full: it has an activity for each call.
"""


class ServiceQualityOverview(models.AbstractModel):
    """The first page shows calls to customers who were asked in a survey."""

    _inherit = "service.quality.overview"

    @api.model
    def _tiles(self):
        return with_tiles(super()._tiles(), TILES)

    @api.model
    def _tile_survey_calls(self):
        Recall = self.env["service.quality.survey.recall"]
        return self._tile(
            "survey_calls",
            self.env._("My calls after a survey"),
            Recall._name,
            Recall._open_domain() & Domain("user_id", "=", self.env.uid),
            self.env._("within 48 hours of the answer"),
            mood="warning",
            action="service_quality_survey.service_quality_survey_recall_action",
        )
