"""Read the times of an export: many formats, one zone, and what is no time at all.

Plain Python without Odoo.
"""

import re
from datetime import UTC, datetime, timedelta

EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""What lies outside stands for *never* or *not recorded*: year 1, 1900, 1970, 9999."""

SERIAL = "serial"
"""The format of days since 1899-12-30, as workbooks count them."""

ISO = "iso"

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
CHINESE = {
    "上午": "AM",
    "下午": "PM",
    **dict(
        zip(
            (f"{name}月" for name in "一 二 三 四 五 六 七 八 九 十 十一 十二".split()),
            MONTHS,
            strict=True,
        )
    ),
}
_CHINESE = re.compile("|".join(sorted(CHINESE, key=len, reverse=True)))


def read_local(text, date_format):
    """Return the datetime of a text, None where it is none; aware with an offset.

    >>> read_local("01/三月/24 9:05 上午", "%d/%b/%y %I:%M %p")
    datetime.datetime(2024, 3, 1, 9, 5)
    >>> read_local("45352.375", "serial"), read_local("13/2024", "%m/%Y")
    (datetime.datetime(2024, 3, 1, 9, 0), None)
    """
    text = _CHINESE.sub(lambda found: CHINESE[found[0]], text)
    try:
        if date_format == SERIAL:
            seconds = round(float(text) * 86400)
            return datetime(1899, 12, 30) + timedelta(seconds=seconds)
        if date_format == ISO:
            return datetime.fromisoformat(text)
        return datetime.strptime(text, date_format)
    except (ValueError, OverflowError):
        return None


def choose_format(texts, formats):
    """Return the format that most of some texts are written in: a column decides.

    :raise ValueError: when several read the same texts, but not as the same times

    >>> choose_format(["01/02/2024", "13/02/2024"], ["%m/%d/%Y", "%d/%m/%Y"])
    '%d/%m/%Y'
    """
    if len(formats) == 1:
        return formats[0]
    readings = {
        one: [read_local(text, one) for text in texts] for one in dict.fromkeys(formats)
    }
    known = {one: len(texts) - found.count(None) for one, found in readings.items()}
    best = [one for one in readings if known[one] == max(known.values())]
    for other in best[1:]:
        for text, first, second in zip(
            texts, readings[best[0]], readings[other], strict=True
        ):
            if first != second:
                raise ValueError(
                    f"{text} may be {first} or {second}: name one date_format"
                )
    return best[0]


class Clockface:
    """Turns what is written in an export into instants, for one format and zone."""

    def __init__(self, date_format, zone):
        self.date_format, self.zone = date_format, zone

    def instants(self, text):
        """Return the UTC instants that a text may stand for, the earlier one first.

        None: no time. Two: of an hour that comes twice in the autumn. An offset in the
        text wins over the zone; fractions of a second are dropped.
        """
        local = text and read_local(text, self.date_format)
        if not local:
            return ()
        local = local.replace(microsecond=0)
        if local.tzinfo is None:
            both = [local.replace(tzinfo=self.zone, fold=fold) for fold in (0, 1)]
        else:
            both = [local]
        try:
            found = [moment.astimezone(UTC) for moment in both]
        except (OverflowError, ValueError):
            return ()  # year 1 or 9999
        if any(not EARLIEST <= moment < LATEST for moment in found):
            return ()
        # where the clock is put forward, the second one comes first: there is one
        return found if found[-1] > found[0] else found[:1]

    def is_skipped(self, text):
        """Return True for a time of the hour that the spring leaves out."""
        local = text and read_local(text, self.date_format)
        found = self.instants(text)
        if not found or local.tzinfo:
            return False
        shown = found[0].astimezone(self.zone).replace(tzinfo=None)
        return shown != local.replace(microsecond=0)
