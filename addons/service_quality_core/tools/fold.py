"""Folds the rows of a ticket's ledger into its clocks and its spans.

Everything here is a pure function of the rows, the targets and the timetables: the
same rows give the same clocks, whether they are folded at once, one by one or years
later. All instants are integer epoch seconds UTC. There is no *now*: a running clock
carries a deadline, and whether it is late is a comparison that the reader makes.
"""

from bisect import bisect_left, bisect_right
from collections import namedtuple
from functools import cache

from .metrics import OPEN_PHASES, TICKET_STARTS
from .timetable import ALWAYS
from .track import Track, effective_rows

Clock = namedtuple(
    "Clock",
    "target cycle round holder state started_at elapsed running_since paused_at "
    "deadline deadline_set deadline_computed warning_at stopped_at verdict judged_at "
    "counted attributes user team",
)
"""``holder`` is the team or supplier whose time is measured, 0 for a promise to a
customer; ``state`` is running, paused, done or cancelled; ``elapsed`` the open seconds
up to ``running_since`` for a running clock, in all for any other. ``deadline`` is None
while paused, and for a running clock that its timetable can never bring to an end.
``deadline_computed`` is what it would be without one that was set by hand."""

Span = namedtuple("Span", "phase user team party start end open_seconds")
"""Wall time under one label; ``end`` is None for the last one."""

Folded = namedtuple(
    "Folded", "clocks spans opened attributes phase cycle complaint moments"
)
"""``moments`` is the list of (instant, token) of all that happened, in order."""

# An answer that was too late stays too late: what ends a clock, besides its stop.
_Instance = namedtuple("_Instance", "cycle round start stop end")
"""``end`` is met, died or failed, and None while there is no stop."""


def fold(rows, matcher, timetable_of, reference=None):
    """Fold a ticket's rows.

    :param rows: the :class:`Row` of one ticket in the order (at, seq, id)
    :param matcher: a :class:`~.matching.Matcher`
    :param timetable_of: function of (target, cycle, round, holder) that gives a
        timetable
    :param reference: function of the list of clocks that gives the timetable in which
        the open seconds of spans are counted; every second counts when it is left out
    :return: :class:`Folded`, or None when there is no *opened* row
    """
    track = Track(effective_rows(rows))
    if track.opened is None:
        return None
    clocks = []
    for slot, history in match_history(track, matcher).items():
        clocks += _fold_slot(slot, history, track, timetable_of)
    spans = fold_spans(track, reference(clocks) if reference else ALWAYS)
    return Folded(
        clocks,
        spans,
        track.opened,
        track.attributes[-1][1],
        track.points[-1][0],
        track.cycle,
        track.complaint(),
        track.moments,
    )


def match_history(track, matcher):
    """Find which target held each slot from when on.

    :return: dict of slot to a list ``[(instant, target or None, cut)]``; what belongs
        to another company than the ticket ends
    """
    histories = {}
    known = track.matchings[0][2] if track.matchings else None
    for at, attributes, watermark, team, party, cut in track.matchings:
        found = matcher.match(attributes, track.opened, watermark, team, party, known)
        for slot, target in found.items():
            history = histories.get(slot)
            if history is None:
                histories[slot] = [(at, target, cut)]
            elif history[-1][1] is not target:
                history.append((at, target, cut))
        for slot, history in histories.items():
            if slot not in found and history[-1][1] is not None:
                # a team or supplier that let go keeps its clock, which stands still
                if (
                    slot[0] == "customer"
                    or slot[2] in (team, party)
                    or history[-1][1].company != attributes.company
                ):
                    history.append((at, None, cut))
    return histories


def fold_spans(track, timetable):
    """Cut wall time since the opening into labelled spans, to the second."""
    times, points = track.times, track.points
    spans = [
        Span(*point, start, end, worked)
        for point, start, end, worked in zip(
            points, times, times[1:], timetable.open_between(times), strict=False
        )
        if end > start
    ]
    spans.append(Span(*points[-1], times[-1], None, None))
    return spans


