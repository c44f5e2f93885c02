"""Reads the history of tickets that another system sends, and follows where it leads.

Nothing here knows Odoo: names stay names, and what is wrong is told by a code that the
caller puts into words. Times are naive UTC datetimes in whole seconds.
"""

from collections import namedtuple
from datetime import timedelta
from hashlib import blake2b

from .form_text import (
    MOST_IN_HTML,
    MOST_IN_KEY,
    MOST_IN_LINE,
    MOST_IN_TEXT,
    shown,
    without_controls,
)
from .instants import read_moment
from .metrics import OVER_PHASES

PHASES = frozenset(
    "new active waiting_customer waiting_third_party resolved closed cancelled".split()
)
PRIORITIES = frozenset("0123")

LONGEST_WAIT = timedelta(days=366)
"""How far ahead of now a pause may end by itself."""

EVENT_KEYS = {
    "phase": {"phase", "party", "until"},
    "assigned": {"user", "team"},
    "reclassified": {"partner", "category", "process", "priority"},
    "responded": set(),
    "updated": set(),
    "arrived": set(),
    "departed": set(),
    "noted": set(),
}
"""What a row of each kind may say, besides the keys that every row has."""

COMMON_KEYS = {"at", "kind", "external_ref", "reason", "seq"}

TEXT_KEYS = {
    "external_ref": MOST_IN_KEY,
    "number": MOST_IN_KEY,
    "name": MOST_IN_LINE,
    "partner_name": MOST_IN_LINE,
    "partner_email": MOST_IN_LINE,
    "description": MOST_IN_HTML,
    "reason": MOST_IN_TEXT,
}
"""The texts of records and rows, and the most characters that each may have."""

NAME_KEYS = {
    "company", "team", "user", "partner", "category", "channel", "process", "party",
}  # fmt: skip
"""What names a record; a name is a text of one line."""

RECORD_KEYS = (TEXT_KEYS.keys() | NAME_KEYS) - {"reason", "party"} | {
    "opened_at", "phase", "priority", "events",
}  # fmt: skip

Entry = namedtuple("Entry", "at seq kind given ref reason number")
"""A row as it was sent; ``given`` holds what it says, ``number`` counts from one."""

ImportedRow = namedtuple("ImportedRow", "at seq kind value entry")
"""A row on its way into the ledger; ``entry`` is None for one that is there already or
that follows from the others."""

Remark = namedtuple("Remark", "what number values")
"""Something that was not taken as it was sent."""


class PreparedRows(tuple):
    """Holds rows for the ledger of a ticket that is about to be created.

    It is a type of its own, because what another program sends is never one.
    """


class Refusal(Exception):
    """Says why a record is not imported: a code, the row's number or 0, and details."""

    def __init__(self, what, number=0, **values):
        super().__init__(what)
        self.what, self.number, self.values = what, number, values


# ----------------------------------------------------------------------
# Reading
# ----------------------------------------------------------------------


def read_time(text, number=0):
    """Return the naive UTC datetime of a text.

    >>> read_time("2016-02-29 07:16:00"), read_time("2016-02-29T08:16:00.5+01:00")
    (datetime.datetime(2016, 2, 29, 7, 16), datetime.datetime(2016, 2, 29, 7, 16))
    """
    try:
        return read_moment(text)
    except (TypeError, ValueError) as error:
        raise Refusal("bad_time", number, given=shown(text)) from error


def read_record(record, now):
    """Check one record, all but the names in it.

    :return: (the record with its texts trimmed, when it was opened, list of
        :class:`Entry` in order, list of :class:`Remark`)
    :raise Refusal: with the first thing that is wrong
    """
    if not isinstance(record, dict):
        raise Refusal("no_record")
    _check_keys(record, RECORD_KEYS)
    record = _read_texts(record)
    for key in ("external_ref", "name", "opened_at"):
        if not record.get(key):
            raise Refusal("missing", given=key)
    _check_choice("phase", record.get("phase") or "new", PHASES)
    if record.get("phase") in OVER_PHASES:
        raise Refusal("over_at_opening", given=record["phase"])
    _check_priority(record)
    opened = read_time(record["opened_at"])
    if opened > now:
        raise Refusal("opened_in_future", given=str(opened))
    events = record.get("events") or ()
    if not isinstance(events, list | tuple):
        raise Refusal("bad_events")
    entries, remarks = read_events(events, opened, now)
    return record, opened, entries, remarks


