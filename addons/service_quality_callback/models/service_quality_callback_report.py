from odoo import fields, models
from odoo.tools import SQL

from .callback_counting import ATTEMPTED, CLOCK_OF_CALL, REACHED, SAID_BY_CUSTOMER
from .callback_data import CHANNELS, COUNTED_OUT, RESULTS


class ServiceQualityCallbackReport(models.Model):
    """The analysis of follow-up calls has one row for each, as they are counted.

    A rate is the mean of 0 and 100 over the calls that count, so that it is right for
    whatever they are grouped by. A call counts once its deadline has passed, or once it
    has ended before (Regulation A5.1.2: of each handled ticket). Its clock says whether
    it counts: one that was exempt, declined or cancelled before its deadline is in no
    rate. *In time* is the deadline of the call's own clock, and only the
    telephone counts; answers in writing stand beside.
    """

    _name = "service.quality.callback.report"
    _description = "Follow-up Call Analysis"
    _auto = False
    _depends = {
        "service.quality.callback": [
            "ticket_id", "company_id", "commercial_partner_id", "team_id",
            "resolver_id", "ended_by_id", "agreement_id", "channel", "state", "result",
            "opened_at", "first_attempt_at", "reached_at", "solved", "satisfaction",
            "is_own_work", "is_self_graded",
        ],
        "service.quality.clock": [
            "ticket_id", "metric", "started_at", "deadline", "counted", "state",
            "verdict", "judged_at",
        ],
    }  # fmt: skip
    _order = "opened_at desc, id desc"
    _rec_name = "callback_id"

    callback_id = fields.Many2one(
        "service.quality.callback", string="Follow-up Call", readonly=True
    )
    ticket_id = fields.Many2one("helpdesk.ticket", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    opened_at = fields.Datetime(readonly=True)
    counted_at = fields.Datetime(
        readonly=True,
        help="When it was judged, or else its deadline: in this month it counts.",
    )

    # by what they are counted
    commercial_partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team", string="Department", readonly=True
    )
    resolver_id = fields.Many2one("res.users", string="Engineer", readonly=True)
    caller_id = fields.Many2one("res.users", string="Ended By", readonly=True)
    agreement_id = fields.Many2one("service.quality.agreement", readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)
    result = fields.Selection([*RESULTS, ("open", "Open")], readonly=True)
    is_own_work = fields.Boolean(readonly=True)
    is_self_graded = fields.Boolean(string="Graded by Oneself", readonly=True)

    # counts
    handled = fields.Integer(
        string="Handled Tickets",
        readonly=True,
        help="Exempt, declined and cancelled included.",
    )
    due = fields.Integer(
        string="Counted",
        readonly=True,
        help="Past their deadline, or ended before; without those that were exempt, "
        "declined or cancelled before it.",
    )
    exempt = fields.Integer(readonly=True)
    declined = fields.Integer(string="Declined by the Customer", readonly=True)
    cancelled = fields.Integer(readonly=True)
    unreachable = fields.Integer(readonly=True)
    late = fields.Integer(string="Open and Late", readonly=True)
    written = fields.Integer(
        string="Answered in Writing", readonly=True, help="Beside the telephone."
    )

    # rates, in percent
    attempted_rate = fields.Float(
        string="First Called in Time (%)",
        readonly=True,
        aggregator="avg",
        digits=(5, 1),
    )
    in_time_rate = fields.Float(
        string="Reached in Time (%)", readonly=True, aggregator="avg", digits=(5, 1)
    )
    reached_rate = fields.Float(
        string="Reached (%)", readonly=True, aggregator="avg", digits=(5, 1)
    )
    completed_rate = fields.Float(
        string="Completed (%)", readonly=True, aggregator="avg", digits=(5, 1)
    )
    refused_rate = fields.Float(
        string="Refused (%)", readonly=True, aggregator="avg", digits=(5, 1)
    )
    solved_rate = fields.Float(
        string="Solved at First Call (%)",
        readonly=True,
        aggregator="avg",
        digits=(5, 1),
        help="Of the customers who answered.",
    )
    satisfaction = fields.Float(
        string="Satisfaction (1–5)", readonly=True, aggregator="avg", digits=(3, 2)
    )

    @property
    def _table_query(self):
        now = fields.Datetime.now()
        return SQL(
            "SELECT %s, %s, %s %s",
            self._select_labels(),
            self._select_numbers(now),
            self._select_rates(),
            self._from(now),
        )

    def _select_labels(self):
        """Return the columns that calls are grouped by."""
        return SQL(
            """
                   call.id,
                   call.id AS callback_id,
                   call.ticket_id,
                   call.company_id,
                   call.opened_at,
                   COALESCE(clock.judged_at, clock.deadline, call.ended_at,
                            call.opened_at) AS counted_at,
                   call.commercial_partner_id,
                   call.team_id,
                   call.resolver_id,
                   call.ended_by_id AS caller_id,
                   call.agreement_id,
                   call.channel,
                   COALESCE(call.result, 'open') AS result,
                   call.is_own_work,
                   call.is_self_graded
            """
        )

    def _select_numbers(self, now):
        """Return the columns that are added up."""
        return SQL(
            """
                   1 AS handled,
                   count.due::int AS due,
                   (call.result = 'exempt')::int AS exempt,
                   (call.result = 'declined')::int AS declined,
                   (call.result = 'cancelled')::int AS cancelled,
                   (call.result = 'unreachable')::int AS unreachable,
                   (call.state = 'open' AND clock.deadline < %s)::int AS late,
                   (call.channel IN ('link', 'portal'))::int AS written
            """,
            now,
        )

    def _select_rates(self):
        """Return the columns of which the mean is told; NULL is in no mean."""
        return SQL(
            """
                   CASE WHEN count.due THEN 100.0
                        * %(attempted)s::int
                    END AS attempted_rate,
                   CASE WHEN count.due THEN 100.0
                        * %(reached)s::int
                    END AS in_time_rate,
                   CASE WHEN count.due THEN 100.0
                        * (call.reached_at IS NOT NULL)::int END AS reached_rate,
                   CASE WHEN count.due THEN 100.0
                        * COALESCE(call.result = 'completed', FALSE)::int
                    END AS completed_rate,
                   CASE WHEN count.due THEN 100.0
                        * COALESCE(call.result = 'refused', FALSE)::int
                    END AS refused_rate,
                   CASE WHEN call.solved IS NOT NULL AND %(by_customer)s THEN 100.0
                        * (call.solved = 'yes')::int END AS solved_rate,
                   CASE WHEN %(by_customer)s THEN call.satisfaction::int
                    END AS satisfaction
            """,
            attempted=ATTEMPTED,
            reached=REACHED,
            by_customer=SAID_BY_CUSTOMER,
        )

    def _from(self, now):
        """Return the calls, each with its clock and with whether it counts."""
        return SQL(
            """
              FROM service_quality_callback AS call
              LEFT JOIN LATERAL (%(clock)s) AS clock ON TRUE
             CROSS JOIN LATERAL (
                   SELECT clock.verdict IS NOT NULL
                       OR COALESCE(clock.deadline < %(now)s, FALSE)
                      AND clock.state <> 'cancelled'
                       OR call.state = 'ended' AND call.result NOT IN %(out)s
                       AS due
                   ) AS count
            """,
            now=now,
            out=COUNTED_OUT,
            clock=CLOCK_OF_CALL,
        )
