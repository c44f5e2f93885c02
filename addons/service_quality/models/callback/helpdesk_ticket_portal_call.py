from datetime import timedelta

from odoo import fields, models

from .service_quality_callback_writing import LINK_DAYS


class HelpdeskTicket(models.Model):
    """Find the follow-up call that a customer can answer in the portal."""

    _inherit = "helpdesk.ticket"

    def _service_portal_call(self, asked):
        """Return the follow-up call that is answered in the portal, if any.

        :param asked: partner who reads the page; only whom we would call is asked
        """
        ticket = self.sudo()  # the page was opened by somebody who may see the ticket
        since = fields.Datetime.now() - timedelta(days=LINK_DAYS)
        return ticket.service_callback_ids.filtered(
            lambda call: (
                call.partner_id == asked
                and not call.is_complaint_call
                and call.opened_at >= since
                and (call._is_answerable() or call._own_answers())
            )
        ).sorted("opened_at")[-1:]
