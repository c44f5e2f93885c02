from odoo import models


class ResCompany(models.Model):
    """Which regulations are in force in a company."""

    _inherit = "res.company"

    def _service_regulations(self):
        """Return what is in force today in any of the companies."""
        terms = self.env["service.quality.regulation.term"]._in_force(self)
        return terms.regulation_id

    def _service_passes_on_every_complaint(self):
        """Return whether complaints of any severity are passed on at once.

        The company's regulation asks for it, or the company wishes it besides.
        """
        self.ensure_one()
        return self.service_pass_on_every_complaint or any(
            self._service_regulations().mapped("passes_on_every_complaint")
        )
