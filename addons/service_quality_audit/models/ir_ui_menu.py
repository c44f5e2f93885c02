from odoo import api, models

THEIRS = "mgmtsystem.menu_mgmtsystem_root"


class IrUiMenu(models.Model):
    """Hides the management system's own menus where ours take their place."""

    _inherit = "ir.ui.menu"

    @api.model
    def _service_hidden_menus(self, company_ids, days):
        hidden = super()._service_hidden_menus(company_ids, days)
        companies = self.env["res.company"].browse(company_ids)
        theirs = self.env.ref(THEIRS, raise_if_not_found=False)
        if theirs and all(one._service_is_regulated() for one in companies):
            return hidden | set(theirs.ids)
        return hidden
