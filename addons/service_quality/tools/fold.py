"""Fold the rows of a ticket's ledger into its clocks and its spans.

Everything here is a pure function of the rows, the targets and the timetables: the
same rows give the same clocks, whether they are folded at once, one by one or years
later. All instants are integer epoch seconds UTC. There is no *now*: a running clock
carries a deadline, and whether it is late is a comparison that the reader makes.
"""

from bisect import bisect_right
from collections import namedtuple

from .instants import parse_epoch
from .matching import Attributes
from .metrics import HANDLED_PHASES, METRICS, OPEN_PHASES

Row = namedtuple("Row", "id at kind value voids")
"""A row of the ledger; ``voids`` is the id of the row that it takes back."""

Clock = namedtuple(
    "Clock",
    "target cycle round state started_at elapsed running_since paused_at deadline "
    "deadline_set warning_at stopped_at verdict judged_at counted "
    "attributes user team",
)
"""``state`` is running, paused, done or cancelled; ``elapsed`` the open seconds up to
``running_since`` for a running clock, in all for any other. ``deadline`` is None while
paused, and for a running clock that its timetable can never bring to an end."""

Span = namedtuple("Span", "phase user team party start end open_seconds")
"""Wall time under one label; ``end`` is None for the last one."""

Folded = namedtuple("Folded", "clocks spans opened attributes phase cycle")

# An answer that was too late stays too late: what ends a clock, besides its stop.
_Instance = namedtuple("_Instance", "cycle round start stop died")


class Track:
    """What the rows say happened, in order, before any target is looked at."""

    __slots__ = (
        "opened", "times", "points", "moments", "matchings", "deadlines", "cycle",
        "attributes",
    )  # fmt: skip

    def __init__(self, rows):
        self.opened = None
        self.times, self.points = [], []  # (phase, user, team, party) from then on
        self.moments = []  # (instant, token)
        self.matchings = []  # (instant, attributes, watermark, team, party, cut)
        self.deadlines = {}  # metric: [(instant, deadline or None)]
        self.attributes = []  # (instant, Attributes)
        self.cycle = 1
        phase = user = team = party = attributes = None
        watermark, duplicate = 0, False
        for row in rows:
            at, kind, value = row.at, row.kind, row.value
            label = (phase, user, team, party)
            if kind == "opened":
                self.opened = at
                phase, party = value["phase"], value.get("party")
                user, team = value["user"], value["team"]
                self.moments.append((at, kind))
            elif kind == "phase":
                phase, party = value["phase"], value.get("party")
            elif kind == "assigned":
                user, team = value["user"], value["team"]
            elif kind == "duplicated":
                duplicate = bool(value.get("of"))
            elif kind == "deadline_set":
                deadline = value["deadline"] and parse_epoch(value["deadline"])
                self.deadlines.setdefault(value["metric"], []).append((at, deadline))
            elif kind != "reclassified":
                self.moments.append((at, kind))
            if kind in ("opened", "reclassified"):
                watermark = value["watermark"]
                if attributes is None or attributes.severity is None:
                    if value["severity"] is not None:
                        self.moments.append((at, "complaint"))
                attributes = attributes_of(value)
                self.attributes.append((at, attributes))
            elif (phase, user, team, party) == label and kind != "duplicated":
                continue
            self._label(at, "cancelled" if duplicate else phase, user, team, party)
            if kind in ("opened", "reclassified") or (team, party) != label[2:]:
                cut = (len(self.moments), len(self.times))
                self.matchings.append((at, attributes, watermark, team, party, cut))

    def _label(self, at, phase, user, team, party):
        """Enter the label that holds from an instant on, and what the change means."""
        before = self.points[-1][0] if self.points else "new"
        if phase in HANDLED_PHASES and before not in HANDLED_PHASES:
            self.moments.append((at, "handled"))
        elif phase == "cancelled" and before != "cancelled":
            self.moments.append((at, "cancelled"))
        elif phase in OPEN_PHASES and before not in OPEN_PHASES:
            self.cycle += 1
            self.moments.append((at, "reopened"))
        point = (phase, user, team, party)
        if not self.points or point != self.points[-1]:
            self.times.append(at)
            self.points.append(point)

    def until(self, instant, cut):
        """Return the track as it stood when a matching was made.

        :param cut: how many moments and labels there were, from ``matchings``
        """
        past = Track(())
        past.opened = self.opened
        past.moments = self.moments[: cut[0]]
        past.times, past.points = self.times[: cut[1]], self.points[: cut[1]]
        past.deadlines = {
            metric: [entry for entry in entries if entry[0] <= instant]
            for metric, entries in self.deadlines.items()
        }
        return past

    def attributes_at(self, instant):
        """Return the attributes as they were at an instant."""
        found = self.attributes[0][1]
        for at, attributes in self.attributes:
            if at > instant:
                break
            found = attributes
        return found

    def point_at(self, instant):
        """Return ``(phase, user, team, party)`` as they were at an instant."""
        return self.points[max(bisect_right(self.times, instant) - 1, 0)]


