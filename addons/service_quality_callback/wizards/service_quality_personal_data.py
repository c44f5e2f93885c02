from odoo import api, fields, models
from odoo.fields import Domain

ATTEMPT = "service.quality.callback.attempt"


class ServiceQualityPersonalData(models.TransientModel):
    """Personal data includes what follow-up calls and written answers keep."""

    _inherit = "service.quality.personal.data"

    call_count = fields.Integer(compute="_compute_counts", string="Follow-up Calls")
    attempt_count = fields.Integer(compute="_compute_counts", string="Attempts")
    answer_count = fields.Integer(
        compute="_compute_counts", string="Answers in Writing"
    )

    @api.model
    def _texts(self):
        return super()._texts() | {
            "service.quality.callback": ("comment",),
            ATTEMPT: ("number", "note", "recording_ref"),
            "service.quality.callback.answer": ("comment",),
        }

    @api.model
    def _identifying(self):
        return super()._identifying() | {"number"}

    def _kept(self):
        kept = super()._kept()
        people = Domain("partner_id", "child_of", self.partner_id._origin.ids)
        calls = self.env["service.quality.callback"].search(people)
        attempts = self.env["service.quality.callback.attempt"].search(
            [("callback_id", "in", calls.ids)]
        )
        answers = self.env["service.quality.callback.answer"].search(
            people
            | (
                Domain("partner_id", "=", False)
                & Domain("callback_id", "in", calls.ids)
            )
        )
        return kept | {"call": calls, "attempt": attempts, "answer": answers}

    def _write_erased(self, records, vals):
        if records._name == ATTEMPT:
            return records._erase(vals)
        return super()._write_erased(records, vals)
