from odoo import Command, api, fields, models


class ServiceQualityCallbackDecision(models.TransientModel):
    """A decision ends follow-up calls, with a reason that is kept with them."""

    _name = "service.quality.callback.decision"
    _description = "Decision About Follow-up Calls"

    decision = fields.Selection(
        [
            ("exempt", "Exempt from the call"),
            ("give_up", "Give up as unreachable"),
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

    @api.depends("callback_ids")
    def _compute_callback_count(self):
        for decision in self:
            decision.callback_count = len(decision.callback_ids)

    def action_confirm(self):
        """Carry the decision out; the calls check who may and what makes sense."""
        self.ensure_one()
        return self._decide() or {"type": "ir.actions.act_window_close"}

    def _decide(self):
        """Carry the decision out; addons add others. Return an action, if any."""
        if self.decision == "exempt":
            self.callback_ids.exempt(self.reason)
        elif self.decision == "give_up":
            self.callback_ids.give_up(self.reason)
