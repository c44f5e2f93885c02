from odoo import fields, models

from odoo.addons.service_quality_core.models.severity import SEVERITIES


class HelpdeskTicketComplaintEase(models.TransientModel):
    """This dialog asks a second person to let less be owed for a complaint."""

    _name = "helpdesk.ticket.complaint.ease"
    _description = "Lower or Cancel a Complaint"

    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, readonly=True, ondelete="cascade"
    )
    what = fields.Selection(
        [
            ("cancel", "Cancel it"),
            ("lower", "Lower its severity"),
            ("duplicate", "Handle it with another ticket"),
        ],
        required=True,
        default="cancel",
    )
    severity = fields.Selection(SEVERITIES[:-1], default="minor")
    duplicate_id = fields.Many2one("helpdesk.ticket", string="Handled With")
    reason = fields.Text(required=True)

    def action_confirm(self):
        """Ask, and say that it waits for a decision."""
        self.ensure_one()
        self.ticket_id.service_complaint_ease(
            self.reason,
            severity=self.severity if self.what == "lower" else None,
            duplicate_id=self.duplicate_id.id if self.what == "duplicate" else None,
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "A second person decides about it. All stays as it is until then."
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
