from odoo import fields, models


class ServiceQualityHandoverSay(models.TransientModel):
    """Asks about a shift before it is taken over, or answers."""

    _name = "service.quality.handover.say"
    _description = "Question about a Shift Handover"

    handover_id = fields.Many2one(
        "service.quality.handover", required=True, readonly=True, ondelete="cascade"
    )
    state = fields.Selection(related="handover_id.state")
    question = fields.Text(related="handover_id.question")
    text = fields.Text(required=True)

    def action_confirm(self):
        """Send it to the other of the two."""
        self.ensure_one()
        self.handover_id._say(self.text)
        return {"type": "ir.actions.act_window_close"}
