from odoo import api, models
from odoo.exceptions import AccessError

from ..tools.automatic_mail import is_automatic
from ..tools.form_text import clean_characters


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def message_process(self, model, message, *args, **kwargs):
        """Take in a mail; who could give one in could write as any customer."""
        if not (self.env.su or self.env.user.has_group("base.group_system")):
            raise AccessError(
                self.env._("Mails are given in by the mail server, or administrators.")
            )
        return super().message_process(model, message, *args, **kwargs)

    def _message_route_process(self, message, message_dict, routes):
        """Remember of a mail that no person wrote it; clean what its sender chose."""
        for name in ("subject", "from", "email_from", "body"):
            if isinstance(message_dict.get(name), str):
                text = message_dict[name]
                message_dict[name] = type(text)(clean_characters(text))
        if is_automatic(message):
            self = self.with_context(service_automatic=True)
        return super()._message_route_process(message, message_dict, routes)

    def _message_update_content(self, message, /, **kwargs):
        """Refuse to rewrite a message that stays; the page writes with all rights."""
        if not self.env.su:
            message.with_env(self.env)._service_check_free()
        return super()._message_update_content(message, **kwargs)
