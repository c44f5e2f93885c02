from odoo import models


class HelpdeskTicketTeam(models.Model):
    _name = "helpdesk.ticket.team"
    _inherit = ["helpdesk.ticket.team", "service.quality.hotline"]

    def _service_hotline_number(self):
        """Prefer the team's own number, or one's above it."""
        numbers = self._service_line().mapped("service_hotline")
        return next(filter(None, numbers), super()._service_hotline_number())
