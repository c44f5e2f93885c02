from datetime import datetime

from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.tools import SQL, Query

from ..tools.instants import to_epoch
from ..tools.matching import explain
from ..tools.track import attributes_of
from .service_quality_target import metric_selection
from .severity import SEVERITIES

KINDS = [
    ("sla", "Agreement"),
    ("ola", "Between teams"),
    ("uc", "Supplier"),
    ("house", "House rule"),
]

BURNING = [
    ("late", "Late"),
    ("at_risk", "At risk"),
    ("unreachable", "Never due"),
    ("running", "On time"),
    ("paused", "Paused"),
    ("met", "Met"),
    ("missed", "Missed"),
    ("cancelled", "Cancelled"),
]

LIKELY = ("running", "met", "paused")
"""How most clocks stand."""

OPEN_STATES = ("running", "paused")

CALL = Domain("metric", "=", "callback")
"""Promises of follow-up calls: they have lists of their own."""

OF_TICKETS = ~CALL
"""Promises that the lists of tickets go by."""

LATE = Domain("burning", "=", "late") & OF_TICKETS
"""Promises that make a ticket late."""

FOLLOWED = (
    "agreement_id", "company_id", "kind", "metric", "state", "started_at",
    "target_seconds", "elapsed_seconds", "running_since", "paused_at", "deadline",
    "deadline_set", "warning_at", "stopped_at", "verdict", "judged_at", "counted",
)  # fmt: skip
"""What of a clock another program follows; see ``service_clocks``."""

URGENCY = ("late", "at_risk", "unreachable", "running", "paused")
"""How open clocks can stand, the most urgent first."""

WARNING = "mail.mail_activity_data_warning"

ANY_TIME = datetime(2000, 1, 1)
"""Stands for the moment at which clocks are looked at."""


