from odoo import api, models

from ...tools.indicator.formula import Formula


class ServiceQualityIndicator(models.Model):
    """Adds the formula over complaints, and their section of reports."""

    _inherit = "service.quality.indicator"

    @api.model
    def _formulas(self):
        counted = Formula(
            self.env._("Complaints by tickets"),
            "service.quality.span",
            section="complaint",
            is_for_customers=True,
            headline=40,
        )
        return super()._formulas() | {"complaints": counted}

    @api.model
    def _sections(self):
        return super()._sections() | {"complaint": (50, self.env._("Complaints"))}
