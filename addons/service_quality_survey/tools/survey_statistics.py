"""Calculates the figures of a survey, each in one place.

How many answered is counted by the Standard Definitions of AAPOR, satisfaction by the
method of the American Customer Satisfaction Index. Shares have their interval, and what
is said of few, from the statistics of indicators.
"""

from math import sqrt
from typing import NamedTuple

from odoo.addons.service_quality_indicator.tools.statistics import Z, is_few, share

SATISFIED = 8
"""From this score of ten on somebody is satisfied."""

TOLD = 2
"""Of fewer answers than this a score is one person's, and told to nobody else."""


class Rates(NamedTuple):
    """Says how many of all who were to be asked answered, in percent."""

    rr1: float | None
    """Whole answers."""
    rr2: float | None
    """Whole answers and partial ones."""
    ref1: float | None
    """Refusals."""
    con1: float | None
    """Those who were reached at all."""


class Mean(NamedTuple):
    """Is a mean with its 95 % interval, which there is not of few."""

    value: float
    low: float | None
    high: float | None


class Weighting(NamedTuple):
    """Says what weights do to a sample (Kish 1965)."""

    effect: float | None
    """By how much the variance grows."""
    size: float | None
    """The size of a simple random sample that would say as much."""


def response_rates(answered, partial, refused, unreached, other):
    """Return the :class:`Rates` of a survey; of nobody, no rates.

    :param unreached: were asked, or were to be, and nothing came back
    :param other: another person than was meant, or an address that is none

    >>> response_rates(60, 5, 10, 20, 5)
    Rates(rr1=60.0, rr2=65.0, ref1=10.0, con1=80.0)
    >>> response_rates(0, 0, 0, 0, 0).rr1
    """
    everybody = answered + partial + refused + unreached + other
    return Rates(
        share(answered, everybody),
        share(answered + partial, everybody),
        share(refused, everybody),
        share(answered + partial + refused + other, everybody),
    )


def points(score, least=1, most=10):
    """Return a score on the scale from 0 to 100; None of none, or of no scale.

    >>> points(1), points(5.5), points(10), points(7, 0, 10)
    (0.0, 50.0, 100.0, 70.0)
    >>> points(None)
    >>> points(3, 3, 3)
    """
    if score is None or most <= least:
        return None
    return 100 * (score - least) / (most - least)


def satisfaction_index(means, weights=None):
    """Return the index of satisfaction, 0 to 100, by the method of ACSI.

    :param means: of the items from 1 to 10: overall, against expectation and ideal
    :param weights: of the items; equal ones unless somebody has estimated them
    :return: None where an item has no mean

    >>> round(satisfaction_index([8, 7, 7]), 1)
    70.4
    >>> satisfaction_index([10, 10, 10]), satisfaction_index([1, 1, 1])
    (100.0, 0.0)
    >>> round(satisfaction_index([8, 7, 7], [2, 1, 1]), 1)
    72.2
    >>> satisfaction_index([8, None, 7]), satisfaction_index([])
    (None, None)
    """
    means = list(means)
    weights = list(weights or [1] * len(means))
    if not means or None in means:
        return None
    whole = sum(weights)
    total = sum(w * mean for w, mean in zip(weights, means, strict=True))
    return 100 * (total - whole) / (9 * whole)


def student(freedom):
    """Return within how many deviations 95 % of Student's t lie.

    By the expansion of Cornish and Fisher: right to the third place from nine degrees
    of freedom on, below which no interval is told.

    >>> [round(student(freedom), 3) for freedom in (9, 29, 99, 10**9)]
    [2.262, 2.045, 1.984, 1.96]
    """
    z = Z
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, 1))


def mean_of(count, total, squares, population=None, limits=(0, 100)):
    """Return the :class:`Mean` of scores from what the database adds up.

    The interval is Student's. Where everybody of the population has answered nothing is
    left to chance (Cochran 1977): its width shrinks to nought.

    :param count: how many scores
    :param total: of the scores
    :param squares: the total of their squares
    :param population: how many there are in all; None for endlessly many
    :param limits: what a score can be
    :return: None of nothing

    >>> mean_of(4, 280, 19800)
    Mean(value=70.0, low=None, high=None)
    >>> [round(one, 2) for one in mean_of(10, 700, 50000)]
    [70.0, 62.46, 77.54]
    >>> [round(one, 2) for one in mean_of(10, 700, 50000, population=10)]
    [70.0, 70.0, 70.0]
    >>> mean_of(0, 0, 0)
    """
    if not count:
        return None
    mean = total / count
    if is_few(count):
        return Mean(mean, None, None)
    variance = max(squares - count * mean * mean, 0.0) / (count - 1)
    spread = student(count - 1) * sqrt(variance / count * _unknown(count, population))
    return Mean(mean, max(mean - spread, limits[0]), min(mean + spread, limits[1]))


