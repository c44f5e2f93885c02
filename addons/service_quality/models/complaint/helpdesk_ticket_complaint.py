from collections import namedtuple

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..core.service_quality_hidden_mixin import SEEN
from ..core.severity import RANK
from .complaint_data import ADMITTED, ANSWER_WAYS, COMPLAINT_STATES

STAFF = "base.group_user"

Facts = namedtuple("Facts", "severity phase duplicate_of active caused team about")
"""What is compared before and after a write: severity is None for no complaint,
``caused`` whether a root cause is on record, ``about`` from whom it is hidden."""


MOST_DIGITS = 32
"""More is no telephone number, and would not fit into an index."""


class HelpdeskTicket(models.Model):
    """A complaint: a ticket with a severity, that none closes without an answer.

    Its state and dates are columns of the fold: they follow from the ledger, in which
    each step is a row. What is said in words stands here.
    """

    _inherit = "helpdesk.ticket"

    service_severity_definition = fields.Text(
        string="What It Means",
        compute="_compute_service_severity_definition",
        groups=STAFF,
    )

    # follows from the ledger
    service_complaint_state = fields.Selection(
        COMPLAINT_STATES,
        string="Complaint Status",
        readonly=True,
        copy=False,
        groups=STAFF,
        group_expand=True,
        help="Follows from the ledger.",
    )
    service_complained_at = fields.Datetime(
        string="Complained At", readonly=True, copy=False, groups=STAFF
    )
    service_acknowledged_at = fields.Datetime(
        string="Acknowledged At", readonly=True, copy=False, groups=STAFF
    )
    service_answered_at = fields.Datetime(
        string="Complaint First Answered At",
        readonly=True,
        copy=False,
        groups=STAFF,
    )
    service_answer_verdict = fields.Selection(
        [("accepted", "Accepted"), ("refused", "Refused")],
        string="Complainant's Verdict",
        readonly=True,
        copy=False,
        groups=STAFF,
        help="What the complainant says to the last answer.",
    )
    service_refused = fields.Selection(
        [("once", "Once"), ("twice", "Twice")],
        string="Answer Refused",
        readonly=True,
        copy=False,
        groups=STAFF,
        help="The first refusal reopens the complaint, one level higher.",
    )

    # who complains
    service_is_anonymous = fields.Boolean(
        string="Anonymous",
        copy=False,
        groups=STAFF,
        help="Nothing is kept that tells who complains. The answer is published.",
    )
    service_phone = fields.Char(
        string="Phone",
        copy=False,
        groups=STAFF,
        help="Of a complainant who is no contact of ours.",
    )
    service_phone_digits = fields.Char(
        compute="_compute_service_phone_digits",
        store=True,  # searched when a call comes in
        groups=STAFF,
    )
    service_received_by_id = fields.Many2one(
        "res.users",
        string="Received By",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups=STAFF,
    )

    # about what
    service_about_ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="About Ticket",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups=STAFF,
        check_company=True,
    )
    service_about_user_id = fields.Many2one(
        "res.users",
        string="About Person",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups=STAFF,
        domain=[("share", "=", False)],
        help="This person and those who work under them never see the complaint.",
    )
    service_about_team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="About Outlet or Team",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups=STAFF,
    )
    service_about_product = fields.Char(
        string="About Product", copy=False, groups=STAFF
    )
    service_is_report = fields.Boolean(
        string="Supervision Report",
        copy=False,
        groups=STAFF,
        help="What the supervision hotline is told about an outlet or team is hidden "
        "from all who work there.",
    )
    service_is_unclear = fields.Boolean(
        string="Not Clear Whom It Is About",
        readonly=True,
        copy=False,
        groups=STAFF,
        help="Only the quality department sees the report until it has said whom or "
        "which team it is about.",
    )

    # how it was handled
    service_admitted = fields.Selection(
        ADMITTED, string="Admitted?", copy=False, groups=STAFF
    )
    service_root_cause = fields.Text(string="Root Cause", copy=False, groups=STAFF)
    service_handling = fields.Text(string="Handling", copy=False, groups=STAFF)
    service_redress = fields.Text(string="Redress", copy=False, groups=STAFF)
    service_answer = fields.Html(
        string="Answer to the Complainant", readonly=True, copy=False, groups=STAFF
    )
    service_answer_way = fields.Selection(
        ANSWER_WAYS, string="Answered", readonly=True, copy=False, groups=STAFF
    )
    service_refusal = fields.Text(
        string="Why Refused", readonly=True, copy=False, groups=STAFF
    )
    service_closing_reason = fields.Text(
        string="Reasons for Closing",
        copy=False,
        groups=STAFF,
        help="Asked for where the answer was refused twice; the complainant is told.",
    )

    # the other side
    service_complaint_ids = fields.One2many(
        "helpdesk.ticket",
        "service_about_ticket_id",
        string="Complaints About It",
        groups=STAFF,
        domain=SEEN,
    )
    service_notice_ids = fields.One2many(
        "service.quality.complaint.notice",
        "ticket_id",
        string="Passed On To",
        groups=STAFF,
    )

    _service_complaint_idx = models.Index(
        "(company_id, service_complaint_state) WHERE service_is_complaint IS TRUE"
    )
    _service_open_complaint_idx = models.Index(
        "(service_deadline) WHERE service_is_complaint IS TRUE AND "
        "(service_complaint_state <> 'closed' OR service_complaint_state IS NULL)"
    )
    _service_complained_at_idx = models.Index(
        "(company_id, service_complained_at) WHERE service_complained_at IS NOT NULL"
    )
    _service_unclear_idx = models.Index("(id) WHERE service_is_unclear IS TRUE")
    _service_phone_digits_idx = models.Index(
        "(service_phone_digits) WHERE service_phone_digits IS NOT NULL"
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("service_severity", "company_id")
    def _compute_service_severity_definition(self):
        definitions = self.env["service.quality.severity"]._definitions(self.company_id)
        for ticket in self:
            key = (ticket.company_id, ticket.service_severity)
            ticket.service_severity_definition = definitions.get(key, "")

    @api.depends("service_phone")
    def _compute_service_phone_digits(self):
        for ticket in self:
            phone = ticket.service_phone or ""
            digits = "".join(char for char in phone if char.isdigit())
            ticket.service_phone_digits = digits[-MOST_DIGITS:] or False

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains(
        "service_is_anonymous",
        "partner_id",
        "partner_name",
        "partner_email",
        "service_phone",
    )
    def _check_service_is_anonymous(self):
        """Anonymous means anonymous: nothing in the database says who it was."""
        known = ("partner_id", "partner_name", "partner_email", "service_phone")
        for ticket in self:
            if ticket.service_is_anonymous and any(ticket[name] for name in known):
                raise ValidationError(
                    self.env._(
                        "An anonymous complaint keeps no contact, name, mail address "
                        "or number. Empty them, or take the mark Anonymous away."
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._service_complete_complaint(vals) for vals in vals_list]
        tickets = super().create(vals_list)
        arrived = [
            ticket.id
            # whoever enters a complaint need not be one who reads its severity
            for ticket, vals in zip(tickets.sudo(), vals_list, strict=True)
            # what is taken over from elsewhere was passed on there, or never
            if ticket._service_severity() and not vals.get("service_event_ids")
        ]
        if arrived:
            tickets.browse(arrived)._service_take_down()
        return tickets

    def write(self, vals):
        before = self._service_complaint_facts()
        result = super().write(vals)
        self._service_check_complaints(before)
        self._service_hide_from_others(before)
        self._service_follow_complaints(before)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_complaint(self):
        for ticket in self.sudo():  # also one that the user may not see
            if ticket.service_is_complaint:
                raise UserError(
                    self.env._(
                        "Ticket %s is a complaint, and each complaint is answered. It "
                        "is not deleted.",
                        ticket.number,
                    )
                )

    @api.model
    def _service_complete_complaint(self, vals):
        """Return the values of a new ticket with what every complaint has."""
        if not vals.get("service_is_complaint"):
            return vals
        vals = dict(vals)
        vals["service_severity"] = vals.get("service_severity") or "minor"
        return vals

    @api.model
    def _service_harmless(self):
        """Add that a report does not say whom it is about, which hides it from more."""
        unclear = (("service_is_unclear", True), ("service_is_unclear", False))
        return (*super()._service_harmless(), *unclear)

    @api.model
    def _service_receiver(self):
        """Return who takes a complaint down: of mails and public pages nobody."""
        user = self.env.user
        return user.browse() if user.share or user._is_superuser() else user

    def _service_complaint_facts(self):
        """Return dict of ticket id to :class:`Facts`."""
        return {
            ticket.id: Facts(
                ticket._service_severity(),
                ticket.stage_id._service_phase(),
                ticket.duplicate_id.id,
                ticket.active,
                bool(ticket.service_root_cause),
                ticket.team_id,
                ticket._service_about(),
            )
            for ticket in self.sudo()  # the rule is for everybody
        }

    # ------------------------------------------------------------------
    # What follows
    # ------------------------------------------------------------------

    def _service_follow_complaints(self, before):
        """Pass on what has become a complaint, or a graver one."""
        after = self._service_complaint_facts()
        arrived, raised, caused = [], [], []
        for ticket_id, new in after.items():
            old = before[ticket_id]
            if not new.severity:
                continue
            if not old.severity:
                arrived.append(ticket_id)
            elif RANK[new.severity] > RANK[old.severity]:
                raised.append(ticket_id)
            if new.caused and not old.caused:
                caused.append(ticket_id)
        if caused:
            self.browse(caused)._service_log_root_cause()
        if arrived:
            self.browse(arrived)._service_take_down()
        if raised:
            self.browse(raised)._service_complaints_raised()

    def _service_take_down(self):
        """Note who took these complaints down, and pass them on.

        Whoever says so of a ticket that was there has taken the complaint down.
        """
        received = {"service_received_by_id": self._service_receiver().id}
        self.sudo()._write_as_step(received)  # not every reader may write
        self._service_complaints_arrived()

    def _service_log_root_cause(self):
        now = self._service_moment(self.env.context.get("service_at"))
        self.env["service.quality.ledger"].sudo()._append(  # written for everybody
            [ticket._service_row("root_cause", {}, now) for ticket in self]
        )

    def _service_complaints_arrived(self):
        """Tell the complainants that we have it, and those whom it concerns."""
        complaints = self.sudo()  # whoever enters it need not see whom it goes to
        complaints.filtered(
            lambda ticket: not ticket.service_severity
        ).service_severity = "minor"
        complaints._service_complaints_raised()
        complaints._service_tell_complainant("registered")

    def _service_complaints_raised(self):
        """Hand major complaints to the centre and pass on what has to be."""
        complaints = self.sudo()  # as above
        complaints._service_assign_centre()
        complaints._service_pass_on()
