import psycopg2

from odoo import api, fields, models
from odoo.exceptions import (
    AccessError,
    ConcurrencyError,
    UserError,
    ValidationError,
)
from odoo.tools import SQL, ormcache

from ..tools.form_text import MOST_IN_LINE, shown
from ..tools.import_history import Refusal
from ..tools.track import Row
from .arguments import Arguments
from .import_names import CREATABLE, ImportNames, ImportStages
from .import_texts import REFUSED, REMARKED, ROW
from .imported_ticket import ImportedTicket
from .roles import INTEGRATION, group_of

MAX_RECORDS = 500

QUIET = {"tracking_disable": True}
"""The past raises no mail, no activity and no follower."""

IMPORTERS = (
    "helpdesk_mgmt.group_helpdesk_manager",
    group_of("service_manager"),
    INTEGRATION,
)

REFUSALS = (
    UserError,
    ValueError,
    psycopg2.IntegrityError,
    psycopg2.DataError,
    psycopg2.errors.ProgramLimitExceeded,
)
"""What one record may be to blame for. A lost connection or a serialization failure is
no record's: it ends the call, and Odoo runs that again."""


class ServiceQualityTicketImport(models.AbstractModel):
    """Takes over tickets with their whole history from another system.

    It plans first, in :class:`~.imported_ticket.ImportedTicket`, and writes all at
    once; a record that is refused harms no other.
    """

    _name = "service.quality.ticket.import"
    _description = "Import of Tickets"

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @api.model
    def _run(self, records, dry_run, create_missing, options):
        """Import records; see ``service_import``.

        :param options: dict for ``_service_import_done`` of the tickets
        """
        self._check_may_import()
        self._check(records, create_missing)
        records, create_missing = records or (), create_missing or ()
        now = fields.Datetime.now()
        imported = [ImportedTicket(record, now) for record in records]
        names = self._read_names(imported, create_missing)
        self._find_tickets(imported)
        self._refuse_after_start(imported)
        self._follow(imported, names)
        self._refuse_afterwards(imported)
        if not dry_run:
            if names.missing:
                names.add_missing()
                self._follow(imported, names)
            todo = [one for one in imported if not one.refusal and one.written]
            writing = self.with_context(**QUIET)
            if self.env.user.has_group(INTEGRATION):
                writing = writing.sudo()  # it writes tickets by this method only
            writing._write_tickets(todo)
            self.env["helpdesk.ticket"]._service_import_done(todo, **options)
        return [self._outcome(one) for one in imported]

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    @api.model
    def _check_may_import(self):
        """Refuse who does not answer for the desk: a history decides past verdicts."""
        if not self.env.su and not any(map(self.env.user.has_group, IMPORTERS)):
            raise AccessError(
                self.env._(
                    "Only helpdesk managers, service managers and programs with the "
                    "role Integration import tickets."
                )
            )

    @api.model
    def _live_since(self, company_ids):
        """Return from when on a person enters no ticket with a past, by company.

        A history is from before the desk worked here. What a program of the role
        Integration brings comes from a system that keeps its own record.

        :return: dict of company id to a moment, naive UTC; without those where
            everything is history yet
        """
        if self.env.user.has_group(INTEGRATION):
            return {}
        return self._starts(company_ids)

    @api.model
    def _starts(self, company_ids):
        """Return when the desk began to work here; see :meth:`_live_since`."""
        found = {}
        if self.env.su:
            return found
        for company_id in set(company_ids):
            try:
                found[company_id] = self._first_opened(company_id)
            except LookupError:  # nobody has opened a ticket here yet
                continue
        return found

    @api.model
    @ormcache("company_id")
    def _first_opened(self, company_id):
        """Return when the first ticket was opened here, naive UTC.

        The ledger only grows, so that it stays true.

        :raise LookupError: for none yet, which is not kept in the cache
        """
        query = SQL(
            """
            SELECT at FROM service_quality_event
             WHERE company_id = %s AND kind = 'opened' AND origin = 'user'
             ORDER BY at LIMIT 1
            """,
            company_id,
        )
        [[first]] = self.env.execute_query(query) or [[None]]
        if first is None:
            raise LookupError(company_id)
        return first

    @api.model
    def _refuse_after_start(self, imported):
        """Refuse new tickets by which a person would better what was done here."""
        new = [one for one in imported if not one.refusal and one.stored is None]
        since = self._live_since(one.company_id for one in new)
        for one in new:
            if one.company_id in since and one.opened >= since[one.company_id]:
                one.refusal = Refusal("after_start")

    @api.model
    def _refuse_afterwards(self, imported):
        """Refuse rows that a ticket gets later and that would take back a miss.

        What was opened before the desk worked here is history: its rows may follow. Of
        a ticket on which nobody has worked here the other system keeps the record.
        """
        following = {
            one.ticket_id: one for one in imported if not one.refusal and one.stored
        }
        since = self._starts(one.company_id for one in following.values())
        rows = []
        for ticket in self._worked_on_here(following):
            one = following[ticket.id]
            opened = fields.Datetime.to_datetime(one.stored[0][0].at)
            if one.company_id in since and opened >= since[one.company_id]:
                rows += one.rows(self.env.uid)
        for row, clock in self.env["helpdesk.ticket"]._service_undone(rows):
            following[row["ticket_id"]].refusal = Refusal(
                "afterwards", given=fields.Datetime.to_string(clock.deadline)
            )

    @api.model
    def _worked_on_here(self, ticket_ids):
        """Return those of some tickets whose ledger has a row that was entered here."""
        rows = self.env["service.quality.event"].sudo()  # also what is hidden counts
        brought = ("import", "migration", "system")
        return rows.search(
            [("ticket_id", "in", list(ticket_ids)), ("origin", "not in", brought)]
        ).ticket_id

    @api.model
    def _check(self, records, create_missing):
        given = Arguments(self.env)
        records = given.entries("records", records)
        if len(records) > MAX_RECORDS:
            raise ValidationError(
                self.env._(
                    "%(count)s records are too many for one call. Send at most "
                    "%(limit)s.",
                    count=len(records),
                    limit=MAX_RECORDS,
                )
            )
        for key in given.entries("create_missing", create_missing):
            if key not in CREATABLE:
                raise ValidationError(
                    self.env._(
                        "An import cannot create %(keys)s. Choose among %(known)s.",
                        keys=shown(key),
                        known=", ".join(CREATABLE),
                    )
                )

    # ------------------------------------------------------------------
    # Planning: nothing is written
    # ------------------------------------------------------------------

    @api.model
    def _read_names(self, imported, create_missing):
        """Read all records that are named, and enter the company of each ticket."""
        names = ImportNames(self.env, create_missing)
        wanted = {}
        for one in imported:
            if not one.refusal:
                for key, given, _number in one.named():
                    if given and type(given) in (str, int):
                        wanted.setdefault(key, set()).add(given)
        names.load(wanted)
        for one in imported:
            if one.refusal:
                continue
            try:
                given, _remark = names.resolve("company", one.record.get("company"), 0)
                one.company_id = given or self.env.company.id
            except Refusal as refusal:
                one.refusal = refusal
        return names

    @api.model
    def _find_tickets(self, imported):
        """Find the tickets that are there already, and their rows."""
        seen = {}
        for one in imported:
            if one.refusal:
                continue
            if seen.setdefault((one.company_id, one.external_ref), one) is not one:
                one.refusal = Refusal("record_twice", given=one.external_ref)
        # also what the caller's record rules hide is there
        Ticket = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        tickets = Ticket.search_fetch(
            [
                ("service_external_ref", "in", [ref for _company, ref in seen]),
                ("company_id", "in", list({company for company, _ref in seen})),
            ],
            ["company_id", "service_external_ref"],
        )
        stored = self._stored_rows(tickets.ids)
        for ticket in tickets:
            one = seen.get((ticket.company_id.id, ticket.service_external_ref))
            if one:
                one.ticket_id, one.stored = ticket.id, stored[ticket.id]

    @api.model
    def _stored_rows(self, ticket_ids):
        """Return what is in the ledger: ticket id: ``[(row, seq, external_ref)]``."""
        if not ticket_ids:
            return {}
        query = SQL(
            """
            SELECT ticket_id, seq, external_ref, id, at, kind, value, voids_id
              FROM service_quality_event
             WHERE ticket_id IN %s
             ORDER BY ticket_id, at, seq, id
            """,
            tuple(ticket_ids),
        )
        found = {}
        for ticket_id, seq, ref, *columns in self.env.execute_query(query):
            found.setdefault(ticket_id, []).append((Row(*columns), seq, ref))
        return found

    @api.model
    def _follow(self, imported, names):
        """Work out the rows that each ticket gets, and where they lead."""
        stages, tickets = ImportStages(self.env), self.env["helpdesk.ticket"]
        defaults = {
            company_id: tickets.with_company(company_id).default_get(
                ["priority", "type_id"]
            )
            for company_id in {one.company_id for one in imported if one.company_id}
        }
        for one in imported:
            if not one.refusal:
                try:
                    one.follow(names, stages, defaults[one.company_id])
                except Refusal as refusal:
                    one.refusal = refusal

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    @api.model
    def _write_tickets(self, imported):
        """Write all at once; when that fails, halve until who is to blame is alone."""
        if not imported:
            return
        try:
            with self.env.cr.savepoint():
                self._create_tickets([o for o in imported if o.stored is None])
                self._update_tickets([o for o in imported if o.stored])
        except REFUSALS as error:
            if _is_imported_at_once(error):
                # what the other call imported is only seen from a fresh start
                raise ConcurrencyError(str(error)) from error
            if len(imported) == 1:
                imported[0].refusal = _refusal_of(error)
                return
            middle = len(imported) // 2
            self._write_tickets(imported[:middle])
            self._write_tickets(imported[middle:])

    @api.model
    def _create_tickets(self, imported):
        if imported:
            vals_list = [one.prepare_create(self.env.uid) for one in imported]
            self._number_tickets(vals_list)
            tickets = self.env["helpdesk.ticket"].create(vals_list)
            for one, ticket in zip(imported, tickets, strict=True):
                one.ticket_id = ticket.id

    @api.model
    def _update_tickets(self, imported):
        """Append the new rows of tickets that are there, and let these follow."""
        rows = [row for one in imported for row in one.rows(self.env.uid)]
        if not rows:
            return
        tickets = self.env["helpdesk.ticket"].browse(
            [one.ticket_id for one in imported]
        )
        tickets.check_access("write")
        tickets_sudo = tickets.sudo()  # the ledger is written for everybody
        for one, ticket in zip(imported, tickets_sudo, strict=True):
            ticket._write_as_step(one.prepare_state())
            ticket._write_as_step(one.prepare_dates())
        tickets_sudo.flush_recordset()
        tickets_sudo.env["service.quality.ledger"]._append(rows)

    @api.model
    def _number_tickets(self, vals_list):
        """Draw the numbers of tickets at once, where the helpdesk counts them itself.

        An addon that numbers tickets in its own way does so when they are created.
        """
        own = "odoo.addons.helpdesk_mgmt.models.helpdesk_ticket"
        tickets = self.env["helpdesk.ticket"]
        if type(tickets)._prepare_ticket_number.__module__ != own:
            return
        unnumbered = {}
        for vals in vals_list:
            if vals["number"] == "/":
                unnumbered.setdefault(vals["company_id"], []).append(vals)
        for company_id, without in unnumbered.items():
            sequence = self._number_sequence(company_id)
            if sequence.implementation == "standard" and not sequence.use_date_range:
                numbers = self._next_numbers(sequence, len(without))
                for vals, number in zip(without, numbers, strict=True):
                    vals["number"] = number

    @api.model
    def _number_sequence(self, company_id):
        """Return the sequence that the helpdesk numbers a company's tickets by."""
        return self.env["ir.sequence"].search(
            [
                ("code", "=", "helpdesk.ticket.sequence"),
                ("company_id", "in", (company_id, False)),
            ],
            order="company_id",
            limit=1,
        )

    @api.model
    def _next_numbers(self, sequence, count):
        """Return the next numbers of a sequence in its words."""
        prefix, suffix = sequence._get_prefix_suffix()
        query = SQL(
            "SELECT nextval(%s) FROM generate_series(1, %s)",
            f"ir_sequence_{sequence.id:03d}",
            count,
        )
        return [
            f"{prefix}{number:0{sequence.padding}d}{suffix}"
            for (number,) in self.env.execute_query(query)
        ]

    # ------------------------------------------------------------------
    # Outcome
    # ------------------------------------------------------------------

    @api.model
    def _outcome(self, one):
        """Return what became of a record, fit for any protocol."""
        refusal = one.refusal
        return {
            "external_ref": one.external_ref,
            "outcome": one.outcome,
            "ticket_id": one.ticket_id or False,
            "adjusted": []
            if refusal
            else [self._in_words(REMARKED, remark) for remark in one.remarks],
            "reason": bool(refusal) and self._in_words(REFUSED, refusal),
        }

    @api.model
    def _in_words(self, texts, found):
        """Put a refusal or a remark into words."""
        template, row = str(texts[found.what]), str(ROW)
        text = template % found.values
        if found.number:
            text = row % {"number": found.number, "text": text}
        return {"what": found.what, "row": found.number, "text": text}


def _is_imported_at_once(error):
    """Return True when another call has just brought in the same ticket or row."""
    return isinstance(error, psycopg2.errors.UniqueViolation) and (
        error.diag.constraint_name.endswith("_external_ref_uniq")
    )


def _refusal_of(error):
    """Return the refusal of a record that only the database found fault with."""
    if isinstance(error, UserError):
        return Refusal("error", given=shown(error, MOST_IN_LINE))
    diag = getattr(error, "diag", None)
    return Refusal("database", given=shown(diag and diag.message_primary or error))
