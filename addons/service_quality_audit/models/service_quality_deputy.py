from odoo import api, models
from odoo.fields import Domain

READERS = ("executive", "quality", "service_manager", "technical_centre")
"""The roles that read all of the management system, and decide on parts of it."""


class ServiceQualityDeputy(models.Model):
    """Lets deputies read what they may have to decide on, as long as they may."""

    _inherit = "service.quality.deputy"

    @api.model
    def _companies_read(self):
        """Return the companies in which the user stands in for a reader today."""
        deputies = self.sudo().search(  # who is a deputy is named by others
            Domain("user_id", "=", self.env.uid)
            & Domain("role", "in", READERS)
            & Domain("ended_at", "=", False)
        )
        return deputies.filtered(
            lambda one: one.date_from <= one.company_id._service_day() <= one.date_to
        ).company_id
