from odoo import api, models, tools
from odoo.http import request


class IrUiMenu(models.Model):
    """Hides the menus of regulations that are not in force in the companies at hand.

    Only the client's menu is shorter. Records, actions and other programs are not
    concerned: who may read what is a matter of access rights.
    """

    _inherit = "ir.ui.menu"

    @api.model
    def load_menus(self, debug):
        """Leave out the menus that no regulation in force brings, and those below."""
        menus = super().load_menus(debug)
        companies = self.env["res.company"].browse(self._service_company_ids())
        days = tuple(company._service_day() for company in companies)
        hidden = self._service_hidden_menus(companies._ids, days)
        if not hidden:
            return menus
        hidden = self._service_with_children(menus, hidden)
        # what was given is cached for all companies of the user: it is not changed
        return {
            key: menu
            | {"children": [one for one in menu["children"] if one not in hidden]}
            for key, menu in menus.items()
            if key not in hidden
        }

    @api.model
    def _service_with_children(self, menus, hidden):
        """Return the ids of some menus and of all below them."""
        found, open_ids = set(), [one for one in hidden if one in menus]
        while open_ids:
            menu_id = open_ids.pop()
            found.add(menu_id)
            open_ids += menus[menu_id]["children"]
        return found

    @api.model
    def _service_company_ids(self):
        """Return the ids of the companies that the client works in, sorted.

        The request for menus has no context: the client's cookie names them.
        """
        chosen = self.env.context.get("allowed_company_ids")
        if not chosen and request:
            cookie = request.cookies.get("cids", "").replace(",", "-")
            chosen = [int(one) for one in cookie.split("-") if one.isdigit()]
        allowed = set(chosen or ()) & set(self.env.user._get_company_ids())
        return tuple(sorted(allowed or self.env.company.ids))

    @api.model
    @tools.ormcache("company_ids", "days")
    def _service_hidden_menus(self, company_ids, days):
        """Return the ids of menus that regulations bring, and none in force does.

        Where no regulation is in force nothing is hidden, as nothing was decided yet.
        """
        companies = self.env["res.company"].browse(company_ids)
        in_force = companies._service_regulations()
        if not in_force:
            return frozenset()
        # which menus a regulation brings is not for its reader to decide
        Regulation = self.env["service.quality.regulation"].sudo()
        known = Regulation.search([("company_id", "in", (*company_ids, False))])
        return frozenset((known.menu_ids - in_force.menu_ids).ids)
