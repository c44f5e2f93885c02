from odoo import fields, models

STAFF = "base.group_user"


class HelpdeskTicket(models.Model):
    """A ticket has the alarms that escalation rules have raised about it."""

    _inherit = "helpdesk.ticket"

    service_alarm_ids = fields.One2many(
        "service.quality.escalation.alarm", "ticket_id", string="Alarms", groups=STAFF
    )
    service_alarm_count = fields.Integer(
        compute="_compute_service_alarm_count", groups=STAFF
    )

    def _compute_service_alarm_count(self):
        counts = dict(
            self.env["service.quality.escalation.alarm"]._read_group(
                [("ticket_id", "in", self.ids)], ["ticket_id"], ["__count"]
            )
        )
        for ticket in self:
            ticket.service_alarm_count = counts.get(ticket, 0)

    def action_service_alarms(self):
        """Open the alarms about the ticket."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_escalation.service_quality_escalation_alarm_action"
        )
        return action | {"domain": [("ticket_id", "=", self.id)], "context": {}}
