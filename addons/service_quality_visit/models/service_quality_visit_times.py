from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

TIMES = {"arrived": "arrived_at", "departed": "left_at"}
"""The kinds of rows that make a visit, and where the visit shows when that was."""


class ServiceQualityVisitTimes(models.AbstractModel):
    """Adds to a visit when the engineer arrived and left, as the ledger says.

    Buttons, the phone, other programs and corrections all write its rows by
    :meth:`_record` or :meth:`_correct`, and :meth:`_follow` alone brings the visit to
    what the rows that name it say.
    """

    _name = "service.quality.visit.times"
    _description = "Times of a Visit"

    arrived_at = fields.Datetime(string="Arrived", readonly=True, copy=False)
    left_at = fields.Datetime(string="Left", readonly=True, copy=False)
    seconds_on_site = fields.Integer(
        string="Time on Site", compute="_compute_seconds_on_site", store=True
    )

    @api.depends("arrived_at", "left_at")
    def _compute_seconds_on_site(self):
        for visit in self:
            stayed = visit.left_at and visit.left_at - visit.arrived_at
            visit.seconds_on_site = stayed.total_seconds() if stayed else 0

    # ------------------------------------------------------------------
    # Arriving and leaving
    # ------------------------------------------------------------------

    def _record(self, kind, moment, external_ref=None, reason=None, waited=False):
        """Write to the ledger that the engineers of these visits arrived or left.

        :param waited: a phone without a connection noted when it was
        """
        self._check_unsigned()
        for visit in self:
            visit._check_turn(kind)
        rows = [
            visit._row(kind, moment)
            | {"reason": reason or None, "external_ref": external_ref or None}
            | ({"origin": "offline"} if waited else {})
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
        """Void what the ledger says of the times of a visit, and write it again.

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
