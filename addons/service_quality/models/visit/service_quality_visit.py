from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

STATES = [
    ("planned", "Planned"),
    ("on_site", "On site"),
    ("left", "Left"),
    ("signed", "Signed"),
]

TIMES = {"arrived": "arrived_at", "departed": "left_at"}
"""The kinds of rows that make a visit, and where the visit shows when that was."""

SETTLED = frozenset({"ticket_id", "user_id", "planned_at", "active"})
"""What a row of the ledger refers to, and so stays from the arrival on."""


class ServiceQualityVisit(models.Model):
    """An engineer goes to a customer once: from arriving to the signed service sheet.

    When somebody arrived and left is in the ledger of the ticket; the visit follows the
    rows that name it, as clocks do. What was done, the parts and the photos are written
    here until the customer signs: from then on nothing of it changes.
    """

    _name = "service.quality.visit"
    _description = "Visit on Site"
    _inherit = ["service.quality.steps.mixin"]
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

    # what the ledger says
    arrived_at = fields.Datetime(string="Arrived", readonly=True, copy=False)
    left_at = fields.Datetime(string="Left", readonly=True, copy=False)
    state = fields.Selection(
        STATES, compute="_compute_state", store=True, index=True, precompute=True
    )
    seconds_on_site = fields.Integer(
        string="Time on Site", compute="_compute_seconds_on_site", store=True
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

    @api.depends("arrived_at", "left_at")
    def _compute_seconds_on_site(self):
        for visit in self:
            stayed = visit.left_at and visit.left_at - visit.arrived_at
            visit.seconds_on_site = stayed.total_seconds() if stayed else 0

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

        :return: dict of visit id to visits; those that nobody ever made are left out
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
            # whoever plans it need not see who it is about
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
        # whoever sends somebody to a customer, also themselves, works on the ticket
        visits.ticket_id.check_access("write")
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
        """What a customer has signed does not change any more."""
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
    # Actions
    # ------------------------------------------------------------------

    def action_open_ticket(self):
        """Open the ticket."""
        self.ensure_one()
        return self.ticket_id.get_formview_action()


def _overlap(visit, other):
    """Return True if two visits that were begun share a moment."""
    return (not other.left_at or other.left_at > visit.arrived_at) and (
        not visit.left_at or visit.left_at > other.arrived_at
    )
