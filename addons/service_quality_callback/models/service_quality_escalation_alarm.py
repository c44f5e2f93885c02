from odoo import api, models


class ServiceQualityEscalationAlarm(models.Model):
    """Alarms about follow-up calls tell the people who make them."""

    _inherit = "service.quality.escalation.alarm"

    @api.model
    def _people_assignee(self, due):
        """Return who makes the call, where its clock is late."""
        found = super()._people_assignee(due)
        clocks = [one.clock for one in due if one.clock["metric"] == "callback"]
        tickets = [clock["ticket_id"] for clock in clocks]
        Call = self.env["service.quality.callback"]
        calls = Call.search([("ticket_id", "in", tickets), ("state", "=", "open")])
        calls = {(call.ticket_id.id, call.opened_at): call for call in calls}
        callers = {}
        for clock in clocks:
            key = (clock["ticket_id"], clock["started_at"])
            call = calls.get(key, Call)
            callers[key] = call._who_calls()
        return [
            callers[one.clock["ticket_id"], one.clock["started_at"]]
            if one.clock["metric"] == "callback"
            else users
            for one, users in zip(due, found, strict=True)
        ]
