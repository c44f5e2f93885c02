from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.arguments import Arguments

STATES = [
    ("planned", "Planned"),
    ("on_site", "On site"),
    ("left", "Left"),
    ("signed", "Signed"),
]

SETTLED = frozenset({"ticket_id", "user_id", "planned_at", "active"})
"""The fields that a row of the ledger refers to: they stay from the arrival on."""


class ServiceQualityVisit(models.Model):
    """Tells of an engineer who goes to a customer, from arriving to the signed sheet.

    The ledger of the ticket says when the engineer arrived and left. What was done, the
    parts and the photos are written here until the customer signs: from then on nothing
    of it changes.
    """

    _name = "service.quality.visit"
    _description = "Visit on Site"
    _inherit = [
        "service.quality.steps.mixin",
        "service.quality.visit.times",
        "service.quality.visit.phone",
        "service.quality.visit.signing",
    ]
    _order = "arrived_at desc, planned_at desc, id desc"
    _rec_name = "number"
    _rec_names_search = ["number", "ticket_id"]
    _check_company_auto = True

    # what it is about
    number = fields.Char(
        string="Sheet Number",
        readonly=True,
        copy=False,
        help="The number of the service sheet, given at the first arrival.",
    )
    active = fields.Boolean(default=True)
    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        "res.company", related="ticket_id.company_id", store=True, precompute=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        related="ticket_id.partner_id",
        string="Customer",
        store=True,
        index="btree_not_null",
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team", related="ticket_id.team_id", store=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Engineer",
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    planned_at = fields.Datetime(string="Planned For")

    state = fields.Selection(
        STATES, compute="_compute_state", store=True, index=True, precompute=True
    )

    # the record of the work
    work_done = fields.Text(copy=False)
    part_ids = fields.One2many("service.quality.visit.part", "visit_id", string="Parts")
    photo_ids = fields.Many2many(
        "ir.attachment", string="Photos", copy=False, bypass_search_access=True
    )
    unsigned_reason = fields.Char(
        string="Why Nobody Signed",
        copy=False,
        help="For example that nobody was there. The visit is then no longer listed "
        "as to be signed.",
    )

    # the service sheet
    sheet_id = fields.Many2one(
        "service.quality.visit.sheet",
        string="Signed Sheet",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    sheet_ids = fields.One2many(
        "service.quality.visit.sheet",
        "visit_id",
        string="Signed Sheets",
        readonly=True,
    )
    signed_name = fields.Char(related="sheet_id.signed_name")
    signed_at = fields.Datetime(related="sheet_id.signed_at")
    signature = fields.Binary(related="sheet_id.signature")

    warning = fields.Char(compute="_compute_warning")

    _number_uniq = models.UniqueIndex(
        "(company_id, number) WHERE number IS NOT NULL",
        "Another service sheet of the company has this number.",
    )
    _user_idx = models.Index("(user_id, state)")

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("arrived_at", "left_at", "sheet_id")
    def _compute_state(self):
        for visit in self:
            if visit.sheet_id:
                visit.state = "signed"
            elif visit.left_at:
                visit.state = "left"
            else:
                visit.state = "on_site" if visit.arrived_at else "planned"

    @api.depends("number", "ticket_id.number")
    def _compute_display_name(self):
        for visit in self:
            # an engineer is sent to tickets of others as well
            ticket = visit.sudo().ticket_id
            visit.display_name = visit.number or self.env._(
                "Visit for %s", ticket.number
            )

    @api.depends("user_id", "arrived_at", "left_at")
    def _compute_warning(self):
        """Say where else the engineer is, or was at the same time."""
        others = self._together_elsewhere()
        for visit in self:
            found = others.get(visit._origin.id)
            visit.warning = visit._warning(found) if found else False

    def _warning(self, others):
        return self.env._(
            "%(engineer)s is also on site for %(tickets)s at the same time. Check the "
            "times.",
            engineer=self.user_id.name,
            # whose tickets these are is no secret to who sees the visit
            tickets=", ".join(sorted(set(others.sudo().ticket_id.mapped("number")))),
        )

    def _together_elsewhere(self):
        """Return the other visits of the same engineers at the same time.

        :return: dict of visit id to visits; visits without an arrival are left out
        """
        made = self._origin.filtered("arrived_at")
        if not made:
            return {}
        # an engineer's visits may be for companies that the reader does not see
        others = self.sudo().search(
            Domain("user_id", "in", made.user_id.ids)
            & Domain("arrived_at", "!=", False)
            & (
                Domain("left_at", "=", False)
                | Domain("left_at", ">", min(made.mapped("arrived_at")))
            )
        )
        by_user = others.grouped("user_id")
        return {
            visit.id: by_user.get(visit.user_id, others.browse()).filtered(
                lambda other, visit=visit: (
                    other.id != visit.id and _overlap(visit, other)
                )
            )
            for visit in made
        }

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("user_id", "ticket_id")
    def _check_user_id(self):
        for visit in self:
            # the planner of a visit need not see who the complaint is about
            if visit.user_id in visit.sudo().ticket_id._service_hidden_from():
                raise ValidationError(
                    self.env._(
                        "The complaint is about this engineer, or about whom they work "
                        "under. Send somebody else."
                    )
                )
            if not visit.user_id or visit.user_id.share:
                raise ValidationError(
                    self.env._("A visit is made by one of us. Choose the engineer.")
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        visits = super().create(vals_list)
        # a user who sends somebody to a customer, or goes there, works on the ticket
        visits.ticket_id.check_access("write")
        visits.filtered("unsigned_reason")._note_reason()
        return visits

    def write(self, vals):
        self._check_unsigned()
        settled = SETTLED & vals.keys()
        if settled and any(visit.state != "planned" for visit in self):
            raise UserError(
                self.env._(
                    "The engineer has arrived, so %s stays as it is. Void the arrival "
                    "in the ledger of the ticket first.",
                    self._fields[min(settled)]._description_string(self.env),
                )
            )
        result = super().write(vals)
        if "ticket_id" in vals:
            self.ticket_id.check_access("write")
        if "unsigned_reason" in vals:
            self._note_reason()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_made(self):
        if any(visit.number for visit in self):
            raise UserError(
                self.env._(
                    "A visit that was made is part of the record and is not deleted."
                )
            )

    @api.model
    def _step_refusal(self, label):
        return self.env._(
            "%s follows from the ledger and from signing. Use Arrived, Left and Sign.",
            label,
        )

    def _check_may_write(self):
        self._check_unsigned()  # says what to do; the right to write is gone as well
        self.check_access("write")

    def _check_unsigned(self):
        """Refuse to change what a customer has signed."""
        signed = self.filtered("sheet_id")
        if signed:
            raise UserError(
                self.env._(
                    "Service sheet %s is signed and stays as it is. Revise it to have "
                    "a corrected one signed.",
                    signed[:1].number,
                )
            )

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
            without a connection knows how long ago it was. The ledger says that it was
            noted so, unless it is longer ago than a day, or the caller was connected
            in the meantime: then it is entered later, as with ``at``.
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
            waited = self._waited(at, moment)
            visit._record("arrived", moment, external_ref, waited=waited)
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
            waited = self._waited(at, moment)
            self._record("departed", moment, external_ref, waited=waited)
        return True

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_ticket(self):
        """Open the ticket."""
        self.ensure_one()
        return self.ticket_id.get_formview_action()

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

        The engineer is the caller if they are service staff, otherwise the assignee of
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
        """Return which of the open visits of one ticket is meant, or none."""
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


def _overlap(visit, other):
    """Return True if two visits that were begun share a moment."""
    return (not other.left_at or other.left_at > visit.arrived_at) and (
        not visit.left_at or visit.left_at > other.arrived_at
    )