class ServiceQualityClock(models.Model):
    """Shows how one promise to one ticket stands: it is a projection of the ledger.

    Whether it is late now is a comparison of its deadline with the present, made in
    ``_burning_domains`` and nowhere else.
    """

    _name = "service.quality.clock"
    _description = "Service Target of a Ticket"
    _order = "deadline, id"
    _rec_name = "target_id"
    _log_access = False

    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, readonly=True, ondelete="cascade"
    )
    target_id = fields.Many2one(
        "service.quality.target",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    cycle = fields.Integer(readonly=True)
    round = fields.Integer(readonly=True)
    holder = fields.Integer(
        required=True,
        readonly=True,
        default=0,
        help="The id of the team or supplier whose time is measured; 0 for a promise "
        "to a customer.",
    )
    agreement_id = fields.Many2one(
        "service.quality.agreement",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    metric = fields.Selection(metric_selection, required=True, readonly=True)

    # labels at judgement, or present ones before
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    user_id = fields.Many2one(
        "res.users", string="Assigned User", readonly=True, index="btree_not_null"
    )
    category_id = fields.Many2one(
        "helpdesk.ticket.category", readonly=True, ondelete="restrict"
    )
    process_id = fields.Many2one(
        "helpdesk.ticket.type", readonly=True, ondelete="restrict"
    )
    priority = fields.Selection(
        selection=lambda self: (
            self.env["helpdesk.ticket"]
            ._fields["priority"]
            ._description_selection(self.env)
        ),
        readonly=True,
    )
    severity = fields.Selection(SEVERITIES, readonly=True)

    # course
    state = fields.Selection(
        [
            ("running", "Running"),
            ("paused", "Paused"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
    )
    started_at = fields.Datetime(readonly=True)
    target_seconds = fields.Integer(readonly=True)
    elapsed_seconds = fields.Integer(
        readonly=True,
        help="Working seconds used, of a running clock up to when it last started.",
    )
    running_since = fields.Datetime(readonly=True)
    paused_at = fields.Datetime(string="Paused Since", readonly=True)
    deadline = fields.Datetime(
        readonly=True,
        help="Empty while paused, and where the calendar has no working time left.",
    )
    deadline_set = fields.Boolean(string="Deadline Set by Hand", readonly=True)
    deadline_computed = fields.Datetime(
        string="Promised Deadline",
        readonly=True,
        help="Without the one that was set by hand; figures are given by both.",
    )
    warning_at = fields.Datetime(string="At Risk From", readonly=True)
    next_alert_at = fields.Datetime(
        readonly=True, help="When the next escalation step fires."
    )
    alert_version = fields.Integer(
        required=True,
        readonly=True,
        default=0,
        help="Of the escalation rules by which an open clock was planned.",
    )
    stopped_at = fields.Datetime(readonly=True)
    verdict = fields.Selection(
        [("met", "Met"), ("missed", "Missed")],
        readonly=True,
        help="Empty until the clock is judged, when it stops; the status says whether "
        "an open one is late.",
    )
    judged_at = fields.Datetime(
        readonly=True, help="It counts in the period of this moment, once."
    )
    counted = fields.Boolean(
        readonly=True,
        help="Not counted: another clock was judged for the same promise.",
    )
    timetable_id = fields.Many2one(
        "service.quality.timetable", readonly=True, ondelete="restrict"
    )
    burning = fields.Selection(
        BURNING, string="Status", compute="_compute_burning", search="_search_burning"
    )

    _key_uniq = models.UniqueIndex("(ticket_id, target_id, cycle, round, holder)")
    _next_alert_idx = models.Index("(next_alert_at) WHERE next_alert_at IS NOT NULL")
    _alert_version_idx = models.Index(
        "(alert_version) WHERE state IN ('running', 'paused')"
    )
    _judged_idx = models.Index("(company_id, metric, judged_at, started_at)")
    _judged_at_idx = models.Index(
        "(judged_at DESC, deadline, id) WHERE verdict IS NOT NULL"
    )
    _stopped_idx = models.Index(
        "(company_id, metric, stopped_at) WHERE stopped_at IS NOT NULL"
    )
    _open_idx = models.Index(
        "(deadline) WHERE state IN ('running', 'paused')",
    )
    _open_call_idx = models.Index(
        "(deadline) WHERE state IN ('running', 'paused') AND metric = 'callback'",
    )
    _timetable_idx = models.Index(
        "(timetable_id) WHERE state IN ('running', 'paused')",
    )

    def init(self):
        """Note the transaction that changed a clock last, for who follows them.

        When it is looked at next is no change of the clock.
        """
        old, new = (
            SQL(", ").join(SQL.identifier(row, name) for name in FOLLOWED)
            for row in ("old", "new")
        )
        self.env.cr.execute(
            SQL(
                """
                ALTER TABLE service_quality_clock ADD COLUMN IF NOT EXISTS
                    xid xid8 NOT NULL DEFAULT pg_current_xact_id();
                CREATE INDEX IF NOT EXISTS service_quality_clock__xid_idx
                    ON service_quality_clock (xid, id);
                CREATE OR REPLACE FUNCTION service_quality_clock_follow()
                RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF TG_OP = 'DELETE' OR OLD.company_id <> NEW.company_id THEN
                        INSERT INTO service_quality_clock_gone
                                    (clock_id, ticket_id, company_id)
                             VALUES (OLD.id, OLD.ticket_id, OLD.company_id);
                    END IF;
                    IF TG_OP = 'DELETE' THEN
                        RETURN OLD;
                    END IF;
                    NEW.xid := pg_current_xact_id();
                    RETURN NEW;
                END $$;
                CREATE OR REPLACE TRIGGER service_quality_clock_changed
                    BEFORE UPDATE ON service_quality_clock FOR EACH ROW
                    WHEN ((%(old)s) IS DISTINCT FROM (%(new)s))
                    EXECUTE FUNCTION service_quality_clock_follow();
                CREATE OR REPLACE TRIGGER service_quality_clock_deleted
                    BEFORE DELETE ON service_quality_clock FOR EACH ROW
                    EXECUTE FUNCTION service_quality_clock_follow();
                """,
                old=old,
                new=new,
            )
        )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("state", "verdict", "deadline", "warning_at", "running_since")
    def _compute_burning(self):
        left, domains = self, self._burning_domains(fields.Datetime.now())
        # each stands in one way, so that any order will do: first how most stand
        for burning in dict.fromkeys((*LIKELY, *domains)):
            found = left.filtered_domain(domains[burning])
            found.burning = burning
            left -= found
            if not left:  # the other ones are not asked about
                break

    def _search_burning(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(self._burning_domain(burning) for burning in value)

    @api.model
    def _burning_domain(self, burning, now=None):
        """Return the domain of clocks that stand so now, or at a moment."""
        domains = self._burning_domains(now or fields.Datetime.now())
        return domains.get(burning, Domain.FALSE)

    @api.model
    def _burning_domains(self, now):
        """Return the domains of how clocks can stand at a moment, as in ``BURNING``.

        An open clock is late once its deadline has passed; one that was missed before
        a pause keeps the deadline that it missed. A running one is at risk from its
        warning on; one whose calendar has lost its working time can never be reached.
        One that will run again at a known moment is paused until then.
        """
        is_open = Domain("state", "in", OPEN_STATES)
        missed = Domain("verdict", "=", "missed")
        # one comparison, so that the index of open clocks finds them among a million
        late = is_open & Domain("deadline", "<", now)
        # said without a negation, which would lose clocks that have no deadline
        unjudged = Domain("verdict", "=", False) & (
            Domain("deadline", "=", False) | Domain("deadline", ">=", now)
        )
        warned = Domain("warning_at", "<=", now)
        calm = Domain("warning_at", "=", False) | Domain("warning_at", ">", now)
        planned = Domain("deadline", "!=", False)
        resumes = Domain("state", "=", "running") & Domain("running_since", ">", now)
        running = (
            Domain("state", "=", "running")
            & Domain("running_since", "<=", now)
            & unjudged
        )
        return {
            "late": late,
            "at_risk": running & planned & warned,
            "unreachable": running & Domain("deadline", "=", False),
            "running": running & planned & calm,
            "paused": (Domain("state", "=", "paused") | resumes) & unjudged,
            "met": Domain("state", "=", "done") & Domain("verdict", "=", "met"),
            "missed": Domain("state", "not in", OPEN_STATES) & missed,
            "cancelled": Domain("state", "=", "cancelled")
            & Domain("verdict", "=", False),
        }

    @api.model
    def _standing(self, ticket_ids):
        """Return how tickets stand, by one look at all of their clocks, whoever asks.

        :return: dict of ticket id to (how its most urgent open clock stands: one of
            ``URGENCY``, None where it has none; whether an agreement covers it)
        """
        self.flush_model()
        found = self.env.execute_query(
            SQL(
                """
                SELECT ticket_id, min(%s), bool_or(kind = 'sla')
                  FROM service_quality_clock
                 WHERE ticket_id = ANY(%s)
                 GROUP BY ticket_id
                """,
                self._urgency(fields.Datetime.now()),
                list(ticket_ids),
            )
        )
        return {
            ticket_id: (None if rank is None else URGENCY[rank], is_covered)
            for ticket_id, rank, is_covered in found
        }

    @api.model
    def _urgency(self, now):
        """Return the expression of a clock's place in ``URGENCY`` at a moment.

        It is null for one that is over, or of a call.
        """
        code, params = self._urgency_then()
        return SQL(
            code,
            *(
                param + (now - ANY_TIME) if isinstance(param, datetime) else param
                for param in params
            ),
        )

    @api.model
    @tools.ormcache()
    def _urgency_then(self):
        """Return the code and parameters of that expression at ``ANY_TIME``.

        Lists ask for it each time; to build it from :meth:`_burning_domains` takes
        longer than to read the clocks.
        """
        ranks = SQL(" ").join(
            SQL(
                "WHEN %s THEN %s",
                (self._burning_domain(burning, ANY_TIME) & OF_TICKETS)
                .optimize_full(self)
                ._to_sql(self, self._table, Query(self.env, self._table)),
                rank,
            )
            for rank, burning in enumerate(URGENCY)
        )
        expression = SQL("CASE %s END", ranks)
        return expression.code, expression.params

    @api.model
    def _ticket_domain(self, state):
        """Return the domain of tickets whose most urgent open clock stands so.

        A follow-up call that is late does not make its ticket late, which is handled.
        """
        found = Domain.TRUE
        for burning in URGENCY:
            clocks = self._search(self._burning_domain(burning) & OF_TICKETS)
            tickets = Domain("id", "in", clocks.subselect("ticket_id"))
            if burning == state:
                return found & tickets
            found &= ~tickets
        return found if state == "none" else Domain.FALSE

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

    def _service_is_kept_by(self, other):
        """Return True if another clock promises the same as this one, and no later.

        Where one of both stands still their times are compared.
        """
        if self.metric != other.metric:
            return False
        if self.deadline and other.deadline:
            return other.deadline <= self.deadline
        return other.target_id.seconds <= self.target_id.seconds

    def _is_ended_by(self, kind):
        """Return True if a row of a kind of the ledger ends this clock.

        A change of phase ends it by finishing the ticket. A clock whose addon is gone
        is ended by nothing.
        """
        metric = self.env["service.quality.target"]._metric_rules().get(self.metric)
        if not metric:
            return False
        tokens = {"handled", "cancelled"} if kind == "phase" else {kind}
        return bool((metric.stops | metric.dies) & tokens)

    def _explain(self, ticket):
        """Explain the ticket's open and judged clocks; see ``service_explain``."""
        Event = self.env["service.quality.event"].sudo()  # shown with the ticket
        rows = Event.search(
            [("ticket_id", "=", ticket.id), ("kind", "in", ("opened", "reclassified"))]
        )
        last, first = rows[:1], rows[-1:]
        matcher = self.env["service.quality.target"]._matcher()
        opened = to_epoch(ticket.service_opened_at)
        attributes = attributes_of(last.value)
        found = {}
        for clock in ticket.sudo().service_clock_ids:  # shown with the ticket
            target = matcher.by_id[clock.target_id.id]
            kind = target.kind if target.kind in ("ola", "uc") else "customer"
            candidates = matcher.candidates((kind, target.metric, clock.holder))
            steps = explain(
                candidates,
                attributes,
                opened,
                last.value["watermark"],
                clock.holder,
                first.value["watermark"],
            )
            found[str(clock.target_id.id)] = self._explain_steps(steps)
        return found

    @api.model
    def _explain_steps(self, steps):
        """Put the steps of an explanation into words."""
        _ = self.env._
        reasons = {
            None: _("applies"),
            "outranked": _("fits, but less specific or later in order"),
            "company": _("for another company"),
            "customer": _("for another customer"),
            "team": _("for another team"),
            "category": _("for another category"),
            "process": _("for another process"),
            "priority": _("for another priority"),
            "severity": _("for complaints of another severity"),
            "later": _("signed only after the ticket had come in under another one"),
            "period": _("not in force when the ticket was opened"),
        }
        targets = self.env["service.quality.target"].sudo()  # names, of what applies
        return [
            {
                "target": targets.browse(step.target.id).display_name,
                "agreement": targets.browse(step.target.id).agreement_id.display_name
                or _("House rule"),
                "chosen": step.reason is None,
                "reason": reasons[step.reason],
            }
            for step in steps
            # another company's agreements are none of the reader's business
            if step.reason != "company"
        ]

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.model
    def _cron_replan_clocks(self, limit=500):
        """Plan open clocks again after their working time has changed, in batches.

        What a failed run leaves behind is found by the next, which is never far off:
        its clocks are on another timetable than their calendar's current one.
        """
        stored = self._store_stale_timetables()
        ticket_ids, remaining = self._tickets_to_replan(limit)
        if stored:
            # kept, and the job tried again, should planning collide with people at work
            self.env["ir.cron"]._commit_progress(
                stored, remaining=len(ticket_ids) + remaining
            )
        while ticket_ids:
            self.env["service.quality.ledger"]._refold(ticket_ids)
            self._warn_unreachable(ticket_ids)
            if not self.env["ir.cron"]._commit_progress(
                len(ticket_ids), remaining=remaining
            ):
                break
            ticket_ids, remaining = self._tickets_to_replan(limit)

    @api.model
    def _store_stale_timetables(self):
        """Let changed calendars point at what they are now; return how many did."""
        calendars = self.env["resource.calendar"].with_context(active_test=False)
        stale = calendars.search([("service_timetable_stale", "=", True)])
        if stale:
            stale._service_store_timetables(to_epoch(fields.Datetime.now()))
            stale.service_timetable_stale = False
        return len(stale)

    @api.model
    def _warn_unreachable(self, ticket_ids):
        """Warn service managers of promises that their calendar can no longer keep."""
        found = self._read_group(
            self._burning_domain("unreachable") & Domain("ticket_id", "in", ticket_ids),
            ["agreement_id"],
        )
        agreements = self.env["service.quality.agreement"].union(*(a for (a,) in found))
        warning = self.env.ref(WARNING)
        warned = agreements.activity_ids.filtered(
            lambda one: one.automated and one.activity_type_id == warning
        )
        unwarned = agreements.filtered(lambda one: not one.activity_ids & warned)
        todos = []
        for agreement in unwarned:
            user = agreement.manager_id or self.env.user
            day = user.partner_id._service_day(agreement.company_id)
            todos.append((agreement, user, day, self._unreachable_text))
        self.env["mail.activity"]._service_plan(todos, WARNING, mails=True)

    @api.model
    def _unreachable_text(self, agreement):
        return agreement.env._("The working time is empty: deadlines are never due")

    @api.model
    def _tickets_to_replan(self, limit):
        """Return tickets with an open clock on a timetable that is no longer current.

        :return: list of ticket ids in order, and how many are left beyond them
        """
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT clock.ticket_id, count(*) OVER ()
              FROM service_quality_clock AS clock
              JOIN service_quality_target AS target ON target.id = clock.target_id
              LEFT JOIN service_quality_agreement AS agreement
                ON agreement.id = target.agreement_id
              JOIN resource_calendar AS calendar ON NOT COALESCE(target.always, false)
               AND calendar.id = COALESCE(target.calendar_id, agreement.calendar_id)
             WHERE clock.state IN ('running', 'paused')
               AND clock.verdict IS NULL
               AND (clock.deadline IS NULL OR clock.deadline >= %s)
               AND clock.timetable_id IS DISTINCT FROM calendar.service_timetable_id
             GROUP BY clock.ticket_id
             ORDER BY clock.ticket_id
             LIMIT %s
            """,
            [fields.Datetime.now(), limit],
        )
        rows = self.env.cr.fetchall()
        total = rows[0][1] if rows else 0
        return [ticket_id for ticket_id, _total in rows], total - len(rows)
