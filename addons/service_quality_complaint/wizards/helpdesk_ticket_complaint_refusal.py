from odoo import fields, models


class HelpdeskTicketComplaintRefusal(models.TransientModel):
    """This dialog records why a complainant does not accept the answer."""

    _name = "helpdesk.ticket.complaint.refusal"
    _description = "Refused Answer"

    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, readonly=True, ondelete="cascade"
    )
    refused = fields.Selection(related="ticket_id.service_refused")
    words = fields.Text(
        string="Why", required=True, help="In the complainant's own words."
    )

    def action_confirm(self):
        """Enter the refusal, and show what became of the complaint."""
        self.ensure_one()
        self.ticket_id.service_complaint_refused(self.words)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
