from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.service_quality_core.models.arguments import Arguments
from odoo.addons.service_quality_core.models.base import LEAST_REASON
from odoo.addons.service_quality_core.models.service_quality_rectify_mixin import End
from odoo.addons.service_quality_core.models.service_quality_request import idempotent

from .report_data import ROLE


class ServiceQualityReportInstruction(models.Model):
    """An instruction says what an executive wants done after a report, and by whom.

    Regulation A3.1.2: instructions (批示) become actions with an owner and a date.
    """

    _name = "service.quality.report.instruction"
    _description = "Instruction on a Report"
    _inherit = [
        "service.quality.rectify.mixin",
        "service.quality.steps.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "service.quality.due.mixin",
    ]
    _order = "deadline, id"
    _rec_name = "text"
    _check_company_auto = True

    _due_subject = "instruction"
    _due_sequence = 50

    report_id = fields.Many2one(
        "service.quality.report", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="report_id.company_id", store=True, precompute=True
    )
    author_id = fields.Many2one(
        "res.users",
        string="Executive",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
    )
    given_at = fields.Datetime(
        string="Given On", required=True, readonly=True, default=fields.Datetime.now
    )
    text = fields.Text(string="Instruction", required=True)
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
    )
    deadline = fields.Date(required=True)
    state = fields.Selection(
        [("open", "To be done"), ("done", "Done")],
        required=True,
        readonly=True,
        default="open",
        tracking=True,
    )
    result = fields.Text(readonly=True, copy=False)
    done_at = fields.Datetime(string="Done On", readonly=True, copy=False)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            if not self.env.user.has_group(ROLE % "executive"):
                raise AccessError(self.env._("Only an executive gives instructions."))
        instructions = super().create(vals_list)
        if any(report.state != "sent" for report in instructions.report_id):
            raise UserError(
                self.env._("An instruction is given on a report that was sent.")
            )
        instructions._service_check_says(["text"], LEAST_REASON)
        instructions._plan()
        return instructions

    def write(self, vals):
        if not self.env.su and vals.keys() & {"text", "user_id", "deadline"}:
            self._check_author()
        result = super().write(vals)
        if "user_id" in vals or "deadline" in vals:
            waiting = self.filtered(lambda instruction: instruction.state == "open")
            waiting.activity_unlink(["mail.mail_activity_data_todo"])
            waiting._plan()
        return result

    @api.model
    def _step_refusal(self, label):
        return self.env._("Enter the result with the button that reports it done.")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_given(self):
        raise UserError(self.env._("An instruction is part of the report and stays."))

    # ------------------------------------------------------------------
    # What is rectified
    # ------------------------------------------------------------------

    _rectify_deciders = ("executive", "quality")

    @api.model
    def _rectify_fields(self):
        return super()._rectify_fields() | {
            "text": False,
            "result": False,
            "user_id": True,
            "deadline": True,
        }

    def _rectify_ended(self):
        return self.filtered(lambda instruction: instruction.state == "done")

    def _rectify_ends(self):
        return {one: End(one.done_at, one.user_id) for one in self}

    def _rectify_is_open_to_user(self):
        """Add the executive, whose words they are."""
        return self.author_id == self.env.user or super()._rectify_is_open_to_user()

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @idempotent
    def complete(self, result, external_ref=None):
        """Report instructions done, with what came of it.

        :param result: text, not empty
        :param external_ref: the caller's own key; a repeat under it does nothing more
        :raise AccessError: for anybody but the owner or the executive
        :raise UserError: without a result, or when it was reported done before
        """
        self._ensure_some()
        result = Arguments(self.env).text("result", result)
        if not result:
            raise UserError(self.env._("Say what was done and what came of it."))
        for instruction in self:
            if self.env.user not in (instruction.user_id | instruction.author_id):
                raise AccessError(
                    self.env._("Only its owner reports an instruction done.")
                )
            if instruction.state == "done":
                raise UserError(self.env._("This was reported done before."))
        self._service_check_text("result", result)
        self._service_check_said("result", result, LEAST_REASON)
        # the owner does not write it otherwise
        self.sudo()._write_as_step(
            {"state": "done", "result": result, "done_at": fields.Datetime.now()}
        )
        self.sudo().activity_ids.action_feedback(result)  # likewise
        for instruction in self.sudo():  # likewise
            lang = instruction.company_id._service_lang(instruction.author_id)
            own = self.with_context(lang=lang)
            instruction.message_notify(
                partner_ids=instruction.author_id.partner_id.ids,
                subject=own.env._("Instruction done"),
                body=result,
            )
        return True

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_complete(self):
        """Open the dialog in which the owner reports it done."""
        self.ensure_one()
        return self.env["service.quality.report.say"]._ask(
            self.env._("Report Done"), "instruction", instruction_id=self.id
        )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _check_may_move_due(self):
        if not self.env.su:
            self._check_author()
        return super()._check_may_move_due()

    def _check_author(self):
        if any(instruction.author_id != self.env.user for instruction in self):
            raise AccessError(
                self.env._("Only the executive who gave it changes an instruction.")
            )

    @api.model
    def _due_subject_label(self):
        return self.env._("Instructions")

    def _due_agreement(self):
        return self.report_id.agreement_id

    def _due_project(self):
        return self.report_id.project_id

    def _overdue_text(self):
        return self.env._("Instruction overdue: %s", self.text[:80])

    def _plan(self):
        """Give each owner the activity, which Odoo announces by mail."""
        given = self.sudo()  # the owner sees it from now on
        given.env["mail.activity"]._service_plan(
            [
                (one, one.user_id, one.deadline, lambda own: own._todo())
                for one in given
            ],
            mails=True,
        )

    def _todo(self):
        """Return what the owner is asked to do."""
        return self.env._("Instruction: %s", self.text[:80])
