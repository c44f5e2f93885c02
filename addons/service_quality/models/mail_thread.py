from odoo import models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _message_route_process(self, message, message_dict, routes):
        """Remember of a mail that it answers by itself (RFC 3834)."""
        submitted = (
            (message.get("Auto-Submitted") or "no").split(";")[0].strip().lower()
        )
        if submitted != "no":
            self = self.with_context(service_automatic=True)
        return super()._message_route_process(message, message_dict, routes)
