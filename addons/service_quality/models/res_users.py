from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _service_areas(self):
        """Return the teams that a user leads or works in, with all above them."""
        self.ensure_one()
        teams = self.env["helpdesk.ticket.team"].sudo()  # who works under whom
        return teams.search(
            ["|", ("user_ids", "in", self.ids), ("user_id", "=", self.id)]
        )._service_line()

    def _service_works_for_all(self):
        """Tell whether a user may change what is shared by every company."""
        self.ensure_one()
        if self.has_group("base.group_system"):
            return True
        user = self.sudo()  # also of companies that they do not see
        return not user.env["res.company"].search_count(
            [("id", "not in", user.company_ids.ids)], limit=1
        )
