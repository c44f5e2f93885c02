from odoo import models

from ..tools.automatic_mail import is_automatic
from ..tools.form_text import clean_characters


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _message_route_process(self, message, message_dict, routes):
        """Remember of a mail that no person wrote it; clean what its sender chose."""
        for name in ("subject", "from", "email_from", "body"):
            if isinstance(message_dict.get(name), str):
                text = message_dict[name]
                message_dict[name] = type(text)(clean_characters(text))
        if is_automatic(message):
            self = self.with_context(service_automatic=True)
        return super()._message_route_process(message, message_dict, routes)
