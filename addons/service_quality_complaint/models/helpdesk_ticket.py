from collections import namedtuple

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.service_quality_hidden_mixin import SEEN
from odoo.addons.service_quality_core.models.severity import RANK
from odoo.addons.service_quality_core.tools.metrics import HANDLED_PHASES
from odoo.addons.service_quality_core.tools.phone import plain_number

from .complaint_data import ADMITTED, ANSWER_WAYS, COMPLAINT_STATES, RECORDED
from .service_quality_complaint_entry import COMPLAINT_FORM

STAFF = "base.group_user"

APART = "service_complaint"
"""The fields that only complaints fill in: the ORM reads them together, and not along
with those of every ticket."""

OF_COMPLAINTS = {"copy": False, "groups": STAFF, "prefetch": APART}
"""What most of them have in common."""

Facts = namedtuple(
    "Facts", "severity phase duplicate_of active caused team about company"
)
"""What is compared before and after a write: severity is None for no complaint,
``caused`` whether a root cause is on record, ``about`` from whom it is hidden."""

MOST_DIGITS = 32
"""More is no telephone number, and would not fit into an index."""

HIDDEN_BY = (
    "service_about_user_id", "service_about_team_id", "service_is_report",
    "service_is_unclear",
)  # fmt: skip
"""The fields that say from whom a complaint is hidden."""


