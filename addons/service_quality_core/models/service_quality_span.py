from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.metrics import OPEN_PHASES
from .helpdesk_ticket_stage import PHASES


class ServiceQualitySpan(models.Model):
    """Holds the wall time of a ticket under one phase and holder, from its ledger.

    The spans of a ticket follow each other without a gap, from its opening on.
    """

    _name = "service.quality.span"
    _description = "Time by Holder"
    _order = "ticket_id.id, seq, id"  # not in the order of tickets
    _rec_name = "ticket_id"
    _log_access = False

    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    seq = fields.Integer(readonly=True)
    phase = fields.Selection(PHASES, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Assigned User", readonly=True, index="btree_not_null"
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team", readonly=True, index="btree_not_null"
    )
    party_id = fields.Many2one(
        "res.partner", string="Waiting For", readonly=True, index="btree_not_null"
    )
    date_from = fields.Datetime(string="From", readonly=True)
    date_to = fields.Datetime(string="To", readonly=True)
    wall_seconds = fields.Integer(
        readonly=True, help="Seconds from start to end; empty while it lasts."
    )
    open_seconds = fields.Integer(
        string="Working Seconds",
        readonly=True,
        help="The part of it in the working time of the ticket's main target.",
    )
    _seq_uniq = models.UniqueIndex("(ticket_id, seq)")
    _date_from_idx = models.Index("(company_id, date_from)")
    _held_idx = models.Index(
        "(company_id, date_to) WHERE phase IN "
        "('new', 'active', 'waiting_customer', 'waiting_third_party')"
    )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_ticket(self):
        """Open the ticket."""
        self.ensure_one()
        return self.ticket_id.get_formview_action()

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _teams_at_work(self, company, start, end):
        """Return the teams that had a ticket of a company in hand in a period.

        Who had it then is what counts, not where ticket and team are now: spans say
        which team held it, and the ledger for which company.

        :param company: record
        :param start: naive UTC, ``end`` likewise and no part of it any more
        :return: teams, archived ones and those of other companies among them
        """
        self.flush_model()
        self.env["service.quality.event"].flush_model()
        query = SQL(
            """
            SELECT DISTINCT span.team_id
              FROM service_quality_span AS span
              JOIN LATERAL (
                    SELECT event.kind, event.at
                      FROM service_quality_event AS event
                     WHERE event.ticket_id = span.ticket_id
                       AND event.company_id = %(company)s
                       AND event.at < %(end)s
                     ORDER BY event.at DESC, event.seq DESC, event.id DESC
                     LIMIT 1
                   ) AS last ON last.kind <> 'moved' OR last.at >= %(start)s
             WHERE span.team_id IS NOT NULL
               AND span.date_from < %(end)s
               AND (
                    span.phase = ANY(%(open)s)
                    AND (span.date_to IS NULL OR span.date_to >= %(start)s)
                    OR span.seq = 1 AND span.date_from >= %(start)s
                   )
               AND EXISTS (
                    SELECT FROM service_quality_event AS event
                     WHERE event.ticket_id = span.ticket_id
                       AND event.company_id = %(company)s
                       AND event.team_id = span.team_id
                       AND event.at < %(end)s
                   )
            """,
            company=company.id,
            start=start,
            end=end,
            open=list(OPEN_PHASES),
        )
        found = [team_id for (team_id,) in self.env.execute_query(query)]
        return self.env["helpdesk.ticket.team"].browse(found)
