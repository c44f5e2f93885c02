from collections import namedtuple
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.service_quality_core.models.projection import CLOCK
from odoo.addons.service_quality_core.models.service_quality_clock import OPEN_STATES
from odoo.addons.service_quality_core.models.service_quality_ledger import HISTORICAL
from odoo.addons.service_quality_core.models.service_quality_sweep import AGAIN
from odoo.addons.service_quality_core.tools.instants import to_datetime, to_epoch
from odoo.addons.service_quality_core.tools.isolation import run_isolated
from odoo.addons.service_quality_core.tools.timetable import ALWAYS

from .alert_plan import AlertPlan

KEY = CLOCK[1]
"""The columns that name a clock, whichever row it is."""


class Due(namedtuple("Due", "clock key step at")):
    """A step that fires: the columns of its clock and its key, and when it was due."""

    __slots__ = ()

    @property
    def once(self):
        """Ticket, cycle and step: a step changes a ticket once, whatever it is for."""
        return self.clock["ticket_id"], self.clock["cycle"], self.step.id


PLANNED_AT_ONCE = 2000
"""The number of clocks that one transaction plans again after a change of the rules."""

PUT_OFF = timedelta(minutes=10)
"""The time that a clock waits if its alarms could not be raised."""


class ServiceQualitySweep(models.AbstractModel):
    """Fires the steps of escalation rules in time.

    Each clock says when it is to be looked at next. The sweep finds those by an index,
    so that it costs by what is due.
    """

    _inherit = "service.quality.sweep"

    @api.model
    def _works(self):
        return [self._sweep, *super()._works()]

    @api.model
    def _next_moments(self, now):
        """Add when the next clock is to be looked at.

        What is due and was not found just now is in somebody's hands.
        """
        moment, outdated = self._look_ahead()
        if outdated or (moment and moment <= now):
            moment = now + AGAIN
        return [*super()._next_moments(now), *filter(None, [moment])]

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _sweep(self, limit):
        """Deal with one batch of clocks; return how many there were.

        A clock whose alarms cannot be raised does not keep the others from theirs.
        """
        now = fields.Datetime.now()
        moment, outdated = self._look_ahead()
        clocks = []
        if moment and moment <= now:
            clocks = self._lock_due(now, limit)
        if outdated and not clocks:
            clocks = self._lock_outdated()
        if clocks and not self._process_safely(clocks, now):
            for clock in clocks:
                if not self._process_safely([clock], now):
                    self._put_off(clock, now)
        return len(clocks)

    @api.model
    def _process_safely(self, clocks, now):
        """Process clocks, or leave everything as it was; return whether it is done."""
        tickets = sorted({clock["ticket_id"] for clock in clocks})
        work = partial(self._process, clocks, now)
        return not run_isolated(self.env.cr, f"alarms of the tickets {tickets}", work)

    @api.model
    def _put_off(self, clock, now):
        """Look at a clock again later, when what is wrong may have been put right."""
        version = self.env["service.quality.escalation"]._read_version()
        self._write_plan([(clock["id"], now + PUT_OFF, version)])

    @api.model
    def _process(self, clocks, now):
        """Plan locked clocks again, and fire what has come due on them."""
        quiet = {
            clock["ticket_id"]: to_epoch(clock["quiet"])
            for clock in clocks
            if clock["quiet"]
        }
        plan = AlertPlan(self.env, {clock["ticket_id"] for clock in clocks}, quiet)
        Step = self.env["service.quality.escalation.step"]
        due, planned = [], []
        for clock in clocks:
            key = tuple(clock[name] for name in KEY)
            following = None
            for instant, step_id in self._pending(plan, key, clock):
                at = to_datetime(instant)
                if at > now:
                    following = at
                    break
                due.append(Due(clock, key, Step.browse(step_id), at))
            planned.append((clock["id"], following, plan.rule_set.version))
        self._write_plan(planned)
        # last: what alarms do to tickets has their clocks planned once more
        self.env["service.quality.escalation.alarm"]._raise(due, plan)

    @api.model
    def _pending(self, plan, key, clock):
        """Yield what is still to fire on a clock, as it is stored."""
        timetable = ALWAYS
        if clock["timetable_id"]:
            Store = self.env["service.quality.timetable"]
            timetable = Store._timetable(clock["timetable_id"])
        path = tuple(int(part) for part in (clock["path"] or "").split("/") if part)
        return plan.pending(key, clock, path, timetable)

    # ------------------------------------------------------------------
    # Reading and writing
    # ------------------------------------------------------------------

    @api.model
    def _lock_due(self, now, limit):
        """Lock the tickets of clocks that are to be looked at; return these clocks."""
        return self._lock(
            SQL("clock.next_alert_at <= %s", now),
            SQL("clock.next_alert_at, clock.id"),
            limit,
        )

    @api.model
    def _lock_outdated(self):
        """As :meth:`_lock_due`, of open clocks that were planned by earlier rules."""
        return self._lock(self._outdated(), SQL("clock.alert_version"), PLANNED_AT_ONCE)

    @api.model
    def _outdated(self):
        return SQL(
            "clock.state IN %s AND clock.alert_version < %s",
            OPEN_STATES,
            self.env["service.quality.escalation"]._version(),
        )

    @api.model
    def _look_ahead(self):
        """Return when the next clock is to be looked at, and whether any lags behind.

        Both are the first entry of an index: asked for a clock that lags behind, the
        database may take to reading all of them.
        """
        [row] = self.env.execute_query(
            SQL(
                """
                SELECT (SELECT min(next_alert_at) FROM service_quality_clock
                         WHERE next_alert_at IS NOT NULL),
                       (SELECT min(alert_version) FROM service_quality_clock
                         WHERE state IN %s) < %s
                """,
                OPEN_STATES,
                self.env["service.quality.escalation"]._version(),
            )
        )
        return row

    @api.model
    def _lock(self, condition, order, limit):
        """Find clocks and lock their tickets in one statement, as the ledger locks.

        A ticket that somebody is writing is left out; it is found again later. Were it
        written between finding and locking, this would be blind to what was written.

        :return: list of dicts
        """
        self.env.flush_all()
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT clock.id, clock.ticket_id, clock.target_id, clock.cycle,
                       clock.round, clock.holder, clock.company_id, clock.kind,
                       clock.metric, clock.agreement_id, clock.partner_id,
                       clock.team_id, clock.user_id, clock.process_id, clock.priority,
                       clock.severity, clock.state, clock.started_at,
                       clock.target_seconds, clock.elapsed_seconds,
                       clock.running_since, clock.deadline, clock.deadline_set,
                       clock.timetable_id, category.parent_path AS path,
                       (SELECT event.recorded_at
                          FROM service_quality_event AS event
                         WHERE event.ticket_id = clock.ticket_id
                           AND event.kind = 'opened' AND event.origin IN %s
                         LIMIT 1) AS quiet
                  FROM service_quality_clock AS clock
                  JOIN helpdesk_ticket AS ticket ON ticket.id = clock.ticket_id
                  LEFT JOIN helpdesk_ticket_category AS category
                    ON category.id = clock.category_id
                 WHERE %s
                 ORDER BY %s
                 LIMIT %s
                   FOR NO KEY UPDATE OF ticket SKIP LOCKED
                """,
                HISTORICAL,
                condition,
                order,
                limit,
            )
        )

    @api.model
    def _write_plan(self, planned):
        """Write when clocks are to be looked at next.

        :param planned: list of (clock id, moment or None, version of the rules)
        """
        self.env.cr.execute_values(
            """
            UPDATE service_quality_clock AS clock
               SET next_alert_at = new.at, alert_version = new.version
              FROM (VALUES %s) AS new (id, at, version)
             WHERE clock.id = new.id
            """,
            planned,
            template="(%s, %s::timestamp, %s)",
            page_size=PLANNED_AT_ONCE,
        )
        self.env["service.quality.clock"].invalidate_model(
            ["next_alert_at", "alert_version"], flush=False
        )
