"""Plans when the escalation steps of some tickets' clocks fire next."""

from itertools import chain

from odoo.addons.service_quality_core.tools.instants import to_epoch

from ..tools.alerts import ClockState, Labels, moments, pending


def labels_and_course(clock, path):
    """Return what rules look at of a clock, and how it stands.

    :param clock: dict of its columns
    :param path: ids of the ticket's category and all above it, the top one first
    """
    labels = Labels(
        clock["company_id"],
        clock["kind"],
        clock["metric"],
        clock["agreement_id"],
        clock["team_id"],
        path,
        clock["process_id"],
        clock["priority"],
        clock["severity"],
    )
    course = ClockState(
        clock["state"],
        to_epoch(clock["started_at"]),
        to_epoch(clock["running_since"]),
        clock["elapsed_seconds"],
        clock["target_seconds"],
        to_epoch(clock["deadline"]),
        clock["deadline_set"],
    )
    return labels, course


class AlertPlan:
    """Finds the steps that are still to fire on the clocks of some tickets.

    The ledger asks it when it writes clocks, the sweep when it fires their steps: what
    a clock waits for is reckoned here and nowhere else.

    :param ticket_ids: the tickets that will be asked about
    :param quiet: dict of ticket id to the epoch seconds before which its clocks are
        history, as of a ticket that was imported
    :param fresh: the tickets are new in this transaction, so that nothing has fired
    """

    def __init__(self, env, ticket_ids, quiet, fresh=False):
        self.env = env
        self.rule_set = env["service.quality.escalation"]._rule_set()
        self._ticket_ids = list(ticket_ids)
        self._quiet = quiet
        self._fired = {} if fresh else None

    @property
    def version(self):
        """Return the version of the rules by which clocks are looked at."""
        return self.rule_set.version

    @property
    def fired(self):
        """Which steps have fired: dict of key of a clock to a dict of step to alarm."""
        if self._fired is None:
            self._fired = {}
            self.env.cr.execute(
                """
                SELECT ticket_id, target_id, cycle, round, holder, step_id, id
                  FROM service_quality_escalation_alarm
                 WHERE ticket_id = ANY(%s)
                """,
                [self._ticket_ids],
            )
            for *key, step_id, alarm_id in self.env.cr.fetchall():
                self._fired.setdefault(tuple(key), {})[step_id] = alarm_id
        return self._fired

    def next_of(self, key, clock, path, timetable):
        """Return when the next step of a clock fires; see :class:`~.NoAlerts`."""
        if not self.rule_set.rules:
            return None
        return next(self.pending(key, clock, path, timetable()), (None,))[0]

    def pending(self, key, clock, path, timetable):
        """Yield ``(instant, step id)`` of what is still to fire on a clock, in order.

        :param key: the clock's ticket, target, cycle, round and holder
        :param clock: dict of its columns
        :param path: ids of the ticket's category and all above it, the top one first
        """
        found = moments(self.rule_set, *labels_and_course(clock, path), timetable)
        first = next(found, None)
        if first is None:
            return
        yield from pending(
            chain([first], found), self.fired.get(key, ()), self._quiet.get(key[0])
        )

    def repeated(self, key, step_id):
        """Return True if a step has fired on another clock of a ticket's same cycle."""
        return any(
            step_id in steps
            for other, steps in self.fired.items()
            if other != key and (other[0], other[2]) == (key[0], key[2])
        )
