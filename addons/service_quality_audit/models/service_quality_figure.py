from odoo import api, models


class ServiceQualityFigure(models.Model):
    """Raises a nonconformity of what was missed often, when figures are taken."""

    _inherit = "service.quality.figure"

    @api.model
    def _take(self, *args, **kwargs):
        figures = super()._take(*args, **kwargs)
        if kwargs.get("asks_why", True):
            self.env["service.quality.nonconformity.rule"]._of_figures(figures)
        return figures
