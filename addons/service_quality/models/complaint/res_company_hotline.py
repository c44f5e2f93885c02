from odoo import models


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["res.company", "service.quality.hotline"]

    def _service_hotline_number(self):
        """Return the number to call, an empty text where there is none."""
        return self.service_hotline or ""