# ----------------------------------------------------------------------
# Clocks
# ----------------------------------------------------------------------


def _fold_slot(slot, history, track, timetable_of):
    """Return the clocks of a slot, following its changes of target.

    A change replaces only clocks without a verdict whose deadline has not passed: they
    are cancelled, and the new target's clock counts from the opening. What was met or
    missed before stays; a later clock of the same (kind, metric, cycle, round) does
    not count again. Where the ticket goes to another company, all clocks of the old one
    end as they stand, and the new one's count from when it came.
    """
    if len(history) == 1:  # as of most tickets
        since, target, _cut = history[0]
        held = _held(slot, since, track, since)
        return list(_clocks(slot, target, track, held, timetable_of))
    clocks, counted, settled = {}, set(), set()
    for index, (since, target, _cut) in enumerate(history):
        if target is None:
            continue
        held = _held(slot, history[0][0], track, since)
        until, past, leaves = _until_next(
            slot, history[index : index + 2], track, held, timetable_of
        )
        # what happens elsewhere later changes nothing of what was left behind
        found = _clocks(slot, target, track, held, timetable_of)
        for clock in past.values() if leaves else found:
            key = clock[1:3]
            ended = clock.stopped_at
            if (target.company, key) in settled or (
                index and ended is not None and ended < since
            ):
                continue
            if until is not None:
                if clock.started_at >= until:
                    continue
                before = past.get(key)
                if before is None or _replaceable(before, clock, until):
                    replaced = _replaced(before or clock, track, until)
                    clocks.setdefault((target.id, *key), replaced)
                    continue
                if before.state in ("done", "cancelled"):
                    settled.add((target.company, key))
                if leaves:
                    clock = _left_behind(clock, track, until)
            _enter(clock, clocks, counted)
    return list(clocks.values())


def _until_next(slot, changes, track, held, timetable_of):
    """Return how a target stands when the next change of a slot replaces it.

    :param changes: the target's own, and the next one where there is one
    :return: when the next change comes, or None; the clocks as they were by then, by
        (cycle, round); True if the ticket goes to another company by it
    """
    if len(changes) == 1:
        return None, {}, False
    (_since, target, _cut), (until, _target, cut) = changes
    leaves = track.attributes_at(until).company != target.company
    past_track = track.until(until, cut)
    past = {
        clock[1:3]: clock
        for clock in _clocks(slot, target, past_track, held, timetable_of)
    }
    return until, past, leaves


def _enter(clock, clocks, counted):
    """Add a clock, unless the same one was judged already; one of a kind counts."""
    target, *key = clock[:3]
    identity = (target.id, *key)
    known = clocks.get(identity)
    if known is not None and known.verdict is not None:
        return
    first = (target.company, target.kind, *key)
    clocks[identity] = clock._replace(counted=first not in counted)
    counted.add(first)


def _replaceable(before, clock, instant):
    """Return True if a clock gives way to the new target's at an instant.

    ``before`` is the clock as it stood then, ``clock`` as it stands now: a verdict
    that a reopening has cleared since no longer protects it.
    """
    if before.verdict == "missed":
        return False
    if before.state in ("done", "cancelled"):
        return before.stopped_at != clock.stopped_at
    return before.deadline is None or before.deadline >= instant


def _replaced(clock, track, instant):
    return clock._replace(
        state="cancelled",
        running_since=None,
        paused_at=None,
        warning_at=None,
        stopped_at=instant,
        verdict=None,
        judged_at=None,
        counted=False,
        attributes=track.attributes_at(instant),
    )


def _left_behind(clock, track, instant):
    """Return a clock as a company is left with it when its ticket goes to another."""
    clock = clock._replace(attributes=track.attributes_at(clock.judged_at or instant))
    if clock.state in ("done", "cancelled"):
        return clock
    return clock._replace(
        state="done",
        running_since=None,
        paused_at=None,
        warning_at=None,
        stopped_at=instant,
        verdict="missed",
        judged_at=clock.deadline,
    )


