from odoo import api, models


class MgmtsystemNonconformityCause(models.Model):
    """Keeps what a cause was called: signed analyses name it."""

    _name = "mgmtsystem.nonconformity.cause"
    _inherit = ["service.quality.kept.mixin", "mgmtsystem.nonconformity.cause"]

    @api.model
    def _service_is_kept(self, name):
        return name == "name"
