from odoo import models

NO_SERVER = "mail_smtp"
"""Nothing has left: the mail server was not reached at all."""

NO_ADDRESS = ("mail_email_invalid", "mail_email_missing", "mail_bl", "mail_optout")


class MailMail(models.Model):
    """Enters at messages of surveys what became of their mails."""

    _inherit = "mail.mail"

    def send(self, *args, **kwargs):
        """Leave out who has answered since the mail was written (SLA case 24)."""
        messages = self._service_survey_messages()
        kept = messages._withdraw_lapsed()
        withdrawn = messages - kept
        if withdrawn:
            self = self.exists()  # the mails of those were deleted
        return super().send(*args, **kwargs)

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        # before the mails are deleted
        messages = self._service_survey_messages()
        if not messages:
            pass
        elif failure_type == NO_SERVER:
            messages._note_waiting(failure_reason or self[:1].failure_reason)
        elif failure_type:
            reason = failure_reason or failure_type
            note = (
                messages._note_bounced
                if failure_type in NO_ADDRESS
                else messages._note_failed
            )
            note(lambda own: reason)
        else:
            for message in messages:  # batched: Odoo sends mails one by one
                reference = message.mail_id.message_id
                message._write_as_step({"mail_reference": reference})
            messages._note_sent()
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason, failure_type
        )

    def _service_survey_messages(self):
        """Return the messages of surveys that these mails are of."""
        Message = self.env["service.quality.survey.message"]
        return Message.sudo().search(  # mails are sent by a job
            [("mail_id", "in", self.ids)]
        )
