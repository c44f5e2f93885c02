from odoo import api, models


class HelpdeskTicket(models.Model):
    """Close complaints after their follow-up call, where there is somebody to call."""

    _inherit = "helpdesk.ticket"

    @api.depends("service_callback_ids.state")
    def _compute_service_complaint_checklist(self):
        return super()._compute_service_complaint_checklist()

    def _service_complaint_items(self):
        """Add the follow-up call that the complaint is closed after."""
        items = super()._service_complaint_items()
        if self._service_closes_after_call() and not self.service_is_anonymous:
            calls = self.service_callback_ids.mapped("state")
            items.append(
                (self.env._("Follow-up call"), bool(calls) and "open" not in calls)
            )
        return items

    def _service_waits_to_be_closed(self):
        """Wait for the end of the follow-up call that the ticket is closed after."""
        if super()._service_waits_to_be_closed():
            return True
        ticket = self.sudo()  # what is for staff, the rule is for everybody
        return ticket._service_closes_after_call() and "open" in (
            ticket.service_callback_ids.mapped("state")
        )

    def _service_to_call_back(self):
        """Leave out anonymous complaints: nobody to call, and outside every rate."""
        tickets = super()._service_to_call_back()
        return tickets.filtered(lambda ticket: not ticket.service_is_anonymous)
