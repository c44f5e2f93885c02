import binascii

from markupsafe import Markup

from odoo import api, models
from odoo.tools.misc import hash_sign, verify_hash_signed

ANSWER_SCOPE = "service_quality.complaint.answer"

ANSWER_PATH = "/service/complaint/answer"
"""Where the page is that asks whether the answer is accepted; the token follows."""

ANSWER_DAYS = 60
"""How long the link in the mail with the answer can be used."""


class HelpdeskTicket(models.Model):
    """What whoever made a complaint reads of it, and how they reply to the answer."""

    _inherit = "helpdesk.ticket"

    def _service_complaint_for_complainant(self):
        """Return what whoever made the complaint reads of it.

        No names, no other people's words, nothing of how it is handled inside.

        :return: dict ``{"number", "subject", "state", "state_text", "complained_at",
            "answered_at", "answer", "redress", "verdict", "closing_reason",
            "may_reply", "ended", "hotline"}``; ended is ``duplicate`` or ``cancelled``
            where no answer follows
        """
        ticket = self.sudo()  # asked for by link, receipt or portal
        states = dict(
            ticket._fields["service_complaint_state"]._description_selection(ticket.env)
        )
        answered = ticket.service_complaint_state in ("answered", "closed")
        closed = ticket.service_complaint_state == "closed"
        cancelled = ticket.stage_id._service_phase() == "cancelled"
        ended = (
            "duplicate" if ticket.duplicate_id else "cancelled" if cancelled else False
        )
        return {
            "number": ticket.number,
            "subject": ticket.name,
            "state": ticket.service_complaint_state,
            "state_text": states[ticket.service_complaint_state],
            "complained_at": ticket.service_complained_at,
            "answered_at": answered and ticket.service_answered_at,
            "answer": ticket.service_answer if answered else Markup(),
            "redress": answered and ticket.service_redress,
            "verdict": ticket.service_answer_verdict,
            "closing_reason": closed and ticket.service_closing_reason,
            "may_reply": ticket._service_may_reply(),
            "ended": not answered and ended,
            "hotline": ticket._service_hotline(),
        }

    def _service_may_reply(self):
        """Return True if there is an answer that was neither accepted nor refused."""
        return (
            self.service_complaint_state in ("answered", "closed")
            and not self.service_answer_verdict
            and self.stage_id._service_phase() != "cancelled"
        )

    def _service_last_answer(self):
        """Return the row of the ledger about the last answer."""
        return self.env["service.quality.event"].search(
            [
                ("ticket_id", "=", self.id),
                ("kind", "=", "answered"),
                ("voided_by_ids", "=", False),
            ],
            limit=1,
        )

    def _service_answer_url(self):
        """Return the link at which the complainant accepts or refuses this answer.

        It is good for one reply, for this answer and for some weeks.
        """
        ticket = self.sudo()  # whoever sends the mail
        token = hash_sign(
            ticket.env,
            ANSWER_SCOPE,
            [ticket.id, ticket._service_last_answer().id],
            expiration_hours=24 * ANSWER_DAYS,
        )
        return f"{ticket.get_base_url()}{ANSWER_PATH}/{token}"

    @api.model
    def _service_complaint_by_answer_token(self, token):
        """Return the complaint of a link, as superuser, an empty one if none is.

        None is either when there has been a later answer, or the link is too old.
        Whether a reply is still wanted is asked with :meth:`_service_may_reply`.
        """
        tickets = self.sudo()  # the link is the right to read it
        try:
            payload = verify_hash_signed(tickets.env, ANSWER_SCOPE, token)
        except (ValueError, binascii.Error, AttributeError):
            payload = None  # no link of ours
        if not payload:
            return tickets.browse()
        ticket_id, answer_id = payload
        ticket = tickets.browse(ticket_id).exists()
        current = ticket and ticket._service_last_answer().id == answer_id
        return ticket if current else tickets.browse()

    def _service_complaint_reply(self, accepted, words=""):
        """Enter what the complainant says to the answer, by link, receipt or portal.

        :param accepted: whether they accept it
        :param words: why not
        """
        ticket = self.sudo()  # who complains has no rights here
        if accepted:
            return ticket.service_complaint_accepted()
        return ticket.service_complaint_refused(words)
