from odoo import api, models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        """Enter at the delivery of a report that its mail came back."""
        result = super()._routing_handle_bounce(email_message, message_dict)
        message = message_dict.get("bounced_message")
        if message:
            deliveries = (
                self.env["service.quality.report.delivery"]
                .sudo()  # mails are read by a job
                .search(
                    [
                        ("mail_id.mail_message_id", "in", message.ids),
                        ("failure", "=", False),
                    ]
                )
            )
            for company, some in deliveries.grouped("company_id").items():
                own = some.with_context(lang=company._service_lang())
                some.write({"failure": own.env._("The mail came back.")})
                some._warn()  # batched: once a company
        return result
