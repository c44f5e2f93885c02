"""The steps of a report stand apart from its fields: together they are too long."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.service_quality_core.models.arguments import Arguments
from odoo.addons.service_quality_core.models.service_quality_request import idempotent
from odoo.addons.service_quality_core.tools.period import Period
from odoo.addons.service_quality_indicator.models.service_quality_period_mixin import (
    PERIOD_KINDS,
)

from .report_data import (
    KINDS,
    PERIODIC,
    ROLE,
    SUBJECTS,
    TEXTS,
    TRANSITIONS,
    says,
)

ASSESS = "service_quality_report.mail_activity_type_assess"

REVIEWERS = ("quality", "technical_centre", "service_manager")


class ServiceQualityReport(models.Model):
    """A report is made, reviewed, sent, and revised when it was wrong."""

    _inherit = "service.quality.report"

    _second_roles = REVIEWERS
    # who writes it, until when and to whom is no part of what it says
    _not_authored = frozenset(
        {"user_id", "due_date", "also_partner_ids", "review_note", "revision_reason"}
    )

    assessment_ids = fields.One2many(
        "service.quality.report.assessment", "report_id", string="Assessments"
    )

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @api.model
    @idempotent
    def make(self, kind, period_kind, date_from, subject_id=None, external_ref=None):
        """Make the draft of a report with its figures, for another program or by hand.

        A period that is not over is allowed; the report is marked provisional.

        :param kind: organisation, customer, project or department
        :param period_kind: month, quarter, half or year
        :param date_from: the period's first day, ``YYYY-MM-DD``
        :param subject_id: id of the agreement, service project or team
        :param external_ref: the caller's own key; a repeat under it does nothing more
        :return: the id of the report
        :raise AccessError: for who makes no reports, or may not read the subject
        :raise ValidationError: for anything else, a day on which no such period begins
            by the company's calendar, and a period that has not begun
        """
        given = Arguments(self.env)
        kinds = [one for one in KINDS if one[0] in PERIODIC]
        kind = given.choice("kind", kind, kinds)
        period_kind = given.choice("period_kind", period_kind, PERIOD_KINDS)
        day = given.date("date_from", date_from)
        if kind in SUBJECTS:
            model = self._fields[SUBJECTS[kind]].comodel_name
            subject = given.record("subject_id", subject_id, model)
            subject.check_access("read")
        period = Period.around(period_kind, day)
        creation = self.env["service.quality.report.creation"]
        values = creation._prepare_report(self.env.company, kind, period, subject_id)
        # a day that no period begins on is refused, and not put right in silence
        return self.create(values | {"date_from": day}).id

    @idempotent
    def review(self, note=None, external_ref=None):
        """Record that drafts were reviewed; what was reviewed is not changed any more.

        :param note: text, the result of the review; wanted for an annual report
        :param external_ref: the caller's own key; a repeat under it does nothing more
        :raise AccessError: for a role that does not review; an annual report is
            reviewed by the technical service centre (regulation A3.3.4)
        :raise UserError: where something is missing; it names what
        """
        self._ensure_some()
        self._check_reviewer()
        self._service_lock()
        note = Arguments(self.env).reason("note", note)
        for report in self:
            if report.needs_centre_review and not note:
                raise UserError(
                    self.env._("Enter the result of the review of an annual report.")
                )
            if report.needs_centre_review:
                report._service_check_said("review_note", note, beyond=report._words())
            report._check_complete()
        self._set_state(
            "reviewed",
            was_reviewed=True,
            reviewed_by_id=self.env.uid,
            reviewed_at=fields.Datetime.now(),
            is_centre_reviewed=self.env.user.has_group(ROLE % "technical_centre"),
            **({"review_note": note} if note else {}),
        )
        own = self.filtered(lambda report: self.env.user in report._authors())
        # each step has checked who does it
        (self - own).sudo()._write_as_step({"is_reviewed_by_other": True})
        whole = self.filtered(lambda report: not report._missing_texts())
        whole.sudo()._write_as_step({"is_complete": True})  # likewise
        return True

    @idempotent
    def assess(self, text, external_ref=None):
        """Record that the technical service centre has read and assessed a report.

        :param text: what the centre concludes from it
        :param external_ref: the caller's own key; a repeat under it does nothing more
        :raise AccessError: for another role, and for who has written in the report,
            reviewed or sent it
        :raise UserError: without a text, or where the report was not sent
        """
        self.ensure_one()
        self.check_access("read")
        self._check_assessor()
        if self.state != "sent":
            raise UserError(self.env._("Only a report that was sent is assessed."))
        text = Arguments(self.env).text("text", text)
        if not (text or "").strip():
            raise UserError(self.env._("Enter what you conclude from the report."))
        Assessment = self.env["service.quality.report.assessment"]
        Assessment._service_check_said("text", text, beyond=self._all_words())
        # no user writes an assessment by hand
        Assessment.sudo()._create_as_step(
            [{"report_id": self.id, "user_id": self.env.uid, "text": text}]
        )
        self._assess_todos().action_feedback(self.env._("Assessed"))
        return True

    @idempotent
    def send(self, external_ref=None):
        """Freeze reviewed reports and deliver them to everyone concerned.

        :param external_ref: the caller's own key; a repeat under it does nothing more
        :raise AccessError: for a role that does not send reports
        :raise UserError: where something is missing; it names what
        """
        self._ensure_some()
        self._check_may_send()
        self._service_lock()
        for report in self:  # a few, each with its own pages
            report._check_sendable()
            report._send()
        return True

    @idempotent
    def revise(self, reason, external_ref=None):
        """Make the next revision of a sent report, a draft with the figures of now.

        :param reason: text, what is to be corrected
        :param external_ref: the caller's own key; a repeat under it does nothing more
        :return: the id of the revision
        :raise UserError: without a reason, or where the report was not sent
        """
        self.ensure_one()
        self._check_may_send()
        reason = Arguments(self.env).reason("reason", reason)
        if not reason:
            raise UserError(self.env._("Say why the report is revised."))
        if self.state != "sent":
            raise UserError(self.env._("Only a report that was sent is revised."))
        self._service_lock()  # of two at once, one makes the revision
        report = self.sudo()  # who may send it may correct it
        if report.next_ids:  # also where it may not be seen
            raise UserError(
                self.env._(
                    "This report has been revised already. Open its newest revision."
                )
            )
        return report.env["service.quality.report.revision"]._make(report, reason).id

    def acknowledge(self):
        """Acknowledge reports (已阅) as the executive they were sent to.

        :raise AccessError: for anybody else
        """
        self._ensure_some()
        unread = self.env["service.quality.report.delivery"]._deliver_to_executive(self)
        (self._own_deliveries() | unread)._acknowledge()
        activities = self.sudo().activity_ids  # one's own reminder of it
        (activities - self._assess_todos()).filtered(
            lambda activity: (
                activity.user_id == self.env.user and not activity.service_reminder_id
            )
        ).action_feedback()
        return True

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_fill(self):
        """Fill drafts in again; what people have written stays.

        Figures of a period that runs are taken for it; those that are closed stay.
        """
        self._ensure_some()
        self.check_access("write")
        drafts = self.filtered(lambda report: report.state == "draft")
        for report in drafts.sudo():  # people do not write figures
            content = report.env["service.quality.report.content"]
            if report._has_figures():
                content._take_figures(report.company_id, report._period(), fresh=True)
            content._fill(report)
        return True

    def action_review(self):
        """Review the report; of an annual one, ask for the result first."""
        self._ensure_some()
        if len(self) == 1 and self.needs_centre_review:
            self._check_reviewer()
            return self._action_say("review", self.env._("Review"))
        return self.review()

    def action_draft(self):
        """Set a reviewed report back to draft; its review is void."""
        self._ensure_some()
        self._check_reviewer()
        self._set_state(
            "draft",
            reviewed_by_id=False,
            reviewed_at=False,
            is_centre_reviewed=False,
            is_reviewed_by_other=False,
            is_complete=False,
        )
        return True

    def action_assess(self):
        """Ask what the technical service centre concludes from the report."""
        self.ensure_one()
        return self._action_say("assess", self.env._("Assess"))

    def action_send(self):
        """Freeze and send the report."""
        return self.send()

    def action_revise(self):
        """Ask why the report is revised."""
        self.ensure_one()
        self._check_may_send()
        return self._action_say("revise", self.env._("Revise"))

    def action_acknowledge(self):
        """Acknowledge the report."""
        return self.acknowledge()

    def action_instruct(self):
        """Open the form of a new instruction."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Instruction"),
            "res_model": "service.quality.report.instruction",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_report_id": self.id},
        }

    def action_respond(self):
        """Open the form that enters what the customer signed on paper."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Signed Copy"),
            "res_model": "service.quality.report.response",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_report_id": self.id,
                "default_given_by": self.partner_id.name,
            },
        }

    def action_view_previous(self):
        """Open the revision before."""
        self.ensure_one()
        return self.previous_id.get_formview_action()

    def action_view_next(self):
        """Open the revision after."""
        self.ensure_one()
        return self.next_ids[:1].get_formview_action()

    def _action_say(self, purpose, name):
        self.ensure_one()
        return self.env["service.quality.report.say"]._ask(
            name, purpose, report_id=self.id
        )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _set_state(self, state, **values):
        for report in self:
            if (report.state, state) not in TRANSITIONS:
                labels = dict(self._fields["state"]._description_selection(self.env))
                raise UserError(
                    self.env._(
                        "The report %(name)s is in the state %(state)s, so this is not "
                        "possible. Reload the page.",
                        name=report.display_name,
                        state=labels[report.state],
                    )
                )
        # each step has checked who does it
        self.sudo()._write_as_step({"state": state} | values)

    def _send(self):
        """Freeze a report with its pages, then deliver it."""
        report = self.sudo()  # who sends it has been checked
        report._set_state(
            "sent", sent_by_id=self.env.uid, sent_at=fields.Datetime.now()
        )
        if report.previous_id:
            changes = self.env["service.quality.report.revision"]._list_changes(report)
            report._write_as_step({"changes": changes})
        report._write_as_step(report._prepare_files())
        report.activity_ids.action_feedback(self.env._("Sent"))
        self.env["service.quality.report.delivery"]._deliver(report)
        report.previous_id._assess_todos().unlink()
        report._ask_to_assess()

    def _local(self, moment):
        """Return a moment on the company's wall; a workbook knows no zones."""
        return self.company_id._service_time(moment) if moment else None

    # ------------------------------------------------------------------
    # Who writes it
    # ------------------------------------------------------------------

    def _propose_owner(self):
        """Return who writes the report."""
        candidates = {
            "customer": self.agreement_id.project_id.user_id
            or self.agreement_id.manager_id,
            "project": self.project_id.user_id,
            "department": self._writer_of_department(self.team_id, self.company_id),
        }.get(self.kind)
        people = self.company_id._service_people(candidates or self.env["res.users"])
        return people or self._fallback_owner()

    @api.model
    def _writer_of_department(self, team, company):
        """Return who writes the reports of a department, none where nobody is there."""
        people = company._service_people
        return team._service_contacts(people)[:1] if team else self.env["res.users"]

    def _fallback_owner(self):
        """Return who looks after reports without a writer."""
        company = self.company_id
        for role in ("quality", "service_manager", "technical_centre"):
            users = company._service_role_users(role)
            if users:
                # who administers the server has each role, and writes no report
                own = users.filtered(lambda user: not user._is_admin())
                return (own or users)[:1]
        return self.env.ref("base.user_admin")

    def _ask_to_write(self):
        """Give each writer the activity to finish and send the report."""
        self.env["mail.activity"]._service_plan(
            [
                (one, one.user_id, one.due_date, lambda own: own._todo())
                for one in self.filtered("user_id")
            ]
        )

    def _todo(self):
        """Say to the writer what is to be done."""
        if self.with_user(self.user_id)._may_send():
            return self.env._("Write, have reviewed and send this report")
        return self.env._("Write this report, and have it reviewed and sent")

    def _assess_todos(self):
        """Return the activities to assess reports."""
        kind = self.env.ref(ASSESS, raise_if_not_found=False)
        todos = self.sudo().activity_ids  # whoever has them
        return todos.filtered(lambda todo: kind and todo.activity_type_id == kind)

    def _ask_to_assess(self):
        """Ask who may assess a report where nobody of the centre may (A3.3.2).

        The register asks the centre, and would tell them only of what is overdue.
        """
        company = self.company_id
        days = company._service_due_days("reports_assessed", self.period_kind)
        people = self._assessors()
        centre = company._service_role_users("technical_centre")
        if self.kind != "organisation" or days is None or people & centre:
            return
        day = max(fields.Date.add(self.date_to, days=days), company._service_day())
        self.env["mail.activity"]._service_plan(
            [(self, user, day, lambda own: own._assess_todo()) for user in people],
            kind=ASSESS,
        )

    def _assess_todo(self):
        """Say to who may assess it what is to be done."""
        return self.env._("Read this report and assess it")

    def _hand_over(self):
        """Give what the writers had to do to those who write the reports now."""
        for user, reports in self.grouped("user_id").items():
            # activities of others are not the caller's to write
            todos = reports.sudo().activity_ids - reports._assess_todos()
            todos = todos.filtered(
                lambda todo, user=user: (
                    todo.automated
                    and not todo.service_reminder_id
                    and todo.user_id != user
                )
            )
            todos.unlink()  # batched: once for each writer
            if todos and user:
                reports._ask_to_write()  # batched: once for each writer

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _has_role(self, *roles):
        return self.env.su or any(
            self.env.user.has_group(ROLE % role) for role in roles
        )

    def _check_reviewer(self):
        self.check_access("read")
        if not self._has_role(*REVIEWERS) and not self._is_of_desk():
            raise AccessError(
                self.env._(
                    "The quality department, the technical service centre or a service "
                    "manager reviews reports."
                )
            )
        annual = self.filtered("needs_centre_review")
        if annual and not self._has_role("technical_centre"):
            raise AccessError(
                self.env._(
                    "An annual report is reviewed by the technical service centre."
                )
            )

    def _is_of_desk(self):
        """Regulation A3.5.5: the desk makes the monthly statistics of departments."""
        return self._has_role("desk") and all(
            report.kind == "department" and report.period_kind == "month"
            for report in self
        )

    def _check_complete(self):
        """Refuse a draft in which something has to be said that is not."""
        self.ensure_one()
        if not self.taken_at:
            raise UserError(
                self.env._(
                    "There are no figures in the report %s yet. Take them first.",
                    self.display_name,
                )
            )
        self._service_check_filled_in(*TEXTS)
        self.miss_ids._service_check_filled_in("reason")
        if self.kind == "project":
            self._check_misses_answered()
        if self.kind == "customer":
            silent = self.miss_ids.filtered(lambda miss: not says(miss.reason))
            if silent:
                raise UserError(
                    self.env._(
                        "Say why these targets were missed, the customer reads it: %s",
                        ", ".join(silent.mapped("number")),
                    )
                )

    def _check_misses_answered(self):
        """Regulation A4.3.4: an improvement action for each indicator missed."""
        self.line_ids._take_over_answers()
        silent = self.line_ids.filtered(lambda line: not line.is_answered)
        if silent:
            raise UserError(
                self.env._(
                    "These missed their target. Enter an improvement action for each, "
                    "or why there is none: %s",
                    ", ".join(silent.mapped("name")),
                )
            )

    def _check_sendable(self):
        self.ensure_one()
        if self.state != "reviewed":
            raise UserError(
                self.env._(
                    "The report %s was not reviewed yet, and is not sent before.",
                    self.display_name,
                )
            )
        if self.needs_centre_review and not self.is_centre_reviewed:
            raise UserError(
                self.env._(
                    "The technical service centre has not reviewed this annual report."
                )
            )
        self._check_complete()
        if not self.env["service.quality.report.delivery"]._recipients(self):
            raise UserError(
                self.env._(
                    "Nobody is concerned by this report. Enter report recipients at "
                    "the agreement, or give people their roles."
                )
            )