def attributes_of(value):
    """Return the :class:`Attributes` that an *opened* or *reclassified* row holds."""
    return Attributes(
        value["company"],
        value["customer"],
        value["contact"],
        value["team"],
        tuple(value["category_path"]),
        value["process"],
        value["priority"],
        value["severity"],
    )


def effective_rows(rows):
    """Order the rows and leave out what was voided.

    A row is undone by a row that voids it, unless that one is itself voided later.

    :param rows: any iterable of :class:`Row` already sorted by (at, seq, id)
    """
    rows = list(rows)
    if not any(row.voids for row in rows):
        return rows
    voided = set()
    for row in sorted(rows, key=lambda row: row.id, reverse=True):
        if row.voids and row.id not in voided:
            voided.add(row.voids)
    return [row for row in rows if row.id not in voided and not row.voids]


def fold(rows, matcher, timetable_of, reference=None):
    """Fold a ticket's rows.

    :param rows: the :class:`Row` of one ticket in the order (at, seq, id)
    :param matcher: a :class:`~.matching.Matcher`
    :param timetable_of: function of (target, cycle, round) that gives a timetable
    :param reference: function of the list of clocks that gives the timetable in which
        the open seconds of spans are counted; every second counts when it is left out
    :return: :class:`Folded`, or None when there is no *opened* row
    """
    track = Track(effective_rows(rows))
    if track.opened is None:
        return None
    histories = match_history(track, matcher)
    clocks, counted = {}, set()
    for slot, history in histories.items():
        _fold_slot(slot, history, track, timetable_of, clocks, counted)
    clocks = list(clocks.values())
    spans = fold_spans(track, reference(clocks) if reference else None)
    return Folded(
        clocks,
        spans,
        track.opened,
        track.attributes[-1][1],
        track.points[-1][0],
        track.cycle,
    )


def match_history(track, matcher):
    """Find which target held each slot from when on.

    :return: dict of slot to a list ``[(instant, target or None, cut)]``
    """
    histories = {}
    for at, attributes, watermark, team, party, cut in track.matchings:
        found = matcher.match(attributes, track.opened, watermark, team, party)
        for slot, target in found.items():
            history = histories.get(slot)
            if history is None:
                histories[slot] = [(at, target, cut)]
            elif history[-1][1] is not target:
                history.append((at, target, cut))
        for slot, history in histories.items():
            if slot not in found and history[-1][1] is not None:
                # a team or supplier that let go keeps its clock, which stands still
                if slot[0] == "customer" or slot[2] in (team, party):
                    history.append((at, None, cut))
    return histories


def fold_spans(track, timetable):
    """Cut wall time since the opening into labelled spans, to the second."""
    spans = []
    times, points = track.times, track.points
    last = len(times) - 1
    for index, (start, point) in enumerate(zip(times, points, strict=True)):
        if index == last:
            spans.append(Span(*point, start, None, None))
        elif times[index + 1] > start:
            end = times[index + 1]
            worked = timetable.open_seconds(start, end) if timetable else end - start
            spans.append(Span(*point, start, end, worked))
    return spans


