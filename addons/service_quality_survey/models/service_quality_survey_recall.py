from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.base import LEAST_REASON
from odoo.addons.service_quality_core.models.roles import group_of
from odoo.addons.service_quality_core.tools.period import local_day

CALL_WITHIN = timedelta(hours=48)
"""So soon after the answer the customer is called."""

RATED = ("overall", "promise")
"""The blocks of questions of which a low score is followed by a call."""

OUTCOMES = [
    ("settled", "Settled in the call"),
    ("agreed", "Something was agreed"),
    ("declined", "The customer wants nothing"),
    ("unreachable", "Could not be reached"),
]

TRIES = 3
"""Who was not reached so often is given up."""


class ServiceQualitySurveyRecall(models.Model):
    """Is a call to a customer who gave a low score in a survey, or asked to be called.

    It is made by telephone within 48 hours of the answer. It belongs to the survey of
    the company, and is no follow-up call of a ticket: those of a project are made and
    counted by themselves (regulation A5.1.1).
    """

    _name = "service.quality.survey.recall"
    _description = "Call After a Survey"
    _inherit = [
        "service.quality.steps.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "service.quality.due.mixin",
    ]
    _order = "due_at, id"
    _rec_name = "contact_id"
    _check_company_auto = True

    _due_subject = "survey_recall"
    _due_sequence = 95
    _due_owner = "user_id"

    contact_id = fields.Many2one(
        "service.quality.survey.contact",
        string="To Call",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    survey_id = fields.Many2one(related="contact_id.survey_id", store=True, index=True)
    company_id = fields.Many2one(related="contact_id.company_id", store=True)
    customer_id = fields.Many2one(related="contact_id.customer_id", store=True)
    name = fields.Char(related="contact_id.name", related_sudo=True)
    phone = fields.Char(
        readonly=True, help="The number that was given in the answer, or else ours."
    )
    reason = fields.Selection(
        [
            ("low", "Low score"),
            ("wish", "Wishes to be called"),
            ("both", "Low score, wishes to be called"),
        ],
        required=True,
        readonly=True,
    )
    score = fields.Integer(
        string="Lowest Score", readonly=True, help="Of 10; 0 where none was low."
    )
    asked = fields.Char(
        string="Lowest Of", readonly=True, help="The question with the lowest score."
    )
    answered_at = fields.Datetime(string="Answered On", required=True, readonly=True)
    due_at = fields.Datetime(
        string="Call Before", required=True, readonly=True, index=True
    )
    deadline = fields.Date(string="Due", required=True)
    user_id = fields.Many2one(
        "res.users",
        string="Caller",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
        tracking=True,
    )
    state = fields.Selection(
        [("open", "To call"), ("done", "Called"), ("cancelled", "Cancelled")],
        required=True,
        readonly=True,
        default="open",
        tracking=True,
        index=True,
    )
    try_count = fields.Integer(string="Not Reached", readonly=True)
    last_try_at = fields.Datetime(string="Last Try", readonly=True)
    outcome = fields.Selection(OUTCOMES)
    note = fields.Text(string="What Was Said")
    done_at = fields.Datetime(string="Called On", readonly=True)
    done_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    is_late = fields.Boolean(
        string="Called Late", readonly=True, help="Later than 48 hours."
    )

    _contact_uniq = models.UniqueIndex("(contact_id)", "This person is called already.")

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        if vals.keys() & {"user_id", "outcome", "note"}:
            self._check_may_call()
            if any(recall.state != "open" for recall in self):
                raise UserError(self.env._("What was called stays on record."))
        result = super().write(vals)
        if "user_id" in vals:
            self._check_unrated()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_raised(self):
        raise UserError(self.env._("Who was to be called is on record. Cancel it."))

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_done(self):
        """Enter that customers were called, with what came of it.

        :return: True
        :raise AccessError: for who does not call
        :raise UserError: without an outcome, or without what was said
        """
        self._ensure_some()
        self._check_may_call()
        self._check_open()
        for recall in self:
            if not recall.outcome or recall.outcome == "unreachable":
                raise UserError(self.env._("Choose what came of the call."))
            if not recall.note:
                raise UserError(self.env._("Write what the customer said."))
        self._service_check_says(["note"], LEAST_REASON)
        self._finish()
        return True

    def action_not_reached(self):
        """Enter that customers were not reached; after the third time it is given up.

        :return: True
        :raise AccessError: for who does not call
        """
        self._ensure_some()
        self._check_may_call()
        self._check_open()
        calls = self.sudo()  # by this step alone
        now = fields.Datetime.now()
        for count, some in calls.grouped("try_count").items():
            # batched: of each number of tries
            some._write_as_step({"try_count": count + 1, "last_try_at": now})
        given_up = calls.filtered(lambda one: one.try_count >= TRIES)
        given_up._write_as_step({"outcome": "unreachable"})
        given_up._finish()
        return True

    def action_cancel(self):
        """Cancel calls that are not needed: the quality department says why.

        :return: True
        :raise AccessError: for others
        :raise UserError: without a reason
        """
        self._ensure_some()
        if not self.env.su and not self.env.user.has_group(group_of("quality")):
            raise AccessError(
                self.env._("The quality department decides who is not called.")
            )
        self._check_open()
        if any(not recall.note for recall in self):
            raise UserError(self.env._("Say why nobody calls, in What Was Said."))
        self._service_check_says(["note"], LEAST_REASON)
        calls = self.sudo()  # by this step alone
        calls._write_as_step({"state": "cancelled"})
        calls.activity_ids.action_feedback()
        return True

    # ------------------------------------------------------------------
    # Who may
    # ------------------------------------------------------------------

    def _check_may_call(self):
        """Refuse everybody but who is to call, and the quality department."""
        user = self.env.user
        if self.env.su or user.has_group(group_of("quality")):
            return
        if any(recall.user_id != user for recall in self):
            raise AccessError(self.env._("Somebody else calls this customer."))

    def _check_unrated(self):
        """Refuse to have customers called by who looks after them and was rated."""
        for recall in self:
            if recall.contact_id._is_rated(recall.user_id):
                raise UserError(
                    self.env._(
                        "%(user)s looks after %(customer)s, and was rated. Have "
                        "somebody else call.",
                        user=recall.user_id.name,
                        # the customer's name, no more
                        customer=recall.sudo().customer_id.name,
                    )
                )

    def _check_open(self):
        if any(recall.state != "open" for recall in self):
            raise UserError(self.env._("This call is over already."))

    # ------------------------------------------------------------------
    # Raised by answers
    # ------------------------------------------------------------------

    @api.model
    def _raise_for(self, contacts):
        """Have people called who have just answered with a low score, or wish it.

        Whoever is to be called already is not called twice.

        :param contacts: people who have answered
        :return: the calls
        """
        contacts = contacts.sudo()  # nobody who answers has any rights
        # likewise
        contacts -= self.sudo().search([("contact_id", "in", contacts.ids)]).contact_id
        found = self._found(contacts)
        values = []
        for contact in contacts:
            low, wish, phone = found.get(contact.user_input_id, (None, False, ""))
            if low or wish:
                values.append(self._prepare_recall(contact, low, wish, phone))
        calls = self.sudo()._create_as_step(values)  # likewise
        calls._plan()
        return calls

    @api.model
    def _found(self, contacts):
        """Return of each answer what asks for a call.

        :return: dict of answer to the line with the lowest score where it is low, else
            None; whether they wish to be called; and the number that they gave
        """
        limits = {one.user_input_id: one.survey_id.low_score for one in contacts}
        lines = contacts.env["survey.user_input.line"].search(
            [
                ("user_input_id", "in", contacts.user_input_id.ids),
                ("question_id.service_block", "in", (*RATED, "call")),
                ("skipped", "=", False),
            ],
            order="id",
        )
        found = {}
        for answer, some in lines.grouped("user_input_id").items():
            calls = some.filtered(lambda one: one.question_id.service_block == "call")
            rated = (some - calls).filtered(lambda one: one.answer_type == "scale")
            lowest = rated.sorted("value_scale")[:1]
            is_low = lowest and lowest.value_scale <= limits[answer]
            found[answer] = (
                lowest if is_low else None,
                any(calls.suggested_answer_id.mapped("service_is_wish")),
                next(filter(None, calls.mapped("value_char_box")), ""),
            )
        return found

    @api.model
    def _prepare_recall(self, contact, low, wish, phone):
        answered = contact.answered_at or fields.Datetime.now()
        # whoever calls reads the question in the language of the house
        asked = low and low.question_id.with_context(
            lang=contact.company_id._service_lang()
        )
        due = answered + CALL_WITHIN
        return {
            "contact_id": contact.id,
            "reason": "both" if low and wish else "low" if low else "wish",
            "score": low.value_scale if low else 0,
            "asked": asked and asked.title,
            "phone": phone or contact.phone,
            "answered_at": answered,
            "due_at": due,
            "deadline": local_day(due, contact.company_id._service_tz()),
            "user_id": self._caller_of(contact).id,
        }

    @api.model
    def _caller_of(self, contact):
        """Return who calls: who leads the survey, unless they were rated."""
        leader = contact.survey_id.user_id
        others = contact.company_id._service_role_users("quality")
        able = (leader | others).filtered(lambda user: not contact._is_rated(user))
        return able[:1] or leader

    def _plan(self):
        """Give each caller the activity, which Odoo announces by mail."""
        self.env["mail.activity"]._service_plan(
            [
                (one, one.user_id, one.deadline, lambda own: own._coming_text())
                for one in self
            ],
            "mail.mail_activity_data_call",
            mails=True,
        )

    def _finish(self):
        """Enter that calls are over; in time or not stays as it is now."""
        calls = self.sudo()  # by the steps of who calls
        now = fields.Datetime.now()
        values = {"state": "done", "done_at": now, "done_by_id": self.env.uid}
        late = calls.filtered(lambda one: one.due_at < now)
        late._write_as_step(values | {"is_late": True})
        (calls - late)._write_as_step(values)
        calls.activity_ids.action_feedback()

    # ------------------------------------------------------------------
    # Due
    # ------------------------------------------------------------------

    @api.model
    def _late_by_hours_domain(self):
        """Return the domain of calls made after 48 hours, or late by now."""
        return Domain("is_late", "=", True) | (
            self._open_domain() & Domain("due_at", "<", fields.Datetime.now())
        )

    @api.model
    def _due_subject_label(self):
        return self.env._("Calls after a survey")

    def _due_agreement(self):
        # whoever is reminded need not read the person asked
        return self.sudo().contact_id.agreement_ids[:1].sudo(False)

    def _answerable(self, members):
        return self.user_id or members("quality")

    def _coming_text(self):
        name = self.sudo().contact_id.display_name  # whom to call, for who is to call
        return self.env._("Call within 48 hours: %s", name)

    def _overdue_text(self):
        # likewise, who was to be called
        return self.env._("Not called: %s", self.sudo().contact_id.display_name)
