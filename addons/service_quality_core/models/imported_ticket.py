"""Turns one record of an import into a ticket's values, without a database."""

from odoo import fields
from odoo.tools import plaintext2html

from ..tools.form_text import MOST_IN_KEY, shown
from ..tools.import_history import (
    ImportedRow,
    PreparedRows,
    Refusal,
    Remark,
    follow,
    priority_of,
    read_record,
)
from ..tools.track import effective_rows
from .import_names import NAMED

SAME_NAME = {"partner": "contact"}
"""The keys of a record that a row's value calls otherwise."""


class ImportedTicket:
    """Holds what a record says, and the rows and values that follow from it.

    ``refusal`` is set once it is clear that nothing can be made of it. ``stored`` are
    the ``(row, seq, external_ref)`` of a ticket that is there already, else None.
    """

    def __init__(self, record, now):
        self.record, self.now = record, now
        self.ticket_id = self.company_id = self.stored = self.refusal = None
        self.entries, self.remarks, self.written = [], [], []
        self.course = self.stage = None
        self._ids = {}  # (key, row's number): id
        try:
            self.record, self.opened, self.entries, self._remarks_read = read_record(
                record, now
            )
        except Refusal as refusal:
            self.refusal = refusal
        ref = self.record.get("external_ref") if isinstance(record, dict) else ""
        self.external_ref = shown(ref, MOST_IN_KEY) if isinstance(ref, str) else ""

    @property
    def outcome(self):
        """Return what became of the record: refused, created, updated or unchanged."""
        if self.refusal:
            return "refused"
        if self.stored is None:
            return "created"
        return "updated" if self.written else "unchanged"

    def named(self):
        """Yield ``(key, name or id, row's number)`` of all that the record names."""
        for key in NAMED & self.record.keys():
            yield key, self.record[key], 0
        for entry in self.entries:
            for key, given in entry.given.items():
                key = "partner" if key == "party" else key
                if key in NAMED:
                    yield key, given, entry.number

    # ------------------------------------------------------------------
    # Following
    # ------------------------------------------------------------------

    def follow(self, names, stages, defaults):
        """Enter the rows that are to be written, and where all rows lead.

        :param names: :class:`~.import_names.ImportNames` that was loaded
        :param defaults: the values of a new ticket of the company
        :raise Refusal: for what cannot be named, or where the team has no stage
        """
        self._resolve(names)
        opening = self._opening(names, defaults)
        new = [
            ImportedRow(
                entry.at, entry.seq, entry.kind, self._given(entry, names), entry
            )
            for entry in self.entries
        ]
        if self.stored is None:
            steps = [ImportedRow(self.opened, 0, "opened", opening, None), *new]
        else:
            steps = self._merged(new)
            self._compare(opening, steps)
        self.course, self.written = follow(steps, lambda step: step.entry is not None)
        if self.stored is None:
            self.written.insert(0, (steps[0], opening["team"]))
        course = self.course
        course.settle(self.now)
        self.stage = stages.find(course.phase, course.team, self.company_id)
        if self.written and not self.stage:
            raise Refusal("no_stage", given=course.phase)

    def _resolve(self, names):
        self.remarks = list(self._remarks_read)
        for key, given, number in self.named():
            record_id, remark = names.resolve(key, given, self.company_id, number)
            self._ids[key, number] = record_id
            if remark:
                self.remarks.append(remark)

    def _id(self, key, number=0):
        return self._ids.get((key, number))

    def _opening(self, names, defaults):
        """Return what the *opened* row says, but for what only the ticket knows."""
        category = self._id("category")
        return {
            "phase": self.record.get("phase") or "new",
            "party": None,
            "user": self._id("user"),
            "team": self._id("team"),
            "process": self._id("process") or defaults.get("type_id") or None,
            "priority": priority_of(self.record) or defaults.get("priority"),
            "category": category,
            "category_path": names.paths.get(category, []),
            **self._contact(self._id("partner"), names),
        }

    def _contact(self, partner_id, names):
        return {"contact": partner_id, "customer": names.customers.get(partner_id)}

    def _given(self, entry, names):
        """Return what a row changes, with ids in the place of names."""
        value = {}
        for key, given in entry.given.items():
            if key == "partner":
                value.update(self._contact(self._id(key, entry.number), names))
            elif key == "category":
                value[key] = self._id(key, entry.number)
                value["category_path"] = names.paths.get(value[key], [])
            elif key == "party":
                value[key] = self._id("partner", entry.number)
            else:
                value[key] = self._id(key, entry.number) if key in NAMED else given
        return value

    def _compare(self, opening, steps):
        """Remark on what the record says otherwise than how the ticket began.

        What reclassifies a ticket in the second of its opening belongs to it.
        """
        began = next(step.at for step in steps if step.kind == "opened")
        first = {}
        for step in steps:
            if step.at == began and step.kind in ("opened", "reclassified"):
                first.update(step.value)
        differing = [
            key
            for key in ("partner", "category", "process", "priority")
            if self.record.get(key)
            and first[SAME_NAME.get(key, key)] != opening[SAME_NAME.get(key, key)]
        ]
        if began != self.opened:
            differing.append("opened_at")
        self.remarks += [Remark("kept", 0, {"key": key}) for key in differing]

    def _merged(self, new):
        """Put the rows that are new among those that are in the ledger already.

        In a second of which the record leaves out stored rows, new ones come last.
        """
        sent = {step.entry.ref for step in new}
        known = {ref for _row, _seq, ref in self.stored if ref}
        opened = self.stored[0][0].at
        last = {}
        for row, seq, ref in self.stored:
            if ref not in sent:
                last[row.at] = max(seq, last.get(row.at, 0))
        seqs = {row.id: seq for row, seq, _ref in self.stored}
        steps = [
            ImportedRow(row.at, seqs[row.id], row.kind, row.value, None)
            for row in effective_rows(row for row, _seq, _ref in self.stored)
        ]
        for step in new:
            if step.entry.ref not in known:
                at = max(step.at, opened)
                steps.append(step._replace(at=at, seq=step.seq + last.get(at, 0)))
        return sorted(steps, key=lambda step: step[:2])

    # ------------------------------------------------------------------
    # Values
    # ------------------------------------------------------------------

    def rows(self, user_id):
        """Return the rows for the ledger; those of a new ticket lack its id."""
        return [
            {
                "ticket_id": self.ticket_id,
                "company_id": self.company_id,
                "at": step.at,
                "seq": step.seq,
                "kind": step.kind,
                "value": step.value,
                "user_id": user_id,
                "team_id": team_id,
                "reason": step.entry.reason if step.entry else None,
                "origin": "import",
                "external_ref": step.entry.ref if step.entry else None,
            }
            for step, team_id in self.written
        ]

    def prepare_create(self, user_id):
        """Return the values of a new ticket, as it stands at the end of its history."""
        record = self.record
        return {
            "name": record["name"],
            "number": record.get("number") or "/",
            "description": record.get("description") or plaintext2html(record["name"]),
            "company_id": self.company_id,
            "channel_id": self._id("channel") or False,
            "partner_name": record.get("partner_name") or False,
            "partner_email": record.get("partner_email") or False,
            "service_opened_at": self.opened,
            "service_external_ref": self.external_ref,
            "service_event_ids": PreparedRows(self.rows(user_id)),
            **self.prepare_state(),
            **self.prepare_dates(),
        }

    def prepare_state(self):
        """Return the values that follow from where the rows lead."""
        course, attributes = self.course, self.course.attributes
        return {
            "stage_id": self.stage.id,
            "team_id": course.team or False,
            "user_id": course.user or False,
            "partner_id": attributes["contact"] or False,
            "category_id": attributes["category"] or False,
            "type_id": attributes["process"] or False,
            "priority": attributes["priority"],
            "service_party_id": course.party or False,
            "service_waits_until": course.until or False,
            "service_cancel_reason": course.phase == "cancelled" and course.reason,
        }

    def prepare_dates(self):
        """Return the dates that the helpdesk would set to now."""
        course = self.course
        return {
            "last_stage_update": fields.Datetime.to_datetime(course.phase_since),
            "closed_date": self.stage.closed and course.phase_since,
            "assigned_date": bool(course.user) and course.user_since,
        }
