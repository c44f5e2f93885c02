from odoo import models
from odoo.tools import SQL


class ServiceQualityPurge(models.Model):
    """Takes engineers out of old visits."""

    _inherit = "service.quality.purge"

    def _forget_staff(self, ticket_ids):
        """Take the engineers out of the visits of old tickets, as out of their rows.

        The signed sheets are the customers' documents, and stay as they are.
        """
        result = super()._forget_staff(ticket_ids)
        visits = self.env["service.quality.visit"]
        self._empty(visits, ["user_id"], SQL("ticket_id = ANY(%s)", ticket_ids))
        return result
