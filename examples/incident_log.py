"""Read the export of a ticketing system by a mapping, as records for service_import.

Plain Python without Odoo: the mapping says which column holds what, and nothing of one
system is written here.
"""

import csv
import gzip
import html
import tomllib
from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

EXAMPLES = 3
NAMED = ("team", "user", "category", "channel", "partner", "partner_name")
HELD = ("team", "user")


class Findings:
    """What could not be used as it stands: how often, and where for example."""

    def __init__(self):
        self.counts = Counter()
        self.examples = {}

    def note(self, what, example):
        self.counts[what] += 1
        known = self.examples.setdefault(what, [])
        if len(known) < EXAMPLES and example not in known:
            known.append(example)

    def lines(self):
        """Yield one line of text per kind of finding, the most frequent first."""
        for what, count in self.counts.most_common():
            examples = ", ".join(self.examples[what])
            yield f"{count:>6}  {what}  (for example {examples})"


class Mapping:
    """A mapping file; see ``incidents_mapping.toml`` for what it may say."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = tomllib.load(file)
        self.file, self.columns = self.data["file"], self.data["columns"]
        for key in ("incident", "opened_at", "changed_at", "state"):
            if key not in self.columns:
                raise ValueError(f"{path}: [columns] has no {key}")
        self.states = self.data.get("states", {})
        self.priorities = self.data.get("priorities", {})
        self.rules = self.data.get("rules", {})
        self.milestones = self.data.get("milestones", {})
        self.settings = self.data.get("import", {})
        self.agreement = self.data.get("agreement")
        self.zone = ZoneInfo(self.file.get("time_zone", "UTC"))
        self.not_recorded = set(self.file.get("not_recorded", [""]))

    def rows(self, path):
        """Yield the lines of an export, plain or .gz, as dicts."""
        opener = gzip.open if str(path).endswith(".gz") else open
        encoding = self.file.get("encoding", "utf-8")
        with opener(path, "rt", encoding=encoding, newline="") as file:
            reader = csv.DictReader(file, delimiter=self.file.get("delimiter", ","))
            used = [name for key in self.columns for name in self._names(key)]
            missing = set(used) - set(reader.fieldnames or ())
            if missing:
                raise ValueError(f"{path} has no column {', '.join(sorted(missing))}")
            yield from reader

    def _names(self, key):
        names = self.columns.get(key, [])
        return [names] if isinstance(names, str) else names

    def text(self, row, key):
        """Return what a row says of a key, None where nothing was recorded."""
        parts = [(row[name] or "").strip() for name in self._names(key)]
        parts = [part for part in parts if part not in self.not_recorded]
        return " · ".join(parts) or None

    def time(self, text):
        """Return the UTC instant of a local time, or None where it is none.

        Of an hour that comes twice in the autumn the first one is taken.
        """
        try:
            local = datetime.strptime(text, self.file["date_format"])
        except (TypeError, ValueError):
            return None
        return local.replace(tzinfo=self.zone).astimezone(UTC)


class Incident:
    """The lines of one incident, in the order of time."""

    def __init__(self, key, rows, mapping, findings):
        self.key, self.mapping, self.findings = key, mapping, findings
        self.last = rows[-1]
        timed = []
        for row in rows:
            at = mapping.time(mapping.text(row, "changed_at"))
            if at is None:
                self._note("line without a readable time: left out")
            else:
                timed.append((at, row))
        self.rows = sorted(timed, key=lambda pair: pair[0])
        if self.rows != timed:
            self._note("lines not in the order of time: sorted")
        self.opened = self._opened()

    def _note(self, what):
        self.findings.note(what, self.key)

    def _opened(self):
        opened = self.mapping.time(self.mapping.text(self.last, "opened_at"))
        if opened is None and self.rows:
            self._note("opening not recorded: that of the first line taken")
            return self.rows[0][0]
        return opened

    def record(self):
        """Return the record for service_import, None where there is no time at all."""
        if self.opened is None:
            self._note("incident without any readable time: NOT imported")
            return None
        mapping = self.mapping
        first = self.rows[0][1] if self.rows else self.last
        lasting = first if self._in_history() else self.last
        record = {
            "external_ref": self.key,
            "name": mapping.text(self.last, "title") or self.key,
            "description": self._description(),
            "opened_at": _text(self.opened),
            "priority": self._priority(lasting),
            "events": self._events(),
        }
        for key in NAMED:
            source = first if key in HELD else lasting
            record[key] = mapping.text(source, key)
        self._compare_milestones(record["events"])
        return {key: value for key, value in record.items() if value is not None}

    def _in_history(self):
        return self.mapping.rules.get("reclassified", "last") == "history"

    def _description(self):
        parts = [
            f"<li>{html.escape(name)}: {html.escape(self.last[name])}</li>"
            for name in self.mapping._names("description")
            if self.last[name] not in self.mapping.not_recorded
        ]
        return f"<ul>{''.join(parts)}</ul>" if parts else None

    def _priority(self, row):
        text = self.mapping.text(row, "priority")
        if text is not None and text not in self.mapping.priorities:
            self._note(f"priority {text} is not in the mapping: the usual one taken")
        return self.mapping.priorities.get(text)

    # ------------------------------------------------------------------
    # History
    # ------------------------------------------------------------------

    def _events(self):
        """Return the changes from line to line, and the first response."""
        mapping, events = self.mapping, []
        unanswered = set(mapping.rules.get("unanswered_states", ()))
        phase, answered, before = "new", not unanswered, None
        for at, row in self.rows:
            at = _text(at)
            events += [{"at": at, **change} for change in self._changes(before, row)]
            state = mapping.text(row, "state")
            now = mapping.states.get(state)
            if now is None:
                self._note(f"state {state} is not in the mapping: line's state ignored")
            elif now != phase:
                events.append({"at": at, "kind": "phase", "phase": now})
                phase = now
            if now and not answered and state not in unanswered:
                events.append({"at": at, "kind": "responded"})
                answered = True
            before = row
        return events

    def _changes(self, before, row):
        """Yield what changed of holder and attributes since the line before."""
        if before is None:
            return
        for kind, keys in (
            ("assigned", HELD),
            ("reclassified", ("category", "partner") if self._in_history() else ()),
        ):
            mapped = [key for key in keys if key in self.mapping.columns]
            change = {key: self.mapping.text(row, key) or False for key in mapped}
            if change != {
                key: self.mapping.text(before, key) or False for key in mapped
            }:
                yield {"kind": kind, **change}
        if self._in_history():
            priority = self._priority(row)
            if priority is not None and priority != self._priority(before):
                yield {"kind": "reclassified", "priority": priority}

    def _compare_milestones(self, events):
        """Note where the export's own milestones say otherwise than its lines."""
        for column, phase in self.mapping.milestones.items():
            said = self.mapping.time((self.last.get(column) or "").strip())
            reached = [event["at"] for event in events if event.get("phase") == phase]
            if said is None:
                if reached:
                    self._note(f"{column} not recorded: the lines hold")
            elif not reached:
                self._note(f"{column} recorded, but no line in that state")
            elif _text(said) != reached[-1]:
                self._note(f"{column} is not when the line says: the line holds")


def _text(moment):
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def read_incidents(path, mapping, findings):
    """Return the records of an export, in the order in which incidents begin in it.

    :return: (list of records, number of lines)
    """
    grouped, count = {}, 0
    for row in mapping.rows(path):
        count += 1
        key = mapping.text(row, "incident")
        if key is None:
            findings.note(
                "line without the number of an incident: left out", str(count)
            )
        else:
            grouped.setdefault(key, []).append(row)
    records = [
        Incident(key, rows, mapping, findings).record() for key, rows in grouped.items()
    ]
    return [record for record in records if record], count
