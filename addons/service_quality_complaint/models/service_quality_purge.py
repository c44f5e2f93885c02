from odoo import api, models
from odoo.tools import SQL


class ServiceQualityPurge(models.Model):
    _inherit = "service.quality.purge"

    @api.model
    def _ticket_staff(self):
        return (*super()._ticket_staff(), "service_received_by_id")

    def _forget_staff(self, ticket_ids):
        """Take the persons told out of old complaints, as out of their rows."""
        result = super()._forget_staff(ticket_ids)
        notices = self.env["service.quality.complaint.notice"]
        self._empty(notices, ["user_id"], SQL("ticket_id = ANY(%s)", ticket_ids))
        return result
