from odoo import models


class ServiceQualityPurge(models.Model):
    """The purge takes the people out of old alarms."""

    _inherit = "service.quality.purge"

    def _forget_staff(self, ticket_ids):
        """Take out the people whom alarms told as well; that they were raised stays."""
        result = super()._forget_staff(ticket_ids)
        alarms = self.env["service.quality.escalation.alarm"].search(
            [("ticket_id", "in", ticket_ids)]
        )
        alarms.write({"user_ids": False})
        return result
