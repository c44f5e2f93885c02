import base64

from odoo import Command, models

from ...tools.core.automatic_mail import MARKS


class ServiceQualityReportDelivery(models.Model):
    """What goes out to whom a report is delivered."""

    _inherit = "service.quality.report.delivery"

    def _send_mails(self):
        """Write one mail for each recipient with an address; the queue sends it."""
        mailed = self.filtered(lambda one: one.channel == "mail" and not one.failure)
        mails = self.env["mail.mail"].create(
            [delivery._prepare_mail() for delivery in mailed]
        )
        for delivery, mail in zip(mailed, mails, strict=True):
            delivery.mail_id = mail
        if mails:
            self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    def _prepare_mail(self):
        lang = self.partner_id.lang or self.report_id._lang()
        delivery = self.with_context(lang=lang)
        report = delivery.report_id
        sender = report.company_id.email_formatted or self.env.user.email_formatted
        body = self.env["ir.qweb"]._render(
            "service_quality.report_mail",
            {"delivery": delivery, "report": report, "url": delivery._url()},
            lang=lang,
        )
        return {
            "subject": f"{report.company_id.name}: {report.display_name}",
            "body_html": body,
            "email_from": sender,
            "reply_to": sender,
            "author_id": self.env.user.partner_id.id,
            "recipient_ids": [Command.link(self.partner_id.id)],
            "attachment_ids": [Command.set(self._prepare_attachment().ids)],
            "auto_delete": False,
            "headers": repr(MARKS),
        }

    def _prepare_attachment(self):
        report = self.report_id
        return self.env["ir.attachment"].create(
            {
                "name": f"{report._file_name()}.pdf",
                "raw": base64.b64decode(report.with_context(bin_size=False).pdf_file),
                "mimetype": "application/pdf",
                "res_model": "mail.message",
                "res_id": 0,
            }
        )

    def _url(self):
        """Return where the recipient reads the report."""
        base = self.report_id.get_base_url()
        if self.user_id:
            return f"{base}/odoo/{self.report_id._name}/{self.report_id.id}"
        return (
            f"{base}/my/service-reports/{self.report_id.id}"
            f"?access_token={self.access_token}"
        )

    def _ask_to_acknowledge(self):
        """Give each executive the activity to acknowledge the report."""
        for delivery in self.filtered("acknowledge_by"):
            delivery.report_id.with_context(
                mail_activity_quick_update=delivery.channel == "mail"
            ).activity_schedule(  # batched: once per executive
                "mail.mail_activity_data_todo",
                date_deadline=delivery.acknowledge_by,
                summary=self.env._("Acknowledge the report"),
                user_id=delivery.user_id.id,
            )
