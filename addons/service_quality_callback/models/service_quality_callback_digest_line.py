from odoo import api, fields, models

from odoo.addons.service_quality_core.models.base import LEAST_REASON
from odoo.addons.service_quality_core.models.service_quality_rectify_mixin import End

ANSWER = {"analysis", "action"}


class ServiceQualityCallbackDigestLine(models.Model):
    """A line holds a bad result, its cause, and what the department does about it."""

    _name = "service.quality.callback.digest.line"
    _description = "Bad Follow-up Call Result"
    _inherit = ["service.quality.rectify.mixin", "service.quality.steps.mixin"]
    _order = "digest_id desc, id"

    digest_id = fields.Many2one(
        "service.quality.callback.digest",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="digest_id.company_id", store=True)
    team_id = fields.Many2one(related="digest_id.team_id", store=True)
    late_after = fields.Date(related="digest_id.late_after")
    callback_id = fields.Many2one(
        "service.quality.callback",
        string="Follow-up Call",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    ticket_id = fields.Many2one(related="callback_id.ticket_id")
    resolver_id = fields.Many2one(related="callback_id.resolver_id")
    solved = fields.Selection(related="callback_id.solved")
    satisfaction = fields.Selection(related="callback_id.satisfaction")
    comment = fields.Text(related="callback_id.comment")
    analysis = fields.Text(help="Why it came about.")
    action = fields.Text(help="What is done about it, by whom.")
    answered_by_id = fields.Many2one("res.users", readonly=True)
    answered_at = fields.Datetime(readonly=True)

    def write(self, vals):
        """Note who gave the department's answer, and when."""
        result = super().write(vals)
        if vals.keys() & ANSWER:
            self._note_answers()
        return result

    @api.model
    def _rectify_fields(self):
        return super()._rectify_fields() | dict.fromkeys(ANSWER, False)

    def _rectify_ended(self):
        return self.filtered("answered_at")

    def _rectify_ends(self):
        return {one: End(one.answered_at, one.answered_by_id) for one in self}

    @api.model
    def _step_refusal(self, label):
        return self.env._("Only the analysis and the action are entered here.")

    def _note_answers(self):
        self._service_check_filled_in(*ANSWER)
        self._service_check_says(["analysis"])
        self._service_check_says(["action"], LEAST_REASON)
        lines = self.sudo()  # by whom and when is noted, not entered
        answered = lines.filtered(lambda line: line.analysis and line.action)
        fresh = answered.filtered(lambda line: not line.answered_at)
        fresh._write_as_step(
            {"answered_by_id": self.env.uid, "answered_at": fields.Datetime.now()}
        )
        withdrawn = (lines - answered).filtered("answered_at")
        withdrawn._write_as_step({"answered_by_id": False, "answered_at": False})
        lines.digest_id._close_answered()  # who answered need not be assigned
