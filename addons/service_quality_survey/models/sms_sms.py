from odoo import models


class SmsSms(models.Model):
    _inherit = "sms.sms"

    def _send(self, *args, **kwargs):
        """Leave out who has answered since the text was written (SLA case 24)."""
        messages = (
            self.env["service.quality.survey.message"]
            .sudo()  # text messages are sent by a job
            .search([("sms_uuid", "in", self.mapped("uuid"))])
        )
        if messages - messages._withdraw_lapsed():
            self = self.exists()  # the texts of those were deleted
        if not self:
            return None
        return super()._send(*args, **kwargs)
