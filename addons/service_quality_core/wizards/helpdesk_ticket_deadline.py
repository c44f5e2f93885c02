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

    def action_confirm(self):
        """Set the deadline, or give the computed one back."""
        self.ensure_one()
        return self.ticket_id.service_set_deadline(
            self.metric, self.deadline, self.reason
        )
