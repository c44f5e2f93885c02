from odoo import api, models
from odoo.exceptions import UserError


class ServiceQualityTarget(models.Model):
    """House rules are rules by which the company is judged, so two persons change them.

    A new one is archived until an executive approves it.
    """

    _inherit = "service.quality.target"

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            return super().create(vals_list)
        companies = {}
        values = []
        for vals in vals_list:
            company = self._company_of(vals)
            if company not in companies:
                companies[company] = company._service_register_is_used()
            waits = companies[company] and not vals.get("agreement_id")
            values.append(dict(vals, active=False) if waits else vals)
        targets = super().create(values)
        waiting = targets.filtered(
            lambda target: (
                not target.agreement_id
                and not target.active
                and companies.get(target.company_id)
            )
        )
        # who may write house rules may ask for one
        self.env["service.quality.rule.change"].sudo().create(
            [
                {
                    "what": "rule",
                    "target_id": target.id,
                    "company_id": target.company_id.id,
                    "reason": self.env._("A new house rule"),
                }
                for target in waiting
            ]
        )
        return targets

    @api.model
    def _company_of(self, vals):
        return self.env["res.company"].browse(
            vals.get("company_id") or self.env.company.id
        )

    def write(self, vals):
        """Refuse to put a house rule in force, or out of it, alone."""
        if "active" in vals and not self.env.su:
            self.check_access("write")
            rules = self.filtered(lambda target: not target.agreement_id)
            if any(company._service_register_is_used() for company in rules.company_id):
                raise UserError(
                    self.env._(
                        "The company is judged by this house rule. Ask for the change "
                        "under Compliance, Changes of Rules; an executive approves it."
                    )
                )
        return super().write(vals)
