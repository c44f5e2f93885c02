"""Shows the course of one clock as a row of wall time: where each second went."""

from bisect import bisect_right
from collections import namedtuple

Piece = namedtuple("Piece", "start end label")
"""Wall time under one label, epoch seconds: ``worked`` (it counted), ``closed`` (it
would have counted, had the working time not been over), or why it stood still."""

STOOD_STILL = "other"


def open_between(timetable, start, end, limit=None):
    """List the open intervals inside ``[start, end)``, at most ``limit`` of them.

    >>> from .timetable import ALWAYS, Timetable
    >>> week = Timetable([(0, 10), (20, 30), (40, 50)], 0, 100)
    >>> open_between(week, 5, 45)
    [(5, 10), (20, 30), (40, 45)]
    >>> open_between(week, 10, 100, limit=1)
    [(20, 30)]
    >>> open_between(ALWAYS, 3, 8)
    [(3, 8)]
    """
    if end <= start:
        return []
    if not hasattr(timetable, "starts"):
        return [(start, end)]
    found = []
    index = max(bisect_right(timetable.starts, start) - 1, 0)
    for begin, stop in zip(
        timetable.starts[index:], timetable.ends[index:], strict=True
    ):
        if begin >= end or len(found) == limit:
            break
        if stop > start:
            found.append((max(begin, start), min(stop, end)))
    return found


def course(labels, timetable, start, end):
    """Cut ``[start, end)`` into pieces that follow each other without a gap.

    :param labels: list of ``(instant, label)``, sorted: the label that holds from then
        on; None where the clock runs
    :return: list of :class:`Piece`

    >>> from .timetable import Timetable
    >>> office = Timetable([(0, 10), (20, 30)], 0, 100)
    >>> for piece in course([(0, None), (25, "waiting_customer")], office, 5, 40):
    ...     print(*piece)
    5 10 worked
    10 20 closed
    20 25 worked
    25 40 waiting_customer
    """
    pieces = []
    ends = [instant for instant, _label in labels[1:]] + [end]
    for (begin, label), stop in zip(labels, ends, strict=True):
        begin, stop = max(begin, start), min(stop, end)
        if begin >= stop:
            continue
        if label is not None:
            pieces.append(Piece(begin, stop, label))
        else:
            pieces += _split(timetable, begin, stop)
    return _joined(pieces)


def sums(pieces):
    """Sum up the seconds under each label, in the order in which they first come.

    >>> sums([Piece(0, 5, "worked"), Piece(5, 9, "closed"), Piece(9, 10, "worked")])
    {'worked': 6, 'closed': 4}
    """
    found = {}
    for piece in pieces:
        found[piece.label] = found.get(piece.label, 0) + piece.end - piece.start
    return found


def _split(timetable, start, end):
    """Yield the worked and closed pieces of time in which a clock ran."""
    at = start
    for begin, stop in open_between(timetable, start, end):
        if begin > at:
            yield Piece(at, begin, "closed")
        yield Piece(begin, stop, "worked")
        at = stop
    if at < end:
        yield Piece(at, end, "closed")


def _joined(pieces):
    """Join pieces of the same label that touch."""
    found = []
    for piece in pieces:
        if found and found[-1].label == piece.label and found[-1].end == piece.start:
            found[-1] = found[-1]._replace(end=piece.end)
        else:
            found.append(piece)
    return found
