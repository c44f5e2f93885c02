from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.service_quality_core.models.base import LEAST_REASON


class ServiceQualityVisitCorrect(models.TransientModel):
    """Voids what the ledger says of a visit's times, and records them again."""

    _name = "service.quality.visit.correct"
    _description = "Correct the Times of a Visit"

    visit_id = fields.Many2one(
        "service.quality.visit", required=True, readonly=True, ondelete="cascade"
    )
    arrived_at = fields.Datetime(
        string="Arrived", compute="_compute_arrived_at", store=True, readonly=False
    )
    left_at = fields.Datetime(
        string="Left", compute="_compute_left_at", store=True, readonly=False
    )
    reason = fields.Char(required=True)

    # two methods: of fields that share one, a caller who gives one empties the other

    @api.depends("visit_id")
    def _compute_arrived_at(self):
        for wizard in self:
            wizard.arrived_at = wizard.visit_id.arrived_at

    @api.depends("visit_id")
    def _compute_left_at(self):
        for wizard in self:
            wizard.left_at = wizard.visit_id.left_at

    def action_confirm(self):
        """Void the rows that are wrong, and write the right ones."""
        self.ensure_one()
        self._service_check_says(["reason"], LEAST_REASON)
        self.visit_id._check_may_write()
        # as for a single row of the ledger
        if not self.env["service.quality.event.void"].has_access("create"):
            raise AccessError(self.env._("Only a service manager corrects times."))
        times = {"arrived": self.arrived_at, "departed": self.left_at}
        if times == {
            "arrived": self.visit_id.arrived_at,
            "departed": self.visit_id.left_at,
        }:
            raise UserError(
                self.env._("Both times are as before. Change the wrong one.")
            )
        self.visit_id._correct(times, self.reason)
        return True
