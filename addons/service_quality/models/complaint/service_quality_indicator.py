from odoo import api, models


class ServiceQualityIndicator(models.Model):
    _inherit = "service.quality.indicator"

    @api.model
    def _formulas(self):
        formulas = super()._formulas()
        formulas["service.quality.span"]["complaints"] = self.env._(
            "Complaints by tickets"
        )
        return formulas
