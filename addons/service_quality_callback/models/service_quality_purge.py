from odoo import models
from odoo.tools import SQL

STAFF = ("resolver_id", "user_id", "ended_by_id", "exempted_by_id")


class ServiceQualityPurge(models.Model):
    _inherit = "service.quality.purge"

    def _forget_staff(self, ticket_ids):
        """Take our people out of the calls of old tickets, as out of their rows."""
        result = super()._forget_staff(ticket_ids)
        calls = self.env["service.quality.callback"]
        attempts = self.env["service.quality.callback.attempt"]
        of_tickets = SQL("ticket_id = ANY(%s)", ticket_ids)
        self._empty(
            calls,
            ("resolver_id", "user_id", "ended_by_id", "exempted_by_id"),
            of_tickets,
        )
        self._forget_correctors(
            calls._name,
            SQL("IN (SELECT id FROM service_quality_callback WHERE %s)", of_tickets),
        )
        attempts.flush_model(["callback_id"])
        self._empty(
            attempts,
            ["user_id"],
            SQL(
                "callback_id IN (SELECT id FROM service_quality_callback WHERE %s)",
                of_tickets,
            ),
        )
        return result
