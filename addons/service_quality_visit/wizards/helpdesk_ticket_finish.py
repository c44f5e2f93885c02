from odoo import models


class HelpdeskTicketFinish(models.TransientModel):
    """Offers what was written on site as the record of the work."""

    _inherit = "helpdesk.ticket.finish"

    def _compute_work(self):
        """Offer what was written on site where nothing is written on the ticket."""
        result = super()._compute_work()
        for wizard in self.filtered(lambda wizard: not wizard.service_work_done):
            visits = wizard.ticket_id.service_visit_ids.filtered("work_done")
            # told in the order in which it was done
            visits = visits.sorted(lambda visit: visit.arrived_at or visit.create_date)
            wizard.service_work_done = "\n\n".join(visits.mapped("work_done")) or False
        return result
