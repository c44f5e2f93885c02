"""Converts between Odoo's naive UTC datetimes and the epoch seconds of the folds."""

import calendar
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from .period import is_reckoned

_EPOCH = datetime(1970, 1, 1)


def to_epoch(moment):
    """Return the epoch seconds of a naive UTC datetime; None stays None.

    >>> to_epoch(datetime(1970, 1, 2, 0, 0, 1)), to_epoch(None), to_epoch(False)
    (86401, None, None)
    """
    return calendar.timegm(moment.timetuple()) if moment else None


@lru_cache(maxsize=4096)  # the clocks and spans of a ticket share their moments
def to_datetime(seconds):
    """Return the naive UTC datetime of epoch seconds; None stays None.

    >>> to_datetime(86401), to_datetime(None)
    (datetime.datetime(1970, 1, 2, 0, 0, 1), None)
    """
    return None if seconds is None else _EPOCH + timedelta(seconds=seconds)


def parse_epoch(text):
    """Return the epoch seconds of a text ``YYYY-MM-DD HH:MM:SS`` in UTC.

    >>> parse_epoch("1970-01-02 00:00:01")
    86401
    """
    return to_epoch(datetime.strptime(text, "%Y-%m-%d %H:%M:%S"))


def to_text(seconds):
    """Return epoch seconds as a text ``YYYY-MM-DD HH:MM:SS`` in UTC.

    >>> to_text(86401)
    '1970-01-02 00:00:01'
    """
    return to_datetime(seconds).strftime("%Y-%m-%d %H:%M:%S")


def read_moment(given):
    """Return the naive UTC datetime in whole seconds of a text or a datetime.

    :raise ValueError: for another text, or a time of which periods cannot be reckoned
    :raise TypeError: for what is neither

    >>> read_moment("2016-02-29T08:16:00.5+01:00")
    datetime.datetime(2016, 2, 29, 7, 16)
    >>> read_moment("0001-01-01 00:00:00+14:00")
    Traceback (most recent call last):
    ...
    ValueError: no time from 1900 to 2999: 0001-01-01 00:00:00+14:00
    """
    moment = given if isinstance(given, datetime) else datetime.fromisoformat(given)
    if not is_reckoned(moment):
        raise ValueError(f"no time from 1900 to 2999: {given}")
    if moment.tzinfo:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.replace(microsecond=0) if moment.microsecond else moment