class HelpdeskTicket(models.Model):
    """A complaint is a ticket with a severity; none is closed without an answer.

    Its state and dates are columns of the fold: they follow from the ledger, in which
    each step is a row. What is said in words stands here. The models that it takes up
    hold its concerns; what extends methods of every ticket is here.
    """

    _name = "helpdesk.ticket"
    _inherit = [
        "helpdesk.ticket",
        "service.quality.complaint.entry",
        "service.quality.complaint.hotline",
        "service.quality.complaint.confidentiality",
        "service.quality.complaint.routing",
        "service.quality.complaint.steps",
        "service.quality.complaint.checklist",
        "service.quality.complaint.complainant",
    ]

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
        group_expand=True,
        help="Follows from the ledger.",
        **OF_COMPLAINTS,
    )
    service_complained_at = fields.Datetime(
        string="Complained At", readonly=True, **OF_COMPLAINTS
    )
    service_acknowledged_at = fields.Datetime(
        string="Acknowledged At", readonly=True, **OF_COMPLAINTS
    )
    service_answered_at = fields.Datetime(
        string="Complaint First Answered At", readonly=True, **OF_COMPLAINTS
    )
    service_answer_verdict = fields.Selection(
        [("accepted", "Accepted"), ("refused", "Refused")],
        string="Complainant's Verdict",
        readonly=True,
        help="What the complainant says to the last answer.",
        **OF_COMPLAINTS,
    )
    service_refused = fields.Selection(
        [("once", "Once"), ("twice", "Twice")],
        string="Answer Refused",
        readonly=True,
        help="The first refusal reopens the complaint, one level higher.",
        **OF_COMPLAINTS,
    )

    # who complains
    service_is_anonymous = fields.Boolean(
        string="Anonymous",
        help="Nothing is kept that tells who complains. The answer is published.",
        **OF_COMPLAINTS,
    )
    service_phone = fields.Char(
        string="Phone",
        help="Of a complainant who is no contact of ours.",
        **OF_COMPLAINTS,
    )
    service_phone_digits = fields.Char(
        compute="_compute_service_phone_digits",
        store=True,  # searched when a call comes in
        groups=STAFF,
        prefetch=APART,
    )
    service_received_by_id = fields.Many2one(
        "res.users",
        string="Received By",
        readonly=True,
        index="btree_not_null",
        **OF_COMPLAINTS,
    )

    service_receipt = fields.Char(
        string="Receipt Number",
        readonly=True,
        help="With its secret, whoever made the complaint looks the answer up.",
        **OF_COMPLAINTS,
    )
    service_receipt_digest = fields.Char(
        readonly=True, copy=False, groups="base.group_system", prefetch=APART
    )

    # about what
    service_about_ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="About Ticket",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        **OF_COMPLAINTS,
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
    service_about_product = fields.Char(string="About Product", **OF_COMPLAINTS)
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
    service_admitted = fields.Selection(ADMITTED, string="Admitted?", **OF_COMPLAINTS)
    service_root_cause = fields.Text(
        string="Root Cause",
        help="Of a major complaint the technical centre finds it, and says so in words "
        "of its own: letters added to what others wrote are no cause that it found.",
        **OF_COMPLAINTS,
    )
    service_handling = fields.Text(string="Handling", **OF_COMPLAINTS)
    service_redress = fields.Text(string="Redress", **OF_COMPLAINTS)
    service_answer = fields.Html(
        string="Answer to the Complainant", readonly=True, **OF_COMPLAINTS
    )
    service_answer_way = fields.Selection(
        ANSWER_WAYS, string="Answered", readonly=True, **OF_COMPLAINTS
    )
    service_refusal = fields.Text(string="Why Refused", readonly=True, **OF_COMPLAINTS)
    service_closing_reason = fields.Text(
        string="Reasons for Closing",
        help="Asked for where the answer was refused twice; the complainant is told.",
        **OF_COMPLAINTS,
    )

    # the screen
    service_complaint_checklist = fields.Html(
        string="To Close It",
        compute="_compute_service_complaint_checklist",
        sanitize=False,  # our own template
        groups=STAFF,
    )
    service_about_summary = fields.Html(
        string="The Ticket",
        compute="_compute_service_about_summary",
        sanitize=False,  # our own template
        groups=STAFF,
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
    service_to_note = fields.Boolean(
        string="To Take Note Of",
        compute="_compute_service_to_note",
        search="_search_service_to_note",
        groups="base.group_user",
        help="You were told of it and have not taken note yet.",
    )
    service_complaint_count = fields.Integer(
        string="Complaints", compute="_compute_service_counts", groups=STAFF
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
    _service_receipt_uniq = models.UniqueIndex(
        "(service_receipt) WHERE service_receipt IS NOT NULL",
        "Another complaint has this receipt number.",
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
            plain = plain_number(ticket.service_phone)
            ticket.service_phone_digits = plain[-MOST_DIGITS:] or False

    @api.model
    def _service_counted(self):
        counted = {"service_complaint_count": "service_complaint_ids"}
        return super()._service_counted() | counted

    @api.depends(*HIDDEN_BY)
    def _compute_service_is_hidden(self):
        return super()._compute_service_is_hidden()

    @api.depends(*HIDDEN_BY)
    def _compute_display_name(self):
        return super()._compute_display_name()

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
        """Refuse all that would say who made an anonymous complaint."""
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

    @api.model
    def default_get(self, fields):
        """Offer a new complaint to the team that has complaints first."""
        defaults = super().default_get(fields)
        complaint = defaults.get("service_is_complaint")
        if complaint and "team_id" in fields and not defaults.get("team_id"):
            team = self.env.company.service_complaint_team_id
            defaults["team_id"] = team.id
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._service_complete_complaint(vals) for vals in vals_list]
        tickets = super().create(vals_list)
        arrived = [
            ticket.id
            # who enters a complaint need not read its severity
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

    def _service_complaint_facts(self):
        """Return dict of ticket id to :class:`Facts`."""
        return {
            ticket.id: Facts(
                ticket._service_severity(),
                ticket.stage_id._service_phase(),
                ticket.duplicate_id.id,
                ticket.active,
                ticket.service_root_cause,
                ticket.team_id,
                ticket._service_about(),
                ticket.company_id,
            )
            for ticket in self.sudo()  # the rule is for everybody
        }

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Make a complaint of what a person writes to an address for complaints.

        What a program writes there is a ticket like others: it is seen, and no more.
        """
        custom_values = dict(custom_values or {})
        team = self.env["helpdesk.ticket.team"].browse(custom_values.get("team_id"))
        by_itself = self.env.context.get("service_automatic")
        # the mail gateway may run as any user
        if team.sudo().service_mail_is_complaint and not by_itself:
            custom_values.setdefault("service_is_complaint", True)
        return super().message_new(msg_dict, custom_values=custom_values)

    def get_formview_id(self, access_uid=None):
        """Show complaints on their own form, from wherever they are opened."""
        # that there is a complaint is a secret from who may not see the ticket
        reader = self.with_user(access_uid or self.env.uid)
        if (
            len(self) == 1
            and reader.has_access("read")
            and reader.sudo().service_is_complaint  # a field of staff
        ):
            return self.env.ref(COMPLAINT_FORM).id
        return super().get_formview_id(access_uid=access_uid)

    # ------------------------------------------------------------------
    # What follows
    # ------------------------------------------------------------------

    def _service_follow_complaints(self, before):
        """Pass on what has become a complaint, or a graver one."""
        after = self._service_complaint_facts()
        arrived, raised, caused = [], [], {}
        for ticket_id, new in after.items():
            old = before[ticket_id]
            if not new.severity:
                continue
            if not old.severity:
                arrived.append(ticket_id)
            elif RANK[new.severity] > RANK[old.severity]:
                raised.append(ticket_id)
            if new.caused and new.caused != old.caused:  # by whoever found it
                caused[ticket_id] = old.caused
        if caused:
            self.browse(caused)._service_log_root_cause(caused)
        if arrived:
            self.browse(arrived)._service_take_down()
        if raised:
            self.browse(raised)._service_complaints_raised()

    # ------------------------------------------------------------------
    # What is hidden
    # ------------------------------------------------------------------

    @api.model
    def _service_hidden_domain(self):
        """Add what is about the user, or about whom they work under."""
        return super()._service_hidden_domain() | self._service_confidential_domain()

    def _service_hidden_from(self):
        """Add whom a complaint is about, and who works under them."""
        return super()._service_hidden_from() | self._service_kept_from()

    def _service_is_open_to(self, team):
        """Keep a complaint from the team that it concerns, and from those below."""
        return super()._service_is_open_to(team) and not self._service_concerns(team)

    def _service_about(self):
        """Add a person, a team, or that nearly all are not to see it."""
        return (
            *super()._service_about(),
            self.service_about_user_id.id,
            self.service_is_report and self.service_about_team_id.id,
            self.service_is_unclear,
        )

    @api.model
    def _service_harmless(self):
        """Add that a report does not say whom it is about, which hides it from more."""
        unclear = (("service_is_unclear", True), ("service_is_unclear", False))
        return (*super()._service_harmless(), *unclear)

    # ------------------------------------------------------------------
    # Of one story
    # ------------------------------------------------------------------

    def _service_story(self):
        """Return the ticket that a complaint is about: both are one story."""
        about = self.sudo().service_about_ticket_id  # it may be hidden
        return about.sudo(False) or super()._service_story()

    @api.model
    def _service_story_domain(self, ticket):
        return super()._service_story_domain(ticket) | Domain(
            "service_about_ticket_id", "=", ticket.id
        )

    # ------------------------------------------------------------------
    # What closing asks for
    # ------------------------------------------------------------------

    def _service_asked_for_work(self):
        """Ask everybody who closes a complaint for its answer."""
        asked = super()._service_asked_for_work()
        complaints = self.sudo().filtered("service_is_complaint")  # as super does
        return asked | complaints

    def _service_missing(self, before, phase):
        """Regulation C2.3: no complaint is handled without its answer."""
        missing = super()._service_missing(before, phase)
        if self.service_is_complaint and phase != before and phase in HANDLED_PHASES:
            missing += self._service_missing_of_complaint(phase)
        return missing

    def _service_missing_error(self, missing, phase):
        """Return a plain sentence for a customer, who has no dialog to enter it in."""
        if self.env.user.share:
            return UserError(
                self.env._(
                    "Your complaint %s stays open until you have had our answer.",
                    self.number,
                )
            )
        return super()._service_missing_error(missing, phase)

    @api.model
    def _service_recorded_domain(self):
        """Regulation A3.6.1: a complaint is recorded by what it asks for itself."""
        return super()._service_recorded_domain() | RECORDED

    def _service_check_void(self, event):
        """Refuse to take back the answer by which a complaint was handled.

        :param event: row of the ledger that is being voided, of any kind
        """
        result = super()._service_check_void(event)
        ticket = self.sudo()  # the rule is for everybody
        phase = ticket.stage_id._service_phase()
        if (
            event.kind == "answered"
            and ticket.service_is_complaint
            and phase in HANDLED_PHASES
        ):
            raise UserError(
                self.env._(
                    "Complaint %s would be handled without an answer. Take it up again "
                    "first, then void the answer.",
                    ticket.number,
                )
            )
        return result

    def _service_action_finish(self, phase):
        """Let who wants to finish a complaint enter first what it lacks."""
        if self.service_is_complaint and phase in HANDLED_PHASES:
            missing = self._service_missing_of_complaint(phase)
            if missing == ["service_answer"]:
                return self.action_service_complaint_answer()
            if missing:
                return self.sudo().get_formview_action()  # to which view, no record
        return super()._service_action_finish(phase)

    # ------------------------------------------------------------------
    # The ledger
    # ------------------------------------------------------------------

    def _service_rows_between(self, old, new):
        """Add what becomes of a complaint when its ticket is closed or reopened."""
        rows = super()._service_rows_between(old, new)
        kind = self._service_step_between(old, new)
        if kind:
            moment = self._service_moment(self._service_told().at)
            reason = self.service_closing_reason if kind == "complaint_closed" else None
            rows.append(self._service_row(kind, {}, moment) | {"reason": reason})
        return rows

    def _service_log_changes(self, before):
        """Tell the complainants of what was closed."""
        states = {ticket.id: ticket.service_complaint_state for ticket in self}
        result = super()._service_log_changes(before)
        self.filtered(
            lambda ticket: (
                ticket.service_complaint_state == "closed" != states[ticket.id]
            )
        )._service_tell_complainant("complaint_closed")
        return result

    def _service_log_phase(self, before, reason):
        """Refuse a new meaning of a stage by which complaints would be closed."""
        complaints = self.filtered("service_is_complaint")
        complaints._service_check_work_recorded(before)
        return super()._service_log_phase(before, reason)

    # ------------------------------------------------------------------
    # Another company
    # ------------------------------------------------------------------

    def _service_take_along(self):
        """Tell those of the new company whom complaints concern."""
        result = super()._service_take_along()
        complaints = self.filtered("service_is_complaint")
        complaints.filtered(
            lambda ticket: ticket.service_complaint_state != "closed"
        )._service_pass_on()
        return result

    def _service_take_people_along(self, company):
        """Delete what asks people of the former company to take note."""
        activities = self._service_activities_elsewhere(company)
        notices = self.env["service.quality.complaint.notice"].search(
            [("activity_id", "in", activities.ids)]
        )
        notices.activity_id.unlink()
        return super()._service_take_people_along(company)
