from odoo import api, models


class HelpdeskTicketType(models.Model):
    _inherit = "helpdesk.ticket.type"

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self.env["helpdesk.ticket"]._service_check_unused("type_id", self)
