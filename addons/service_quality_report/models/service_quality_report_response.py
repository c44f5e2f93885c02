import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_quality_core.models.arguments import Arguments
from odoo.addons.service_quality_core.models.base import LEAST_REASON
from odoo.addons.service_quality_core.models.service_quality_request import idempotent

ANSWER_DAYS = 5


class ServiceQualityReportResponse(models.Model):
    """The customer confirms a service report, or objects and is answered."""

    _name = "service.quality.report.response"
    _description = "Customer's Response to a Report"
    _inherit = [
        "service.quality.steps.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "service.quality.due.mixin",
    ]
    _order = "given_at desc, id desc"
    _rec_name = "given_by"
    _check_company_auto = True

    _due_subject = "objection"
    _due_sequence = 60
    _due_field = "due_date"
    _due_owner = "user_id"
    _due_depends = ("state", "due_date", "answered_at")

    report_id = fields.Many2one(
        "service.quality.report", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="report_id.company_id", store=True, precompute=True
    )
    kind = fields.Selection(
        [("confirmed", "Confirmed"), ("objection", "Objection")],
        required=True,
        default="confirmed",
    )
    channel = fields.Selection(
        [("portal", "In the portal"), ("paper", "Signed copy")],
        required=True,
        readonly=True,
        default="paper",
    )
    given_by = fields.Char(string="By", required=True)
    partner_id = fields.Many2one(
        "res.partner", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    given_at = fields.Datetime(string="On", required=True, default=fields.Datetime.now)
    text = fields.Text(string="Objection", help="What the customer says is wrong.")
    copy_file = fields.Binary(string="Signed Copy", attachment=True)
    copy_name = fields.Char()

    # how it is answered
    user_id = fields.Many2one(
        "res.users",
        string="To Be Answered By",
        index="btree_not_null",
        domain=[("share", "=", False)],
        tracking=True,
    )
    due_date = fields.Date(string="Answer Until", tracking=True)
    state = fields.Selection(
        [("open", "To be answered"), ("done", "Done")],
        compute="_compute_state",
        store=True,
    )
    answer = fields.Text(readonly=True, copy=False)
    answered_at = fields.Datetime(string="Answered On", readonly=True, copy=False)

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("kind", "answered_at")
    def _compute_state(self):
        for response in self:
            pending = response.kind == "objection" and not response.answered_at
            response.state = "open" if pending else "done"

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(vals_list)._entered()

    def _create_as_step(self, vals_list):
        return super()._create_as_step(vals_list)._entered()

    def _entered(self):
        self._check_given()
        self._plan()
        return self

    def write(self, vals):
        free = {"user_id", "due_date"}
        changed = {n for n in vals if not n.startswith(("message_", "activity_"))}
        if not self.env.su and changed - free:
            raise UserError(
                self.env._(
                    "What the customer said stays as it is. Answer it, or choose who "
                    "does."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_given(self):
        raise UserError(self.env._("What the customer said is part of the record."))

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @idempotent
    def reply(self, answer, external_ref=None):
        """Answer objections; the customer reads it with the report and by mail.

        :param answer: text, not empty
        :param external_ref: the caller's own key; a repeat under it does nothing more
        :raise UserError: without a text, or when it was answered before
        """
        self._ensure_some()
        self.check_access("write")
        answer = Arguments(self.env).text("answer", answer)
        if not answer:
            raise UserError(self.env._("Write what the customer is answered."))
        if any(response.state == "done" for response in self):
            raise UserError(self.env._("This has been answered."))
        self._service_check_text("answer", answer)
        self._service_check_said("answer", answer, LEAST_REASON)
        # what is recorded is not written by hand
        self.sudo()._write_as_step(
            {"answer": answer, "answered_at": fields.Datetime.now()}
        )
        self.activity_ids.action_feedback(answer)
        self.sudo()._tell_customer()  # the mail is the company's
        return True

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_reply(self):
        """Open the dialog in which an objection is answered."""
        self.ensure_one()
        return self.env["service.quality.report.say"]._ask(
            self.env._("Answer"), "response", response_id=self.id
        )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _check_given(self):
        for response in self:
            report = response.report_id
            if report.kind != "customer" or report.state != "sent":
                raise UserError(
                    self.env._(
                        "Only a service report that was sent to the customer is "
                        "confirmed or objected to."
                    )
                )
            if response.kind == "objection" and not (response.text or "").strip():
                raise UserError(self.env._("Enter what the customer objects to."))
            if response.channel == "paper":
                response._check_copy()

    def _check_copy(self):
        """Refuse a paper without the copy that the customer has signed."""
        copy = self.with_context(bin_size=False).copy_file
        if not copy:
            raise UserError(
                self.env._("Add the signed copy that the customer has sent.")
            )
        files = self.env["ir.attachment"]
        name = self.copy_name or self._fields["copy_file"]._description_string(self.env)
        content = base64.b64decode(copy)
        files._service_check_scan(name, content)
        # of one report a copy may be entered again, as after an objection
        own = self.report_id.response_ids
        files._service_check_first_use(own | self, "copy_file", name, content)

    def _plan(self):
        """Give each objection to the person who answers it."""
        customers = self.sudo()  # a customer may have entered it
        objections = customers.filtered(lambda response: response.kind == "objection")
        for response in objections:
            report = response.report_id
            owner = response.user_id or report.user_id or report._fallback_owner()
            day = response.company_id._service_day()
            due = response.due_date or fields.Date.add(day, days=ANSWER_DAYS)
            response.write({"user_id": owner.id, "due_date": due})
        objections.env["mail.activity"]._service_plan(
            [
                (one, one.user_id, one.due_date, lambda own: own._todo())
                for one in objections
            ],
            mails=True,
        )

    def _todo(self):
        """Return what the owner of an objection is asked to do."""
        return self.env._("Answer the customer's objection")

    @api.model
    def _due_subject_label(self):
        return self.env._("Objections")

    def _due_agreement(self):
        return self.report_id.agreement_id

    def _due_project(self):
        return self.report_id.project_id

    def _overdue_text(self):
        return self.env._("Objection not answered: %s", self.report_id.display_name)

    def _tell_customer(self):
        for response in self.filtered("partner_id.email"):
            lang = response.company_id._service_lang(response.partner_id)
            own = self.with_context(lang=lang)
            response.message_notify(
                partner_ids=response.partner_id.ids,
                subject=own.env._("Your objection to a service report"),
                body=response.answer,
            )