def read_events(events, opened, now):
    """Read the rows of a record, move those before the opening to it, and sort them.

    Rows of the same second keep the order in which they were sent.

    >>> noon, now = read_time("2016-03-01 12:00"), read_time("2017-01-01 00:00")
    >>> entries, remarks = read_events(
    ...     [
    ...         {"at": "2016-03-02 08:00", "kind": "phase", "phase": "active"},
    ...         {"at": "2016-03-01 11:00", "kind": "responded"},
    ...     ],
    ...     noon,
    ...     now,
    ... )
    >>> [(entry.kind, str(entry.at), entry.seq) for entry in entries]
    [('responded', '2016-03-01 12:00:00', 2), ('phase', '2016-03-02 08:00:00', 1)]
    >>> [remark.what for remark in remarks]
    ['moved_to_opening', 'sorted']
    """
    entries, remarks, refs = [], [], {}
    for number, event in enumerate(events, start=1):
        entry = _read_event(event, number, now, refs)
        if entry.at < opened:
            if entry.given.get("phase") in OVER_PHASES:
                raise Refusal("over_before_opening", number, given=str(entry.at))
            remarks.append(Remark("moved_to_opening", number, {"given": str(entry.at)}))
            entry = entry._replace(at=opened)
        entries.append(entry)
    ordered = sorted(entries, key=lambda entry: (entry.at, entry.seq))
    for before, after in zip(entries, entries[1:], strict=False):
        if (after.at, after.seq) < (before.at, before.seq):
            remarks.append(Remark("sorted", after.number, {"given": str(after.at)}))
    return ordered, remarks


def _read_event(event, number, now, refs):
    if not isinstance(event, dict):
        raise Refusal("bad_event", number)
    kind = event.get("kind")
    if not isinstance(kind, str) or kind not in EVENT_KEYS:
        raise Refusal("unknown_kind", number, given=shown(kind))
    _check_keys(event, COMMON_KEYS | EVENT_KEYS[kind], number)
    event = _read_texts(event, number)
    at = read_time(event.get("at"), number)
    if at > now:
        raise Refusal("in_future", number, given=str(at))
    given = {key: event[key] or None for key in EVENT_KEYS[kind] & event.keys()}
    if kind == "phase":
        _check_choice("phase", given.get("phase"), PHASES, number)
        if given.get("until"):
            given["until"] = _read_until(given, at, now, number)
    elif not given and EVENT_KEYS[kind]:
        raise Refusal("says_nothing", number, given=kind)
    if "priority" in given:
        given["priority"] = _check_priority(event, number)
    seq = event.get("seq") or number
    if not isinstance(seq, int) or not 0 < seq < 2**31:
        raise Refusal("bad_seq", number, given=shown(seq))
    ref = _ref(event.get("external_ref"), at, kind, given, number, refs)
    return Entry(at, seq, kind, given, ref, event.get("reason") or None, number)


def _read_until(given, at, now, number):
    """Return the text of when a pause ends by itself."""
    until = read_time(given["until"], number)
    if not given["phase"].startswith("waiting_") or not at < until < now + LONGEST_WAIT:
        raise Refusal("bad_until", number, given=str(until))
    return str(until)


def _ref(ref, at, kind, given, number, refs):
    """Return the key by which a row is known again, made from it if it has none.

    A digest, so that the names in it do not outlive the purge of personal data.
    """
    if ref:
        if ref in refs:
            raise Refusal("row_twice", number, given=ref)
        refs[ref] = 1
        return ref
    content = repr((str(at), kind, sorted(given.items())))
    count = refs[content] = refs.get(content, 0) + 1
    return blake2b(f"{content} {count}".encode(), digest_size=12).hexdigest()


def _check_keys(given, known, number=0):
    unknown = given.keys() - known
    if unknown:
        raise Refusal(
            "unknown_key", number, given=shown(", ".join(sorted(map(str, unknown))))
        )


def _read_texts(given, number=0):
    """Return a record or a row with its texts and names as they are kept."""
    read = {}
    for key, value in given.items():
        if (key in TEXT_KEYS and value) or (
            key in NAME_KEYS and isinstance(value, str)
        ):
            read[key] = _read_text(key, value, number)
    return given | read


