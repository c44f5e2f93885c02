import psycopg2

from odoo import api, fields, models
from odoo.exceptions import (
    AccessError,
    ConcurrencyError,
    UserError,
    ValidationError,
)
from odoo.tools import SQL

from ...tools.core.form_text import MOST_IN_LINE, shown
from ...tools.core.import_history import PreparedRows, Refusal
from ...tools.core.track import Row
from .arguments import Arguments
from .import_names import CREATABLE, ImportNames, ImportStages
from .import_texts import REFUSED, REMARKED, ROW
from .imported_ticket import ImportedTicket

MAX_RECORDS = 500

QUIET = {"tracking_disable": True}
"""The past raises no mail, no activity and no follower."""

INTEGRATION = "service_quality.service_quality_group_integration"

IMPORTERS = (
    "helpdesk_mgmt.group_helpdesk_manager",
    "service_quality.service_quality_group_service_manager",
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
nobody's: it ends the call, and Odoo runs that again."""


class HelpdeskTicket(models.Model):
    """Take over tickets with their whole history from another system."""

    _inherit = "helpdesk.ticket"

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @api.model
    def service_import(
        self, records, dry_run=False, create_missing=(), callbacks=False
    ):
        """Import tickets of another system, with their history.

        A record is known again by its ``external_ref`` within its company, a row by
        its own: a repeat changes nothing, and rows that are new are appended. Of two
        equal calls at once the later waits, and finds what the first one imported.
        Stage, team, holder and dates of the ticket follow from its rows. No mail is
        sent and no activity made; what a team asks for on resolving is not asked of
        the past.

        :param records: list of at most 500 dicts with ``external_ref`` (text, the other
            system's key, unique per company), ``name`` and ``opened_at`` (when the
            customer reported it). Optional; False, None and "" mean that there is none:

            - ``description``: HTML; the name when left out
            - ``number``: text; the helpdesk's next one when left out
            - ``phase``: at the opening, an open one; ``new`` when left out
            - ``team``, ``user``: who held it at the opening
            - ``partner``, ``category``, ``process``, ``priority`` (``"0"`` low to
              ``"3"`` very high): for the whole history, unless *reclassified* rows
              change them; process and priority of any new ticket when left out
            - ``channel``, ``company`` (one of the caller's current ones),
              ``partner_name``, ``partner_email`` (texts, which make no contact)
            - ``events``: list of dicts, the rows of the history, oldest first: ``at``
              and ``kind``; optionally ``external_ref`` (unique in the record; made from
              the row's content when left out), ``reason`` (of the desk, never the
              customer's words), ``seq`` (order among rows of the same second; its place
              in the list when left out), and by ``kind``: ``phase``: ``phase`` (a key
              of a stage's service phase), ``party`` (the contact whose time a third
              party's is), ``until`` (when a waiting one ends by itself);
              ``assigned``: ``user`` and ``team`` or one of them;
              ``reclassified``: what changes of ``partner``, ``category``, ``process``,
              ``priority``; ``responded``, ``updated``, ``arrived``, ``departed``,
              ``noted``: nothing

            Texts are trimmed and lose their control characters. Identifiers have at
            most 255 characters, other texts of one line 1,000, a reason 100,000 and
            a description 2,000,000.
            Times are texts ``YYYY-MM-DD HH:MM:SS`` in UTC, of the years 1900 to 2999;
            one with an offset is converted. What names a record is an id
            or a name: teams and categories also by complete name, users by login first,
            contacts by reference first. Users are never created: an unknown or
            ambiguous user or channel is left out and reported; anything else decides
            what was promised, so that its record is refused.
        :param dry_run: say what would happen; nothing is written
        :param create_missing: list of ``team``, ``category``, ``channel``, ``partner``:
            create those that are unknown, as far as the caller may
        :return: list of dicts in the order of the records: ``external_ref``;
            ``outcome``: ``created``, ``updated``, ``unchanged`` or ``refused``;
            ``ticket_id`` or False; ``adjusted``: dicts ``{"what", "row", "text"}`` of
            what was taken differently (rows before the opening are moved to it, rows
            are sorted by time, …; ``row`` counts from 1, 0 is the record itself);
            ``reason``: such a dict for a refused one, which harms no other, else False
        :raise AccessError: for who is neither helpdesk manager, service manager nor a
            program with the role Integration
        :raise ValidationError: for what is no list, more than 500 records, or a wrong
            create_missing; nothing is imported then
        """
        self._service_check_may_import()
        self._service_check_import(records, create_missing)
        return self._service_import(
            records or (), dry_run, create_missing or (), callbacks
        )

    @api.model
    def _service_import(self, records, dry_run, create_missing, callbacks=False):
        now = fields.Datetime.now()
        imported = [ImportedTicket(record, now) for record in records]
        names = self._service_import_names(imported, create_missing)
        self._service_import_find(imported)
        self._service_import_follow(imported, names)
        if not dry_run:
            if names.missing:
                names.add_missing()
                self._service_import_follow(imported, names)
            todo = [one for one in imported if not one.refusal and one.written]
            tickets = self.with_context(**QUIET)
            if self.env.user.has_group(INTEGRATION):
                tickets = tickets.sudo()  # it writes tickets by this method only
            tickets._service_import_write(todo)
            self._service_import_done(todo, callbacks)
        return [self._service_import_outcome(one) for one in imported]

    @api.model
    def _service_import_done(self, imported, callbacks):
        """Act on tickets that were imported; addons extend it.

        :param imported: list of :class:`~.imported_ticket.ImportedTicket`
        :param callbacks: follow-up calls were asked for
        """

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    @api.model
    def _service_check_may_import(self):
        """A history decides past verdicts: only who answers for the desk brings one."""
        if not self.env.su and not any(map(self.env.user.has_group, IMPORTERS)):
            raise AccessError(
                self.env._(
                    "Only helpdesk managers, service managers and programs with the "
                    "role Integration import tickets."
                )
            )

    @api.model
    def _service_check_import(self, records, create_missing):
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
    def _service_import_names(self, imported, create_missing):
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
    def _service_import_find(self, imported):
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
        stored = self._service_import_stored(tickets.ids)
        for ticket in tickets:
            one = seen.get((ticket.company_id.id, ticket.service_external_ref))
            if one:
                one.ticket_id, one.stored = ticket.id, stored[ticket.id]

    @api.model
    def _service_import_stored(self, ticket_ids):
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
    def _service_import_follow(self, imported, names):
        """Work out the rows that each ticket gets, and where they lead."""
        stages = ImportStages(self.env)
        defaults = {
            company_id: self.with_company(company_id).default_get(
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
    def _service_import_write(self, imported):
        """Write all at once; when that fails, halve until who is to blame is alone."""
        if not imported:
            return
        try:
            with self.env.cr.savepoint():
                self._service_import_create([o for o in imported if o.stored is None])
                self._service_import_update([o for o in imported if o.stored])
        except REFUSALS as error:
            if _is_imported_at_once(error):
                # what the other call imported is only seen from a fresh start
                raise ConcurrencyError(str(error)) from error
            if len(imported) == 1:
                imported[0].refusal = _refusal_of(error)
                return
            middle = len(imported) // 2
            self._service_import_write(imported[:middle])
            self._service_import_write(imported[middle:])

    @api.model
    def _service_import_create(self, imported):
        if imported:
            vals_list = [one.prepare_create(self.env.uid) for one in imported]
            self._service_import_numbers(vals_list)
            tickets = self.create(vals_list)
            for one, ticket in zip(imported, tickets, strict=True):
                one.ticket_id = ticket.id

    @api.model
    def _service_import_update(self, imported):
        """Append the new rows of tickets that are there, and let these follow."""
        rows = [row for one in imported for row in one.rows(self.env.uid)]
        if not rows:
            return
        tickets = self.browse([one.ticket_id for one in imported])
        tickets.check_access("write")
        tickets_sudo = tickets.sudo()  # the ledger is written for everybody
        for one, ticket in zip(imported, tickets_sudo, strict=True):
            ticket._write_as_step(one.prepare_state())
            ticket._write_as_step(one.prepare_dates())
        tickets_sudo.flush_recordset()
        tickets_sudo.env["service.quality.ledger"]._append(rows)

    @api.model
    def _service_import_numbers(self, vals_list):
        """Draw the numbers of tickets at once, where the helpdesk counts them itself.

        An addon that numbers tickets in its own way does so when they are created.
        """
        own = "odoo.addons.helpdesk_mgmt.models.helpdesk_ticket"
        if type(self)._prepare_ticket_number.__module__ != own:
            return
        unnumbered = {}
        for vals in vals_list:
            if vals["number"] == "/":
                unnumbered.setdefault(vals["company_id"], []).append(vals)
        for company_id, without in unnumbered.items():
            sequence = self._service_number_sequence(company_id)
            if sequence.implementation == "standard" and not sequence.use_date_range:
                numbers = self._service_draw_numbers(sequence, len(without))
                for vals, number in zip(without, numbers, strict=True):
                    vals["number"] = number

    @api.model
    def _service_number_sequence(self, company_id):
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
    def _service_draw_numbers(self, sequence, count):
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
    # Hooks of creation
    # ------------------------------------------------------------------

    @api.model
    def _service_split_histories(self, vals_list):
        """Take prepared histories out of the values of new tickets.

        :return: (values, list of :class:`PreparedRows` or None, one per ticket)
        """
        histories = [vals.get("service_event_ids") for vals in vals_list]
        if not any(isinstance(history, PreparedRows) for history in histories):
            return vals_list, [None] * len(vals_list)
        split = []
        for index, vals in enumerate(vals_list):
            vals = dict(vals)
            if isinstance(histories[index], PreparedRows):
                del vals["service_event_ids"]
            else:
                histories[index] = None
            split.append(vals)
        return split, histories

    def _service_history_rows(self, snapshot, history):
        """Return the rows of a new ticket that brings its history along.

        :param history: :class:`PreparedRows`, in their order
        """
        rows = []
        matched = self._service_matched_value(snapshot)
        for row in history:
            if row["kind"] in ("opened", "reclassified"):
                row = row | {"value": matched | row["value"]}
            rows.append(row | {"ticket_id": self.id})
        return rows

    # ------------------------------------------------------------------
    # Outcome
    # ------------------------------------------------------------------

    @api.model
    def _service_import_outcome(self, one):
        """Return what became of a record, fit for any protocol."""
        refusal = one.refusal
        return {
            "external_ref": one.external_ref,
            "outcome": one.outcome,
            "ticket_id": one.ticket_id or False,
            "adjusted": []
            if refusal
            else [
                self._service_import_text(REMARKED, remark) for remark in one.remarks
            ],
            "reason": bool(refusal) and self._service_import_text(REFUSED, refusal),
        }

    @api.model
    def _service_import_text(self, texts, found):
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
