from odoo import models
from odoo.tools import plaintext2html


class HelpdeskTicket(models.Model):
    """What a customer can do about a ticket in the portal: complain."""

    _inherit = "helpdesk.ticket"

    def _service_portal_complaint(self, reader):
        """Return what the page of a complaint shows of it, nothing for another ticket.

        :param reader: partner who reads the page; only the complainant replies
        :return: dict as of ``_service_complaint_for_complainant``, and ``steps``
        """
        ticket = self.sudo()  # the page was opened by somebody who may see the ticket
        if not ticket.service_is_complaint:
            return {}
        complaint = ticket._service_complaint_for_complainant()
        return complaint | {
            "steps": ticket._service_complaint_steps(complaint["state"]),
            "may_reply": complaint["may_reply"] and ticket._service_is_of(reader),
        }

    def _service_portal_complaints(self):
        """Return the complaints about a ticket that the reader may see."""
        # a field of staff; which of them are seen is the portal's rule
        complaints = self.sudo().service_complaint_ids.sudo(False)
        return complaints._filtered_access("read")

    def _service_is_of(self, partner):
        """Return True if a ticket is a partner's own, or of their company as such."""
        customer = self.sudo().partner_id  # as above
        return bool(customer & (partner | partner.commercial_partner_id))

    def _service_portal_complaint_values(self, partner, text):
        """Return what is entered when a customer complains about a ticket."""
        ticket = self.sudo()  # as above
        return {
            "subject": self.env._("Complaint about %s", ticket.number),
            "description": plaintext2html(text),
            "partner_id": partner.id,
            "about_ticket_id": ticket.id,
            "category_id": ticket.category_id.id,
            "company_id": ticket.company_id.id,
            "channel_id": self._service_channel_id("web"),
        }
