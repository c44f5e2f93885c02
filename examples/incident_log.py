"""Read the export of a ticketing system by a mapping, as records for service_import.

Plain Python without Odoo: the mapping says which column holds what, and nothing of one
system is written here.
"""

import html
import re
from collections import Counter

from export_file import read_lines
from moments import Clockface, choose_format

EXAMPLES = 3
NAMED = ("team", "user", "category", "channel", "partner", "partner_name")
HELD = ("team", "user")
LASTING = ("priority", "category", "partner")
LONGEST_TEXT = 50_000
"""A longer text is cut."""

THROUGH_EXCEL = re.compile(r"\d+[.,]\d+E\+?\d+")
"""What a workbook makes of a long number."""


class Findings:
    """What could not be used as it stands: how often, and where for example.

    ``lost`` counts what did not come in at all.
    """

    def __init__(self):
        self.counts = Counter()
        self.examples = {}
        self.lost = 0

    def note(self, what, example, lost=0):
        self.counts[what] += 1
        self.lost += lost
        known = self.examples.setdefault(what, [])
        if len(known) < EXAMPLES and example not in known:
            known.append(example)

    def lines(self):
        """Yield one line of text per kind of finding, the most frequent first."""
        for what, count in self.counts.most_common():
            examples = ", ".join(self.examples[what])
            yield f"{count:>6}  {what}  (for example {examples})"


class Export:
    """The lines of an export, read by a mapping."""

    def __init__(self, path, mapping, findings):
        self.mapping, self.findings = mapping, findings
        columns, self.lines = read_lines(
            path,
            mapping.file.get("encoding", "utf-8"),
            mapping.file.get("delimiter"),
            findings,
        )
        used = {name for key in mapping.columns for name in mapping.names(key)}
        missing = (used | mapping.milestones.keys()) - set(columns)
        if missing:
            raise ValueError(f"{path} has no column {', '.join(sorted(missing))}")
        times = [*mapping.names("opened_at"), *mapping.names("changed_at")]
        texts = [self.cell(line, name) for line in self.lines for name in times]
        self.clockface = Clockface(
            choose_format([text for text in texts if text], mapping.formats),
            mapping.zone,
        )

    def cell(self, line, name):
        """Return the text of a cell, None where nothing was recorded."""
        text = (line.get(name) or "").strip()
        return None if text in self.mapping.not_recorded else text

    def text(self, line, key):
        """Return what a line says of a key, None where nothing was recorded."""
        cells = (self.cell(line, name) for name in self.mapping.names(key))
        return " · ".join(filter(None, cells)) or None

    def time(self, line, key, after=None):
        """Return the UTC instant of a line, None where it has none.

        Of an hour that comes twice in the autumn the later one is taken where the
        lines before have come that far.
        """
        text = self.text(line, key)
        found = self.clockface.instants(text)
        if found and self.clockface.is_skipped(text):
            self.findings.note(
                "time of the hour that the spring leaves out: an hour later taken", text
            )
        return next(
            (at for at in found if after is None or at >= after), (*found, None)[0]
        )


