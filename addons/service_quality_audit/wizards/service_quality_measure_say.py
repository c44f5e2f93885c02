from odoo import fields, models


class ServiceQualityMeasureSay(models.TransientModel):
    """Asks for the text of a step of measures."""

    _name = "service.quality.measure.say"
    _description = "Say Something about Measures"

    purpose = fields.Selection(
        [
            ("done", "What was done"),
            ("check", "What was found"),
            ("back", "What is still missing"),
            ("supervise", "Why it is not done yet, and what happens now"),
            ("cancel", "Why it is not done at all"),
        ],
        required=True,
        readonly=True,
    )
    measure_ids = fields.Many2many(
        "mgmtsystem.action", string="Measures", required=True, readonly=True
    )
    is_effective = fields.Selection(
        [("yes", "Effective"), ("no", "Not effective")], string="Did It Work"
    )
    text = fields.Text()

    def action_say(self):
        """Do the step with the text."""
        self.ensure_one()
        measures, text = self.measure_ids, self.text
        if self.purpose == "done":
            measures._report_done(text)
        elif self.purpose == "check":
            measures._check_done(self.is_effective, text)
        elif self.purpose == "back":
            measures._send_back(text)
        elif self.purpose == "supervise":
            measures._supervise(text)
        else:
            measures._cancel(text)
        return {"type": "ir.actions.act_window_close"}
