from odoo import api, fields, models


class ServiceQualityReportSay(models.TransientModel):
    """Asks for the text of a step: a review, a reason, a result or an answer."""

    _name = "service.quality.report.say"
    _description = "Say Something about a Report"

    purpose = fields.Selection(
        [
            ("review", "Result of the review"),
            ("assess", "What you conclude from the report"),
            ("revise", "What is corrected, and why"),
            ("discard", "Why the draft is discarded"),
            ("instruction", "What was done and what came of it"),
            ("response", "Answer to the customer"),
            ("hand_over", "The copy that the recipient has signed"),
        ],
        required=True,
        readonly=True,
    )
    report_id = fields.Many2one(
        "service.quality.report", readonly=True, ondelete="cascade"
    )
    instruction_id = fields.Many2one(
        "service.quality.report.instruction", readonly=True
    )
    response_id = fields.Many2one("service.quality.report.response", readonly=True)
    delivery_id = fields.Many2one("service.quality.report.delivery", readonly=True)
    text = fields.Text()
    copy_file = fields.Binary(string="Signed Copy")
    copy_name = fields.Char()

    @api.model
    def _ask(self, name, purpose, **about):
        """Return the action that asks for the text of a step.

        :param about: one of ``report_id``, ``instruction_id``, ``response_id`` and
            ``delivery_id``
        """
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": self._name,
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_purpose": purpose,
                **{f"default_{field}": value for field, value in about.items()},
            },
        }

    def action_say(self):
        """Do the step with the text."""
        self.ensure_one()
        if self.purpose == "review":
            self.report_id.review(self.text)
        elif self.purpose == "assess":
            self.report_id.assess(self.text)
        elif self.purpose == "instruction":
            self.instruction_id.complete(self.text)
        elif self.purpose == "discard":
            self.report_id._discard(self.text)
            return self.env["ir.actions.act_window"]._for_xml_id(
                "service_quality_report.service_quality_report_action"
            )
        elif self.purpose == "response":
            self.response_id.reply(self.text)
        elif self.purpose == "hand_over":
            self.delivery_id._hand_over(self.copy_file, self.copy_name)
        else:
            revision = self.report_id.browse(self.report_id.revise(self.text))
            return revision.get_formview_action()
        return {"type": "ir.actions.act_window_close"}
