from odoo import api, models


class ResGroups(models.Model):
    _inherit = "res.groups"

    @api.model_create_multi
    def create(self, vals_list):
        """Keep who comes to hold a role by groups that imply it."""
        before = self.env["res.users"]._service_holdings()
        groups = super().create(vals_list)
        self.env["res.users"]._service_keep_holdings(before)
        return groups

    def write(self, vals):
        """Keep who comes to hold a role, and who holds it no longer."""
        if vals.keys().isdisjoint({"user_ids", "implied_ids", "implied_by_ids"}):
            return super().write(vals)
        before = self.env["res.users"]._service_holdings()
        result = super().write(vals)
        self.env["res.users"]._service_keep_holdings(before)
        return result
