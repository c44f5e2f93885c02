from odoo import models


class MailTrackingValue(models.Model):
    """Keeps what was tracked on records of ours, from administrators too."""

    _inherit = "mail.tracking.value"

    def _check_access(self, operation):
        """Refuse to change or delete what was tracked on a record of ours."""
        result = super()._check_access(operation)
        if self.env.su or operation not in ("write", "unlink"):
            return result
        forbidden, error = result or (self.browse(), None)
        free = self - forbidden
        messages = free.sudo().mail_message_id  # also of what the user may not read
        kept = messages.filtered(lambda message: message._service_is_of_ours())
        # likewise
        found = free.filtered(lambda value: value.sudo().mail_message_id in kept)
        if not found:
            return result
        return forbidden | found, error or kept._service_kept_error
