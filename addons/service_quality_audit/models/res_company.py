from odoo import fields, models

from odoo.addons.service_quality_core.models.roles import STAFF


class ResCompany(models.Model):
    _inherit = "res.company"

    service_costly_from = fields.Float(
        string="Costly From",
        default=10000,
        groups=STAFF,
        help="An executive approves measures that cost at least this amount.",
    )

    def _service_is_regulated(self):
        """Return True if a regulation is in force: our gates hold there alone.

        In other companies the management system works as OCA has made it. What belongs
        to no company belongs to all: for it a regulation in any of them is enough.
        """
        # also of companies that the user does not see
        companies = self or self.sudo().search([])
        return bool(companies._service_regulations())

    def _service_is_costly(self, cost):
        """Return True if an executive decides on what costs so much."""
        limit = self.service_costly_from
        return bool(limit) and cost >= limit
