from odoo import api, fields, models
from odoo.exceptions import UserError

WORK_FIELDS = ("service_work_done", "service_cause_id", "service_solution_id")


class HelpdeskTicketFinish(models.TransientModel):
    """Resolves or cancels a ticket, with the record that its team asks for."""

    _name = "helpdesk.ticket.finish"
    _description = "Resolve or Cancel a Ticket"

    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, readonly=True, ondelete="cascade"
    )
    team_id = fields.Many2one(related="ticket_id.team_id")
    is_cancel = fields.Boolean(readonly=True)
    service_work_done = fields.Text(
        string="Work Done", compute="_compute_work", store=True, readonly=False
    )
    service_cause_id = fields.Many2one(
        "service.quality.cause",
        string="Cause",
        compute="_compute_work",
        store=True,
        readonly=False,
    )
    service_solution_id = fields.Many2one(
        "service.quality.solution",
        string="Solution",
        compute="_compute_work",
        store=True,
        readonly=False,
    )
    require_work_done = fields.Boolean(related="ticket_id.service_require_work_done")
    require_cause = fields.Boolean(related="team_id.service_require_cause")
    require_solution = fields.Boolean(related="team_id.service_require_solution")
    service_cancel_reason = fields.Char(string="Reason for Cancelling")
    finished_at = fields.Datetime(
        string="When",
        help="When it really happened, if that was earlier. Empty: now. Long after a "
        "deadline, no time before it is taken any more.",
    )

    @api.depends("ticket_id")
    def _compute_work(self):
        for wizard in self:
            for name in WORK_FIELDS:
                wizard[name] = wizard.ticket_id[name]

    def action_confirm(self):
        """Move the ticket to its team's stage for this, and show it there."""
        self.ensure_one()
        ticket = self.ticket_id
        phases = ("cancelled",) if self.is_cancel else ("resolved", "closed")
        self._check_unfinished(phases)
        stage = self.env["helpdesk.ticket.stage"]._service_stage(phases, ticket.team_id)
        if not stage:
            raise UserError(
                self.env._(
                    "No stage of the team stands for this. Give one the service phase "
                    "Resolved or Cancelled in the configuration of the stages."
                )
            )
        values = {"stage_id": stage.id}
        if self.is_cancel:
            values["service_cancel_reason"] = self.service_cancel_reason
        else:
            values.update({name: self[name] for name in WORK_FIELDS})
            values["service_cause_id"] = self.service_cause_id.id
            values["service_solution_id"] = self.service_solution_id.id
        ticket._service_as_of(self.finished_at).write(values)
        # a kanban behind the dialog would go on showing the ticket where it was
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _check_unfinished(self, phases):
        """Refuse to finish a ticket that another user has just finished."""
        ticket = self.ticket_id
        if ticket.service_phase in phases:
            rows = ticket.service_event_ids  # the newest first
            row = rows.filtered(lambda event: event.kind == "phase")[:1]
            raise UserError(
                self.env._(
                    "Ticket %(number)s is in the stage %(stage)s already, by %(user)s. "
                    "Copy what you have written into a note, and close this dialog.",
                    number=ticket.number,
                    stage=ticket.stage_id.name,
                    user=row.user_id.name or self.env._("someone else"),
                )
            )
