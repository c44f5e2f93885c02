from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

BATCH = 500

TICKET_STAFF = ("user_id", "service_received_by_id", "create_uid", "write_uid")
"""The fields of a ticket that name who had it in hand, took it down or entered it."""

NAMING_STAFF = (
    "service.quality.callback",
    "service.quality.complaint.notice",
    "service.quality.visit",
)
"""Beside the ledger, these say who did what on a ticket."""


class ServiceQualityPurge(models.Model):
    """A record of each time that staff was taken out of old rows of the ledger.

    Who did what is personal data and ages out; what was promised and how it was met
    stays. This is the one lawful change to rows that exist.
    """

    _name = "service.quality.purge"
    _description = "Purge of Staff from the Ledger"
    _order = "id desc"
    _rec_name = "create_date"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    before = fields.Datetime(
        required=True, readonly=True, help="Tickets on which nothing happened since."
    )
    ticket_count = fields.Integer(string="Tickets", readonly=True)
    row_count = fields.Integer(string="Rows", readonly=True)

    @api.autovacuum
    def _gc_staff(self):
        """Take staff out of tickets that are older than their company keeps them.

        :return: (tickets done, tickets that may be left), as autovacuum wants it
        """
        done = remaining = 0
        companies = self.env["res.company"].search(
            [("service_staff_retention_months", ">", 0)]
        )
        for company in companies:
            before = fields.Datetime.now() - relativedelta(
                months=company.service_staff_retention_months
            )
            ticket_ids = self._old_tickets(company, before)
            if ticket_ids:
                self._purge_staff(company, before, ticket_ids)
                done += len(ticket_ids)
                remaining += len(ticket_ids) == BATCH
        return done, remaining

    def _old_tickets(self, company, before):
        """Return the ids of finished tickets with staff in rows that are all old."""
        self.env.cr.execute(
            """
            SELECT event.ticket_id
              FROM service_quality_event AS event
              JOIN helpdesk_ticket AS ticket ON ticket.id = event.ticket_id
              JOIN helpdesk_ticket_stage AS stage ON stage.id = ticket.stage_id
             WHERE ticket.company_id = %s AND ticket.service_opened_at < %s
               AND (stage.closed
                    OR stage.service_phase IN ('resolved', 'closed', 'cancelled'))
             GROUP BY event.ticket_id
            HAVING max(event.at) < %s
               AND (bool_or(event.user_id IS NOT NULL
                            OR jsonb_typeof(event.value -> 'user') = 'number')
                    OR bool_or(COALESCE(ticket.user_id, ticket.service_received_by_id,
                                        ticket.create_uid) IS NOT NULL))
             ORDER BY event.ticket_id
             LIMIT %s
            """,
            [company.id, before, before, BATCH],
        )
        return [ticket_id for (ticket_id,) in self.env.cr.fetchall()]

    def _forget_assignees(self, ticket_ids):
        """Take staff out of the tickets, and out of what their chatter tracked."""
        tickets = self.env["helpdesk.ticket"]
        tickets.flush_model(TICKET_STAFF)
        # no row of the ledger: the ticket is not given to anybody else
        self.env.cr.execute(
            """
            UPDATE helpdesk_ticket
               SET user_id = NULL, service_received_by_id = NULL,
                   create_uid = NULL, write_uid = NULL
             WHERE id = ANY(%s)
            """,
            [ticket_ids],
        )
        tickets.invalidate_model(TICKET_STAFF, flush=False)
        self.env["mail.tracking.value"].sudo().search(  # of the system
            [
                ("mail_message_id.model", "=", tickets._name),
                ("mail_message_id.res_id", "in", ticket_ids),
                ("field_id.name", "in", TICKET_STAFF),
            ]
        ).unlink()

    def _purge_staff(self, company, before, ticket_ids):
        """Take staff out of the rows of tickets, and write that down."""
        events = self.env["service.quality.event"]
        events._unlock_ledger()
        self.env.cr.execute(
            """
            UPDATE service_quality_event
               SET user_id = NULL,
                   value = CASE WHEN value ? 'user'
                           THEN jsonb_set(value, '{user}', 'null') ELSE value END
             WHERE ticket_id = ANY(%s)
            """,
            [ticket_ids],
        )
        row_count = self.env.cr.rowcount
        self._forget_assignees(ticket_ids)
        for model in NAMING_STAFF:
            self.env[model]._forget_staff(ticket_ids)  # batched: a few models
        events._lock_ledger()
        self.env["service.quality.ledger"]._refold(ticket_ids)
        self.sudo().create(  # nobody writes this record by hand
            {
                "company_id": company.id,
                "before": before,
                "ticket_count": len(ticket_ids),
                "row_count": row_count,
            }
        )
