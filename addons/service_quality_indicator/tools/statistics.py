"""Calculates the few statistics that figures need, each in one place."""

from math import floor, sqrt

Z = 1.959964
"""95 % of a normal distribution lie within this number of deviations."""

SMALL = 30
"""A figure that counts fewer than this is marked as of few."""

FEW = 10
"""Of fewer than this, how many there were says more than a percentage."""


def share(part, whole):
    """Return a share in percent, None of nothing: no data is neither 0 nor 100 %.

    >>> share(45, 50), share(0, 10), share(0, 0)
    (90.0, 0.0, None)
    """
    return 100 * part / whole if whole else None


def wilson(part, whole):
    """Return the 95 % interval of a share, in percent (Wilson 1927); None of nothing.

    >>> [tuple(round(bound, 2) for bound in wilson(*case))
    ...  for case in ((45, 50), (0, 10), (10, 10), (1, 1), (950, 1000))]
    [(78.64, 95.65), (0.0, 27.75), (72.25, 100.0), (20.65, 100.0), (93.47, 96.19)]
    >>> wilson(0, 0)
    """
    if not whole:
        return None
    ratio, square = part / whole, Z * Z
    middle = ratio + square / (2 * whole)
    spread = Z * sqrt(ratio * (1 - ratio) / whole + square / (4 * whole * whole))
    scale = 100 / (1 + square / whole)
    # rounding must not lead out of what a share can be
    return max(scale * (middle - spread), 0.0), min(scale * (middle + spread), 100.0)


def percentile(values, fraction):
    """Return a percentile by linear interpolation, as PostgreSQL's percentile_cont.

    :param values: numbers in any order
    :param fraction: 0.5 for the median
    :return: None of nothing

    >>> percentile([4, 1, 3, 2], 0.5), round(percentile([1, 2, 3, 4], 0.9), 9)
    (2.5, 3.7)
    >>> percentile([], 0.5)
    """
    found = sorted(values)
    if not found:
        return None
    place = fraction * (len(found) - 1)
    low = floor(place)
    high = min(low + 1, len(found) - 1)
    return found[low] + (place - low) * (found[high] - found[low])


def is_small(count):
    """Return True if so few were counted that the figure says so.

    >>> is_small(29), is_small(30)
    (True, False)
    """
    return count < SMALL


def is_few(count):
    """Return True if so few were counted that a percentage says nothing.

    >>> is_few(9), is_few(10)
    (True, False)
    """
    return count < FEW


def misses_goal(count, interval, goals, direction):
    """Return True if a goal was missed by more than chance.

    From ten cases on each miss is one. Of fewer it is one only if the whole interval
    lies on the wrong side of the goal.

    :param count: how many cases were counted
    :param interval: pair of numbers, None where there is none
    :param goals: pair of the lower end, of a range, and the goal
    :param direction: higher or lower is better, or range

    >>> misses_goal(10, (60, 98), (0, 95), "higher")
    True
    >>> misses_goal(5, (38, 96), (0, 95), "higher")
    False
    >>> misses_goal(1, (0, 79), (0, 95), "higher")
    True
    >>> misses_goal(4, None, (0, 8), "lower"), misses_goal(9, (30, 80), (0, 4), "lower")
    (False, True)
    """
    if not is_few(count):
        return True
    if interval is None:
        return False
    low, high = interval
    below = direction != "lower" and high < (
        goals[0] if direction == "range" else goals[1]
    )
    return below or (direction != "higher" and low > goals[1])


def judge(value, goal, tolerance, direction, low=None):
    """Return how a value compares with its goal.

    :param value: None where there is no data
    :param goal: None where there is none; of a range its upper end
    :param tolerance: how far beyond the goal is still tolerated, in the value's unit
    :param direction: higher or lower is better, or range
    :param low: the lower end of a range
    :return: on_target, tolerated, beyond, no_data or no_goal

    >>> judge(90, 95, 5, "higher"), judge(89.9, 95, 5, "higher")
    ('tolerated', 'beyond')
    >>> judge(3, 2, 0, "lower")
    'beyond'
    >>> judge(None, 95, 0, "higher"), judge(90, None, 0, "higher")
    ('no_data', 'no_goal')
    >>> judge(7, 10, 1, "range", 8), judge(9, 10, 0, "range", 8)
    ('tolerated', 'on_target')
    """
    if value is None:
        return "no_data"
    if goal is None:
        return "no_goal"
    if direction == "higher":
        gap = goal - value
    elif direction == "lower":
        gap = value - goal
    else:
        gap = max(value - goal, (goal if low is None else low) - value)
    # a share is a quotient: what is equal on paper must be equal here
    if gap <= 1e-9:
        return "on_target"
    return "tolerated" if gap <= tolerance + 1e-9 else "beyond"
