import logging

from odoo import fields, models
from odoo.exceptions import RedirectWarning

from ..tools.metrics import HANDLED_PHASES

STAFF = "base.group_user"


class HelpdeskTicket(models.Model):
    """The record of the work, and what resolving and cancelling ask for."""

    _inherit = "helpdesk.ticket"

    service_work_done = fields.Text(string="Work Done", copy=False, groups=STAFF)
    service_cause_id = fields.Many2one(
        "service.quality.cause", string="Cause", copy=False, groups=STAFF
    )
    service_solution_id = fields.Many2one(
        "service.quality.solution", string="Solution", copy=False, groups=STAFF
    )
    service_cancel_reason = fields.Char(
        string="Reason for Cancelling", copy=False, groups=STAFF
    )

    def _service_check_work_recorded(self, before):
        """Regulation A3.6.1: no ticket is handled without the record that is asked for.

        Checked here and not in the view, so that it holds for a stage dragged in
        kanban, for a change of many tickets and for other programs as well.
        """
        if self.env.user.share:
            return  # the customer withdraws or closes it in the portal
        for ticket in self.sudo():  # the fields are for staff, the rule for everybody
            phase = ticket.stage_id._service_phase()
            if phase == before[ticket.id].phase:
                continue
            if (
                phase in HANDLED_PHASES
                and before[ticket.id].phase not in HANDLED_PHASES
            ):
                missing = ticket._service_missing_to_resolve()
            elif phase == "cancelled":
                missing = ticket._service_missing_to_cancel()
            else:
                missing = []
            if missing:
                raise ticket._service_missing_error(missing, phase)

    def _service_missing_to_resolve(self):
        """List the fields that the team asks for and that are empty."""
        self.ensure_one()
        team = self.team_id
        asked = {
            "service_work_done": team.service_require_work_done,
            "service_cause_id": team.service_require_cause,
            "service_solution_id": team.service_require_solution,
        }
        return [name for name, required in asked.items() if required and not self[name]]

    def _service_missing_to_cancel(self):
        """List the fields that cancelling asks for and that are empty."""
        self.ensure_one()
        return [] if self.service_cancel_reason else ["service_cancel_reason"]

    def _service_missing_error(self, missing, phase):
        """Return the error that names what is missing, with a way to enter it."""
        self.ensure_one()
        names = ", ".join(
            self._fields[name]._description_string(self.env) for name in missing
        )
        text = self.env._(
            "Ticket %(number)s was not moved. Still missing: %(names)s.",
            number=self.number,
            names=names,
        )
        action = self._service_action_finish(phase)
        warning = RedirectWarning(text, action, self.env._("Enter it now"))
        # a question to the user, no failure that the server's log should show
        warning.loglevel = logging.INFO
        return warning

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
