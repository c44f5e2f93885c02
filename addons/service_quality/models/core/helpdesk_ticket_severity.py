from odoo import fields, models

from .helpdesk_ticket import STAFF
from .severity import SEVERITIES


class HelpdeskTicket(models.Model):
    """Say whether a ticket is a complaint, and how grave: targets are matched by it."""

    _inherit = "helpdesk.ticket"

    service_is_complaint = fields.Boolean(string="Complaint", copy=False, groups=STAFF)
    service_severity = fields.Selection(
        SEVERITIES, string="Severity", copy=False, groups=STAFF, tracking=True
    )

    def _service_severity(self):
        """Return the severity of a complaint, None for any other ticket."""
        if not self.service_is_complaint:
            return None
        return self.service_severity or "minor"
