from odoo import models


class ServiceQualityPurge(models.Model):
    _inherit = "service.quality.purge"

    def _forget_staff(self, ticket_ids):
        """Take out as well whom alarms told; that they were raised stays."""
        result = super()._forget_staff(ticket_ids)
        alarms = self.env["service.quality.escalation.alarm"].search(
            [("ticket_id", "in", ticket_ids)]
        )
        alarms.write({"user_ids": False})
        return result
