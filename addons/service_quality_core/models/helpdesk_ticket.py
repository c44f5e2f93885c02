from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.form_text import clean_characters
from .helpdesk_ticket_stage import PHASES
from .prefetch import APART
from .roles import STAFF
from .service_quality_ticket_import import QUIET
from .service_quality_ticket_work_mixin import SAME_WORK
from .severity import SEVERITIES

STRANGE = ("name", "description", "partner_name", "partner_email")
"""What a mail, the portal or another program fills in."""

EARLIEST = datetime(1990, 1, 1)
"""An earlier opening is a slip of the pen, for which calendars would be planned."""


class HelpdeskTicket(models.Model):
    """Writes down in the ledger what happens to tickets.

    Hooks compare a snapshot before and after ``super()``, because stage, team and user
    are stored computes: what is passed to ``write`` is not what comes out of it.
    Several changes of stage in one transaction are as many rows of the same second, in
    their order; archiving is a row that no clock looks at.

    Each concern of a ticket that has fields or steps of its own is a mixin, so that
    addons may override all of them here with ``super()``.
    """

    _name = "helpdesk.ticket"
    _inherit = [
        "service.quality.ticket.work.mixin",
        "service.quality.rectify.mixin",
        "service.quality.steps.mixin",
        "service.quality.ticket.rows.mixin",
        "service.quality.ticket.past.mixin",
        "service.quality.ticket.hold.mixin",
        "service.quality.ticket.deadline.mixin",
        "service.quality.ticket.hidden.mixin",
        "service.quality.ticket.customer.mixin",
        "helpdesk.ticket",
    ]

    _service_settled = frozenset({"service_opened_at", "closed_date", "assigned_date"})

    # the ledger and what follows from it
    service_revision = fields.Integer(readonly=True, copy=False, groups=STAFF)
    service_event_ids = fields.One2many(
        "service.quality.event", "ticket_id", string="Service Ledger", groups=STAFF
    )
    service_clock_ids = fields.One2many(
        "service.quality.clock", "ticket_id", string="Service Targets", groups=STAFF
    )
    service_span_ids = fields.One2many(
        "service.quality.span", "ticket_id", string="Time by Holder", groups=STAFF
    )
    service_cycle = fields.Integer(
        groups=STAFF,
        readonly=True,
        copy=False,
        default=1,
        help="One more at each reopening.",
    )
    access_token = fields.Char(groups="base.group_system")
    service_opened_at = fields.Datetime(
        string="Opened At",
        copy=False,
        default=fields.Datetime.now,
        help="When the customer reported it; service targets count from then.",
    )
    service_deadline = fields.Datetime(
        string="Next Deadline",
        readonly=True,
        copy=False,
        groups=STAFF,  # also of agreements that are not the customer's
        help="Of the service target that falls due next.",
    )
    closed = fields.Boolean(
        related=None,
        compute="_compute_closed",
        compute_sudo=True,  # as for the phase
        search="_search_closed",
    )
    service_phase = fields.Selection(
        PHASES,
        compute="_compute_service_phase",
        compute_sudo=True,  # what a stage means is no secret to who sees the ticket
        search="_search_service_phase",
    )
    service_state = fields.Selection(
        [
            ("late", "Late"),
            ("at_risk", "At risk"),
            ("unreachable", "Never due"),
            ("running", "On time"),
            ("paused", "Paused"),
            ("none", "No running target"),
        ],
        string="Service Status",
        compute="_compute_service_standing",
        search="_search_service_state",
        groups=STAFF,
    )
    service_has_agreement = fields.Boolean(
        string="Under an Agreement",
        compute="_compute_service_standing",
        search="_search_service_has_agreement",
        groups=STAFF,
    )

    service_strip = fields.Json(
        string="Service Targets on Screen",
        compute="_compute_service_strip",
        groups=STAFF,
    )
    service_require_cause = fields.Boolean(related="team_id.service_require_cause")
    service_require_solution = fields.Boolean(
        related="team_id.service_require_solution"
    )

    # classification: what the ledger and the figures go by is not deleted
    team_id = fields.Many2one(ondelete="restrict")
    category_id = fields.Many2one(ondelete="restrict")
    partner_id = fields.Many2one(ondelete="restrict", index="btree_not_null")
    tag_ids = fields.Many2many(ondelete="restrict")
    type_id = fields.Many2one(
        string="Process",
        default=lambda self: self._default_type_id(),
        ondelete="restrict",
    )
    service_is_complaint = fields.Boolean(string="Complaint", copy=False, groups=STAFF)
    service_severity = fields.Selection(
        SEVERITIES, string="Severity", copy=False, groups=STAFF, tracking=True
    )
    service_party_id = fields.Many2one(
        "res.partner",
        string="Waiting For",
        copy=False,
        groups=STAFF,
        help="The supplier or other third party that the ticket waits for.",
        ondelete="restrict",
    )

    service_external_ref = fields.Char(
        string="External Reference",
        readonly=True,
        copy=False,
        groups=STAFF,
        prefetch=APART,
    )

    _service_deadline_idx = models.Index(
        "(service_deadline) WHERE service_deadline IS NOT NULL"
    )
    _service_same_work_idx = models.Index(
        f"(service_work_by_id, {SAME_WORK}) WHERE service_work_by_id IS NOT NULL"
    )
    _service_opened_at_idx = models.Index("(company_id, service_opened_at)")
    _service_external_ref_uniq = models.UniqueIndex(
        "(company_id, service_external_ref) WHERE service_external_ref IS NOT NULL",
        "Another ticket of the company has this external reference.",
    )

    # ------------------------------------------------------------------
    # Defaults and compute
    # ------------------------------------------------------------------

    @api.model
    def _default_type_id(self):
        # an id, not env.ref, which asks the database once per ticket
        return self.env.company.service_process_id.id or self.env[
            "ir.model.data"
        ]._xmlid_to_res_id("service_quality_core.helpdesk_ticket_type_incident")

    @api.model
    def _service_channel_id(self, name):
        """Return the id of a channel of the helpdesk; False where it was deleted."""
        return self.env["ir.model.data"]._xmlid_to_res_id(
            f"helpdesk_mgmt.helpdesk_ticket_channel_{name}"
        )

    @api.onchange("type_id")
    def _onchange_type_id(self):
        """Keep the team where it names no types of its own: it then takes any."""
        if self.team_id.type_ids:
            return super()._onchange_type_id()
        return None

    @api.depends("stage_id.service_phase", "stage_id.closed", "stage_id.unattended")
    def _compute_service_phase(self):
        for stage, tickets in self.grouped("stage_id").items():
            tickets.service_phase = stage._service_phase()

    @api.depends("stage_id.closed")
    def _compute_closed(self):
        for stage, tickets in self.grouped("stage_id").items():
            tickets.closed = stage.closed

    def _search_closed(self, operator, value):
        """Search by the stages, which the database plans better than a sub-query."""
        if operator not in ("in", "not in"):
            return NotImplemented
        Stage = self.env["helpdesk.ticket.stage"].sudo()  # as the compute reads them
        stages = Stage.with_context(active_test=False).search([])
        is_wanted = {one: (one in value) == (operator == "in") for one in (True, False)}
        ids = [stage.id for stage in stages if is_wanted[stage.closed]]
        if is_wanted[False]:
            ids.append(False)
        return [("stage_id", "in", ids)]

    def _search_service_phase(self, operator, value):
        if operator != "in":
            return NotImplemented
        Stage = self.env["helpdesk.ticket.stage"].sudo()  # as the compute reads them
        none = Stage.browse()
        stages = Stage.with_context(active_test=False).search([])
        ids = [stage.id for stage in stages if stage._service_phase() in value]
        if none._service_phase() in value:
            ids.append(False)
        return [("stage_id", "in", ids)]

    @api.depends(
        "service_clock_ids.state",
        "service_clock_ids.deadline",
        "service_clock_ids.agreement_id",
        "service_deadline",
    )
    def _compute_service_standing(self):
        Clock = self.env["service.quality.clock"].sudo()  # shown with the ticket
        standing = Clock._standing(self.ids)
        alike = self.grouped(lambda one: standing.get(one._origin.id, (None, False)))
        for (state, is_covered), tickets in alike.items():
            tickets.service_state = state or "none"
            tickets.service_has_agreement = is_covered

    def _search_service_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Odoo asks who may read a field only where it is a column
        self._check_field_access(self._fields["service_state"], "read")
        Clock = self.env["service.quality.clock"].sudo()  # shown with the ticket
        return Domain.OR(Clock._ticket_domain(state) for state in value)

    def _search_service_has_agreement(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Odoo asks who may read a field only where it is a column
        self._check_field_access(self._fields["service_has_agreement"], "read")
        clock = self.env["service.quality.clock"]
        clock.flush_model(["ticket_id", "kind"])
        return Domain.custom(
            to_sql=lambda _model, alias, _query: SQL(
                "EXISTS (SELECT FROM %s WHERE ticket_id = %s AND kind = 'sla')",
                SQL.identifier(clock._table),
                SQL.identifier(alias, "id"),
            ),
            predicate=lambda ticket: ticket.service_has_agreement,
        )

    @api.model
    def _service_counted(self):
        """Return what the form's buttons count, for the reader; addons add theirs.

        :return: dict of field with the number to the One2many that is counted
        """
        return {}

    @api.depends(lambda self: tuple(self._service_counted().values()))
    @api.depends_context("uid")
    def _compute_service_counts(self):
        """Count what all addons have on the form's buttons; see ``_counts``."""
        counted = self._service_counted()
        counts = self.env["service.quality.ticket.strip"]._counts(self, counted)
        for ticket in self:
            for name in counted:
                ticket[name] = counts.get((name, ticket._origin.id), 0)

    @api.depends("service_revision", "service_clock_ids.state")
    def _compute_service_strip(self):
        strips = self.env["service.quality.ticket.strip"]._strips(self)
        for ticket in self:
            ticket.service_strip = strips[ticket]

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("type_id")
    def _check_type_id(self):
        """Refuse a ticket without a process (A4.3.3): every one is supervised."""
        if any(not ticket.type_id for ticket in self) and self._default_type_id():
            raise ValidationError(
                self.env._(
                    "Every ticket belongs to a process. Choose the one that fits best."
                )
            )

    @api.constrains("service_opened_at")
    def _check_service_opened_at(self):
        now = fields.Datetime.now()
        for ticket in self:
            if ticket.service_opened_at and ticket.service_opened_at < EARLIEST:
                raise ValidationError(
                    self.env._(
                        "A ticket cannot be opened before %s. Check the year.",
                        EARLIEST.year,
                    )
                )
            if ticket.service_opened_at and ticket.service_opened_at > now:
                raise ValidationError(
                    self.env._(
                        "A ticket cannot be opened in the future. Enter when the "
                        "customer reported it."
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [_cleaned(vals) for vals in vals_list]
        pasts = [self._service_past_of(vals) for vals in vals_list]
        if any(pasts) and not all(pasts):
            return self._service_create_apart(vals_list, pasts)
        vals_list, histories = self._service_split_histories(vals_list)
        for vals, history in zip(vals_list, histories, strict=True):
            if history is None:
                self._service_check_opened_by_hand(vals)
        if any(pasts):
            tickets = self.with_context(**QUIET)._create_as_step(
                self._service_without_answers(vals_list)
            )
            tickets = tickets.with_env(self.env)
            histories = tickets._service_histories(pasts)
        else:
            tickets = super()._create_as_step(vals_list)
        fresh = [
            ticket.id
            for ticket, history in zip(tickets, histories, strict=True)
            if history is None  # what is taken over from elsewhere is as it is
        ]
        tickets.browse(fresh)._service_check_handled_when()
        tickets.browse(fresh)._service_check_work_on_opening()
        tickets.browse(fresh)._service_note_work()
        tickets.browse(fresh).sudo()._service_check_changes({})  # asked of everybody
        # the ledger is written for everybody
        tickets.sudo()._service_log_opened(histories)
        return tickets

    def write(self, vals):
        vals = _cleaned(vals)
        self._service_check_dates_untouched(vals)
        # rows that the writer may not read count as well
        if "service_opened_at" in vals and self.sudo().service_event_ids:
            raise UserError(
                self.env._(
                    "When a ticket was opened is in its ledger and stays. Cancel the "
                    "ticket with a reason and enter it again."
                )
            )
        before = self._service_snapshots()
        result = super().write(dict(vals))  # the helpdesk adds dates to it
        self._service_check_work_recorded(before)
        self.sudo()._service_check_changes(before)  # asked of everybody
        self.sudo()._service_log_changes(before)  # the ledger is written for everybody
        return result

    def _service_check_void(self, event):
        """Refuse that a row of the ticket's ledger is voided; addons add their checks.

        :param event: the row
        :raise UserError: when it may not be
        """

    def _service_check_changes(self, before):
        """Refuse a change that may not be; addons add their checks.

        :param before: dict of ticket id to snapshot, as :meth:`_service_snapshots`;
            empty for new tickets
        """

    @api.model
    def _written_by_steps(self):
        """Return our own ones and the number; the helpdesk writes its own by itself."""
        names = super()._written_by_steps()
        return frozenset(n for n in names if n.startswith("service_")) | {"number"}

    @api.model
    def _step_refusal(self, label):
        return self.env._(
            "%s is not written by hand. It follows from the ledger and from the steps "
            "of the ticket.",
            label,
        )

    @api.model
    def _service_check_opened_by_hand(self, vals):
        """Refuse what steps write, but for what a new ticket may come with."""
        harmless = self._service_harmless()
        self._check_by_hand(
            {name: vals[name] for name in vals if (name, vals[name]) not in harmless}
        )

    @api.model
    def _service_harmless(self):
        """Return what steps write and a new ticket may yet come with; addons add to it.

        Its number is still to be drawn, as the helpdesk says it.

        :return: tuple of (field, value)
        """
        return (("number", "/"),)

    def copy(self, default=None):
        """Let the helpdesk draw one number for a copy, when it is created."""
        return super().copy(dict(default or {}, number="/"))

    def unlink(self):
        """Take along the opening of tickets that nothing else happened to."""
        self.check_access("unlink")
        self._service_forget()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_history(self):
        # also what another company's user may not read keeps a ticket
        Event = self.env["service.quality.event"].sudo()
        worked = Event.search(
            [("ticket_id", "in", self.ids), ("kind", "!=", "opened")], limit=1
        )
        if worked:
            raise UserError(
                self.env._(
                    "Ticket %s has a history that reports count on, so it is not "
                    "deleted. Cancel it with a reason, or archive it.",
                    worked.ticket_id.number,
                )
            )

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Let no one follow a ticket only because of an activity on it.

        What plans or hands on an activity asks for it by ``service_no_follow``.
        """
        if self.env.context.get("service_no_follow"):
            return True
        return super().message_subscribe(partner_ids, subtype_ids)

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _service_severity(self):
        """Return the severity of a complaint, None for any other ticket."""
        if not self.service_is_complaint:
            return None
        return self.service_severity or "minor"

    def _service_take_along(self):
        """Take what belongs to tickets along to the company that has them now.

        What is over, and whose promise it was, stays with the old one.
        """
        for company, tickets in self.grouped("company_id").items():
            tickets._service_take_people_along(company)

    def _service_take_people_along(self, company):
        """Give what people of another company had to do to one who sees the tickets."""
        activities = self._service_activities_elsewhere(company)
        for ticket in self:
            strangers = ticket.message_follower_ids.partner_id.user_ids.filtered(
                lambda user: not user.share and company not in user.company_ids
            )
            ticket.message_unsubscribe(strangers.partner_id.ids)
            heir = ticket.user_id
            if company not in heir.company_ids:
                heir = ticket._service_manager()
            activities.filtered(
                lambda activity, ticket=ticket: activity.res_id == ticket.id
            ).with_context(mail_activity_quick_update=True).write({"user_id": heir.id})

    def _service_activities_elsewhere(self, company):
        """Return the activities of people who do not work in a company."""
        return self.activity_ids.filtered(
            lambda activity: (
                activity.user_id and company not in activity.user_id.company_ids
            )
        )

    def _service_agreements(self):
        """Return the agreement with the customer under which each ticket falls.

        :return: dict of ticket to agreement, without tickets that have none
        """
        clocks = self.env["service.quality.clock"].search(
            [("ticket_id", "in", self.ids), ("kind", "=", "sla")], order="id"
        )
        return {clock.ticket_id: clock.agreement_id for clock in clocks}

    def _service_manager(self):
        """Return the service manager who answers for the ticket.

        It is the agreement's, else one of the company, else the user who is asking.
        """
        self.ensure_one()
        company, agreement = self.company_id, self._service_agreements().get(self)
        manager = agreement and company._service_people(agreement.manager_id)
        people = manager or company._service_role_users("service_manager")
        return people[:1] or self.env.user

    def _service_leave_customers(self, before, after):
        """End what former customers had of tickets that are another's now.

        :param before: dict of ticket id to snapshot; ``after`` likewise
        :return: these tickets
        """
        left = self.filtered(
            lambda ticket: (
                before[ticket.id].customer not in (None, after[ticket.id].customer)
            )
        )
        for ticket in left:
            former = before[ticket.id].customer
            ticket._service_end_access(
                ticket.message_partner_ids.filtered(
                    lambda partner, former=former: (
                        partner.commercial_partner_id.id == former
                        and partner.partner_share
                    )
                )
                | ticket.message_partner_ids.browse(before[ticket.id].contact or former)
            )
        return left

    def _service_end_access(self, partners):
        """End the access of partners to tickets: following, links and waiting mails.

        All links of a ticket end with its token; who may still see it gets a new one
        with the next mail.
        """
        tickets = self.sudo()  # who changes a ticket need not follow it
        tickets.message_unsubscribe(partners.ids)
        tickets.filtered("access_token").access_token = False
        mails = self.env["mail.mail"].sudo()  # of the system
        mails = mails.search(
            [
                ("model", "=", self._name),
                ("res_id", "in", self.ids),
                ("state", "=", "outgoing"),
                ("recipient_ids", "in", partners.ids),
            ]
        )
        for mail in mails:
            mail.recipient_ids -= partners
        mails.filtered(lambda mail: not (mail.recipient_ids or mail.email_to)).cancel()


def _cleaned(vals):
    """Return values without unseen characters in what strangers write.

    All but the description are one line.
    """
    cleaned = {
        name: clean_characters(vals[name])
        for name in STRANGE
        if isinstance(vals.get(name), str)
    }
    return vals | {
        name: text if name == "description" else text.replace("\n", " ")
        for name, text in cleaned.items()
    }
