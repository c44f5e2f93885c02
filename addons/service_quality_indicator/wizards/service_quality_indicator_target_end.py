from odoo import fields, models


class ServiceQualityIndicatorTargetEnd(models.TransientModel):
    """Asks for the last day of a target, from today on, and why it ends."""

    _name = "service.quality.indicator.target.end"
    _description = "End a Target of an Indicator"

    target_id = fields.Many2one(
        "service.quality.indicator.target",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    date_to = fields.Date(
        string="Until",
        required=True,
        default=lambda self: self.env.company._service_day(),
        help="The last day on which it holds: today or later.",
    )
    reason = fields.Char(required=True)

    def action_confirm(self):
        """End the target."""
        self.ensure_one()
        self.target_id._end_on(self.date_to, self.reason)
        return True
