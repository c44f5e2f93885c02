from odoo import api, models


class ResUsers(models.Model):
    """Users are on duty as the roster says."""

    _inherit = "res.users"

    @api.model
    def _service_on_duty(self, teams):
        return self.env["service.quality.duty"]._on_duty(teams)
