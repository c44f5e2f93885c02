from odoo import api, models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        """Enter at a message of a survey that its mail came back."""
        result = super()._routing_handle_bounce(email_message, message_dict)
        references = message_dict.get("bounced_msg_ids")
        if references:
            messages = (
                self.env["service.quality.survey.message"]
                .sudo()  # mails are read by a job
                .search([("mail_reference", "in", references), ("state", "=", "sent")])
            )
            messages._note_bounced(lambda own: own.env._("The mail came back."))
        return result
