from odoo import fields, models

STAFF = "base.group_user"

SEVERITIES = [("minor", "Minor"), ("important", "Important"), ("major", "Major")]

COMPLAINT_STATES = [
    ("registered", "Registered"),
    ("acknowledged", "Acknowledged"),
    ("investigating", "Under investigation"),
    ("answered", "Answered"),
    ("closed", "Closed"),
]


class HelpdeskTicket(models.Model):
    """A complaint: a ticket with a severity, that none closes without an answer."""

    _inherit = "helpdesk.ticket"

    service_is_complaint = fields.Boolean(string="Complaint", copy=False, groups=STAFF)
    service_severity = fields.Selection(
        SEVERITIES, string="Severity", copy=False, groups=STAFF
    )
    service_complaint_state = fields.Selection(
        COMPLAINT_STATES,
        string="Complaint Status",
        readonly=True,
        copy=False,
        groups=STAFF,
        help="Follows from the ledger.",
    )

    def _service_severity(self):
        """Return the severity of a complaint, None for any other ticket."""
        if not self.service_is_complaint:
            return None
        return self.service_severity or "minor"