# ----------------------------------------------------------------------
# Clocks
# ----------------------------------------------------------------------


def _fold_slot(slot, history, track, timetable_of, clocks, counted):
    """Add the clocks of a slot to ``clocks``, following its changes of target.

    A change replaces only clocks without a verdict whose deadline has not passed: they
    are cancelled, and the new target's clock counts from the opening. What was met or
    missed before stays; a later clock of the same (kind, metric, cycle, round) does
    not count again.
    """
    settled = set()
    held = history[0][0]
    for index, (since, target, _cut) in enumerate(history):
        if target is None:
            continue
        until, past = None, {}
        if index + 1 < len(history):
            until, _target, cut = history[index + 1]
            past_track = track.until(until, cut)
            past = {
                clock[1:3]: clock
                for clock in _clocks(slot, target, past_track, held, timetable_of)
            }
        for clock in _clocks(slot, target, track, held, timetable_of):
            key = clock[1:3]
            ended = clock.stopped_at
            if key in settled or (index and ended is not None and ended < since):
                continue
            if until is not None:
                if clock.started_at >= until:
                    continue
                before = past.get(key)
                if before is None or _replaceable(before, clock, until):
                    identity = (target.id, *key)
                    clocks.setdefault(identity, _replaced(before or clock, until))
                    continue
                if before.state in ("done", "cancelled"):
                    settled.add(key)
            identity = (target.id, *key)
            known = clocks.get(identity)
            if known is not None and known.verdict is not None:
                continue
            first = (slot, target.kind, *key)
            clocks[identity] = clock._replace(counted=first not in counted)
            counted.add(first)


def _replaceable(before, clock, instant):
    """Tell whether a clock gives way to the new target's at an instant.

    ``before`` is the clock as it stood then, ``clock`` as it stands now: a verdict
    that a reopening has cleared since no longer protects it.
    """
    if before.verdict == "missed":
        return False
    if before.state in ("done", "cancelled"):
        return before.stopped_at != clock.stopped_at
    return before.deadline is None or before.deadline >= instant


def _replaced(clock, instant):
    return clock._replace(
        state="cancelled",
        running_since=None,
        paused_at=None,
        warning_at=None,
        stopped_at=instant,
        verdict=None,
        judged_at=None,
        counted=False,
    )


def _clocks(slot, target, track, held, timetable_of):
    """Yield the clocks of one target over a whole track."""
    for instance in _instances(track.moments, METRICS[target.metric], target.on_reopen):
        if slot[0] != "customer" and instance.start < held:
            # a team's or supplier's clock starts when it first gets the ticket
            if instance.stop is not None and instance.stop < held:
                continue
            instance = instance._replace(start=held)
        timetable = timetable_of(target, instance.cycle, instance.round)
        yield _run(slot, target, track, instance, timetable)


def _instances(moments, metric, on_reopen):
    """Cut the moments into the cycles and rounds of one metric."""
    found = []
    cycle = 1
    starts, stops, dies = metric.starts, metric.stops, metric.dies
    live = False
    for at, token in moments:
        if live and token in stops:
            found[-1] = found[-1]._replace(stop=at)
            live = False
            if metric.rounds and token != "handled":
                found.append(_Instance(cycle, found[-1].round + 1, at, None, False))
                live = True
        elif live and token in dies:
            found[-1] = found[-1]._replace(stop=at, died=True)
            live = False
        elif token in starts and not live:
            number = found[-1].round + 1 if found and found[-1].cycle == cycle else 1
            found.append(_Instance(cycle, number, at, None, False))
            live = True
        if token == "reopened":
            if on_reopen == "restart":
                cycle += 1
            if found and not live and "opened" in starts:
                live = _reopen(found, at, metric, on_reopen, cycle)
    return found


def _reopen(found, at, metric, on_reopen, cycle):
    """Go on after a reopening; tell whether a clock of the metric is live again."""
    last = found[-1]
    if on_reopen == "restart":
        found.append(_Instance(cycle, 1, at, None, False))
    elif on_reopen == "never" and not last.died:
        return False
    elif metric.rounds:
        found.append(_Instance(cycle, last.round + 1, at, None, False))
    else:
        found[-1] = last._replace(stop=None, died=False)
    return True


