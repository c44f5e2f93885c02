from odoo import api, models


class ServiceQualityEscalationAlarm(models.Model):
    """Alarms about follow-up calls tell who makes them."""

    _inherit = "service.quality.escalation.alarm"

    @api.model
    def _assignees(self, due):
        """Say who has a call in hand; of a major complaint, its centre."""
        clocks = {
            one.key: one.clock for one in due if one.clock["metric"] == "callback"
        }
        tickets = [clock["ticket_id"] for clock in clocks.values()]
        Call = self.env["service.quality.callback"]
        calls = Call.search([("ticket_id", "in", tickets), ("state", "=", "open")])
        calls = {(call.ticket_id.id, call.opened_at): call for call in calls}
        found = super()._assignees(due)
        for key, clock in clocks.items():
            call = calls.get((clock["ticket_id"], clock["started_at"]), Call)
            users = call.user_id
            if call.is_complaint_call and not users:
                company = self.env["res.company"].browse(clock["company_id"])
                users = company._service_role_users("technical_centre")
            found[key] = users
        return found
