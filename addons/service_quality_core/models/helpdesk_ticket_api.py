"""Has the methods of tickets that other programs call, and the buttons of the form.

They are apart from ``helpdesk_ticket.py`` for their long docstrings, which are the
documentation of the interface.
"""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .arguments import Arguments
from .roles import INTEGRATION
from .service_quality_request import idempotent
from .service_quality_ticket_hold_mixin import WAITING, WAITING_PHASES

OPENING = (
    "name", "description", "partner_id", "partner_name", "partner_email", "team_id",
    "category_id", "type_id", "priority", "channel_id", "company_id",
)  # fmt: skip
"""What another program may say of a ticket that it opens."""

COUNTED = 1000
"""Beyond it a number no longer says what to do next, and is not worth counting."""


class HelpdeskTicket(models.Model):
    """Records what people and programs say of a ticket, and answers what they ask."""

    _inherit = "helpdesk.ticket"

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @api.model
    def _service_recordable(self):
        """Return the kinds of rows that people and programs may write by themselves."""
        return ("responded", "updated", "arrived", "departed", "noted")

    @api.model
    def service_open(self, values, external_ref):
        """Open a ticket that another system knows by a key of its own.

        :param values: dict with ``name`` and any of ``description`` (HTML; the name
            when left out), ``partner_id`` or ``partner_name`` and ``partner_email``,
            ``team_id``, ``category_id``, ``type_id`` (the process), ``priority``
            (``"0"`` low to ``"3"`` very high), ``channel_id``, ``company_id``
        :param external_ref: the other system's key, unique in the company; a repeat
            under it gives the same answer
        :return: dict ``{"id", "number"}``
        :raise AccessError: without the right to create tickets
        :raise ValidationError: for a key that is not known, without a name or key, or
            when another ticket has it
        """
        self.check_access("create")
        ref = Arguments(self.env).key("external_ref", external_ref)
        if not ref:
            raise ValidationError(
                self.env._("Give the other system's key of the ticket as external_ref.")
            )
        return self._service_open(values, external_ref=ref)

    @api.model
    @idempotent
    def _service_open(self, values, external_ref=None):
        """Open a ticket; see :meth:`service_open`."""
        given = Arguments(self.env)
        vals = {
            key: given.field(key, value, self._fields[key])
            for key, value in given.mapping("values", values, OPENING).items()
        }
        if not vals.get("name"):
            raise ValidationError(self.env._("Give the ticket a name."))
        vals["description"] = vals.get("description") or vals["name"]
        ticket = self.create(vals)
        tickets = self.sudo().with_context(active_test=False)  # also what is hidden
        domain = [("service_external_ref", "=", external_ref)]
        if tickets.search_count([*domain, ("company_id", "=", ticket.company_id.id)]):
            raise ValidationError(
                self.env._("Another ticket of the company has this external reference.")
            )
        # no user gives a ticket a key by hand
        ticket.sudo()._write_as_step({"service_external_ref": external_ref})
        return {"id": ticket.id, "number": ticket.number}

    def service_record(self, kind, at=None, reason=None, external_ref=None):
        """Write a fact about these tickets to their ledger.

        :param kind: ``responded``, ``updated``, ``arrived``, ``departed`` or ``noted``
        :param at: text ``YYYY-MM-DD HH:MM:SS`` in UTC, or a naive datetime; now when
            left out. Not before the ticket's opening and not in the future; not before
            a deadline that passed longer ago than late entries may take.
        :param reason: a remark of the desk, never the customer's words
        :param external_ref: the caller's own key of the fact; a second call with the
            same one changes nothing
        :return: True
        :raise AccessError: without the right to write the tickets, or the role
            Integration and the right to read them
        :raise ValidationError: for an unknown kind or an impossible time, or a key
            under which something else was recorded
        """
        self._ensure_some()
        is_program = self.env.user.has_group(INTEGRATION)
        self.check_access("read" if is_program else "write")
        given = Arguments(self.env)
        given.choice("kind", kind, [(key, key) for key in self._service_recordable()])
        reason = given.text("reason", reason)
        external_ref = given.key("external_ref", external_ref)
        moment = self._service_moment(at)
        known = self._service_facts_of(external_ref)
        known._check_repeated(kind, at and moment, reason)
        tickets = self - known.ticket_id.with_env(self.env)
        tickets._service_record_fact(kind, moment, reason, external_ref)
        return True

    @idempotent
    def service_set_deadline(
        self,
        metric,
        deadline,
        reason,
        message_id=False,
        attachment_ids=False,
        external_ref=None,
    ):
        """Set the deadline of a running target by hand, or give the computed one back.

        It is not moved by pauses, and it does not undo what was missed already. Each
        ticket needs the customer's agreement to its own: what the customer wrote on
        it, or files attached to it. Figures are given with and without it.

        :param metric: for example ``resolution``
        :param deadline: text ``YYYY-MM-DD HH:MM:SS`` in UTC or a naive datetime; False
            gives the computed deadline back
        :param reason: why; it is required
        :param message_id: id of the message in which the customer agrees
        :param attachment_ids: list of ids of files in which the customer agrees
        :param external_ref: the caller's own key; a repeat under it does nothing more
        :return: True
        :raise ValidationError: without a reason, an agreement of the customer that
            holds for no other ticket, an open clock or a moment in the next five years
        :raise AccessError: for who may not use the dialog either
        """
        self._ensure_some()
        self.check_access("write")
        self.env["helpdesk.ticket.deadline"].check_access("create")
        value, reason, now = self._service_deadline_wanted(metric, deadline, reason)
        is_set = bool(value["deadline"])
        found = self._service_consents(message_id, attachment_ids) if is_set else {}
        rows = [
            one._service_row("deadline_set", value | found.get(one, {}), now)
            | {"reason": reason}
            for one in self
        ]
        # only the ledger writes rows; that they may be was checked
        self.env["service.quality.ledger"].sudo()._append(rows)
        return True

    def service_hold(self, phase="waiting_customer", until=None, party_id=None):
        """Put tickets on hold: their clocks pause where their targets say so.

        A repeat changes nothing. Any other stage ends the pause earlier.

        :param phase: ``waiting_customer`` or ``waiting_third_party``
        :param until: text ``YYYY-MM-DD HH:MM:SS`` in UTC or a naive datetime, after now
            and within a year: the pause ends then by itself, and the ticket is in
            progress again; without it the pause lasts until the ticket is moved
        :param party_id: id of the contact that a third party's pause waits for
        :return: True
        :raise AccessError: without the right to write the tickets
        :raise ValidationError: for an argument that is none of these, and for a team
            without a stage that waits so
        """
        self._ensure_some()
        self.check_access("write")
        given = Arguments(self.env)
        phase = given.choice("phase", phase, WAITING)
        vals = {"service_waits_until": given.moment("until", until) or False}
        if party_id:
            vals["service_party_id"] = given.record(
                "party_id", party_id, "res.partner"
            ).id
        for team, tickets in self.grouped("team_id").items():
            stage = self.env["helpdesk.ticket.stage"]._service_stage([phase], team)
            if not stage:
                raise ValidationError(
                    self.env._(
                        "The team has no stage “%s”. Add one in its settings.",
                        WAITING_PHASES[phase],
                    )
                )
            staying = tickets.filtered(
                lambda ticket: ticket.stage_id._service_phase() == phase
            )
            staying.write(vals)  # batched: two writes per team
            (tickets - staying).write({"stage_id": stage.id, **vals})
        return True

    def service_explain(self):
        """Explain the ticket's clocks: what was chosen, and why not the others.

        :return: dict of target id to a list of dicts ``{"target", "agreement",
            "chosen", "reason"}`` in words, best first
        """
        self.ensure_one()
        self.check_access("read")
        # it names agreements, also those of other customers
        self.env["service.quality.agreement"].check_access("read")
        return self.env["service.quality.clock"]._explain(self)

    def service_timeline(self, clock_id):
        """Return where each second of one of the ticket's clocks went, and why it runs.

        :param clock_id: id of a clock of this ticket
        :return: dict with ``clock`` (as in ``service_strip``), ``start`` and ``end``
            (of the clock, or now), ``pieces`` (lists of start, end and label), ``sums``
            (seconds by label, which add up to the time from start to end), ``holders``,
            ``events`` and ``steps`` (see ``service_explain``); times are texts in UTC
        :raise AccessError: without the right to read the ticket, its ledger and the
            agreements, also those of other customers, that it names
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["service.quality.ticket.strip"]._timeline(self, clock_id)

    @api.model
    @api.readonly
    def service_count_burning(self, domain):
        """Count open tickets by what is wrong with their service targets.

        :param domain: only tickets of this domain
        :return: dict of ``late``, ``at_risk``, ``paused`` and ``no_agreement`` to how
            many they are, one more than ``COUNTED`` for any number beyond it
        """
        chosen = Arguments(self.env).domain("domain", domain, self._name)
        opened = chosen & Domain("closed", "=", False)
        wanted = {
            state: Domain("service_state", "=", state)
            for state in ("late", "at_risk", "paused")
        }
        wanted["no_agreement"] = Domain("service_has_agreement", "=", False)
        return {
            name: self.search_count(  # batched: four counts
                opened & condition, limit=COUNTED + 1
            )
            for name, condition in wanted.items()
        }

    @api.model
    def service_changes(self, cursor="", limit=500):
        """Return the rows of the ledger that came in since the last call.

        Rows come in the order of their transactions, each once, and only when no
        transaction is open any more that could still put one before them: what is
        committed late is late, never lost. A transaction that stays open, in any
        database of the cluster, holds newer rows back until it ends.

        Keep the cursor and give it back next time, also when ``rows`` is empty. A
        ticket deleted fresh takes its one row along, and rows of a company that the
        caller may see from now on do not come again: start from "" for these.

        :param cursor: "" for the beginning, then the text of the last answer
        :param limit: how many rows at most, 1 to 1,000
        :return: dict ``{"rows", "cursor", "more"}``. Rows are dicts with ``id``,
            ``ticket_id``, ``company_id``, ``at`` and ``recorded_at`` (texts
            ``YYYY-MM-DD HH:MM:SS``, UTC), ``seq``, ``kind``, ``value`` (a dict without
            empty keys), ``user_id``, ``team_id``, ``voids_id``, ``reason``, ``origin``
            and ``external_ref``; what is not there is False. ``more``: call again at
            once.
        :raise AccessError: for who may not read the ledger; rows of tickets or
            companies that the caller may not read are left out
        :raise LedgerRestored: when the database is not the one that the cursor is of,
            as after a restore: forget the cursor and all rows, and start again. Its
            words end with ``(ledger_restored)``; over JSON-2 its status is 410, and
            its context has ``{"code": "ledger_restored"}``
        """
        return self.env["service.quality.ledger.feed"]._changes(cursor, limit)

    @api.model
    def service_clocks(self, cursor="", limit=500):
        """Return the service targets of tickets that changed since the last call.

        The first calls tell all there are, later ones what was new, moved, judged or
        went late since. A clock may come more than once, each time as it stands then:
        put it in the place of what you have of it. Keep the cursor as that of
        :meth:`service_changes`; what is said there of open transactions, of companies
        and of a restored database holds here as well.

        :param cursor: "" for the beginning, then the text of the last answer
        :param limit: how many rows at most, 1 to 1,000
        :return: dict ``{"rows", "cursor", "more"}``. Rows are dicts with ``id``,
            ``ticket_id``, ``company_id`` and ``gone``, which is True for a clock that
            is no longer there, or no longer of this company: forget it. The others have
            what ``CLOCK_COLUMNS`` names, and ``status``: ``running``, ``at_risk``,
            ``late``, ``paused``, ``unreachable`` (never due), ``met``, ``missed`` or
            ``cancelled``. ``verdict`` is False until the clock is judged, which a late
            one is when it stops: ``status`` says that it is late. Times are texts
            ``YYYY-MM-DD HH:MM:SS`` in UTC; what is not there is False.
        :raise AccessError: for who may not read service targets
        :raise LedgerRestored: when the database is not the one that the cursor is of
        """
        return self.env["service.quality.ledger.feed"]._clocks(cursor, limit)

    @api.model
    def service_import(self, records, dry_run=False, create_missing=()):
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
        return self._service_import(records, dry_run, create_missing)

    @api.model
    def _service_import(self, records, dry_run, create_missing, **options):
        """Import tickets; see :meth:`service_import`.

        :param options: what addons ask for, for :meth:`_service_import_done`
        """
        return self.env["service.quality.ticket.import"]._run(
            records, dry_run, create_missing, options
        )

    @api.model
    def _service_import_done(self, imported, **options):
        """Act on tickets that were imported; addons extend it.

        :param imported: list of :class:`~.imported_ticket.ImportedTicket`
        :param options: those of :meth:`_service_import`
        """

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_service_customer_seen(self):
        """Take what the customer wrote off the desk: it needs no answer."""
        self._ensure_some()
        self.check_access("write")
        self._service_customer_heard()
        return True

    def action_service_arrived(self):
        """Record the arrival of an engineer on site."""
        return self.service_record("arrived")

    def action_service_left(self):
        """Record that the visit is over."""
        return self.service_record("departed")

    def action_service_resolve(self):
        """Open the dialog that asks for the record of the work."""
        self.ensure_one()
        return self._service_action_finish("resolved")

    def action_service_cancel(self):
        """Open the dialog that asks for the reason."""
        self.ensure_one()
        return self._service_action_finish("cancelled")

    def action_service_set_deadline(self):
        """Open the dialog in which a deadline is set by hand."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Set a deadline"),
            "res_model": "helpdesk.ticket.deadline",
            "view_mode": "form",
            "target": "new",
            "context": {"default_ticket_id": self.id},
        }

    def action_service_ledger(self):
        """Open the ledger of the tickets."""
        self._ensure_some()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_core.service_quality_event_action"
        )
        action["domain"] = [("ticket_id", "in", self.ids)]
        return action

    def action_service_check(self):
        """Check the ledger of the chosen tickets, a few of them at once."""
        self._ensure_some()
        check = self.env["service.quality.check"].create({"ticket_ids": self.ids})
        check._process_batch()
        return check._action_form()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _service_record_fact(self, kind, moment, reason, external_ref):
        """Write a row about each of these tickets."""
        rows = [
            ticket._service_row(kind, {}, moment)
            | {"reason": reason or None, "external_ref": external_ref or None}
            for ticket in self
        ]
        self._service_check_moment(rows)
        # only the ledger writes rows; that they may be was checked
        self.env["service.quality.ledger"].sudo()._append(rows)

    @api.model
    def _service_moment(self, at):
        """Return a naive UTC datetime in whole seconds from what a caller gave.

        :raise ValidationError: when it is a date in no known format
        """
        return Arguments(self.env).moment("at", at) or fields.Datetime.now()

    def _service_facts_of(self, external_ref):
        """Return the rows of the tickets' ledger that have an external reference."""
        # a row may be there that the caller's company does not let them read
        Event = self.env["service.quality.event"].sudo()
        if not external_ref:
            return Event
        return Event.search(
            [("ticket_id", "in", self.ids), ("external_ref", "=", external_ref)]
        )
