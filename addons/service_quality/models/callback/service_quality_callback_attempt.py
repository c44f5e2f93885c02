from odoo import api, fields, models
from odoo.exceptions import UserError

DISPOSITIONS = [
    ("completed", "Completed"),
    ("refused", "Refused to answer"),
    ("no_answer", "No answer"),
    ("busy", "Busy"),
    ("powered_off", "Powered off"),
    ("suspended", "Suspended or invalid number"),
    ("wrong_number", "Wrong number"),
    ("appointment", "Call again as agreed"),
]

REACHED = ("completed", "refused")
"""Who refuses was reached; who asks for another time has still to be asked."""

UNANSWERED = ("no_answer", "busy", "powered_off")

BAD_NUMBER = ("suspended", "wrong_number")

AAPOR = {
    "completed": "1.1",
    "refused": "2.11",
    "appointment": "2.20",
    "busy": "3.12",
    "no_answer": "3.13",
    "powered_off": "3.16",
    "suspended": "4.3",
    "wrong_number": "4.4",
}
"""The final disposition codes of AAPOR, Standard Definitions, for telephone surveys."""


class ServiceQualityCallbackAttempt(models.Model):
    """One call that was tried, whatever came of it. It is not changed afterwards."""

    _name = "service.quality.callback.attempt"
    _description = "Follow-up Call Attempt"
    _order = "at desc, id desc"

    callback_id = fields.Many2one(
        "service.quality.callback",
        string="Follow-up Call",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="callback_id.company_id", store=True)
    at = fields.Datetime(string="When", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="Caller",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Empty once staff was taken out of the record.",
    )
    disposition = fields.Selection(DISPOSITIONS, required=True, readonly=True)
    aapor_code = fields.Char(string="AAPOR Code", compute="_compute_aapor_code")
    number = fields.Char(string="Number Called", readonly=True)
    note = fields.Text(readonly=True)
    recording_ref = fields.Char(
        string="Recording", readonly=True, help="Where the recording is found."
    )
    next_call_at = fields.Datetime(string="Next Call", readonly=True)

    _at_idx = models.Index("(at, id)")

    @api.depends("disposition")
    def _compute_aapor_code(self):
        for attempt in self:
            attempt.aapor_code = AAPOR.get(attempt.disposition)

    def write(self, vals):
        if vals:
            raise UserError(
                self.env._("A call that was made stays on record as it was entered.")
            )
        return super().write(vals)

    def _erase(self, vals):
        """Write what takes the place of words that are erased on request."""
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_recorded(self):
        raise UserError(
            self.env._("A call that was made is part of the record and stays there.")
        )
