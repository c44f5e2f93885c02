"""Calculates how many people are asked, and what their answers can say."""

from math import ceil, sqrt
from statistics import NormalDist


def deviations(confidence):
    """Return how many standard deviations an interval reaches to both sides.

    :param confidence: in percent, between 50 and 99.9

    >>> round(deviations(95), 6)
    1.959964
    """
    return NormalDist().inv_cdf(0.5 + confidence / 200)


def sample_size(population, margin=5, confidence=95, part=0.5):
    """Return how many answers of a population are needed (Cochran 1977).

    :param population: how many there are
    :param margin: to both sides, in percentage points
    :param confidence: in percent
    :param part: the share that is expected, the half being the most careful

    >>> [sample_size(n) for n in (10, 30, 50, 80, 100, 200, 500, 1000, 5000)]
    [10, 28, 45, 67, 80, 132, 218, 278, 357]
    >>> sample_size(0)
    0
    """
    if population <= 0:
        return 0
    z = deviations(confidence)
    endless = z * z * part * (1 - part) / (margin / 100) ** 2
    return min(population, ceil(endless / (1 + (endless - 1) / population)))


def invitations(answers, response, population):
    """Return how many are asked so that enough of them answer, at most all.

    :param response: the share that is expected to answer, in percent

    >>> invitations(132, 40, 1000), invitations(132, 40, 200), invitations(0, 40, 9)
    (330, 200, 0)
    """
    if response <= 0:
        return population
    # 100 * 132 / 40 is 330 on paper, and a little more to a computer
    return min(population, ceil(round(100 * answers / response, 9)))


def margin_reached(population, answers, confidence=95, part=0.5):
    """Return how far a share may be off, in percentage points; None of no answer.

    >>> round(margin_reached(200, 100), 1), margin_reached(50, 50)
    (6.9, 0.0)
    >>> margin_reached(5, 0)
    """
    if not answers:
        return None
    if population <= answers:
        return 0.0
    z = deviations(confidence)
    rest = (population - answers) / (population - 1)
    return 100 * z * sqrt(part * (1 - part) / answers * rest)


def allocate(total, sizes, minimum=0):
    """Return how many are drawn from each stratum.

    They are in proportion to the sizes, by largest remainder, and at least the minimum
    from each that has so many. The minimum goes before the total.

    :param total: how many are drawn together
    :param sizes: dict of stratum to how many are in it
    :return: dict of stratum to number

    >>> allocate(132, {"a": 120, "b": 60, "c": 20})
    {'a': 79, 'b': 40, 'c': 13}
    >>> allocate(10, {"a": 90, "b": 8, "c": 1}, minimum=2)
    {'a': 7, 'b': 2, 'c': 1}
    >>> allocate(500, {"a": 3, "b": 4}), allocate(5, {})
    ({'a': 3, 'b': 4}, {})
    """
    found = {name: min(size, minimum) for name, size in sizes.items()}
    left = min(total, sum(sizes.values())) - sum(found.values())
    while left > 0:
        # what is full drops out, and the others share what is left
        room = {name: sizes[name] - found[name] for name in sizes}
        shares = _proportional(total, sizes)
        wanted = {
            name: min(room[name], max(shares[name] - found[name], 0)) for name in sizes
        }
        if sum(wanted.values()) != left:
            wanted = _within(left, wanted, room)
        found = {name: found[name] + wanted[name] for name in sizes}
        left -= sum(wanted.values())
    return found


def _proportional(total, sizes):
    """Share out a number in proportion to sizes, by largest remainder."""
    whole = sum(sizes.values())
    exact = {name: total * size / whole for name, size in sizes.items()}
    found = {name: int(share) for name, share in exact.items()}
    rest = sorted(sizes, key=lambda name: (found[name] - exact[name], str(name)))
    for name in rest[: total - sum(found.values())]:
        found[name] += 1
    return found


def _within(left, wanted, room):
    """Share out what is left among those that want more, none beyond its room."""
    if not sum(wanted.values()):
        wanted = room
    shares = _proportional(left, wanted)
    return {name: min(shares[name], room[name]) for name in wanted}
