from odoo import api, fields, models

STAFF = "base.group_user"


class HelpdeskTicket(models.Model):
    """A ticket has the alarms that escalation rules have raised about it."""

    _inherit = "helpdesk.ticket"

    service_alarm_ids = fields.One2many(
        "service.quality.escalation.alarm", "ticket_id", string="Alarms", groups=STAFF
    )
    service_alarm_count = fields.Integer(
        compute="_compute_service_counts", groups=STAFF
    )

    @api.model
    def _service_counted(self):
        return super()._service_counted() | {"service_alarm_count": "service_alarm_ids"}

    def action_service_alarms(self):
        """Open the alarms about the ticket."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_escalation.service_quality_escalation_alarm_action"
        )
        return action | {"domain": [("ticket_id", "=", self.id)], "context": {}}
