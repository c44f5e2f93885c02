from odoo import api, models

from .helpdesk_ticket import EARLIEST


class ServiceQualityTarget(models.Model):
    """The house rules that every company starts with."""

    _inherit = "service.quality.target"

    @api.model
    def _house_rules(self):
        """Return what a company promises where no agreement says otherwise; addons add.

        :return: list of (metric, severity or False, hours on 24 × 7)
        """
        return []

    @api.model
    def _ship_house_rules(self):
        """Give each company the house rules that it never had.

        They hold for tickets of any age: one that was open before this addon came is
        called back as well. A company archives what it does not want and makes its
        own, which is not taken from it by an update.
        """
        found = self.with_context(active_test=False)._read_group(
            [("agreement_id", "=", False)], ["company_id", "metric"]
        )
        known = {(company.id, metric) for company, metric in found}
        rules = self.create(
            [
                {
                    "company_id": company.id,
                    "metric": metric,
                    "severity": severity,
                    "duration": hours,
                    "unit": "hour",
                    "always": True,
                }
                for company in self.env["res.company"].search([])
                for metric, severity, hours in self._house_rules()
                if (company.id, metric) not in known
            ]
        )
        rules._enter_house_rules(EARLIEST)
