import logging

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.metrics import HANDLED_PHASES
from .roles import STAFF


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
    """Holds the record of the work, and asks for it on resolving and cancelling."""

    _name = "service.quality.ticket.work.mixin"
    _description = "Record of the Work on a Ticket"

    service_work_done = fields.Text(string="Work Done", copy=False, groups=STAFF)
    service_cause_id = fields.Many2one(
        "service.quality.cause",
        string="Cause",
        copy=False,
        ondelete="restrict",
        groups=STAFF,
    )
    service_solution_id = fields.Many2one(
        "service.quality.solution",
        string="Solution",
        copy=False,
        ondelete="restrict",
        groups=STAFF,
    )
    service_cancel_reason = fields.Char(
        string="Reason for Cancelling", copy=False, groups=STAFF
    )

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

    def _service_labels(self, names):
        """Return the labels of fields in the reader's language, separated by commas."""
        return ", ".join(
            self._fields[name]._description_string(self.env) for name in names
        )

    def _service_asked_to_resolve(self):
        """Return which fields the team asks for: dict of name to whether it does."""
        team = self.team_id
        return {
            "service_work_done": team.service_require_work_done,
            "service_cause_id": team.service_require_cause,
            "service_solution_id": team.service_require_solution,
        }

    def _service_missing_to_resolve(self):
        """List the fields that the team asks for and that are empty."""
        self.ensure_one()
        asked = self._service_asked_to_resolve()
        return [name for name, required in asked.items() if required and not self[name]]

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
