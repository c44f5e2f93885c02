"""Calling hours say when a customer may be called, in the customer's own time.

Instants are integer epoch seconds UTC. Calling hours are the same on every day, from
``start`` to ``end`` in minutes of the local day.
"""

from collections import namedtuple
from datetime import datetime, time, timedelta

Hours = namedtuple("Hours", "zone start end")
"""``zone`` is a :class:`zoneinfo.ZoneInfo`; ``0 <= start < end <= 1440``."""

DAY_PARTS = (0, 12 * 60, 18 * 60)
"""Where morning, afternoon and evening begin, in minutes of the local day."""

MOST_CLOSED = 60
"""Who is closed for more days than this has no next open day."""


def local_minutes(at, zone):
    """Return the local date and the minutes of it that have passed.

    >>> from zoneinfo import ZoneInfo
    >>> local_minutes(0, ZoneInfo("Asia/Shanghai"))
    (datetime.date(1970, 1, 1), 480)
    """
    local = datetime.fromtimestamp(at, zone)
    return local.date(), local.hour * 60 + local.minute


def instant_of(date, minutes, zone):
    """Return the instant of a local time; 1440 minutes are the next day's midnight."""
    days, minutes = divmod(minutes, 24 * 60)
    moment = datetime.combine(date + timedelta(days=days), time(), zone)
    return int(moment.replace(hour=minutes // 60, minute=minutes % 60).timestamp())


def is_callable(at, hours):
    """Return True if a customer may be called at an instant.

    >>> from zoneinfo import ZoneInfo
    >>> hours = Hours(ZoneInfo("Asia/Shanghai"), 9 * 60, 20 * 60)
    >>> is_callable(3600, hours), is_callable(3599, hours), is_callable(43200, hours)
    (True, False, False)
    """
    return hours.start <= local_minutes(at, hours.zone)[1] < hours.end


def next_opening(at, hours):
    """Return the first instant from ``at`` on at which the customer may be called."""
    date, minutes = local_minutes(at, hours.zone)
    if hours.start <= minutes < hours.end:
        return at
    if minutes >= hours.end:
        date += timedelta(days=1)
    return instant_of(date, hours.start, hours.zone)


def call_by(deadline, hours):
    """Return until when to call so that a deadline is kept.

    A deadline outside the calling hours is brought forward to their last end before it.

    >>> from zoneinfo import ZoneInfo
    >>> hours = Hours(ZoneInfo("Asia/Shanghai"), 9 * 60, 20 * 60)
    >>> call_by(12 * 3600 + 1, hours) == 12 * 3600
    True
    """
    date, minutes = local_minutes(deadline, hours.zone)
    if hours.start <= minutes < hours.end:
        return deadline
    if minutes < hours.start:
        date -= timedelta(days=1)
    return instant_of(date, hours.end, hours.zone)


def day_part(at, zone):
    """Return 0 in the customer's morning, 1 in the afternoon, 2 in the evening."""
    minutes = local_minutes(at, zone)[1]
    return sum(minutes >= start for start in DAY_PARTS) - 1


def next_attempt(at, hours, gap):
    """Return when to try again after a call that was not answered.

    At least ``gap`` seconds later, within the calling hours, and in another part of
    the day; hours that know one part only leave no choice.

    >>> from zoneinfo import ZoneInfo
    >>> zone = ZoneInfo("UTC")
    >>> next_attempt(9 * 3600, Hours(zone, 540, 1200), 3 * 3600) // 3600  # noon
    12
    >>> next_attempt(13 * 3600, Hours(zone, 540, 1080), 3 * 3600) // 3600  # tomorrow
    33
    >>> next_attempt(9 * 3600, Hours(zone, 540, 660), 3 * 3600) // 3600  # mornings only
    33
    """
    first = found = next_opening(at + gap, hours)
    tried = day_part(at, hours.zone)
    for _part in DAY_PARTS:
        if day_part(found, hours.zone) != tried:
            return found
        found = next_opening(_next_part(found, hours.zone), hours)
    return first


def _next_part(at, zone):
    date, _minutes = local_minutes(at, zone)
    following = (*DAY_PARTS[1:], 24 * 60)[day_part(at, zone)]
    return instant_of(date, following, zone)


def noon_after(at, zone, is_open):
    """Return noon of the next open day for an instant on a closed day, else itself.

    >>> from zoneinfo import ZoneInfo
    >>> zone = ZoneInfo("Asia/Shanghai")
    >>> noon_after(0, zone, lambda day: day.day in (3, 4)) == 2 * 86400 + 4 * 3600
    True
    >>> noon_after(0, zone, lambda day: True), noon_after(0, zone, lambda day: False)
    (0, 0)

    :param is_open: function of a local date
    """
    date = local_minutes(at, zone)[0]
    for days in range(MOST_CLOSED):
        day = date + timedelta(days=days)
        if is_open(day):
            return instant_of(day, 12 * 60, zone) if days else at
    return at
