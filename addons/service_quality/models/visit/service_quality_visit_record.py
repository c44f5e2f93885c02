from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..core.arguments import Arguments
from .service_quality_visit import TIMES

MOST_SECONDS_AGO = 366 * 86_400
"""What was longer ago is told by its time."""


class ServiceQualityVisit(models.Model):
    """Arriving and leaving: rows of the ledger that name the visit.

    Buttons, the phone, other programs and corrections all write such rows by
    :meth:`_record` or :meth:`_correct`, and :meth:`_follow` alone brings the visit to
    what its rows say. So they agree, whoever recorded.
    """

    _inherit = "service.quality.visit"

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @api.model
    def record_arrival(
        self, ticket_id, at=None, seconds_ago=0, external_ref=None, visit_id=None
    ):
        """Record that the caller has arrived at the customer of a ticket.

        It is the visit that was planned for the caller, or a new one.

        :param at: text ``YYYY-MM-DD HH:MM:SS`` in UTC, when it was earlier than now
        :param seconds_ago: the same, told by a clock that may be wrong: a phone
            without a connection knows how long ago it was
        :param external_ref: the caller's own key of the fact; a second call with the
            same one changes nothing
        :param visit_id: which of the visits planned for the caller it is; the first
            one when left out
        :return: the id of the visit
        :raise AccessError: without the right to write the ticket, unless the visit was
            planned for the caller
        """
        given = Arguments(self.env)
        ticket = given.record("ticket_id", ticket_id, "helpdesk.ticket")
        external_ref = given.key("external_ref", external_ref)
        moment = self._moment(at, seconds_ago)
        visit = self._known(ticket, external_ref, "arrived", at and moment)
        visit.check_access("read")
        if not visit:
            visit = self._to_arrive(ticket, visit_id)
            visit._record("arrived", moment, external_ref)
        return visit.id

    def record_departure(self, at=None, seconds_ago=0, external_ref=None):
        """Record that the engineer has left; see :meth:`record_arrival`.

        :return: True
        """
        self.ensure_one()
        self.check_access("read")
        external_ref = Arguments(self.env).key("external_ref", external_ref)
        moment = self._moment(at, seconds_ago)
        if not self._known(self.ticket_id, external_ref, "departed", at and moment):
            self._check_may_write()
            self._record("departed", moment, external_ref)
        return True

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_arrive(self):
        """Record that the engineer arrives now."""
        self._ensure_some()
        self._check_may_write()
        self._record("arrived", self._moment())
        return True

    def action_leave(self):
        """Record that the engineer leaves now."""
        self._ensure_some()
        self._check_may_write()
        self._record("departed", self._moment())
        return True

    # ------------------------------------------------------------------
    # Which visit is meant
    # ------------------------------------------------------------------

    @api.model
    def _of_tickets(self, tickets, kind):
        """Return the visits that a fact about tickets is about, one of each ticket.

        The person is the caller when they are service staff, otherwise whoever has
        the ticket: a desk and another program record for the engineer.
        """
        visits = self.search(
            Domain("ticket_id", "in", tickets.ids)
            & Domain("state", "in", ("planned", "on_site")),
            order="planned_at, id",
        ).grouped("ticket_id")
        people = {ticket: ticket._service_engineer() for ticket in tickets}
        found = {
            ticket: visits.get(ticket, self.browse())._pick(kind, people[ticket])
            for ticket in tickets
        }
        if kind == "departed":
            self._check_found(found)
        missing = [ticket for ticket in tickets if not found[ticket]]
        created = self.create(
            [
                {"ticket_id": ticket.id, "user_id": people[ticket].id}
                for ticket in missing
            ]
        )
        return self.concat(*found.values(), created)

    @api.model
    def _to_arrive(self, ticket, visit_id):
        """Return the caller's visit that begins: a certain, planned or new one."""
        if visit_id:
            visit = Arguments(self.env).record("visit_id", visit_id, self._name)
            visit._check_may_write()
            return visit
        return self.search(
            [
                ("ticket_id", "=", ticket.id),
                ("user_id", "=", self.env.uid),
                ("state", "in", ("planned", "on_site")),
            ],
            order="state, planned_at, id",  # who is there does not arrive again
            limit=1,
        ) or self.create({"ticket_id": ticket.id})

    def _pick(self, kind, engineer):
        """Return which of the open visits of one ticket somebody means, or none."""
        own = self.filtered(lambda visit: visit.user_id == engineer)
        there = own.filtered(lambda visit: visit.state == "on_site")
        if kind == "arrived":
            return there[:1] or own[:1]
        on_site = self.filtered(lambda visit: visit.state == "on_site")
        return there[:1] or (on_site if len(on_site) == 1 else self.browse())

    @api.model
    def _check_found(self, found):
        for ticket, visit in found.items():
            if not visit:
                raise UserError(
                    self.env._(
                        "Nobody is known to be on site for ticket %s, so nobody can "
                        "leave. Record the arrival first, or record who left on their "
                        "own visit.",
                        ticket.number,
                    )
                )

    @api.model
    def _known(self, ticket, external_ref, kind, at):
        """Return the visit that a known fact with the caller's key is about.

        :raise ValidationError: when another fact has this key
        """
        # an engineer is sent to tickets of others; who asks may read the visit
        row = ticket._service_facts_of(external_ref)
        row._check_repeated(kind, at, row.reason)
        return self.browse((row.value or {}).get("visit"))

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _moment(self, at=None, seconds_ago=0):
        """Return when it was, from what a caller gave: naive UTC, whole seconds."""
        given = Arguments(self.env)
        moment = given.moment("at", at)
        if moment:
            return moment
        seconds = max(int(given.number("seconds_ago", seconds_ago or 0)), 0)
        given.whole("seconds_ago", seconds, 0, MOST_SECONDS_AGO)
        return fields.Datetime.now() - timedelta(seconds=seconds)

    def _record(self, kind, moment, external_ref=None, reason=None):
        """Write to the ledger that the engineers of these visits arrived or left."""
        self._check_unsigned()
        for visit in self:
            visit._check_turn(kind)
        rows = [
            visit._row(kind, moment)
            | {"reason": reason or None, "external_ref": external_ref or None}
            for visit in self
        ]
        self.ticket_id._service_check_moment(rows)
        # the ledger is written for everybody
        self.env["service.quality.ledger"].sudo()._append(rows)

    def _row(self, kind, moment):
        self.ensure_one()
        # an engineer is sent to tickets of others as well
        ticket = self.sudo().ticket_id
        value = {"visit": self.id, "user": self.user_id.id}
        return ticket._service_row(kind, value, moment)

    def _check_turn(self, kind):
        """Refuse to arrive twice, to leave twice, and to leave without arriving."""
        if kind == "arrived" and self.arrived_at:
            raise UserError(
                self.env._(
                    "%(engineer)s has arrived already for ticket %(ticket)s. Record "
                    "that they left before they arrive again.",
                    engineer=self.user_id.name,
                    ticket=self.sudo().ticket_id.number,  # named by its number only
                )
            )
        if kind == "departed" and not self.arrived_at:
            raise UserError(
                self.env._(
                    "%(engineer)s has not arrived yet for ticket %(ticket)s. Record "
                    "the arrival first; it may be entered later, with its time.",
                    engineer=self.user_id.name,
                    ticket=self.sudo().ticket_id.number,  # named by its number only
                )
            )
        if kind == "departed" and self.left_at:
            raise UserError(
                self.env._("%s has left already.", self.user_id.name),
            )

    def _follow(self, times):
        """Bring visits to what their rows say.

        :param times: dict of visit id to dict of row kind to when it was
        :raise UserError: for what a customer has signed
        :raise ValidationError: for a departure without or before its arrival
        """
        for visit in self:
            found = times.get(visit.id, {})
            vals = {field: found.get(kind, False) for kind, field in TIMES.items()}
            if all(visit[field] == vals[field] for field in vals):
                continue
            visit._check_unsigned()
            visit._check_order(vals["arrived_at"], vals["left_at"])
            if not visit.number:
                vals["number"] = visit._next_number()
            visit._write_as_step(vals)  # batched: one visit as a rule

    def _check_order(self, arrived_at, left_at):
        if left_at and not arrived_at:
            raise ValidationError(
                self.env._(
                    "Without the arrival %s would have left without arriving. Void "
                    "the departure first.",
                    self.user_id.name,
                )
            )
        if left_at and left_at < arrived_at:
            raise ValidationError(
                self.env._(
                    "%s would have left before arriving. Enter a later time.",
                    self.user_id.name,
                )
            )

    def _next_number(self):
        sequence = self.env["ir.sequence"].with_company(self.company_id)
        return sequence.next_by_code("service.quality.visit")  # batched: one visit

    def _correct(self, times, reason):
        """Void what the ledger says of a visit, and say it anew.

        :param times: dict of row kind to when it really was, False where it was not
        """
        self.ensure_one()
        self._check_unsigned()
        rows, moments = [], {kind: self[field] for kind, field in TIMES.items()}
        wrong = [kind for kind in TIMES if moments[kind] != times[kind]]
        for event in self._events().filtered(lambda event: event.kind in wrong):
            rows.append(
                event.ticket_id._service_row("voided", {"kind": event.kind}, event.at)
                | {"voids_id": event.id, "reason": reason}
            )
        fresh = [
            self._row(kind, times[kind]) | {"reason": reason}
            for kind in wrong
            if times[kind]
        ]
        self.sudo().ticket_id._service_check_moment(fresh)  # checked by the wizard
        # only the ledger writes rows; that they may be was checked
        self.env["service.quality.ledger"].sudo()._append(rows + fresh)

    def _events(self):
        """Return the rows of the ledger that make the visit, voided ones left out."""
        self.ensure_one()
        # the rows of the visit's ticket are read with the visit
        events = self.env["service.quality.event"].sudo()
        found = events.search(
            [
                ("ticket_id", "=", self.ticket_id.id),
                ("kind", "in", list(TIMES)),
                ("voided_by_ids", "=", False),
            ]
        )
        return found.filtered(lambda event: event.value.get("visit") == self.id)
