from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

BATCH = 500


class ServiceQualityPurge(models.Model):
    """Records each time that staff was taken out of old rows of the ledger.

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
            SQL(
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
                    OR bool_or(COALESCE(%s) IS NOT NULL))
             ORDER BY event.ticket_id
             LIMIT %s
            """,
                company.id,
                before,
                before,
                SQL(", ").join(
                    SQL.identifier("ticket", name)
                    for name in self._ticket_staff()
                    if name != "write_uid"  # who closed it, or a job since
                ),
                BATCH,
            )
        )
        return [ticket_id for (ticket_id,) in self.env.cr.fetchall()]

    @api.model
    def _ticket_staff(self):
        """Return the fields of a ticket that name staff; addons add theirs.

        They say who had it in hand and who entered it.
        """
        return ("user_id", "create_uid", "write_uid", "service_work_by_id")

    def _forget_staff(self, ticket_ids):
        """Take staff out of what says beside the ledger who did what; addons add."""
        self._forget_assignees(ticket_ids)
        self._forget_correctors("helpdesk.ticket", SQL("= ANY(%s)", ticket_ids))

    def _forget_correctors(self, model, ids):
        """Take staff out of what is kept of corrections; texts and digests stay.

        :param ids: SQL that compares the id of the record
        """
        self._empty(
            self.env["service.quality.rectification"],
            ["user_id", "decided_by_id", "erased_by_id", "create_uid", "write_uid"],
            SQL("res_model = %s AND res_id %s", model, ids),
        )

    def _empty(self, records, names, condition):
        """Empty columns of a model where a condition holds, past what steps guard.

        :param records: of the model, whichever
        :param condition: SQL
        """
        records.flush_model(names)
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET %s WHERE %s",
                SQL.identifier(records._table),
                SQL(", ").join(SQL("%s = NULL", SQL.identifier(one)) for one in names),
                condition,
            )
        )
        records.invalidate_model(names, flush=False)

    def _forget_assignees(self, ticket_ids):
        """Take staff out of the tickets, and out of what their chatter tracked."""
        tickets, names = self.env["helpdesk.ticket"], self._ticket_staff()
        # no row of the ledger: the ticket is not given to anybody else
        self._empty(tickets, names, SQL("id = ANY(%s)", ticket_ids))
        self.env["mail.tracking.value"].sudo().search(  # of the system
            [
                ("mail_message_id.model", "=", tickets._name),
                ("mail_message_id.res_id", "in", ticket_ids),
                ("field_id.name", "in", names),
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
        self._forget_staff(ticket_ids)
        events._lock_ledger()
        self.env["service.quality.ledger"]._refold(ticket_ids)
        self.sudo().create(  # no user writes this record by hand
            {
                "company_id": company.id,
                "before": before,
                "ticket_count": len(ticket_ids),
                "row_count": row_count,
            }
        )
