from odoo import Command, fields, models
from odoo.exceptions import AccessError, UserError

from ..core.arguments import Arguments
from ..core.service_quality_request import idempotent
from .report_data import ROLE, TRANSITIONS

REVIEWERS = ("quality", "technical_centre", "service_manager")

WRITTEN_TEXTS = ("summary", "decisions", "analysis", "deviations", "actions")
"""What people write in a report for its readers."""

SENDERS = ("quality", "service_manager", "technical_centre")


class ServiceQualityReport(models.Model):
    """The course of a report: draft, reviewed, sent, and revised when it was wrong."""

    _inherit = "service.quality.report"

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

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
        note = Arguments(self.env).text("note", note)
        for report in self:
            if report.needs_centre_review and not note:
                raise UserError(
                    self.env._("Enter the result of the review of an annual report.")
                )
            report._check_complete()
        self._set_state(
            "reviewed",
            reviewed_by_id=self.env.uid,
            reviewed_at=fields.Datetime.now(),
            is_centre_reviewed=self.env.user.has_group(ROLE % "technical_centre"),
            **({"review_note": note} if note else {}),
        )
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
        reason = Arguments(self.env).text("reason", reason)
        if not reason:
            raise UserError(self.env._("Say why the report is revised."))
        if self.state != "sent":
            raise UserError(self.env._("Only a report that was sent is revised."))
        self._service_lock()  # of two at once, one makes the revision
        if self.sudo().next_ids:  # also where it may not be seen
            raise UserError(
                self.env._(
                    "This report has been revised already. Open its newest revision."
                )
            )
        # who may send it may correct it
        return self.sudo()._make_revision(reason).id

    def acknowledge(self):
        """Acknowledge reports (已阅) as the executive they were sent to.

        :raise AccessError: for anybody else
        """
        self._ensure_some()
        self._own_deliveries()._acknowledge()
        activities = self.sudo().activity_ids  # one's own reminder of it
        activities.filtered(
            lambda activity: (
                activity.user_id == self.env.user and not activity.service_reminder_id
            )
        ).action_feedback()
        return True

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

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
            "draft", reviewed_by_id=False, reviewed_at=False, is_centre_reviewed=False
        )
        return True

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

    def _make_revision(self, reason):
        """Make the next revision with figures that are taken anew, and say why."""
        texts = {name: self[name] for name in self._revised_fields()}
        about = ("company_id", "agreement_id", "project_id", "team_id", "user_id")
        texts |= {name: self[name].id for name in about}
        self.env["service.quality.figure"]._take(
            self.company_id, self._period(), reason=f"{self.display_name}: {reason}"
        )
        read_by = self.delivery_ids.filtered(lambda one: one._is_open()).partner_id
        return self._create_as_step(
            texts
            | {
                "also_partner_ids": [
                    Command.set((self.also_partner_ids & read_by).ids)
                ],
                "previous_id": self.id,
                "revision": self.revision + 1,
                "revision_reason": reason,
                "trigger": self.trigger,
                "event_key": self.event_key,
                "event_ticket_id": self.event_ticket_id.id,
            }
        )

    def _revised_fields(self):
        """Return the names of the simple fields that a revision begins with."""
        names = (
            "kind", "period_kind", "date_from", "summary", "decisions", "analysis",
            "deviations", "actions", "event_text",
        )  # fmt: skip
        return names

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _has_role(self, *roles):
        return self.env.su or any(
            self.env.user.has_group(ROLE % role) for role in roles
        )

    def _check_reviewer(self):
        self.check_access("read")
        if not self._has_role(*REVIEWERS):
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

    def _check_may_send(self):
        self.check_access("read")
        if self._has_role(*SENDERS):
            return
        # a project manager answers for the reports of own projects
        own = self.env.user
        if not self._has_role("project_manager") or any(
            report.project_id.user_id != own for report in self
        ):
            raise AccessError(
                self.env._(
                    "The quality department, a service manager or the project manager "
                    "sends a report."
                )
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
        self._service_check_filled_in(*WRITTEN_TEXTS)
        self.miss_ids._service_check_filled_in("reason")
        if self.kind == "project":
            self._check_misses_answered()
        if self.kind == "customer":
            silent = self.miss_ids.filtered(
                lambda miss: not (miss.reason or "").strip()
            )
            if silent:
                raise UserError(
                    self.env._(
                        "Say why these targets were missed, the customer reads it: %s",
                        ", ".join(silent.mapped("number")),
                    )
                )

    def _check_misses_answered(self):
        """Regulation A4.3.4: an improvement action for each indicator missed."""
        self._take_over_answers()
        silent = self.line_ids.filtered(lambda line: not line.is_answered)
        if silent:
            raise UserError(
                self.env._(
                    "These missed their target. Enter an improvement action for each, "
                    "or why there is none: %s",
                    ", ".join(silent.mapped("name")),
                )
            )

    def _take_over_answers(self):
        """Take what deviations say by now, where the draft says nothing."""
        if self.state != "draft":
            return
        lines = self.sudo().line_ids  # figures are nobody's to write
        answers = self._answers(lines.figure_id)
        for line in lines.filtered(lambda line: not line.is_answered):
            if line.figure_id.id in answers:
                line.write(answers[line.figure_id.id])

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
        if not self._recipients():
            raise UserError(
                self.env._(
                    "Nobody is concerned by this report. Enter report recipients at "
                    "the agreement, or give people their roles."
                )
            )
