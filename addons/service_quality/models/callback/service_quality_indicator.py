from odoo import api, models


class ServiceQualityIndicator(models.Model):
    _inherit = "service.quality.indicator"

    @api.model
    def _formulas(self):
        _ = self.env._
        return super()._formulas() | {
            "service.quality.callback": {
                "call_attempted": _("Called in time"),
                "call_reached": _("Reached in time"),
                "call_solved": _("Solved at the call"),
                "call_grade": _("Satisfaction"),
                "exemptions": _("Exempt calls"),
            },
        }
