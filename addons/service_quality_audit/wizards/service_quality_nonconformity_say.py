from odoo import fields, models


class ServiceQualityNonconformitySay(models.TransientModel):
    """Asks for the text of a step of nonconformities."""

    _name = "service.quality.nonconformity.say"
    _description = "Say Something about Nonconformities"

    purpose = fields.Selection(
        [
            ("back", "What is missing before it can be approved"),
            ("judge", "What was seen"),
            ("overrule", "Why the check of the effect is overruled"),
            ("cancel", "Why it is no nonconformity"),
        ],
        required=True,
        readonly=True,
    )
    nonconformity_ids = fields.Many2many(
        "mgmtsystem.nonconformity",
        string="Nonconformities",
        required=True,
        readonly=True,
    )
    is_effective = fields.Selection(
        [("yes", "Effective"), ("no", "Not effective")], string="Did It Work"
    )
    text = fields.Text()

    def action_say(self):
        """Do the step with the text."""
        self.ensure_one()
        records, text = self.nonconformity_ids, self.text
        if self.purpose == "back":
            records._send_back(text)
        elif self.purpose == "judge":
            records._judge_effect(self.is_effective, text)
        elif self.purpose == "overrule":
            records._overrule(text)
        else:
            records._cancel(text)
        return {"type": "ir.actions.act_window_close"}
