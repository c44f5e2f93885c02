"""Declares the formulas that indicators are counted by."""

from typing import NamedTuple

LEAST_OF_A_PERSON = 10
"""Of how many rows at least a personal formula says something of one person."""


class Formula(NamedTuple):
    """Declares what a formula counts, and what its indicators start with.

    The label is in the user's language; the model has the counted rows, and is None
    for a formula whose addon is gone.
    """

    label: str
    model: str | None
    section: str = "figure"
    """Code of the section of a report, one of ``_sections()``."""
    is_for_customers: bool = False
    """Customers read it in their reports."""
    headline: int = 0
    """Rank on the first page of a report, the lowest first; 0 has no rank."""
    choices: tuple[str, ...] = ()
    """Fields of the indicator that choose among the rows."""
    is_excludable: bool = False
    """The rows are of clocks, of which misses may be excluded."""
    has_agreed_goal: bool = False
    """What the agreements ask for is the goal where no target says otherwise."""
    is_entered: bool = False
    """People enter the rows, maybe after the period; the ledger has none of them.
    ``_entered_<code>`` of ``service.quality.formula`` says when."""
    is_personal: bool = False
    """It tells how people work. Of a person it is told to them, to those whom they work
    under and to the quality department, and only from ``LEAST_OF_A_PERSON`` rows on."""


def by_rank(sections):
    """Return sections as pairs of code and label, the lowest rank first.

    :param sections: dict of code to (rank, label)

    >>> by_rank({"b": (20, "B"), "a": (10, "A")})
    [('a', 'A'), ('b', 'B')]
    """
    ranked = sorted(sections.items(), key=lambda item: item[1][0])
    return [(code, label) for code, (_rank, label) in ranked]
