"""The verdicts of the incident log, from the file alone.

Nothing of the product is used here: lines are put in the order of time, working time is
cut into pieces day by day, and the pieces in which a clock runs are added up. The terms
are those of ``examples/incidents_mapping.toml``, written down a second time.
"""

import csv
import gzip
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
DAYS_OFF = {
    date(2016, month, day)
    for month, day in ((3, 28), (5, 5), (5, 16), (7, 14), (8, 15), (11, 1), (11, 11))
}
PROMISED = {  # minutes until the first response and the resolution
    "1 - Critical": (30, 4 * 60),
    "2 - High": (60, 8 * 60),
    "3 - Moderate": (4 * 60, 20 * 60),
    "4 - Low": (8 * 60, 40 * 60),
}
ROUND_THE_CLOCK = {"1 - Critical"}
DONE = {"Resolved", "Closed"}
WITH_CUSTOMER = {"Awaiting User Info", "Awaiting Evidence"}


def read(path):
    """Return the lines of each incident, oldest first: dict of number to dicts."""
    found = {}
    with gzip.open(path, "rt", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["number"], []).append(row)
    for rows in found.values():
        rows.sort(key=lambda row: parse(row["sys_updated_at"]))
    return found


def parse(text):
    """Return the UTC instant of a time in the file, None for ``?``."""
    if text == "?":
        return None
    local = datetime.strptime(text, "%d-%m-%Y %H:%M")
    return local.replace(tzinfo=PARIS).astimezone(UTC)


def judge(rows, last):
    """Judge one incident.

    :param rows: its lines, oldest first
    :param last: the line that stands last in the file
    :return: dict of metric to (verdict, when it stopped)
    """
    return {
        metric: ("met" if late is None else "missed", done)
        for metric, (late, done, _seconds) in measure(rows, last).items()
    }


def measure(rows, last):
    """Measure one incident.

    :return: dict of metric to (when it was missed or None, when it stopped, working
        seconds until then)
    """
    opened = parse(last["opened_at"])
    states = [("New", opened)]
    for row in rows:
        states.append(
            (row["incident_state"], max(parse(row["sys_updated_at"]), opened))
        )
    answered = next(at for state, at in states if state != "New")
    handled = _handled(states)
    always = last["priority"] in ROUND_THE_CLOCK
    response, resolution = PROMISED[last["priority"]]
    waited, worked = [(opened, answered)], _worked(states)
    return {
        "first_response": (
            _missed(waited, response, always),
            answered,
            _seconds(waited, always),
        ),
        "resolution": (
            _missed(worked, resolution, always),
            handled,
            _seconds(worked, always),
        ),
    }


def _handled(states):
    """Return the beginning of the last stretch in which the incident was done."""
    found = None
    for (before, _at), (state, at) in zip(states, states[1:], strict=False):
        if state in DONE and before not in DONE:
            found = at
    return found


def _worked(states):
    """Return the stretches in which the desk had the incident."""
    return [
        (at, until)
        for (state, at), (_next, until) in zip(states, states[1:], strict=False)
        if state not in DONE and state not in WITH_CUSTOMER
    ]


def _missed(stretches, minutes, always):
    """Tell when a clock went on after all the time that was promised was used.

    It goes on in the evening, too: whoever resolves at 22:00 what was due at 18:00 is
    late. It does not while it is paused.
    """
    left = timedelta(minutes=minutes)
    for begin, end in stretches:
        for start, stop in _pieces(begin, end, always):
            if stop - start >= left and end > start + left:
                return start + left
            left -= stop - start
    return None


def _seconds(stretches, always):
    """Add up the working seconds of stretches."""
    pieces = [piece for stretch in stretches for piece in _pieces(*stretch, always)]
    return sum((stop - start).total_seconds() for start, stop in pieces)


def _pieces(begin, end, always):
    return [(begin, end)] if always else _opening_hours(begin, end)


def _opening_hours(begin, end):
    """Yield the pieces of a stretch that lie in working time."""
    day = begin.astimezone(PARIS).date()
    while day <= end.astimezone(PARIS).date():
        if day.weekday() < 5 and day not in DAYS_OFF:
            first = datetime.combine(day, time(8), tzinfo=PARIS).astimezone(UTC)
            last = datetime.combine(day, time(18), tzinfo=PARIS).astimezone(UTC)
            if max(begin, first) < min(end, last):
                yield max(begin, first), min(end, last)
        day += timedelta(days=1)
