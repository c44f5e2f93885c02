from odoo import models
from odoo.fields import Domain


class ServiceQualitySurvey(models.Model):
    """Knows of follow-up calls: who was spoken to had to do with the service."""

    _inherit = "service.quality.survey"

    def _person_weights(self, customers):
        """Add the calls of the period in which a person was reached."""
        weights = super()._person_weights(customers)
        start, end = self._bounds()
        Call = self.env["service.quality.callback"].sudo()  # how many, no more
        groups = Call._read_group(
            Domain("company_id", "=", self.company_id.id)
            & Domain("ended_at", ">=", start)
            & Domain("ended_at", "<", end)
            & Domain("result", "in", ("completed", "refused"))
            & Domain("partner_id.commercial_partner_id", "in", customers.ids)
            & Domain("partner_id.is_company", "=", False),
            ["partner_id"],
            ["__count"],
        )
        for partner, count in groups:
            person = partner.sudo(False)
            weights[person] = weights.get(person, 0) + count
        return weights
