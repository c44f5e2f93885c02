"""Reckons with the months, quarters, half-years and years of figures."""

from collections import namedtuple
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
"""The kinds of periods, the shortest first, and how many months each has."""


MOST = 24
"""How many periods at most a job that was off catches up."""

YEARS = range(1900, 3000)


def local_midnight(day, tz):
    """Return when a day begins in a zone, naive UTC.

    >>> local_midnight(date(2026, 3, 29), "Europe/Paris")
    datetime.datetime(2026, 3, 28, 23, 0)
    """
    local = datetime.combine(day, time(), ZoneInfo(tz))
    return local.astimezone(UTC).replace(tzinfo=None)


def local_time(moment, tz):
    """Return a moment on the wall of a zone: a datetime without a zone.

    >>> local_time(datetime(2026, 1, 1, 20), "Asia/Shanghai")
    datetime.datetime(2026, 1, 2, 4, 0)

    :param moment: naive UTC
    """
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(tz)).replace(tzinfo=None)


def local_day(moment, tz):
    """Return the day that it is in a zone.

    :param moment: naive UTC

    >>> local_day(datetime(2026, 3, 31, 16), "Asia/Shanghai")
    datetime.date(2026, 4, 1)
    """
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(tz)).date()


def is_zone(tz):
    """Return True if the system knows a zone of this name.

    >>> is_zone("Europe/Paris"), is_zone("No/Where")
    (True, False)
    """
    try:
        ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


def is_reckoned(day):
    """Return True if periods around a day can be reckoned in every zone.

    >>> is_reckoned(date(1, 1, 1)), is_reckoned(date(2026, 1, 1))
    (False, True)
    """
    return day.year in YEARS


class Period(namedtuple("Period", "kind start")):
    """Is a month, quarter, half-year or year by the days of a calendar.

    :param kind: a key of :data:`MONTHS`
    :param start: the first day, a date
    :raise ValueError: for another kind, or a day on which no such period begins

    >>> quarter = Period("quarter", date(2026, 1, 1))
    >>> quarter.label, quarter.end, quarter.previous().label, quarter.last_year().label
    ('2026-Q1', datetime.date(2026, 4, 1), '2025-Q4', '2025-Q1')
    >>> Period("quarter", date(2026, 2, 1))
    Traceback (most recent call last):
    ...
    ValueError: no quarter begins on 2026-02-01
    """

    __slots__ = ()

    def __new__(cls, kind, start):
        if kind not in MONTHS:
            raise ValueError(f"{kind} is no kind of period")
        if start.day != 1 or (start.month - 1) % MONTHS[kind]:
            raise ValueError(f"no {kind} begins on {start}")
        return super().__new__(cls, kind, start)

    @classmethod
    def around(cls, kind, day):
        """Return the period that a day lies in.

        :raise ValueError: for what is no kind of period

        >>> Period.around("half", date(2026, 9, 30)).label
        '2026-H2'
        >>> Period.around("week", date(2026, 9, 30))
        Traceback (most recent call last):
        ...
        ValueError: week is no kind of period
        """
        months = MONTHS.get(kind, 1)  # what is no kind is refused when it is made
        return cls(kind, date(day.year, (day.month - 1) // months * months + 1, 1))

    @property
    def end(self):
        """Return the first day after the period.

        >>> Period("month", date(2026, 12, 1)).end
        datetime.date(2027, 1, 1)
        """
        return self.shifted(1).start

    @property
    def last(self):
        """Return the last day of the period.

        >>> Period("month", date(2026, 2, 1)).last
        datetime.date(2026, 2, 28)
        """
        return self.end - timedelta(days=1)

    @property
    def label(self):
        """Return the period as a code: 2026-03, 2026-Q1, 2026-H1, 2026.

        >>> [Period.around(kind, date(2026, 8, 9)).label for kind in MONTHS]
        ['2026-08', '2026-Q3', '2026-H2', '2026']
        """
        year, month = f"{self.start:%Y}", self.start.month
        if self.kind == "year":
            return year
        if self.kind == "month":
            return f"{year}-{month:02}"
        return f"{year}-{self.kind[0].upper()}{(month - 1) // MONTHS[self.kind] + 1}"

    def shifted(self, count):
        """Return the period a number of periods later, earlier where negative.

        >>> Period("month", date(2026, 1, 1)).shifted(-13).label
        '2024-12'
        """
        months = self.start.year * 12 + self.start.month - 1
        months += count * MONTHS[self.kind]
        return type(self)(self.kind, date(months // 12, months % 12 + 1, 1))

    def previous(self):
        """Return the period before."""
        return self.shifted(-1)

    def last_year(self):
        """Return the same period a year earlier."""
        return self.shifted(-12 // MONTHS[self.kind])

    def ended_since(self, *days):
        """Return the periods before this one, from the earliest of some days on.

        At least the one before, and not more than :data:`MOST`; the oldest first.

        >>> march = Period("month", date(2026, 3, 1))
        >>> [period.label for period in march.ended_since()]
        ['2026-02']
        >>> [period.label for period in march.ended_since(date(2025, 12, 31))]
        ['2025-12', '2026-01', '2026-02']
        """
        first = self.previous()
        for day in days:
            first = min(first, type(self).around(self.kind, day))
        first = max(first, self.shifted(-MOST))
        periods = []
        while first < self:
            periods.append(first)
            first = first.shifted(1)
        return periods

    def bounds(self, tz):
        """Return the first instant of the period and of the next, naive UTC.

        :param tz: name of the zone in which the days are counted

        >>> Period("month", date(2026, 3, 1)).bounds("Europe/Paris")[1]
        datetime.datetime(2026, 3, 31, 22, 0)
        """
        return local_midnight(self.start, tz), local_midnight(self.end, tz)
