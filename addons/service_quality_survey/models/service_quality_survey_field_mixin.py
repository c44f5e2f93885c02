from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date


class ServiceQualitySurveyFieldMixin(models.AbstractModel):
    """Asks people, and reminds those who have not answered."""

    _name = "service.quality.survey.field.mixin"
    _description = "Field of a Survey"

    invite_by = fields.Selection(
        [
            ("mail_sms", "Mail, or SMS where there is no mail address"),
            ("sms_mail", "SMS, or mail where there is no number"),
            ("mail", "Mail only"),
            ("hand", "By hand: copied link, letter or telephone"),
        ],
        string="Invited By",
        required=True,
        default="mail_sms",
    )
    first_reminder_days = fields.Integer(
        string="First Reminder After (Days)",
        default=7,
        help="To those who have not answered, and to nobody else. 0: none.",
    )
    second_reminder_days = fields.Integer(
        string="Second Reminder After (Days)", default=14, help="0: none."
    )
    low_score = fields.Integer(
        string="Called From Score Down",
        default=4,
        help="Whoever gives this or less out of 10 to the overall satisfaction or to a "
        "promise is called within 48 hours.",
    )
    sending_stopped_at = fields.Datetime(
        string="Sending Stopped On", readonly=True, copy=False
    )
    remind_asked_at = fields.Datetime(
        readonly=True, copy=False, help="Reminders were asked for by hand."
    )
    sending_ids = fields.One2many(
        "service.quality.survey.message",
        "survey_id",
        string="Messages to People",
        readonly=True,
        groups="service_quality_core.service_quality_group_quality",
    )
    recall_ids = fields.One2many(
        "service.quality.survey.recall",
        "survey_id",
        string="Calls",
        readonly=True,
        groups="service_quality_core.service_quality_group_quality",
    )

    # how far it is
    to_send_count = fields.Integer(
        string="To Be Invited", compute="_compute_sending_counts"
    )
    queued_count = fields.Integer(string="Waiting", compute="_compute_sending_counts")
    sent_count = fields.Integer(string="Invited", compute="_compute_sending_counts")
    reminder_count = fields.Integer(
        string="Reminders", compute="_compute_sending_counts"
    )
    failed_count = fields.Integer(string="Not Sent", compute="_compute_sending_counts")
    is_sending = fields.Boolean(compute="_compute_sending_counts")
    sending_progress = fields.Float(
        string="Invited (%)", compute="_compute_sending_counts"
    )
    recall_count = fields.Integer(
        string="Number of Calls", compute="_compute_recall_counts"
    )
    recall_open_count = fields.Integer(
        string="Calls to Make", compute="_compute_recall_counts"
    )
    recall_late_count = fields.Integer(
        string="Calls Later Than 48 Hours", compute="_compute_recall_counts"
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("sending_ids.state", "contact_ids.state", "sending_stopped_at")
    def _compute_sending_counts(self):
        # how far it is, is told to everybody who reads the survey
        Contact = self.env["service.quality.survey.contact"].sudo()
        Message = self.env["service.quality.survey.message"].sudo()  # likewise
        ours = Domain("survey_id", "in", self.ids)
        to_send = dict(
            Contact._read_group(
                ours & Contact._to_invite_domain(), ["survey_id"], ["__count"]
            )
        )
        groups = Message._read_group(
            ours, ["survey_id", "kind", "state"], ["contact_id:count_distinct"]
        )
        found = {}
        for survey, kind, state, count in groups:
            found[survey.id, kind, state] = count
        for survey in self:

            def people(kind, *states, survey=survey):
                return sum(found.get((survey._origin.id, kind, s), 0) for s in states)

            # it was counted so
            survey.to_send_count = to_send.get(survey._origin.sudo(), 0)
            queued = people("invitation", "queued")
            survey.queued_count = queued + people("reminder", "queued")
            survey.sent_count = people("invitation", "sent", "handed")
            survey.reminder_count = people("reminder", "sent", "handed")
            survey.failed_count = people("invitation", "failed") + people(
                "reminder", "failed"
            )
            waiting = survey.to_send_count + queued
            survey.is_sending = bool(
                not survey.sending_stopped_at
                and (survey.to_send_count or survey.queued_count)
            )
            total = waiting + survey.sent_count
            survey.sending_progress = 100 * survey.sent_count / total if total else 0

    @api.depends("recall_ids.state")
    def _compute_recall_counts(self):
        # how many there are, is told to everybody who reads the survey
        Recall = self.env["service.quality.survey.recall"].sudo()
        ours = Domain("survey_id", "in", self.ids) & Domain("state", "!=", "cancelled")

        def counts(domain):
            groups = Recall._read_group(ours & domain, ["survey_id"], ["__count"])
            return {survey.id: count for survey, count in groups}

        every, waiting = counts(Domain.TRUE), counts(Recall._open_domain())
        late = counts(Recall._late_by_hours_domain())
        for survey in self:
            survey.recall_count = every.get(survey._origin.id, 0)
            survey.recall_open_count = waiting.get(survey._origin.id, 0)
            survey.recall_late_count = late.get(survey._origin.id, 0)

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("first_reminder_days", "second_reminder_days", "low_score")
    def _check_reminder_days(self):
        for survey in self:
            first, second = survey.first_reminder_days, survey.second_reminder_days
            if (
                not 0 <= first <= 90
                or not 0 <= second <= 90
                or second
                and (first >= second)
            ):
                raise ValidationError(
                    self.env._(
                        "The first reminder comes before the second, both within 90 "
                        "days. 0 stands for none."
                    )
                )
            if not 0 <= survey.low_score <= 9:
                raise ValidationError(
                    self.env._("A low score is between 0 (nobody is called) and 9.")
                )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_send_now(self):
        """Have the people who are to be invited invited at once.

        :return: True
        """
        self._check_quality()
        self._check_sending()
        self._trigger_sending()
        return True

    def action_stop_sending(self):
        """Stop sending; what has not left waits.

        :return: True
        """
        self._check_quality()
        self._check_sending()
        self._write_as_step({"sending_stopped_at": fields.Datetime.now()})
        # mails are an administrator's
        self.sudo().sending_ids._hold()
        return True

    def action_resume_sending(self):
        """Go on with sending where it was stopped.

        :return: True
        """
        self._check_quality()
        self._write_as_step({"sending_stopped_at": False})
        self._check_sending()
        self.sudo().sending_ids._release()  # as above
        self._trigger_sending()
        return True

    def action_send_failed(self):
        """Send once more what was not sent, though the addresses are right.

        :return: True
        :raise UserError: where nothing failed
        """
        self._check_quality()
        self._check_sending()
        # mails are an administrator's
        messages = self.sudo().sending_ids
        failed = messages.filtered(lambda one: one.state == "failed")
        if not failed:
            raise UserError(self.env._("Nothing failed here that could be sent again."))
        failed.contact_id._send_again()
        return True

    def action_remind(self):
        """Ask how many are reminded, before anybody is.

        :return: the action of a dialog
        """
        self.ensure_one()
        self._check_quality()
        self._check_sending()
        wizard = self.env["service.quality.survey.remind"].create(
            {"survey_id": self.id}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Remind Now"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_view_messages(self):
        """List what was sent."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_survey.service_quality_survey_message_action"
        )
        return action | {"domain": [("survey_id", "=", self.id)]}

    def action_view_waiting(self):
        """List the people who have not answered."""
        self.ensure_one()
        name = self.env._("Not Answered")
        return self.action_view_contacts() | {
            "name": name,
            "domain": [
                ("survey_id", "=", self.id),
                ("is_drawn", "=", True),
                ("is_excluded", "=", False),
                ("state", "!=", "answered"),
            ],
        }

    def action_view_recalls(self):
        """List the calls of low scores and of wishes."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_survey.service_quality_survey_recall_action"
        )
        return action | {"domain": [("survey_id", "=", self.id)], "context": {}}

    # ------------------------------------------------------------------
    # Called by the steps of a survey
    # ------------------------------------------------------------------

    def _start_field(self):
        """Have the people who are asked invited; called when a survey starts."""
        self._trigger_sending()

    def _stop_field(self):
        """End what is still to be sent; called when a survey is closed or cancelled."""
        # mails are an administrator's
        messages = self.sudo().sending_ids
        messages.filtered(
            lambda one: one.state in ("queued", "failed")
        )._note_withdrawn(lambda own: own.env._("The survey was ended."))

    def _field_problems(self):
        """Return what is wrong in the field of one survey, a list of texts."""
        if self.state != "field":
            return []
        _ = self.env._
        found = []
        if self.sending_stopped_at and (self.to_send_count or self.queued_count):
            found.append(_("Sending is stopped. Press Resume to go on."))
        waiting = self.sudo().sending_ids.filtered(  # only how many, and why
            lambda one: one.state == "queued" and one.retry_at
        )
        if waiting:
            found.append(
                _(
                    "The mail server takes nothing. %(count)s messages wait, none is "
                    "lost; they are tried again at %(moment)s.",
                    count=len(waiting),
                    moment=fields.Datetime.context_timestamp(
                        self, min(waiting.mapped("retry_at"))
                    ).strftime("%H:%M"),
                )
            )
        if self.failed_count:
            found.append(
                _(
                    "Not sent: %s messages. Look at why, then press Send Failed Again.",
                    self.failed_count,
                )
            )
        if self.bounced_count:
            found.append(
                _(
                    "Not delivered to %s people. Correct the address at the contact "
                    "and send again, or ask them in another way.",
                    self.bounced_count,
                )
            )
        by_hand = self._by_hand_count()
        if by_hand:
            found.append(
                _(
                    "%s people are to be asked by hand: copy their link, hand over a "
                    "letter, or call them.",
                    by_hand,
                )
            )
        if self.close_date and self.close_date < self.company_id._service_day():
            found.append(
                _("The last day to answer is over. Close the survey, or move the day.")
            )
        if self.recall_late_count:
            found.append(
                _("%s calls were not made within 48 hours.", self.recall_late_count)
            )
        return found

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _check_sending(self):
        """Refuse to send for surveys that are not in the field, or are stopped."""
        if any(survey.state != "field" for survey in self):
            raise UserError(self.env._("Only a survey in the field writes to people."))
        if any(survey.sending_stopped_at for survey in self):
            raise UserError(self.env._("Sending is stopped. Press Resume first."))

    def _trigger_sending(self):
        self.env["service.quality.survey.message"]._cron()._trigger()

    def _by_hand_count(self):
        """Return how many people nothing can be sent to by itself."""
        Contact = self.env["service.quality.survey.contact"].sudo()  # how many
        return Contact.search_count(
            Domain("survey_id", "=", self.id)
            & Domain("is_drawn", "=", True)
            & Domain("is_excluded", "=", False)
            & Domain("state", "=", "not_asked")
            & ~Contact._address_domain()
        )

    def _told_close_date(self):
        """Return the last day to answer, in the language of the context."""
        return format_date(self.env, self.close_date) if self.close_date else ""

    def _reminder_domain(self):
        """Return the domain of people of one survey whose reminder is due."""
        now = fields.Datetime.now()
        days = filter(None, (self.first_reminder_days, self.second_reminder_days))
        due = Domain.OR(
            Domain("reminder_count", "=", number)
            & Domain("invited_at", "<=", now - timedelta(days=wait))
            for number, wait in enumerate(days)
        )
        if asked := self.remind_asked_at:
            due |= Domain("invited_at", "<", asked) & (
                Domain("reminded_at", "=", False) | Domain("reminded_at", "<", asked)
            )
        return Domain("survey_id", "=", self.id) & due

    def _remind(self):
        """Remind all of one survey who have not answered, whatever the rule says."""
        self._check_quality()
        self._check_sending()
        self._write_as_step({"remind_asked_at": fields.Datetime.now()})
        self._trigger_sending()