def _held(slot, first, track, since):
    """Return the instant from which a slot's clocks count, None for all along.

    A team's or supplier's clock starts when it first gets the ticket, a company's when
    the ticket comes from another one.

    :param first: when the slot was first held
    :param since: when the target in question came to hold it
    """
    arrival = track.arrival(since)
    if slot[0] == "customer":
        return arrival
    return first if arrival is None else max(first, arrival)


def _clocks(slot, target, track, held, timetable_of):
    """Yield the clocks of one target over a whole track."""
    for instance in _measured(slot, target, track):
        if held is not None and instance.start < held:
            if instance.stop is not None and instance.stop < held:
                continue
            instance = instance._replace(start=held)
        timetable = timetable_of(target, instance.cycle, instance.round, slot[2])
        yield _run(slot, target, track, instance, timetable)


def _measured(slot, target, track):
    """Return the cycles and rounds of a target, up to where its metric was left.

    What was running then ends without a verdict.
    """
    if slot[1] not in track.unmeasured:  # as of nearly all
        return _instances(track.moments, target.rule, target.on_reopen)
    left, count = track.unmeasured[slot[1]]
    found = _instances(track.moments[:count], target.rule, target.on_reopen)
    if found and found[-1].stop is None:
        found[-1] = found[-1]._replace(stop=left, end="died")
    return found


def _instances(moments, metric, on_reopen):
    """Cut the moments into the cycles and rounds of one metric."""
    found, live = [], None  # live: (cycle, round, start)
    cycle = 1
    starts, stops, dies, fails = metric[:4]
    for at, token in moments:
        if live is None:
            if token in starts:
                again = found and found[-1].cycle == cycle
                live = (cycle, found[-1].round + 1 if again else 1, at)
        elif token in stops:
            found.append(_Instance(*live, at, "met"))
            more = metric.rounds and token != "handled"
            live = (cycle, live[1] + 1, at) if more else None
        elif token in dies or token in fails:
            found.append(_Instance(*live, at, "died" if token in dies else "failed"))
            live = None
        if token == "reopened":
            if on_reopen == "restart":
                cycle += 1
            if found and live is None and not starts.isdisjoint(TICKET_STARTS):
                live = _reopen(found, at, metric, on_reopen, cycle)
    if live is not None:
        found.append(_Instance(*live, None, None))
    return found


def _reopen(found, at, metric, on_reopen, cycle):
    """Return cycle, round and start of the clock that a reopening makes live."""
    last = found[-1]
    if on_reopen == "restart":
        return cycle, 1, at
    if on_reopen == "never" and last.end != "died":
        return None
    if metric.rounds:
        return cycle, last.round + 1, at
    found.pop()
    return last[:3]


def runs_under(slot, target):
    """Return the function that tells whether the clock runs under a label."""
    kind, _metric, holder = slot
    phases = _open_phases(target.pause_on)
    if kind == "ola":
        return lambda point: point[2] == holder and point[0] in phases
    if kind == "uc":
        return lambda point: point[3] == holder and point[0] == "waiting_third_party"
    if target.rule.any_phase:
        return lambda point: True
    return lambda point: point[0] in phases


@cache
def _open_phases(pause_on):
    return OPEN_PHASES - pause_on


