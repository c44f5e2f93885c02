"""Draws a sample at random, so that anybody can repeat the draw."""

import random


def draw(seed, population, size):
    """Return which records of a population are drawn, in the order of their ids.

    The same seed, population and size give the same records, on every machine. The
    population may come in any order, and names a record once however often it is in it.

    :param seed: text
    :param population: ids
    :param size: how many are wanted; all of them where there are fewer
    :return: list of ids

    >>> draw("2026-1/ticket/3", range(100, 200), 5)
    [117, 148, 169, 175, 196]
    >>> draw("2026-1/ticket/3", [*reversed(range(100, 200)), 150], 5)
    [117, 148, 169, 175, 196]
    >>> draw("2026-2/ticket/3", range(100, 200), 5) == draw("x", range(100, 200), 5)
    False
    >>> draw("a", [3, 1, 2], 10), draw("a", [], 10), draw("a", [1], 0)
    ([1, 2, 3], [], [])
    """
    ids = sorted(set(population))
    chance = random.Random(seed)  # no secret: everybody is to get the same
    return sorted(chance.sample(ids, max(0, min(size, len(ids)))))
