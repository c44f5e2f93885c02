from odoo import fields, models


class MailTemplate(models.Model):
    _inherit = "mail.template"

    service_is_answer = fields.Boolean(
        string="Answer to a Complaint",
        help="Offered as a beginning when a complaint is answered.",
    )

    def _service_send_batch(self, res_ids, layout, **kwargs):
        """Send mails in a layout, and keep on the records what was written without it.

        Odoo keeps the whole letter, heading and footer of the company included, which
        the conversation on a record shows cut off at the side.

        :return: the mails
        """
        self.ensure_one()
        mails = self.send_mail_batch(res_ids, email_layout_xmlid=layout, **kwargs)
        written = self.with_context(service_kept_copy=True)._generate_template(
            res_ids, ["body_html"]
        )
        for mail in mails:
            mail.mail_message_id.body = written[mail.res_id]["body_html"]
        return mails
