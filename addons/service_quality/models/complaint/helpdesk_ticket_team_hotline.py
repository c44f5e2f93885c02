from odoo import models


class HelpdeskTicketTeam(models.Model):
    _name = "helpdesk.ticket.team"
    _inherit = ["helpdesk.ticket.team", "service.quality.hotline"]

    def _service_hotline_number(self):
        """Return the number to call: the team's, one's above it, or the company's."""
        numbers = self._service_line().mapped("service_hotline")
        company = self.company_id or self.env.company
        return next(filter(None, numbers), company._service_hotline_number())
