from odoo import models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

from odoo.addons.service_quality_core.tools.form_text import find_blank


class MailComposeMessage(models.TransientModel):
    _inherit = "mail.compose.message"

    def _action_send_mail(self, auto_commit=False):
        """Refuse an answer to a complaint in which a blank of its template was left."""
        for composer in self.filtered("template_id.service_is_answer"):
            blank = find_blank(html2plaintext(composer.body or ""))
            if blank:
                raise UserError(
                    self.env._(
                        "The message still has a blank: “%s”. Write what belongs "
                        "there, or delete the line.",
                        blank,
                    )
                )
        return super()._action_send_mail(auto_commit=auto_commit)
