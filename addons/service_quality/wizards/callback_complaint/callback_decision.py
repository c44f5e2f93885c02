from odoo import Command, api, fields, models

from ...models.core.severity import SEVERITIES


class ServiceQualityCallbackDecision(models.TransientModel):
    """Decide about follow-up calls, with the reason that is kept with them."""

    _name = "service.quality.callback.decision"
    _description = "Decision About Follow-up Calls"

    decision = fields.Selection(
        [
            ("exempt", "Exempt from the call"),
            ("give_up", "Give up as unreachable"),
            ("confirm", "Make it a complaint"),
            ("decline", "It is no complaint"),
        ],
        required=True,
        readonly=True,
    )
    callback_ids = fields.Many2many(
        "service.quality.callback",
        string="Follow-up Calls",
        required=True,
        readonly=True,
        default=lambda self: [Command.set(self.env.context.get("active_ids", []))],
    )
    callback_count = fields.Integer(
        compute="_compute_callback_count", string="Number of Follow-up Calls"
    )
    reason = fields.Char()
    severity = fields.Selection(SEVERITIES, default="minor")

    @api.depends("callback_ids")
    def _compute_callback_count(self):
        for decision in self:
            decision.callback_count = len(decision.callback_ids)

    def action_confirm(self):
        """Carry the decision out; the calls check who may and what makes sense."""
        self.ensure_one()
        calls = self.callback_ids
        if self.decision == "confirm":
            return calls.confirm_complaint(self.severity)
        if self.decision == "decline":
            calls.decline_complaint(self.reason)
        elif self.decision == "exempt":
            calls.exempt(self.reason)
        else:
            calls.give_up(self.reason)
        return {"type": "ir.actions.act_window_close"}
