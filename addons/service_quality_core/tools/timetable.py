"""Holds working time as sorted open intervals in integer epoch seconds.

No date arithmetic happens here: the caller that builds a :class:`Timetable` has
already turned a calendar in its own time zone into UTC intervals, so that days of 23
and 25 hours are exact and a question costs two bisections.
"""

import hashlib
from array import array
from bisect import bisect_left, bisect_right
from itertools import accumulate, pairwise


class OutOfRange(LookupError):
    """Says that a question reaches outside the years that the timetable knows."""


class Timetable:
    """Holds the open intervals of one calendar between two instants.

    :param intervals: pairs ``(start, end)`` of epoch seconds UTC, in any order; the
        ones that overlap or touch are joined
    :param low: the first second that the timetable knows
    :param high: the first second that it no longer knows

    >>> week = Timetable([(0, 9), (9, 12), (20, 30)], 0, 100)
    >>> week.intervals
    [(0, 12), (20, 30)]
    >>> week.open_seconds(5, 25)
    12
    >>> week.add(5, 12)
    25
    """

    __slots__ = ("starts", "ends", "before", "low", "high")

    def __init__(self, intervals, low, high):
        starts, ends = [], []
        for start, end in sorted(intervals):
            start, end = max(start, low), min(end, high)
            if start >= end:
                continue
            if ends and start <= ends[-1]:
                ends[-1] = max(ends[-1], end)
            else:
                starts.append(start)
                ends.append(end)
        self._set(starts, ends, low, high)

    def _set(self, starts, ends, low, high):
        self.starts, self.ends, self.low, self.high = starts, ends, low, high
        lengths = (end - start for start, end in zip(starts, ends, strict=True))
        # open seconds before each interval, and their total as the last item
        self.before = [0, *accumulate(lengths)]

    @property
    def intervals(self):
        """Return the disjoint intervals ``(start, end)``, sorted."""
        return list(zip(self.starts, self.ends, strict=True))

    def is_open(self, instant):
        """Return True if work is done at an instant; an interval's end is closed.

        >>> Timetable([(10, 20)], 0, 100).is_open(10)
        True
        >>> Timetable([(10, 20)], 0, 100).is_open(20)
        False
        """
        index = bisect_right(self.starts, instant) - 1
        return index >= 0 and instant < self.ends[index]

    def open_seconds(self, start, end):
        """Count the open seconds in ``[start, end)``; 0 when the end comes first.

        :raise OutOfRange: when a part of the question is not known

        >>> Timetable([(10, 20), (30, 40)], 0, 100).open_seconds(15, 35)
        10
        >>> Timetable([(10, 20)], 0, 100).open_seconds(15, 101)
        Traceback (most recent call last):
        ...
        tools.timetable.OutOfRange: (15, 101)
        """
        if end <= start:
            return 0
        if start < self.low or end > self.high:
            raise OutOfRange((start, end))
        starts, ends, before = self.starts, self.ends, self.before
        index = bisect_right(starts, end)
        if index and starts[index - 1] <= start:  # both on one working day
            close = ends[index - 1]
            return max(min(end, close) - start, 0)
        total = before[index]
        if index and ends[index - 1] > end:
            total -= ends[index - 1] - end
        index = bisect_right(starts, start)
        total -= before[index]
        if index and ends[index - 1] > start:
            total += ends[index - 1] - start
        return total

    def open_between(self, instants):
        """Count the open seconds from each instant to the next, in one pass.

        :param instants: sorted list of epoch seconds
        :raise OutOfRange: when a part of the question is not known

        >>> Timetable([(10, 20), (30, 40)], 0, 100).open_between([0, 15, 35, 50])
        [5, 10, 5]
        """
        first, last = instants[0], instants[-1]
        if first < last and (first < self.low or last > self.high):
            raise OutOfRange((first, last))
        starts, ends, before = self.starts, self.ends, self.before
        passed = []
        for instant in instants:
            index = bisect_right(starts, instant)
            total = before[index]
            if index and ends[index - 1] > instant:
                total -= ends[index - 1] - instant
            passed.append(total)
        return [late - early for early, late in pairwise(passed)]

    def add(self, start, seconds):
        """Walk forward from an instant until a number of open seconds has passed.

        The earliest such instant is returned: nine hours from Friday 09:00 end on
        Friday 18:00, not on Monday 09:00. Zero seconds end where they start.

        :return: epoch seconds, or None when the known years do not hold that many
        :raise OutOfRange: when the start is not known

        >>> office = Timetable([(10, 20), (30, 40)], 0, 100)
        >>> office.add(12, 8), office.add(12, 9), office.add(25, 1), office.add(3, 0)
        (20, 31, 31, 3)
        >>> office.add(12, 19) is None
        True
        """
        if seconds <= 0:
            return start
        if not self.low <= start <= self.high:
            raise OutOfRange((start, seconds))
        starts, ends, before = self.starts, self.ends, self.before
        index = bisect_right(starts, start)
        goal = before[index] + seconds
        if index and ends[index - 1] > start:
            left = ends[index - 1] - start
            if seconds <= left:  # it ends on the same working day
                return start + seconds
            goal -= left
        index = bisect_left(before, goal)
        if index > len(ends):
            return None
        return ends[index - 1] - (before[index] - goal)

    def covers(self, start, end):
        """Return True if every question in ``[start, end]`` can be answered."""
        return self.low <= start and end <= self.high

    def extended(self, other):
        """Return this timetable with what another one knows before and after it.

        >>> Timetable([(10, 20)], 5, 30).extended(Timetable([(0, 99)], 0, 99)).intervals
        [(0, 5), (10, 20), (30, 99)]
        """
        beyond = [
            *((start, min(end, self.low)) for start, end in other.intervals),
            *((max(start, self.high), end) for start, end in other.intervals),
        ]
        intervals = [pair for pair in beyond if pair[0] < pair[1]] + self.intervals
        return Timetable(
            intervals, min(self.low, other.low), max(self.high, other.high)
        )

    def until(self, instant):
        """Return what this timetable knows before an instant, and no more.

        >>> Timetable([(10, 20), (30, 40)], 0, 99).until(15).intervals
        [(10, 15)]
        """
        known = [pair for pair in self.intervals if pair[0] < instant]
        clipped = [(start, min(end, instant)) for start, end in known]
        return Timetable(clipped, self.low, min(self.high, instant))

    # ------------------------------------------------------------------
    # Storage
    # ------------------------------------------------------------------

    def to_bytes(self):
        """Serialise as little-endian 64-bit integers: low, high, start, end, …

        >>> Timetable.from_bytes(Timetable([(1, 5)], 0, 9).to_bytes()).intervals
        [(1, 5)]
        """
        numbers = array("q", [self.low, self.high])
        for pair in zip(self.starts, self.ends, strict=True):
            numbers.extend(pair)
        return numbers.tobytes()

    @classmethod
    def from_bytes(cls, blob):
        """Rebuild what :meth:`to_bytes` has written."""
        numbers = array("q", blob).tolist()
        timetable = cls.__new__(cls)
        timetable._set(numbers[2::2], numbers[3::2], numbers[0], numbers[1])
        return timetable

    def digest(self):
        """Identify the content: equal timetables have equal digests."""
        return hashlib.sha256(self.to_bytes()).hexdigest()


class Always:
    """Is the timetable of a promise without a calendar, 24 × 7: every second is open.

    >>> Always().add(5, 10), Always().open_seconds(5, 15), Always().is_open(5)
    (15, 10, True)
    """

    __slots__ = ()
    low, high = -(1 << 62), 1 << 62

    def is_open(self, instant):
        """Return True: work is done at any instant."""
        return True

    def open_seconds(self, start, end):
        """Count the seconds in ``[start, end)``; 0 when the end comes first."""
        return max(end - start, 0)

    def open_between(self, instants):
        """Count the seconds from each instant to the next."""
        return [late - early for early, late in pairwise(instants)]

    def add(self, start, seconds):
        """Return the instant a number of seconds later."""
        return start + max(seconds, 0)

    def covers(self, start, end):
        """Return True: every question can be answered."""
        return True


ALWAYS = Always()