def runs_under(slot, target):
    """Return the function that tells whether the clock runs under a label."""
    kind, metric, holder = slot
    phases = OPEN_PHASES - target.pause_on
    if kind == "ola":
        return lambda point: point[2] == holder and point[0] in phases
    if kind == "uc":
        return lambda point: point[3] == holder and point[0] == "waiting_third_party"
    if METRICS[metric].any_phase:
        return lambda point: True
    return lambda point: point[0] in phases


def _run(slot, target, track, instance, timetable):
    """Run one clock over the labels of a track and judge it."""
    start, stop = instance.start, instance.stop
    times, points, runs = track.times, track.points, runs_under(slot, target)
    budget = target.seconds
    sets = track.deadlines.get(target.metric) if slot[0] == "customer" else None
    elapsed, since, paused_at, deadline, missed = 0, None, None, None, None
    index = max(bisect_right(times, start) - 1, 0)
    size = len(times)
    at = start
    while True:
        running = runs(points[index])
        if running and since is None:
            since, paused_at = at, None
        elif not running and paused_at is None:
            paused_at = at
            if since is not None:
                elapsed, deadline, missed = _close(
                    timetable, since, at, elapsed, budget, missed
                )
                since = None
        index += 1
        if index >= size or (stop is not None and times[index] >= stop):
            break
        at = max(times[index], start)
    ended = stop is not None
    if since is not None:
        if ended:
            elapsed, deadline, missed = _close(
                timetable, since, stop, elapsed, budget, missed
            )
        else:
            deadline = missed or timetable.add(since, budget - elapsed)
    elif not ended:
        deadline = missed
    elif missed is None:
        # ended while paused: the rest of its time would have begun at that moment
        deadline = timetable.add(stop, budget - elapsed)
    deadline_set = False
    if sets:
        deadline, missed, deadline_set = _apply_sets(
            sets, start, stop, since, deadline, missed
        )
    return _judge(
        target, track, instance, timetable,
        (elapsed, since, paused_at, deadline, missed, deadline_set),
    )  # fmt: skip


def _close(timetable, since, at, elapsed, budget, missed):
    """End a running interval; return elapsed seconds, deadline and when missed."""
    worked = timetable.open_seconds(since, at)
    if missed is not None:
        return elapsed + worked, missed, missed
    deadline = timetable.add(since, budget - elapsed)
    if deadline is not None and at > deadline:
        missed = deadline
    return elapsed + worked, deadline, missed


def _judge(target, track, instance, timetable, course):
    """Turn the course of a clock into its state, verdict and labels."""
    elapsed, since, paused_at, deadline, missed, deadline_set = course
    stop, warning_at, verdict, judged_at = instance.stop, None, None, None
    if missed is not None:
        verdict, judged_at = "missed", missed
    elif stop is not None and not instance.died:
        verdict, judged_at = "met", stop
    if stop is not None:
        state = "cancelled" if instance.died else "done"
        since = paused_at = None
    elif since is not None:
        state = "running"
        if verdict is None:
            warning_at = _warning(target, timetable, instance.start, course)
    else:
        state = "paused"
    instant = judged_at
    point = track.points[-1] if instant is None else track.point_at(instant)
    attributes = None
    if track.attributes:
        attributes = (
            track.attributes[-1][1] if instant is None else track.attributes_at(instant)
        )
    return Clock(
        target, instance.cycle, instance.round, state, instance.start, elapsed,
        since, paused_at, deadline, deadline_set, warning_at, stop, verdict,
        judged_at, True, attributes, point[1], point[2],
    )  # fmt: skip


def _warning(target, timetable, start, course):
    """Walk forward in working time to the instant of the early warning."""
    elapsed, since, _paused_at, deadline, _missed, deadline_set = course
    if not deadline_set:
        return timetable.add(since, target.warning_seconds - elapsed)
    promised = timetable.open_seconds(start, deadline)
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
