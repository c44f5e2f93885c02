from odoo import api, fields, models

PHASES = [
    ("new", "New"),
    ("active", "In progress"),
    ("waiting_customer", "Waiting for customer"),
    ("waiting_third_party", "Waiting for third party"),
    ("resolved", "Resolved"),
    ("closed", "Closed"),
    ("cancelled", "Cancelled"),
]


class HelpdeskTicketStage(models.Model):
    _inherit = "helpdesk.ticket.stage"

    service_phase = fields.Selection(
        PHASES,
        help="What the stage means for service targets. Without one it follows from "
        "the stage's own settings: closed is closed, unattended is new, any other is "
        "active.",
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """Let the ledger of the tickets in a stage know when it changes its meaning."""
        if not vals.keys() & {"service_phase", "closed", "unattended"}:
            return super().write(vals)
        before = {stage: stage._service_phase() for stage in self}
        # tickets that the settings' editor may not see change their phase as well
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        tickets = tickets.search(
            [("stage_id", "in", self.ids), ("service_event_ids", "!=", False)]
        )
        snapshots = tickets._service_snapshots()
        result = super().write(vals)
        changed = self.filtered(lambda stage: stage._service_phase() != before[stage])
        tickets.filtered(lambda ticket: ticket.stage_id in changed)._service_log_phase(
            snapshots, self.env._("The meaning of the stage was changed.")
        )
        return result

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _service_phase(self):
        """Return the phase that the stage stands for, derived where it names none."""
        if self.service_phase:
            return self.service_phase
        if self.closed:
            return "closed"
        return "new" if self.unattended or not self else "active"

    @api.model
    def _service_stage(self, phases, team):
        """Return the first stage of a team in one of some phases, or an empty one.

        :param phases: phases in the order in which they are wanted
        """
        stages = team._get_applicable_stages()
        for phase in phases:
            for stage in stages:
                if stage._service_phase() == phase:
                    return stage
        return self.browse()
