from odoo import models

from ..tools.automatic_mail import MARKS
from .base import OWN

WRITTEN = ("comment", "email")
"""Kinds of messages that a person wrote; the others are written by this program."""


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        """Mark the mails that this program writes by itself: none is to be answered."""
        mails = super()._prepare_outgoing_list(mail_server, doc_to_followers)
        if self._service_is_automatic():
            for mail in mails:
                mail["headers"] = MARKS | mail["headers"]
        return mails

    def _service_is_automatic(self):
        model = self.model or ""
        is_ours = model == "helpdesk.ticket" or model.startswith(OWN)
        return is_ours and self.message_type not in WRITTEN