def _read_text(key, value, number):
    try:
        text = without_controls(value).strip()
    except (TypeError, ValueError) as error:
        raise Refusal("bad_text", number, given=key) from error
    most = TEXT_KEYS.get(key, MOST_IN_LINE)
    if len(text) > most:
        raise Refusal("too_long", number, key=key, count=len(text), most=most)
    return text


def _check_choice(key, value, choices, number=0):
    if not isinstance(value, str) or value not in choices:
        raise Refusal("bad_choice", number, key=key, given=shown(value))


def _check_priority(holder, number=0):
    """Return the priority as the text that Odoo keeps, None where there is none."""
    priority = holder.get("priority")
    if priority is None or priority is False or priority == "":
        return None
    if str(priority) not in PRIORITIES:
        raise Refusal("bad_choice", number, key="priority", given=shown(priority))
    return str(priority)


def priority_of(record):
    """Return the priority of a record that was checked, None where it gives none.

    >>> priority_of({"priority": 0}), priority_of({"priority": False})
    ('0', None)
    """
    return _check_priority(record)


# ----------------------------------------------------------------------
# Following
# ----------------------------------------------------------------------


class ImportedCourse:
    """Follows where the rows of a ticket lead, one after the other.

    ``attributes`` is the value of the last *opened* or *reclassified* row.
    """

    def __init__(self):
        self.phase = self.party = self.user = self.team = self.until = None
        self.phase_since = self.user_since = self.reason = None
        self.attributes = {}

    def take(self, step):
        """Follow one row."""
        self.settle(step.at)
        value = step.value
        if step.kind in ("opened", "reclassified"):
            self.attributes = value
        if step.kind in ("opened", "phase"):
            if value["phase"] != self.phase:
                self.phase_since = step.at
                self.reason = step.entry.reason if step.entry else None
            self.phase, self.party = value["phase"], value.get("party")
            self.until = value.get("until")
        if step.kind in ("opened", "assigned"):
            if value["user"] != self.user:
                self.user_since = step.at
            self.user, self.team = value["user"], value["team"]

    def settle(self, now):
        """Follow the end of a pause that is over at a moment."""
        until = self.until and read_time(self.until)
        if until and until <= now:
            self.phase, self.phase_since, self.party = "active", until, None
            self.until = self.reason = None

    def complete(self, step):
        """Return the step with all that a row of its kind says."""
        given, value = step.value, step.value
        if step.kind == "phase":
            waiting = given["phase"] == "waiting_third_party"
            value = {
                "phase": given["phase"],
                "party": given.get("party") if waiting else None,
            }
            if given.get("until"):
                value["until"] = given["until"]
        elif step.kind == "assigned":
            value = {"user": self.user, "team": self.team} | given
        elif step.kind == "reclassified":
            value = self.attributes | given
            for key in ("phase", "party", "user"):
                value.pop(key, None)
        return step._replace(value=value)

    @property
    def regrouped(self):
        """Return True if the team has changed that targets are matched by."""
        return self.team != self.attributes.get("team")


def follow(steps, is_new):
    """Follow rows in their order, and complete those that are new.

    As with work in Odoo itself, a ticket that changes teams is matched again: a
    *reclassified* row follows at the end of that second.

    :param steps: iterable of :class:`ImportedRow`, the first one *opened*; the
        ``value`` of a new one holds only what it changes
    :param is_new: function that tells of a step whether it is to be written
    :return: (the :class:`ImportedCourse`, list of complete :class:`ImportedRow` to be
        written, each with the team that held the ticket after it)
    """
    course, written, last, started = ImportedCourse(), [], None, False
    for step in steps:
        if started and course.regrouped and step.at > last.at:
            _regroup(course, last, written)
        if is_new(step):
            started = True
            step = course.complete(step)
        course.take(step)
        if is_new(step):
            written.append((step, course.team))
        last = step
    if started and course.regrouped:
        _regroup(course, last, written)
    return course, written


def _regroup(course, last, written):
    step = ImportedRow(last.at, last.seq, "reclassified", {"team": course.team}, None)
    step = course.complete(step)
    written.append((step, course.team))
    course.take(step)