def _unknown(count, population):
    """Return the share of a population of which nothing is known, for the variance.

    >>> _unknown(10, None), _unknown(100, 200), _unknown(1, 1)
    (1.0, 0.5025125628140703, 0.0)
    """
    if population is None:
        return 1.0
    if population <= max(count, 1):
        return 0.0
    return (population - count) / (population - 1)


def promoters(for_it, against, count):
    """Return how many more recommend than do not, in points: -100 to 100 (NPS).

    :param for_it: how many gave 9 or 10
    :param against: how many gave 0 to 6

    >>> promoters(50, 20, 100), promoters(0, 0, 0)
    (30.0, None)
    """
    return 100 * (for_it - against) / count if count else None


def promoters_mean(for_it, against, count, population=None):
    """Return the :class:`Mean` of the above: of those who count 100, 0 or -100.

    >>> [round(one, 1) for one in promoters_mean(50, 20, 100)]
    [30.0, 14.4, 45.6]
    """
    total, squares = 100 * (for_it - against), 10_000 * (for_it + against)
    return mean_of(count, total, squares, population, (-100, 100))


def design_weights(population, answered):
    """Return for how many of its people an answer of a stratum stands, mean 1.

    :param population: dict of stratum to how many there are
    :param answered: dict of stratum to how many of them answered
    :return: dict of stratum to weight, without those of which nobody answered

    >>> design_weights({"a": 50, "b": 50}, {"a": 40, "b": 10})
    {'a': 0.625, 'b': 2.5}
    >>> design_weights({"a": 5, "b": 5}, {"a": 2})
    {'a': 1.0}
    """
    there = [name for name in population if answered.get(name)]
    known = sum(population[name] for name in there)
    everybody = sum(answered[name] for name in there)
    return {
        name: population[name] / answered[name] * everybody / known for name in there
    }


def weighting(count, total, squares):
    """Return the :class:`Weighting` of weights from what is added up of them.

    >>> weights = [1] * 50 + [2] * 25 + [4] * 5
    >>> squares = sum(weight * weight for weight in weights)
    >>> [round(one, 3) for one in weighting(80, sum(weights), squares)]
    [1.278, 62.609]
    >>> weighting(0, 0, 0)
    Weighting(effect=None, size=None)
    """
    if not count or not squares:
        return Weighting(None, None)
    return Weighting(count * squares / total**2, total**2 / squares)


def possible_range(value, answered, silent):
    """Return between what a mean of 0 to 100 lies, whatever the silent would have said.

    :param value: the mean of those who answered
    :return: pair of the least and the most; None of nobody

    >>> possible_range(80, 60, 40)
    (48.0, 88.0)
    >>> possible_range(80, 5, 0)
    (80.0, 80.0)
    >>> possible_range(None, 0, 5)
    """
    everybody = answered + silent
    if value is None or not answered:
        return None
    return value * answered / everybody, (value * answered + 100 * silent) / everybody


def adjusted(cells):
    """Return a mean in which who is silent stands with those who are alike.

    :param cells: list of (mean of those who answered, how many, how many are silent);
        one for each kind of people
    :return: None where nobody of a kind has answered, though somebody is of it

    >>> adjusted([(90, 8, 2), (60, 2, 8)])
    75.0
    >>> adjusted([(90, 8, 2), (None, 0, 5)]), adjusted([])
    (None, None)
    """
    cells = [cell for cell in cells if cell[1] or cell[2]]
    if not cells or any(not answered for _mean, answered, _silent in cells):
        return None
    everybody = sum(answered + silent for _mean, answered, silent in cells)
    return (
        sum(mean * (answered + silent) for mean, answered, silent in cells) / everybody
    )
