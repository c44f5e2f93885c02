from odoo import fields, models

from ..models.service_quality_target import metric_selection


class HelpdeskTicketDeadline(models.TransientModel):
    _name = "helpdesk.ticket.deadline"
    _description = "Set a Deadline by Hand"

    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, readonly=True, ondelete="cascade"
    )
    metric = fields.Selection(metric_selection, required=True, default="resolution")
    deadline = fields.Datetime(
        help="Pauses do not move it. Leave it empty to return to the computed one."
    )
    reason = fields.Char(required=True)
    message_id = fields.Many2one(
        "mail.message",
        string="Message of the Customer",
        domain="[('model', '=', 'helpdesk.ticket'), ('res_id', '=', ticket_id), "
        "('author_id.partner_share', '=', True), "
        "('message_type', 'in', ('email', 'comment', 'sms'))]",
        help="The message in which the customer agrees.",
    )
    document_ids = fields.Many2many(
        "ir.attachment",
        string="Agreement of the Customer",
        help="A file in which the customer agrees; it is attached to the ticket.",
    )

    def action_confirm(self):
        """Set the deadline, or give the computed one back."""
        self.ensure_one()
        # what was uploaded in the dialog belongs to the ticket
        self.document_ids.write(
            {"res_model": self.ticket_id._name, "res_id": self.ticket_id.id}
        )
        return self.ticket_id.service_set_deadline(
            self.metric,
            self.deadline,
            self.reason,
            message_id=self.message_id.id,
            attachment_ids=self.document_ids.ids,
        )
