from odoo import models


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["res.company", "service.quality.hotline"]

    def _service_hotline_number(self):
        return self.service_hotline or super()._service_hotline_number()
