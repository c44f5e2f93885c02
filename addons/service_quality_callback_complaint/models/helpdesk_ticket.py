from odoo import api, models


class HelpdeskTicket(models.Model):
    """A complaint may have to wait for its follow-up call before it is closed."""

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

    def _service_closes_after_call(self):
        """Regulation A3.3.3: a major complaint is closed after its follow-up call."""
        return (
            super()._service_closes_after_call() or self._service_severity() == "major"
        )

    def _service_waits_to_be_closed(self):
        """Add that the follow-up call has not ended that comes before the end."""
        waits = super()._service_waits_to_be_closed()
        ticket = self.sudo()  # what is for staff, the rule is for everybody
        if ticket._service_closes_after_call() and "open" in (
            ticket.service_callback_ids.mapped("state")
        ):
            waits = self.env._(
                "The complaint is resolved. It is closed after its follow-up call."
            )
        return waits

    def _service_to_call_back(self):
        """Leave out anonymous complaints, which have no contact and are in no rate."""
        tickets = super()._service_to_call_back()
        return tickets.filtered(lambda ticket: not ticket.service_is_anonymous)