def _run(slot, target, track, instance, timetable):
    """Run one clock over the labels of a track and judge it."""
    start, stop = instance.start, instance.stop
    times, points, runs = track.times, track.points, runs_under(slot, target)
    budget = target.seconds
    elapsed, since, paused_at, missed = 0, None, None, None
    first = max(bisect_right(times, start) - 1, 0)
    end = len(times) if stop is None else bisect_left(times, stop, first + 1)
    for index in range(first, end):
        at = start if index == first else times[index]
        if runs(points[index]):
            if since is None:
                since, paused_at = at, None
        elif paused_at is None:
            if since is not None:
                worked, late = _close(timetable, since, at, elapsed, budget, missed)
                if late is not None and missed is None and at == track.foreseen:
                    break  # a miss that is foreseen has yet to happen
                elapsed, missed, since = worked, late, None
            paused_at = at
    deadline, deadline_set, computed = missed, False, None
    if missed is None and (since is not None or stop is not None):
        # ended while paused: the rest of its time would have begun at that moment
        begin = stop if since is None else since
        deadline = timetable.add(begin, budget - elapsed)
    if since is not None and stop is not None:
        elapsed += timetable.open_seconds(since, stop)
        if missed is None and deadline is not None and stop > deadline:
            missed = deadline
    if track.deadlines and slot[0] == "customer" and target.metric in track.deadlines:
        promised = deadline
        deadline, missed, deadline_set = _apply_sets(
            track.deadlines[target.metric], start, stop, since, deadline, missed
        )
        computed = promised if deadline_set else None
    return _judge(
        slot, target, track, instance, timetable,
        (elapsed, since, paused_at, deadline, missed, deadline_set), computed,
    )  # fmt: skip


def _close(timetable, since, at, elapsed, budget, missed):
    """End a running interval; return elapsed seconds and when the clock was missed."""
    worked = elapsed + timetable.open_seconds(since, at)
    if missed is None and worked >= budget:
        deadline = timetable.add(since, budget - elapsed)
        # all the time may be used up just when the working day ends
        if deadline is not None and at > deadline:
            missed = deadline
    return worked, missed


def _judge(slot, target, track, instance, timetable, course, computed):
    """Turn the course of a clock into its state, verdict and labels.

    :param computed: the deadline without the one that was set by hand
    """
    elapsed, since, paused_at, deadline, missed, deadline_set = course
    cycle, number, start, stop, end = instance
    warning_at, verdict, judged_at = None, None, None
    if missed is not None:
        verdict, judged_at = "missed", missed
    elif end == "met":
        verdict, judged_at = "met", stop
    elif end == "failed":
        # it counts where it would have been missed
        verdict, judged_at = "missed", stop if deadline is None else deadline
    if stop is not None:
        state = "cancelled" if end == "died" else "done"
        since = paused_at = None
    elif since is not None:
        state = "running"
        if verdict is None:
            warning_at = _warning(target, timetable, start, course)
    else:
        state = "paused"
    _phase, user, team, _party = track.point_at(judged_at)
    if slot[0] == "ola" and team != slot[2]:
        user, team = None, slot[2]  # the time is this one's, not the present holder's
    return Clock(
        target, cycle, number, slot[2], state, start, elapsed, since, paused_at,
        deadline, deadline_set, computed, warning_at, stop, verdict, judged_at, True,
        track.attributes_at(judged_at), user, team,
    )  # fmt: skip


def _warning(target, timetable, start, course):
    """Walk forward in working time to the instant of the early warning."""
    elapsed, since, _paused_at, deadline, _missed, deadline_set = course
    if not deadline_set:
        return timetable.add(since, target.warning_seconds - elapsed)
    # a deadline set by hand may lie beyond the years that the calendar is known for
    promised = timetable.open_seconds(start, min(deadline, timetable.high))
    return timetable.add(start, promised * target.warning_seconds // target.seconds)


def _apply_sets(sets, start, stop, since, deadline, missed):
    """Let deadlines set by hand take the place of the computed one.

    Such a deadline is not moved by pauses. It changes nothing once the clock was
    missed, and a deadline set to None gives the computed one back.

    :param since: when the last running interval began, or None while paused
    :return: deadline, when missed, whether the deadline was set by hand
    """
    by_hand = None
    for at, wanted in sets:
        if at < start or (stop is not None and at > stop):
            continue
        due = by_hand if by_hand is not None else missed
        if due is None and since is not None and at >= since:
            due = deadline
        if due is not None and at > due:
            return due, due, by_hand is not None
        by_hand = wanted
    if by_hand is None:
        return deadline, missed, False
    if stop is not None and stop > by_hand:
        return by_hand, by_hand, True
    return by_hand, None, True
