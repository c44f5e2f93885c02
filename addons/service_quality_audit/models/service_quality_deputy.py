from odoo import api, models
from odoo.fields import Domain
from odoo.tools import ormcache

READERS = ("executive", "quality", "service_manager", "technical_centre")
"""The roles that read all of the management system, and decide on parts of it."""


class ServiceQualityDeputy(models.Model):
    """Lets deputies read what they may have to decide on, as long as they may.

    Each list of measures asks for it, so what was found is kept until deputies change.
    """

    _inherit = "service.quality.deputy"

    @api.model
    def _companies_read(self):
        """Return the companies in which the user stands in for a reader today."""
        companies = self.env["res.company"].sudo()  # whose deputy one is, by oneself
        for company_id, first, last in self._days_read():
            company = companies.browse(company_id)
            if first <= company._service_day() <= last:
                companies |= company
        return companies

    @api.model
    @ormcache("self.env.uid")
    def _days_read(self):
        """Return for whom the user stands in: (id of a company, first and last day)."""
        deputies = self.sudo().search(  # who is a deputy is named by others
            Domain("user_id", "=", self.env.uid)
            & Domain("role", "in", READERS)
            & Domain("ended_at", "=", False)
        )
        return tuple(
            (one.company_id.id, one.date_from, one.date_to) for one in deputies
        )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def _write_as_step(self, vals):
        self.env.registry.clear_cache()
        return super()._write_as_step(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()
