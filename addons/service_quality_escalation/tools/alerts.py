"""Finds the instants at which the steps of escalation rules fire on a clock.

A step is so much working time after a clock's start: a share of what was promised, or
minutes before or after the end of it. Its instant is found by walking forward from the
start in the clock's own working time, never back from the deadline, so that a warning
comes neither at midnight nor on the wrong side of a weekend. All instants are integer
epoch seconds UTC.
"""

from collections import namedtuple

Rule = namedtuple(
    "Rule",
    "company kind metric agreement team category process priority severity is_last "
    "steps",
)
"""Which clocks some steps are for: ids and codes, None where any will do.

``agreement`` holds the ids of all versions of an agreement, in a frozenset.
``is_last``: the rules after it are not looked at for the clocks that it fits."""

EscalationStep = namedtuple(
    "EscalationStep", "id trigger amount since metric", defaults=(None,)
)
"""``trigger`` is percent, before or after; all else comes with the start of a clock.
``amount`` is a percentage or minutes. What came due before ``since`` is no concern of
the step, nor are clocks of another ``metric``, where it has one."""

Labels = namedtuple(
    "Labels",
    "company kind metric agreement team category_path process priority severity",
)
"""What rules look at of a clock."""

ClockState = namedtuple(
    "ClockState", "state started_at running_since elapsed seconds deadline deadline_set"
)
"""How a clock stands, as :class:`~.fold.Clock` has it; ``seconds`` were promised."""

PlannedStep = namedtuple("PlannedStep", "after step since")
"""A step as it comes for one clock: the working seconds that its time holds before."""

EXACT = ("company", "kind", "metric", "team", "process", "priority", "severity")
"""The conditions that are met by being equal. A company is always named."""


def fits(rule, labels):
    """Return True if a rule is for a clock with such labels.

    >>> anything = [None] * 8 + [False, ()]
    >>> clock = Labels(1, "sla", "resolution", 5, None, (3, 7), None, "1", None)
    >>> fits(Rule(1, *anything), clock), fits(Rule(2, *anything), clock)
    (True, False)
    >>> fits(Rule(1, *anything)._replace(category=3), clock)
    True
    >>> fits(Rule(1, *anything)._replace(severity="major"), clock)
    False
    >>> fits(Rule(1, *anything)._replace(agreement=frozenset({4, 5})), clock)
    True
    """
    for condition in EXACT:
        wanted = getattr(rule, condition)
        if wanted is not None and wanted != getattr(labels, condition):
            return False
    if rule.agreement is not None and labels.agreement not in rule.agreement:
        return False
    return rule.category is None or rule.category in labels.category_path


def after(step, seconds):
    """Return the working seconds from the start of a clock to a step.

    A step *before* that is longer than what was promised comes with the start.

    >>> hour = 3600
    >>> step = EscalationStep(1, "percent", 80, 0)
    >>> after(step, hour), after(step._replace(trigger="before", amount=15), hour)
    (2880, 2700)
    >>> step = EscalationStep(1, "after", 30, 0)
    >>> after(step, hour), after(step._replace(trigger="before", amount=90), hour)
    (5400, 0)
    """
    if step.trigger == "percent":
        return seconds * step.amount // 100
    if step.trigger == "before":
        return max(seconds - 60 * step.amount, 0)
    if step.trigger == "after":
        return seconds + 60 * step.amount
    return 0


class RuleSet:
    """Holds all rules of a database, and remembers what it found for equal clocks.

    :param version: a number that grows with each change of the rules
    :param rules: list of :class:`Rule` in the order in which they are looked at
    """

    REMEMBERED = 10_000

    def __init__(self, version, rules):
        self.version = version
        self.rules = rules
        self._known = {}

    def planned(self, labels, seconds):
        """Return the steps for a clock, the first to come due at the front.

        :param seconds: working seconds that were promised
        :return: tuple of :class:`PlannedStep`
        """
        key = (labels, seconds)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= self.REMEMBERED:
                self._known.clear()
            found = self._known[key] = tuple(
                sorted(
                    PlannedStep(after(step, seconds), step.id, step.since)
                    for step in self._steps(labels)
                )
            )
        return found

    def _steps(self, labels):
        for rule in self.rules:
            if fits(rule, labels):
                for step in rule.steps:
                    if step.metric in (None, labels.metric):
                        yield step
                if rule.is_last:
                    return


def moments(rule_set, labels, course, timetable):
    """Yield ``(instant, planned_step)`` of each step of a clock, the first one first.

    A clock that is over has none, nor one that is paused. But a deadline set by hand
    is moved by no pause, and neither are the steps towards it. A step whose time was
    used up before the clock last stood still comes when it runs again.

    >>> from service_quality_core.tools.timetable import Timetable
    >>> office = Timetable([(0, 100), (200, 300)], 0, 900)
    >>> clock = Labels(1, "sla", "resolution", None, None, (), None, None, None)
    >>> rule = Rule(1, *[None] * 8, False, (EscalationStep(7, "percent", 80, 0),))
    >>> running = ClockState("running", 0, 90, 50, 80, 210, False)
    >>> rule_set = RuleSet(1, [rule])
    >>> [instant for instant, _planned in moments(rule_set, clock, running, office)]
    [204]
    >>> list(moments(rule_set, clock, running._replace(state="done"), office))
    []
    """
    if course.state not in ("running", "paused"):
        return
    if course.deadline_set:
        yield from _towards(rule_set, labels, course, timetable)
    elif course.state == "running":
        for planned_step in rule_set.planned(labels, course.seconds):
            instant = timetable.add(
                course.running_since, planned_step.after - course.elapsed
            )
            if instant is None:
                return
            yield instant, planned_step


def _towards(rule_set, labels, course, timetable):
    """Yield the steps on the way to a deadline set by hand, and beyond it.

    They are shares of the working time from the start to it. It may lie in closed
    hours, or beyond the years that the calendar is known for.
    """
    start, deadline = course.started_at, course.deadline
    promised = timetable.open_seconds(start, min(deadline, timetable.high))
    for planned_step in rule_set.planned(labels, promised):
        if planned_step.after < promised:
            instant = timetable.add(start, planned_step.after)
        elif planned_step.after == promised:
            instant = deadline
        elif deadline > timetable.high:
            return
        else:
            instant = timetable.add(deadline, planned_step.after - promised)
        if instant is None:
            return
        yield instant, planned_step


def pending(found, fired, quiet=None):
    """Yield ``(instant, step id)`` of the steps that are still to fire, in order.

    :param found: what :func:`moments` yields
    :param fired: container of the ids of steps that have fired on the clock
    :param quiet: what came due before is history, and is not told

    >>> step = PlannedStep(0, 1, 0)
    >>> planned = [(10, step), (20, step._replace(step=2)), (30, PlannedStep(0, 3, 99))]
    >>> list(pending(planned, {1})), list(pending(planned, (), quiet=11))
    ([(20, 2)], [(20, 2)])
    """
    for instant, planned_step in found:
        if (
            planned_step.step not in fired
            and instant >= planned_step.since
            and (quiet is None or instant >= quiet)
        ):
            yield instant, planned_step.step
