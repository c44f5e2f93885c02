from odoo import api, models


class HelpdeskTicketCategory(models.Model):
    """What holds for a category holds for those below it: moving one is kept."""

    _name = "helpdesk.ticket.category"
    _inherit = ["service.quality.kept.mixin", "helpdesk.ticket.category"]

    @api.model
    def _service_is_kept(self, name):
        """Return True for the place of a category, and for whom it is."""
        return name in ("parent_id", "company_id")
