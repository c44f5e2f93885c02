"""When the escalation steps of some tickets' clocks fire next."""

from itertools import chain

from ..tools.alerts import moments, pending

HISTORICAL = ("import", "migration")
"""Origins of the opening of tickets that had a life before they came here."""


class AlertPlan:
    """The steps that are still to fire on the clocks of some tickets.

    The ledger asks it when it writes clocks, the sweep when it fires their steps: what
    a clock waits for is reckoned here and nowhere else.

    :param ticket_ids: the tickets that will be asked about
    :param quiet: dict of ticket id to the epoch seconds before which its clocks are
        history, as of a ticket that was imported
    :param fresh: the tickets are new in this transaction, so that nothing has fired
    """

    def __init__(self, env, ticket_ids, quiet, fresh=False):
        self.env = env
        self.ladder = env["service.quality.escalation"]._ladder()
        self._ticket_ids = list(ticket_ids)
        self._quiet = quiet
        self._fired = {} if fresh else None

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

    def pending(self, key, labels, course, timetable):
        """Yield ``(instant, step id)`` of what is still to fire on a clock, in order.

        :param key: the clock's ticket, target, cycle, round and holder
        """
        found = moments(self.ladder, labels, course, timetable)
        first = next(found, None)
        if first is None:
            return
        yield from pending(
            chain([first], found), self.fired.get(key, ()), self._quiet.get(key[0])
        )

    def repeated(self, key, step_id):
        """Tell whether a step has fired on another clock of a ticket's same cycle."""
        return any(
            step_id in steps
            for other, steps in self.fired.items()
            if other != key and (other[0], other[2]) == (key[0], key[2])
        )
