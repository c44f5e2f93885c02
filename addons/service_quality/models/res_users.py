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
