"""The steps of an audit stand apart from its fields: together they are too long."""

from datetime import timedelta

from odoo import Command, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.service_quality_core.models.base import LEAST_REASON
from odoo.addons.service_quality_core.tools.form_text import weigh

NAMED = 5
"""So many questions are named in a message; the rest is counted."""

MEETING = timedelta(hours=1)

MEETINGS = {
    "opening": "service_opening_event_id",
    "closing": "service_closing_event_id",
}


class MgmtsystemAudit(models.Model):
    """An audit is begun, signed, closed and sent, by those who may."""

    _inherit = "mgmtsystem.audit"

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_make_checklist(self):
        """Add the questions that are not on the checklist yet.

        :return: True
        """
        self._ensure_some()
        self.check_access("write")
        self._check_not_closed()
        self._check_auditor()
        for audit in self:
            audit._add_questions()
        return True

    def action_plan_meetings(self):
        """Put the opening and the closing meeting into the calendars of all."""
        self.ensure_one()
        self.check_access("write")
        if not self.date or not self.service_date_end:
            raise UserError(self.env._("Enter when the audit begins and when it ends."))
        for kind, name in MEETINGS.items():
            if not self[name]:
                self[name] = self.env["calendar.event"].create(
                    self._prepare_meeting(kind)
                )  # batched: two
        return True

    def _prepare_meeting(self, kind):
        start = self.date if kind == "opening" else self.service_date_end
        words = {
            "opening": self.env._("Opening meeting: %s", self._words()),
            "closing": self.env._("Closing meeting: %s", self._words()),
        }
        people = self.service_member_ids._partners() | self.auditee_user_ids.partner_id
        people |= self.user_id.partner_id
        return {
            "name": words[kind],
            "start": start,
            "stop": start + MEETING,
            "user_id": self.user_id.id or self.env.uid,
            "partner_ids": [Command.set(people.ids)],
            "description": self.service_agenda or "",
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "res_id": self.id,
        }

    def action_start(self):
        """Begin audits: from now on the team answers, and the scope is settled.

        :return: True
        :raise ValidationError: with all that is missing
        """
        self._ensure_some()
        self.check_access("write")
        self._check_not_closed()
        self._check_auditor()
        for audit in self:
            if audit.service_phase != "plan":
                raise UserError(self.env._("This audit has begun already."))
            audit._refuse_missing(
                self.env._("The audit cannot begin yet:"), audit._missing_to_start()
            )
            audit.sudo()._write_as_step(  # by this step alone
                {
                    "service_phase": "field",
                    "service_started_at": fields.Datetime.now(),
                    "service_started_by_id": self.env.uid,
                }
            )
        return True

    def action_answer(self):
        """Open the first open question, one on a screen."""
        self.ensure_one()
        lines = self.line_ids
        first = lines.filtered(lambda line: not line.service_is_complete)[:1]
        return (first or lines[:1])._action_open()

    def action_view_questions(self):
        """List the questions of the audit."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_audit.mgmtsystem_verification_line_action"
        )
        return action | {
            "domain": [("audit_id", "=", self.id)],
            "context": {"default_audit_id": self.id},
        }

    def button_close(self):
        """Close audits, and send their reports, through the gates where they hold."""
        gated = self.filtered("service_is_gated")
        if self - gated:
            super(MgmtsystemAudit, self - gated).button_close()
        for audit in gated:
            audit._close()
        return True

    def action_send(self):
        """Send the report once more, to those who are concerned by now."""
        self.ensure_one()
        self.check_access("write")
        self._check_closer()
        report = self.sudo().service_report_ids[:1]  # made by the step Close
        if not report:
            raise UserError(self.env._("The audit is not closed: it has no report."))
        report._send(self._concerned())
        return True

    # ------------------------------------------------------------------
    # Gates
    # ------------------------------------------------------------------

    def _refuse_missing(self, text, missing):
        """Raise an error with all that is missing, if anything is.

        :param missing: list of texts
        """
        if missing:
            raise ValidationError("\n".join((text, *(f"• {one}" for one in missing))))

    def _missing_to_start(self):
        """List in words what keeps the audit from being begun."""
        _ = self.env._
        missing = []
        if not (self.name or "").strip():
            missing.append(_("It has no name."))
        if not self.date or not self.service_date_end:
            missing.append(_("Enter when it begins and when it ends."))
        if not (self.service_process_ids or self.service_team_ids):
            missing.append(_("No link of delivery and no department is in its scope."))
        if not (self.service_date_from and self.service_date_to):
            missing.append(_("Enter on which days it looks back."))
        if weigh(self.service_agenda) < LEAST_REASON:
            missing.append(_("There is no agenda."))
        if not self.service_opening_event_id or not self.service_closing_event_id:
            missing.append(_("Plan the opening and the closing meeting."))
        if not self.line_ids:
            missing.append(_("The checklist is empty."))
        return missing + self._wrong_meetings() + self._missing_in_team()

    def _wrong_meetings(self):
        """List in words which meetings are none of the audit.

        Both begin on days of the audit, and no meeting is older than its plan: an old
        event of the calendar is no meeting of an audit that nobody had thought of.
        """
        _ = self.env._
        opening, closing = (self[name] for name in MEETINGS.values())
        wrong = []
        if opening and closing and closing.start <= opening.start:
            wrong.append(_("The closing meeting comes after the opening meeting."))
        if not (self.service_is_gated and self.date and self.service_date_end):
            return wrong
        if self.date > self.service_date_end:
            return wrong  # the database refuses it
        day = self.company_id._service_day
        first, last = day(self.date), day(self.service_date_end)
        if self.service_planned_at:
            first = max(first, day(self.service_planned_at))
        for event in opening | closing:
            held = day(event.start)
            if not first <= held <= last:
                wrong.append(
                    _(
                        "%(meeting)s is on %(day)s. The meetings of this audit begin "
                        "on a day from %(first)s to %(last)s: from the day when it "
                        "begins, or was planned, until the day when it ends.",
                        meeting=event.name,
                        day=held,
                        first=first,
                        last=last,
                    )
                )
        return wrong

    def _missing_in_team(self):
        """List in words what is missing in the team, conflicts among it."""
        _ = self.env._
        members = self.service_member_ids
        if not members:
            return [_("There is no auditor.")]
        missing = []
        leads = members.filtered(lambda one: one.role == "lead")
        if len(leads) != 1:
            missing.append(_("A team has one lead auditor: here are %s.", len(leads)))
        for member in members:
            if weigh(member.competence) < LEAST_REASON:
                missing.append(
                    _("%s: note what makes them competent.", member.display_name)
                )
            if member.has_conflict:
                missing.append(
                    _(
                        "%(name)s is not independent: %(why)s Choose another auditor, "
                        "or have an executive override it with a reason.",
                        name=member.display_name,
                        why=member.conflict,
                    )
                )
        return missing

    def _missing_answers(self):
        """List in words which questions are not answered in full."""
        _ = self.env._
        found = [
            f"{line._short()}: {line.service_missing}"
            for line in self.line_ids
            if line.service_missing
        ]
        unsigned = self.line_ids.filtered(
            lambda line: (
                line.service_verdict
                and not (line.service_auditor_id and line.service_answered_at)
            )
        )
        found += [
            _(
                "%s: nobody is named who has answered it, and when. Answer it again.",
                line._short(),
            )
            for line in unsigned
        ]
        if len(found) > NAMED:
            rest = len(found) - NAMED
            found = [*found[:NAMED], _("… and %s more questions.", rest)]
        return found

    def _missing_to_close(self):
        """List in words what keeps the audit from being closed."""
        _ = self.env._
        if self.service_phase != "field":
            return [_("It has not begun, or is closed already.")]
        missing = self._wrong_meetings() + self._missing_in_team()
        missing += self._missing_answers()
        if not self.line_ids:
            missing.append(_("The checklist is empty."))
        closing = self.service_closing_event_id
        if not closing or not closing._service_was_held():
            missing.append(
                _(
                    "The closing meeting has not been held, or was entered or moved "
                    "after it began."
                )
            )
        elif not (closing.partner_ids & self.auditee_user_ids.partner_id):
            missing.append(
                _(
                    "Nobody who is audited was asked to the closing meeting. Plan it "
                    "with them."
                )
            )
        elif closing.start < self.service_started_at:
            missing.append(
                _(
                    "The closing meeting began before the audit was begun: nothing had "
                    "been found that it could be about. Plan another one."
                )
            )
        for member in self.service_member_ids._signers():
            if member.signature == "none":
                missing.append(_("%s has not signed.", member.display_name))
            elif member.signature == "broken":
                missing.append(
                    _(
                        "%s has signed what was changed since, and signs again.",
                        member.display_name,
                    )
                )
        return missing

    def _check_closer(self):
        """Refuse all but the quality department, which the regulation names.

        Where all of it is audited, an executive closes, or who stands in for that.

        :raise AccessError: it says who closes
        """
        second = self.company_id._service_second_persons(
            ("quality",),
            self.auditee_user_ids,
            self.company_id._service_role_users("quality"),
        )
        if not self.env.su and self.env.user not in second.users:
            # who closes is named to whoever asks
            raise AccessError(
                self.env._(
                    "The quality department closes an audit. Nobody who was audited "
                    "closes it. This one is closed by: %s.",
                    # who decides is told to everybody
                    ", ".join(second.users.sudo().mapped("name")) or "-",
                )
            )

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def _close(self):
        """Close one audit: findings are raised, the report is made and sent."""
        self.ensure_one()
        self.check_access("read")
        self._check_closer()
        self._service_lock()  # of two who close at once, one does
        self._refuse_missing(
            self.env._("The audit cannot be closed yet:"), self._missing_to_close()
        )
        audit = self.sudo()  # who closes need not write nonconformities and measures
        audit._raise_findings()
        audit._write_as_step(
            {
                "state": "done",
                "service_phase": "done",
                "closing_date": fields.Datetime.now(),
                "service_closed_by_id": self.env.uid,
            }
        )
        audit.activity_ids.action_feedback()  # its meetings were held
        audit.message_post(body=audit.env._("Audit closed"))
        # who closes it was checked, and nobody writes reports
        # made by this step alone
        report = self.env["service.quality.audit.report"].sudo()._make(audit)
        report._send(audit._concerned())

    def _raise_findings(self):
        """Make what follows from findings, and name it in its audit."""
        for audit in self:
            lines = audit.line_ids
            lines._raise_findings()
            measures = [line._standing_measures() for line in lines]
            audit._write_as_step(
                {
                    "nonconformity_ids": [
                        Command.link(one.id) for one in lines.service_nonconformity_id
                    ],
                    "imp_opp_ids": [
                        Command.link(one.id) for found in measures for one in found
                    ],
                }
            )

    def _concerned(self):
        """Return the contacts of those who are sent the report."""
        audit = self.sudo()  # those who are told are looked up for everybody
        company = audit.company_id
        users = (
            audit.auditee_user_ids
            | audit.line_ids.service_owner_id
            | audit.service_team_ids.user_id
            | audit.user_id
            | company._service_role_users("executive")
            | company._service_role_users("quality")
        )
        partners = company._service_people(users).partner_id
        return (partners | audit.service_member_ids._partners()).filtered("active")

    def _follow_team(self):
        """Name the auditors of the team as the management system does."""
        for audit in self.sudo():  # from the team alone
            users = audit.service_member_ids.user_id
            if users != audit.auditor_user_ids:
                audit._write_as_step({"auditor_user_ids": [Command.set(users.ids)]})
