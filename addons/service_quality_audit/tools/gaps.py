"""Ranks the gaps in the running of processes: plain arithmetic."""

from typing import NamedTuple


class Gap(NamedTuple):
    """Is what was missed of one thing that was to be done, in a time."""

    key: str
    """What it is about, the same each time it is looked for."""
    kind: str
    name: str
    missed: int
    due: int
    process_id: int | bool = False
    model: str = ""
    res_id: int | bool = False
    """The record that it is about, where there is one."""


def weight(missed, due):
    """Return how much a gap weighs: how often it was missed, times the share of that.

    So what is missed each time comes before what is missed now and then, and what is
    missed often before what happened once.

    >>> weight(10, 100), weight(5, 5), weight(1, 1)
    (1.0, 5.0, 1.0)
    >>> weight(0, 0)
    0.0
    """
    return missed * missed / due if due else 0.0


def rank(gaps):
    """Return gaps in the order of their weight, the heaviest first.

    >>> a, b = Gap("a", "promise", "A", 2, 2), Gap("b", "promise", "B", 3, 90)
    >>> [gap.key for gap in rank([b, a])]
    ['a', 'b']
    >>> [gap.key for gap in rank([Gap("z", "k", "Z", 1, 1), Gap("y", "k", "Y", 1, 1)])]
    ['y', 'z']
    """
    return sorted(gaps, key=lambda gap: (-weight(gap.missed, gap.due), gap.key))
