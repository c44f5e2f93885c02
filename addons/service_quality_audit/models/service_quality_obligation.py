from odoo import models


class ServiceQualityObligation(models.Model):
    """Raises a nonconformity of what is not fulfilled for good, when it is judged."""

    _inherit = "service.quality.obligation"

    def _store(self, company, found, cells):
        judged = super()._store(company, found, cells)
        self.env["service.quality.nonconformity.rule"]._of_cells(judged)
        return judged
