from odoo import api, fields, models


class ServiceQualityMeasurementCorrect(models.TransientModel):
    """Asks for the right value, on which a second person decides."""

    _name = "service.quality.measurement.correct"
    _description = "Correct a Measured Value"

    measurement_id = fields.Many2one(
        "service.quality.measurement", required=True, readonly=True, ondelete="cascade"
    )
    value = fields.Float(
        required=True,
        digits=(16, 4),
        compute="_compute_value",
        store=True,
        precompute=True,
        readonly=False,
    )
    evidence = fields.Char(
        compute="_compute_value",
        store=True,
        precompute=True,
        readonly=False,
        help="Where it was read.",
    )
    reason = fields.Char(required=True, help="Why the first value was wrong.")

    @api.depends("measurement_id")
    def _compute_value(self):
        for wizard in self:
            wizard.value = wizard.measurement_id.value
            wizard.evidence = wizard.measurement_id.evidence

    def action_confirm(self):
        """Propose the value."""
        self.ensure_one()
        return self.measurement_id.correct(self.value, self.reason, self.evidence)
