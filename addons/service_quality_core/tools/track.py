"""Derives from the rows of a ticket's ledger what happened, whatever was promised."""

from bisect import bisect_right
from collections import namedtuple
from itertools import pairwise

from .instants import parse_epoch
from .matching import Attributes
from .metrics import (
    CALLBACK_ENDS,
    HANDLED_PHASES,
    OPEN_PHASES,
    STATE_OF_COMPLAINT_AFTER,
)

Complaint = namedtuple(
    "Complaint", "state complained acknowledged answered verdict refused"
)
"""How a complaint stands: its state, when it was made, acknowledged and first answered,
what the complainant says to the last answer (accepted, refused), and whether one was
refused once or twice before."""

NO_COMPLAINT = Complaint(None, None, None, None, None, None)

Row = namedtuple("Row", "id at kind value voids")
"""A row of the ledger; ``voids`` is the id of the row that it takes back."""

LABELLING = frozenset({"opened", "phase", "assigned", "reclassified", "duplicated"})
"""The kinds of rows that say who has the ticket, in which phase, and what it is."""


VERDICTS = {
    "answered": None,
    "answer_accepted": "accepted",
    "answer_refused": "refused",
    "refused_again": "refused",
}
"""What the complainant says to the last answer, after a token."""

REFUSALS = {"answer_refused": "once", "refused_again": "twice"}


class Track:
    """Holds what the rows say happened, in order, before any target is looked at."""

    __slots__ = (
        "opened", "times", "points", "moments", "matchings", "deadlines", "cycle",
        "attributes", "foreseen", "unmeasured",
    )  # fmt: skip

    def __init__(self, rows):
        self.opened = None
        self.times, self.points = [], []  # (phase, user, team, party) from then on
        self.moments = []  # (instant, token)
        self.matchings = []  # (instant, attributes, watermark, team, party, cut)
        self.deadlines = {}  # metric: [(instant, deadline or None)]
        self.attributes = []  # (instant, Attributes)
        self.foreseen = None  # when the pause ends that no row has outlived yet
        self.unmeasured = {}  # metric: (instant, how many moments there were)
        self.cycle = 1
        phase = user = team = party = attributes = None
        watermark, duplicate = 0, False
        for _id, at, kind, value, _voids in self._with_ends_of_pauses(rows):
            if kind not in LABELLING:
                self._note(at, kind, value)
                continue
            label = (phase, user, team, party)
            if kind == "opened":
                self.opened = at
                self.moments.append((at, kind))
            if kind in ("opened", "phase"):
                phase, party = value["phase"], value.get("party")
            if kind in ("opened", "assigned"):
                user, team = value["user"], value["team"]
            if kind == "duplicated":
                duplicate = bool(value.get("of"))
            elif kind in ("opened", "reclassified"):
                watermark = value["watermark"]
                attributes = self._classify(at, value, attributes)
            elif (phase, user, team, party) == label:
                continue
            self._label(at, "cancelled" if duplicate else phase, user, team, party)
            if kind in ("opened", "reclassified") or (team, party) != label[2:]:
                cut = (len(self.moments), len(self.times))
                self.matchings.append((at, attributes, watermark, team, party, cut))

    def _with_ends_of_pauses(self, rows):
        """Yield the rows, and one more where a pause ends by itself.

        A *phase* that says *until* holds until then, or until the next one.
        """
        until = None
        for row in rows:
            if until is not None and row.at >= until:
                yield _end_of_pause(until)
                until = None
            yield row
            if row.kind in ("opened", "phase"):
                until = row.value.get("until")
                if until is not None:  # said after it was over, it is over at once
                    until = max(parse_epoch(until), row.at)
        if until is not None:
            self.foreseen = until if until > row.at else None
            yield _end_of_pause(until)

    def _note(self, at, kind, value):
        """Enter what does not change who has the ticket, or what becomes of it."""
        if kind == "deadline_set":
            deadline = value["deadline"] and parse_epoch(value["deadline"])
            self.deadlines.setdefault(value["metric"], []).append((at, deadline))
        elif kind == "unmeasured":
            self.unmeasured.setdefault(value["metric"], (at, len(self.moments)))
        elif kind == "callback_ended":
            self.moments.append((at, CALLBACK_ENDS[value["result"]]))
        elif kind == "answer_refused" and value.get("final"):
            self.moments.append((at, "refused_again"))
        else:
            self.moments.append((at, kind))
            if kind == "acknowledged" and not value.get("by_itself"):
                self.moments.append((at, "acknowledged_by_person"))

    def _classify(self, at, value, before):
        """Enter the attributes that matching reads; ``before`` are the last ones."""
        if value["severity"] is not None and (
            before is None or before.severity is None
        ):
            self.moments.append((at, "complaint"))
        attributes = attributes_of(value)
        self.attributes.append((at, attributes))
        return attributes

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

    def complaint(self):
        """Return the :class:`Complaint` that the ticket is, if it is one."""
        if all(token != "complaint" for _at, token in self.moments):
            return NO_COMPLAINT
        first, state, verdict, refused = {}, None, None, None
        for at, token in self.moments:
            first.setdefault(token, at)
            state = STATE_OF_COMPLAINT_AFTER.get(token, state)
            verdict = VERDICTS.get(token, verdict)
            refused = REFUSALS.get(token, refused)
        return Complaint(
            state,
            first["complaint"],
            first.get("acknowledged"),
            first.get("answered"),
            verdict,
            refused,
        )

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
        past.unmeasured = self.unmeasured
        return past

    def arrival(self, instant):
        """Return when the ticket came to the company that has it at an instant.

        :return: None for the company in which it was opened and that it never left
        """
        found = None
        for (_at, before), (at, after) in pairwise(self.attributes):
            if at > instant:
                break
            if before.company != after.company:
                found = at
        return found

    def attributes_at(self, instant):
        """Return the attributes as they were at an instant; None: the last ones."""
        if not self.attributes:
            return None  # a past track, which is not asked for
        if instant is None or len(self.attributes) == 1:
            return self.attributes[-1][1]
        found = self.attributes[0][1]
        for at, attributes in self.attributes:
            if at > instant:
                break
            found = attributes
        return found

    def point_at(self, instant):
        """Return ``(phase, user, team, party)`` as they were at an instant, or last."""
        if instant is None or instant >= self.times[-1]:
            return self.points[-1]
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


def last_instant(rows):
    """Return the last instant that sorted rows ask about: the end of a pause, too."""
    untils = [row.value["until"] for row in rows if row.value and "until" in row.value]
    return max([rows[-1].at, *map(parse_epoch, untils)])


def _end_of_pause(at):
    return Row(None, at, "phase", {"phase": "active"}, None)


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
