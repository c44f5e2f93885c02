from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.service_quality_core.models.severity import SEVERITIES

from .complaint_data import ADMITTED, COMPLAINT_STATES

AGES = [
    ("1", "Up to a day"),
    ("3", "Up to three days"),
    ("7", "Up to a week"),
    ("30", "Up to a month"),
    ("more", "Over a month"),
]


class ServiceQualityComplaintReport(models.Model):
    """The analysis of complaints has one row for each, as they are counted.

    What happened, and when, are columns of the ticket that its ledger gives; whether
    the answer was in time is the verdict of its clock.
    """

    _name = "service.quality.complaint.report"
    _description = "Complaint Analysis"
    _auto = False
    _depends = {
        "service.quality.event": ["ticket_id", "kind", "value", "at", "voids_id"],
        "helpdesk.ticket": [
            "service_is_complaint",
            "service_severity",
            "service_complaint_state",
            "service_complained_at",
            "service_acknowledged_at",
            "service_answered_at",
            "service_answer_verdict",
            "service_refused",
            "service_admitted",
            "service_about_ticket_id",
            "service_about_team_id",
            "service_about_product",
            "service_cause_id",
            "service_is_anonymous",
            "service_is_report",
            "partner_id",
            "commercial_partner_id",
            "team_id",
            "user_id",
            "category_id",
            "channel_id",
            "stage_id",
            "duplicate_id",
            "company_id",
        ],
        "helpdesk.ticket.stage": ["service_phase"],
    }
    _order = "complained_at desc, id desc"
    _rec_name = "ticket_id"

    ticket_id = fields.Many2one("helpdesk.ticket", string="Complaint", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    complained_at = fields.Datetime(readonly=True)
    acknowledged_at = fields.Datetime(readonly=True)
    answered_at = fields.Datetime(string="First Answered At", readonly=True)

    # by what they are counted
    severity = fields.Selection(SEVERITIES, readonly=True)
    state = fields.Selection(COMPLAINT_STATES, string="Complaint Status", readonly=True)
    team_id = fields.Many2one("helpdesk.ticket.team", string="In Hand", readonly=True)
    concerned_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Outlet or Team",
        readonly=True,
        help="That the complaint is about. Without it the team that then had the "
        "ticket it is about, or else that had the complaint in hand after a day.",
    )
    user_id = fields.Many2one("res.users", readonly=True)
    category_id = fields.Many2one("helpdesk.ticket.category", readonly=True)
    product = fields.Char(readonly=True)
    cause_id = fields.Many2one("service.quality.cause", readonly=True)
    channel_id = fields.Many2one("helpdesk.ticket.channel", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Complainant", readonly=True)
    commercial_partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True
    )
    admitted = fields.Selection(ADMITTED, string="Admitted?", readonly=True)
    answer_verdict = fields.Selection(
        [("accepted", "Accepted"), ("refused", "Refused")],
        string="Complainant's Verdict",
        readonly=True,
    )
    refused = fields.Selection(
        [("once", "Once"), ("twice", "Twice")], string="Answer Refused", readonly=True
    )
    in_time = fields.Selection(
        [("met", "Met"), ("missed", "Missed")],
        string="Answered in Time",
        readonly=True,
        help="The verdict of the target for the first answer.",
    )
    is_anonymous = fields.Boolean(string="Anonymous", readonly=True)
    is_report = fields.Boolean(string="Supervision Report", readonly=True)
    is_open = fields.Boolean(string="Open", readonly=True)
    is_cancelled = fields.Boolean(string="Cancelled", readonly=True)
    is_repeated = fields.Boolean(
        string="Complained Before",
        readonly=True,
        help="The same contact had complained within the year before.",
    )
    open_age = fields.Selection(AGES, string="Open For", readonly=True)

    # what is measured
    complaint_count = fields.Integer(string="Complaints", readonly=True)
    hours_to_acknowledge = fields.Float(readonly=True, aggregator="avg")
    hours_to_answer = fields.Float(readonly=True, aggregator="avg")
    open_days = fields.Float(
        readonly=True, aggregator="avg", help="Since it was made, of those still open."
    )
    repeat_count = fields.Integer(
        string="Earlier Complaints",
        readonly=True,
        aggregator="sum",
        help="Of the same contact within the year before.",
    )

    @property
    def _table_query(self):
        return SQL(
            "SELECT ticket.id, %s, %s %s %s",
            self._select_labels(),
            self._select_standing(),
            self._from(),
            self._where(),
        )

    def _select_labels(self):
        """Return the columns of the ticket and of its clock."""
        return SQL(
            """
                   ticket.id AS ticket_id,
                   ticket.company_id,
                   ticket.service_complained_at AS complained_at,
                   ticket.service_acknowledged_at AS acknowledged_at,
                   ticket.service_answered_at AS answered_at,
                   ticket.service_severity AS severity,
                   ticket.service_complaint_state AS state,
                   ticket.team_id,
                   COALESCE(
                       ticket.service_about_team_id, about_then.team_id, about.team_id,
                       ticket_then.team_id, ticket.team_id
                   ) AS concerned_id,
                   ticket.user_id,
                   ticket.category_id,
                   ticket.service_about_product AS product,
                   ticket.service_cause_id AS cause_id,
                   ticket.channel_id,
                   ticket.partner_id,
                   ticket.commercial_partner_id,
                   ticket.service_admitted AS admitted,
                   ticket.service_answer_verdict AS answer_verdict,
                   ticket.service_refused AS refused,
                   clock.verdict AS in_time
            """
        )

    def _select_standing(self):
        """Return the columns of how a complaint stands, and the numbers."""
        return SQL(
            """
                   COALESCE(ticket.service_is_anonymous, FALSE) AS is_anonymous,
                   COALESCE(ticket.service_is_report, FALSE) AS is_report,
                   standing.is_open,
                   standing.is_cancelled,
                   earlier.count > 0 AS is_repeated,
                   CASE WHEN NOT standing.is_open THEN NULL
                        WHEN standing.days <= 1 THEN '1'
                        WHEN standing.days <= 3 THEN '3'
                        WHEN standing.days <= 7 THEN '7'
                        WHEN standing.days <= 30 THEN '30'
                        ELSE 'more' END AS open_age,
                   extract(
                       epoch FROM ticket.service_acknowledged_at
                                  - ticket.service_complained_at
                   ) / 3600.0 AS hours_to_acknowledge,
                   extract(
                       epoch FROM ticket.service_answered_at
                                  - ticket.service_complained_at
                   ) / 3600.0 AS hours_to_answer,
                   CASE WHEN standing.is_open THEN standing.days END AS open_days,
                   earlier.count AS repeat_count,
                   1 AS complaint_count
            """
        )

    def _from(self):
        """Return the tables, joined.

        A cancelled complaint stands in a stage that says so, or is a duplicate.
        """
        return SQL(
            """
              FROM helpdesk_ticket AS ticket
              LEFT JOIN helpdesk_ticket AS about
                ON about.id = ticket.service_about_ticket_id
              LEFT JOIN LATERAL (%(about_then)s) AS about_then ON TRUE
              LEFT JOIN LATERAL (%(ticket_then)s) AS ticket_then ON TRUE
              LEFT JOIN helpdesk_ticket_stage AS stage ON stage.id = ticket.stage_id
             CROSS JOIN LATERAL (
                   SELECT cancelled AS is_cancelled,
                          NOT cancelled AND ticket.service_complaint_state <> 'closed'
                              AS is_open,
                          extract(epoch FROM (%(now)s - ticket.service_complained_at))
                              / 86400.0 AS days
                     FROM (SELECT COALESCE(stage.service_phase = 'cancelled', FALSE)
                                  OR ticket.duplicate_id IS NOT NULL AS cancelled
                          ) AS phase
                   ) AS standing
             CROSS JOIN LATERAL (
                   SELECT count(*)
                     FROM helpdesk_ticket AS other
                    WHERE other.service_is_complaint
                      AND other.partner_id = ticket.partner_id
                      AND other.service_complained_at < ticket.service_complained_at
                      AND other.service_complained_at
                          > ticket.service_complained_at - interval '1 year'
                   ) AS earlier
              LEFT JOIN LATERAL (
                   SELECT verdict
                     FROM service_quality_clock
                    WHERE ticket_id = ticket.id
                      AND metric = 'complaint_answer'
                      AND counted
                    ORDER BY cycle, round
                    LIMIT 1
                   ) AS clock ON TRUE
            """,
            now=fields.Datetime.now(),
            about_then=_team_at(SQL("about.id"), SQL("ticket.service_complained_at")),
            ticket_then=_team_at(
                SQL("ticket.id"),
                SQL("ticket.service_complained_at + interval '1 day'"),
            ),
        )

    def _where(self):
        return SQL(
            "WHERE ticket.service_is_complaint"
            " AND ticket.service_complained_at IS NOT NULL"
        )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_ticket(self):
        """Open the complaint."""
        self.ensure_one()
        return self.ticket_id.get_formview_action()


def _team_at(ticket, moment):
    """Return the query of the team that had a ticket at a moment, by the ledger.

    Who passes a complaint on much later is not rid of it. Where no team had it then, it
    is the first that got it.
    """
    return SQL(
        """
        SELECT (event.value ->> 'team')::int AS team_id
          FROM service_quality_event AS event
         WHERE event.ticket_id = %(ticket)s
           AND event.kind IN ('opened', 'assigned')
           AND event.value ->> 'team' IS NOT NULL
           AND NOT EXISTS (
               SELECT 1 FROM service_quality_event AS void
                WHERE void.voids_id = event.id
               )
         ORDER BY event.at <= %(moment)s DESC,
                  CASE WHEN event.at <= %(moment)s THEN event.at END DESC,
                  CASE WHEN event.at <= %(moment)s THEN event.seq END DESC,
                  event.at, event.seq, event.id
         LIMIT 1
        """,
        ticket=ticket,
        moment=moment,
    )
