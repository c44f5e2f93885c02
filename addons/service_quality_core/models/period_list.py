"""Defines the lists by which a period of the service is told, and what they are of."""

from datetime import date
from typing import NamedTuple


class About(NamedTuple):
    """Says whose period is told: of a company, or of one part of its service."""

    company: object
    period: object
    """The :class:`~..tools.period.Period`."""
    start: object
    end: object
    """The first moment of the period and of the next, naive UTC."""
    scope: str = "company"
    """``company``, ``department`` or ``project``."""
    record: object = None
    """The department or project."""

    def of(self, period):
        """Return the same of another period."""
        start, end = period.bounds(self.company._service_tz())
        return self._replace(period=period, start=start, end=end)


class Row(NamedTuple):
    """Is a row of a list: texts, numbers and dates, in the order of the heads."""

    cells: tuple
    ticket_id: int | bool = False
    """The ticket that it is about. Where that is kept from some, it is not listed."""
    state: str = ""
    """How it stands against its goal, where it has one."""


class PeriodList(NamedTuple):
    """Is what a report lists under one heading."""

    code: str
    rank: int
    """Its place among the lists, the lowest first."""
    title: str
    heads: tuple
    rows: list
    empty: str = ""
    """What stands there instead of no rows; without, the list is left out then."""
    note: str = ""
    numbers: tuple = ()
    """The places of the columns with numbers."""


class Measure(NamedTuple):
    """Is what was decided to make the service better."""

    about: str
    action: str
    owner: str = ""
    until: date | bool = False
    state: str = ""
    result: str = ""
    """What became of it."""
    ticket_id: int | bool = False
