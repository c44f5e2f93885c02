from odoo import fields, models


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """Enter at deliveries of reports whether their mail has left, or why not."""
        # before the mails are deleted
        deliveries = (
            self.env["service.quality.report.delivery"]
            .sudo()  # mails are sent by a job
            .search([("mail_id", "in", self.ids)])
        )
        if failure_type:
            reason = failure_reason or failure_type
            deliveries.write({"failure": reason, "left_at": False})
            deliveries._warn()
        elif deliveries:
            deliveries.write({"left_at": fields.Datetime.now()})
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason, failure_type
        )
