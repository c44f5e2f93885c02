import logging

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.form_text import weigh
from ..tools.metrics import HANDLED_PHASES, OVER_PHASES
from .prefetch import APART
from .roles import STAFF
from .service_quality_rectify_mixin import End

LEAST_WORK = 10
"""How much a record of work says at least, where a team says nothing else."""

SAME_WORK = "md5(lower(regexp_replace(service_work_done, '\\s+', '', 'g')))"
"""What tells a record of work from another, whatever the blanks and capitals."""


class RecordMissing(ValidationError):
    """Says which fields a ticket lacks to go on.

    Its context names the fields, for other programs, and holds the action by which the
    client offers to enter them.
    """

    # a question to the user, no failure that the server's log should show
    loglevel = logging.INFO

    def __init__(self, message, names, action, button):
        super().__init__(message)
        self.context = {"fields": names, "action": action, "button": button}


class ServiceQualityTicketWorkMixin(models.AbstractModel):
    """Holds the record of the work, and asks for it on resolving and cancelling.

    Once the ticket is over, the record is rectified and not rewritten.
    """

    _name = "service.quality.ticket.work.mixin"
    _description = "Record of the Work on a Ticket"

    service_work_done = fields.Text(
        string="Work Done", copy=False, groups=STAFF, prefetch=APART
    )
    service_cause_id = fields.Many2one(
        "service.quality.cause",
        string="Cause",
        copy=False,
        ondelete="restrict",
        groups=STAFF,
        prefetch=APART,
    )
    service_solution_id = fields.Many2one(
        "service.quality.solution",
        string="Solution",
        copy=False,
        ondelete="restrict",
        groups=STAFF,
        prefetch=APART,
    )
    service_cancel_reason = fields.Char(
        string="Reason for Cancelling", copy=False, groups=STAFF, prefetch=APART
    )

    service_require_work_done = fields.Boolean(
        string="Work Done Required",
        compute="_compute_service_require_work_done",
        compute_sudo=True,  # the rule is for everybody
        groups=STAFF,
    )
    service_work_at = fields.Datetime(
        string="Work Written At",
        readonly=True,
        copy=False,
        groups=STAFF,
        prefetch=APART,
    )
    service_work_by_id = fields.Many2one(
        "res.users",
        string="Work Written By",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups=STAFF,
        prefetch=APART,
    )
    service_is_copied_work = fields.Boolean(
        string="Same Record of Work as Another",
        compute="_compute_service_is_copied_work",
        search="_search_service_is_copied_work",
        groups=STAFF,
        help="The same person wrote the same on another ticket within a day.",
    )

    # ------------------------------------------------------------------
    # What is asked for
    # ------------------------------------------------------------------

    @api.depends("team_id.service_require_work_done", "company_id")
    def _compute_service_require_work_done(self):
        """Ask for the work where the team does, or a regulation in force (A3.6.1)."""
        asked = self.filtered("team_id.service_require_work_done")
        asked.service_require_work_done = True
        for company, tickets in (self - asked).grouped("company_id").items():
            tickets.service_require_work_done = company._service_regulation_asks(
                "tickets_recorded"  # batched: once per company
            )

    # ------------------------------------------------------------------
    # Copies
    # ------------------------------------------------------------------

    @api.depends("service_work_done", "service_work_at", "service_work_by_id")
    def _compute_service_is_copied_work(self):
        copied = self.search(
            Domain("id", "in", self.ids) & Domain("service_is_copied_work", "=", True)
        )
        for ticket in self:
            ticket.service_is_copied_work = ticket._origin in copied

    def _search_service_is_copied_work(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Odoo asks who may read a field only where it is a column
        self._check_field_access(self._fields["service_is_copied_work"], "read")
        self.flush_model(["service_work_done", "service_work_at", "service_work_by_id"])
        same = SQL(
            """(
            SELECT one.id
              FROM helpdesk_ticket AS one
              JOIN helpdesk_ticket AS other
                ON other.service_work_by_id = one.service_work_by_id
               AND %s = %s
               AND other.id <> one.id
               AND other.service_work_at BETWEEN one.service_work_at - interval '1 day'
                                             AND one.service_work_at + interval '1 day'
            )""",
            SQL(SAME_WORK.replace("service_work", "one.service_work")),
            SQL(SAME_WORK.replace("service_work", "other.service_work")),
        )
        return Domain("id", "in", same)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """Note who wrote the record of work, and when."""
        if not vals.get("service_work_done"):
            return super().write(vals)
        tickets = self.sudo()  # who may not write it is refused by the write itself
        before = {ticket: ticket.service_work_done for ticket in tickets}
        result = super().write(vals)
        changed = tickets.filtered(lambda one: one.service_work_done != before[one])
        changed._service_note_work()
        return result

    def _service_note_work(self):
        """Note that the user has just written the record of work of these tickets."""
        written = self.sudo().filtered("service_work_done")  # whoever may read it
        if written:
            written._write_as_step(
                {
                    "service_work_at": fields.Datetime.now(),
                    "service_work_by_id": self.env.uid,
                }
            )

    # ------------------------------------------------------------------
    # What ending a ticket asks for
    # ------------------------------------------------------------------

    @api.model
    def _service_check_work_recorded(self, before):
        """Refuse to end a ticket without the record that is asked for (A3.6.1).

        It is checked here and not in the view, so that it holds for a stage dragged in
        kanban, for a change of many tickets and for other programs as well.
        """
        for ticket in self._service_asked_for_work():
            phase = ticket.stage_id._service_phase()
            missing = ticket._service_missing(before[ticket.id].phase, phase)
            if missing:
                raise ticket._service_missing_error(missing, phase)
            if ticket._service_work_is_short(before[ticket.id].phase, phase):
                raise RecordMissing(
                    ticket._service_short_text(),
                    ["service_work_done"],
                    ticket._service_action_finish(phase),
                    self.env._("Enter it now"),
                )
            if ticket._service_reason_is_short(before[ticket.id].phase, phase):
                raise RecordMissing(
                    ticket._service_short_reason_text(),
                    ["service_cancel_reason"],
                    ticket._service_action_finish(phase),
                    self.env._("Enter it now"),
                )

    def _service_check_work_on_opening(self):
        """Ask the same of tickets that are entered as handled or cancelled already."""
        for ticket in self._service_asked_for_work():
            missing = ticket._service_missing("new", ticket.stage_id._service_phase())
            if missing:
                raise ValidationError(
                    self.env._(
                        "The ticket was not created. Still missing: %s.",
                        ticket._service_labels(missing),
                    )
                )
            if ticket._service_work_is_short("new", ticket.stage_id._service_phase()):
                raise ValidationError(ticket._service_short_text())

    def _service_asked_for_work(self):
        """Return the tickets of which a record is asked, as everybody may check them.

        A customer who withdraws a ticket in the portal is asked for nothing.
        """
        # the fields are for staff, the rule is for everybody
        return self.browse() if self.env.user.share else self.sudo()

    def _service_missing(self, before, phase):
        """List the fields that are missing to go from one phase to another."""
        if phase == before:
            return []
        if phase in HANDLED_PHASES and before not in HANDLED_PHASES:
            return self._service_missing_to_resolve()
        return self._service_missing_to_cancel() if phase == "cancelled" else []

    def _service_work_is_short(self, before, phase):
        """Return True if a ticket is to be handled with a record that says nothing."""
        if phase not in HANDLED_PHASES or before in HANDLED_PHASES:
            return False  # the record is not even read
        text = self.service_work_done
        return bool(text) and weigh(text) < self._service_least_work()

    def _service_reason_is_short(self, before, phase):
        """Return True if promises to a customer are to end for a reason without words.

        What a ticket promised by an agreement counts nowhere once it is cancelled.
        """
        if phase != "cancelled" or before == phase:
            return False
        promised = self.service_clock_ids.filtered(
            lambda clock: clock.kind == "sla" and clock.state in ("running", "paused")
        )
        short = weigh(self.service_cancel_reason) < self._service_least_work()
        return bool(promised) and short

    def _service_short_reason_text(self):
        return self.env._(
            "Ticket %(number)s has promises that are running. Say why it is cancelled "
            "in at least %(least)s letters; a Chinese character counts as two.",
            number=self.number or "",
            least=self._service_least_work(),
        )

    def _service_least_work(self):
        """Return how much a record of work of the ticket says at least."""
        team = self.team_id
        return team.service_require_work_length if team else LEAST_WORK

    def _service_short_text(self):
        return self.env._(
            "The record of work of ticket %(number)s says too little. Write what was "
            "done in at least %(least)s letters; a Chinese character counts as two.",
            number=self.number or "",
            least=self._service_least_work(),
        )

    def _service_labels(self, names):
        """Return the labels of fields in the reader's language, separated by commas."""
        return ", ".join(
            self._fields[name]._description_string(self.env) for name in names
        )

    @api.model
    def _service_recorded_domain(self):
        """Return the domain of tickets that say what was done (regulation A3.6.1).

        Addons add what is as good as the record of work.
        """
        return Domain("service_work_done", "!=", False)

    def _service_asked_to_resolve(self):
        """Return which fields are asked for: dict of name to whether they are."""
        team = self.team_id
        return {
            "service_work_done": self.service_require_work_done,
            "service_cause_id": team.service_require_cause,
            "service_solution_id": team.service_require_solution,
        }

    def _service_missing_to_resolve(self):
        """List the fields that are asked for and that are empty.

        A customer who ends a ticket knows nothing of the work.
        """
        self.ensure_one()
        if self.env.user.share:
            return []
        asked = self._service_asked_to_resolve()
        return [
            name
            for name, required in asked.items()
            if required and not self._service_tells(name)
        ]

    def _service_tells(self, name):
        """Return True if what is asked for in a field is there."""
        if name == "service_work_done":
            return bool(self.filtered_domain(self._service_recorded_domain()))
        return bool(self[name])

    def _service_missing_to_cancel(self):
        """List the fields that cancelling asks for and that are empty."""
        self.ensure_one()
        return [] if self.service_cancel_reason else ["service_cancel_reason"]

    def _service_missing_error(self, missing, phase):
        """Return the error that names what is missing, with a way to enter it."""
        self.ensure_one()
        text = self.env._(
            "Ticket %(number)s was not moved. Still missing: %(names)s.",
            number=self.number,
            names=self._service_labels(missing),
        )
        action = self._service_action_finish(phase)
        return RecordMissing(text, missing, action, self.env._("Enter it now"))

    def _service_action_finish(self, phase):
        """Return the dialog in which a ticket is resolved or cancelled."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel the ticket")
            if phase == "cancelled"
            else self.env._("Resolve the ticket"),
            "res_model": "helpdesk.ticket.finish",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_ticket_id": self.id,
                "default_is_cancel": phase == "cancelled",
            },
        }

    # ------------------------------------------------------------------
    # What is rectified
    # ------------------------------------------------------------------

    @api.model
    def _rectify_fields(self):
        return super()._rectify_fields() | {
            "service_work_done": False,
            "service_cause_id": True,
            "service_solution_id": False,
            "service_cancel_reason": False,
        }

    def _rectify_evidence(self, name):
        """Let a handled ticket be cancelled with a reason; from then on it stays."""
        tickets = super()._rectify_evidence(name)
        if name != "service_cancel_reason":
            return tickets
        return tickets.filtered(
            lambda ticket: ticket.stage_id._service_phase() == "cancelled"
        )

    def _rectify_check_value(self, name, value):
        """Refuse a record of work that says too little, as resolving does."""
        result = super()._rectify_check_value(name, value)
        if name == "service_work_done" and weigh(value) < self._service_least_work():
            raise ValidationError(self._service_short_text())
        return result

    def _rectify_ended(self):
        return self.filtered(lambda ticket: ticket._service_is_over())

    def _service_is_over(self):
        """Return True if the record of a ticket is complete; addons say when."""
        return self.stage_id._service_phase() in OVER_PHASES

    def _rectify_ends(self):
        rows = self.env["service.quality.event"].search(
            [
                ("ticket_id", "in", self.ids),
                ("kind", "in", ("opened", "phase")),
                ("voided_by_ids", "=", False),
            ],
            order="recorded_at, id",
        )
        ends = {row.ticket_id: End(row.recorded_at, row.user_id) for row in rows}
        return {ticket: ends[ticket] for ticket in self if ticket in ends}

    def _rectify_left(self, ends):
        """Add tickets of whose end the customer is told by the stage's own mail."""
        return super()._rectify_left(ends) | self.filtered("stage_id.mail_template_id")

    # ------------------------------------------------------------------
    # Of one story
    # ------------------------------------------------------------------

    def _service_story(self):
        """Return the ticket whose story this one belongs to; addons know of more."""
        return self.duplicate_id or self

    @api.model
    def _service_story_domain(self, ticket):
        """Return the domain of the tickets of a story; addons know of more.

        :param ticket: what :meth:`_service_story` says of each of them
        """
        return Domain("id", "=", ticket.id) | Domain("duplicate_id", "=", ticket.id)