class Incident:
    """The lines of one incident, in the order of time."""

    def __init__(self, key, lines, export):
        self.key, self.export, self.mapping = key, export, export.mapping
        self.last = lines[-1]
        timed, before = [], None
        for line in lines:
            at = export.time(line, "changed_at", before)
            if at is None:
                self._note("line without a readable time: left out", lost=1)
            else:
                timed.append((at, line))
                before = at
        self.rows = sorted(timed, key=lambda pair: pair[0])
        if self.rows != timed:
            self._note("lines not in the order of time: sorted")
        self.early = 0  # lines that lie before the opening
        self.opened = self._opened()

    def _note(self, what, lost=0):
        self.export.findings.note(what, self.key, lost)

    def _opened(self):
        opened = self.export.time(self.last, "opened_at")
        if not self.rows:
            return opened
        first, last = self.rows[0][0], self.rows[-1][0]
        if opened is None:
            self._note("opening not recorded: that of the first line taken")
            return first
        self.early = sum(at < opened for at, _line in self.rows)
        if opened > last:
            self._note("opening later than all lines: the first line taken")
            return first
        return opened

    def record(self):
        """Return the record for service_import, None where there is no time at all."""
        if self.opened is None:
            self._note("incident without any readable time: NOT imported", lost=1)
            return None
        first = self.rows[0][1] if self.rows else self.last
        lasting = first if self.mapping.in_history else self.last
        record = {
            "external_ref": f"{self.mapping.file['source']}{self.key}",
            "name": self._cut(self.export.text(self.last, "title")) or self.key,
            "description": self._description(),
            "opened_at": _text(self.opened),
            "priority": self._priority(lasting),
            "events": self._events(),
        }
        for key in NAMED:
            source = first if key in HELD else lasting
            record[key] = self.export.text(source, key)
        self._compare_milestones(record["events"])
        return {key: value for key, value in record.items() if value is not None}

    def correction(self, record):
        """Return a record that corrects how a ticket was classified at its opening.

        For a ticket that came with an earlier export in which the last line, whose
        classification holds for the whole history, was another one.
        """
        change = {key: record[key] for key in LASTING if key in record}
        since = next(
            (
                at
                for at, line in reversed(self.rows)
                if any(
                    self.export.text(line, key) != self.export.text(self.last, key)
                    for key in LASTING
                )
            ),
            self.opened,
        )
        event = {
            "at": record["opened_at"],
            "kind": "reclassified",
            "external_ref": f"last after {_text(since)}",
            **change,
        }
        return record | {"events": [*record["events"], event]}

    def _cut(self, text):
        if text and len(text) > LONGEST_TEXT:
            self._note(f"text of more than {LONGEST_TEXT} characters: cut")
            return f"{text[:LONGEST_TEXT]}…"
        return text

    def _description(self):
        cells = [
            (name, self._cut(self.export.cell(self.last, name)))
            for name in self.mapping.names("description")
        ]
        parts = [
            f"<li>{html.escape(name)}: {html.escape(text)}</li>"
            for name, text in cells
            if text
        ]
        return f"<ul>{''.join(parts)}</ul>" if parts else None

    def _priority(self, line):
        text = self.export.text(line, "priority")
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
        for moment, line in self.rows:
            at = _text(moment)
            events += [{"at": at, **change} for change in self._changes(before, line)]
            state = self.export.text(line, "state")
            now = mapping.states.get(state)
            if now is None:
                self._note(f"state {state} is not in the mapping: line's state ignored")
            elif now != phase:
                events.append({"at": at, "kind": "phase", **self._phase(now, line, at)})
                phase = now
            if now and not answered and state not in unanswered:
                events.append({"at": at, "kind": "responded"})
                answered = True
            before = line
        return events

    def _phase(self, phase, line, at):
        """Return what a line says of a phase: also until when it waits."""
        until = phase.startswith("waiting_") and self.export.time(line, "until")
        if until and _text(until) > at:
            return {"phase": phase, "until": _text(until)}
        return {"phase": phase}

    def _changes(self, before, line):
        """Yield what changed of holder and attributes since the line before."""
        if before is None:
            return
        in_history = self.mapping.in_history
        for kind, keys in (
            ("assigned", HELD),
            ("reclassified", ("category", "partner") if in_history else ()),
        ):
            mapped = [key for key in keys if key in self.mapping.columns]
            change = {key: self.export.text(line, key) or False for key in mapped}
            if change != {
                key: self.export.text(before, key) or False for key in mapped
            }:
                yield {"kind": kind, **change}
        if in_history:
            priority = self._priority(line)
            if priority is not None and priority != self._priority(before):
                yield {"kind": "reclassified", "priority": priority}

    def _compare_milestones(self, events):
        """Note where the export's own milestones say otherwise than its lines."""
        for column, phase in self.mapping.milestones.items():
            found = self.export.clockface.instants(self.export.cell(self.last, column))
            reached = [event["at"] for event in events if event.get("phase") == phase]
            if not found:
                if reached:
                    self._note(f"{column} not recorded: the lines hold")
            elif not reached:
                self._note(f"{column} recorded, but no line in that state")
            elif reached[-1] not in map(_text, found):
                self._note(f"{column} is not when the line says: the line holds")


def _text(moment):
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def read_incidents(path, mapping, findings):
    """Return the incidents of an export, in the order in which they begin in it.

    :return: (list of pairs of :class:`Incident` and its record, number of lines)
    """
    export = Export(path, mapping, findings)
    grouped = {}
    for line in export.lines:
        key = export.text(line, "incident")
        told = [export.text(line, name) for name in ("state", "changed_at")]
        if not any(told):
            findings.note("line that tells nothing: no incident", str(line.number))
        elif key is None:
            findings.note(
                "line without the number of an incident: left out", str(line.number), 1
            )
        elif THROUGH_EXCEL.fullmatch(key):
            findings.note(
                "number that a workbook has rounded: REFUSED, export it as text",
                f"line {line.number}: {key}",
                1,
            )
        else:
            grouped.setdefault(key, []).append(line)
    incidents = [Incident(key, lines, export) for key, lines in grouped.items()]
    timed = [incident for incident in incidents if incident.rows]
    early = sum(incident.early for incident in timed)
    if early * 2 > sum(len(incident.rows) for incident in timed):
        raise ValueError(
            f"{path}: most lines lie before the opening of their incident; are the "
            "columns opened_at and changed_at the right ones?"
        )
    pairs = [(incident, incident.record()) for incident in incidents]
    return [pair for pair in pairs if pair[1]], len(export.lines)
