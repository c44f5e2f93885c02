import binascii

from markupsafe import Markup

from odoo import api, models
from odoo.tools import plaintext2html
from odoo.tools.misc import hash_sign, verify_hash_signed

from .complaint_data import COMPLAINT_STATES, STEPS

TEMPLATE = "service_quality_complaint.mail_template_complaint_"

ANSWER_SCOPE = "service_quality_complaint.complaint.answer"

ANSWER_PATH = "/service/complaint/answer"
"""Where the page is that asks whether the answer is accepted; the token follows."""

ANSWER_DAYS = 60
"""How long the link in the mail with the answer can be used."""


class ServiceQualityComplaintComplainant(models.AbstractModel):
    """The complainant reads what became of a complaint, and replies to the answer.

    They do so by a link in a mail, with a receipt, or in the portal.
    """

    _name = "service.quality.complaint.complainant"
    _description = "Complainants"

    # ------------------------------------------------------------------
    # What is told
    # ------------------------------------------------------------------

    def _service_complainant_email(self):
        """Return the address that the complainant has, if any."""
        return self.partner_id.email or self.partner_email

    def _service_tell_complainant(self, step):
        """Send the complainants the mail of a step; the anonymous get none.

        A mail that answers by itself is not answered by itself: two machines would go
        on writing to each other. What people do later is told whatever a caller says.
        """
        template = STEPS[step].template
        by_itself = step == "registered" and self.env.context.get("service_automatic")
        if not template or by_itself:
            return
        told = self.sudo().filtered(  # also where a program has taken the step
            lambda ticket: (
                ticket.service_is_complaint
                and not ticket.service_is_anonymous
                and ticket._service_complainant_email()
            )
        )
        if told:
            mails = self.env.ref(TEMPLATE + template).sudo()  # sent for everybody
            mails._service_send_batch(told.ids, "mail.mail_notification_light")

    def _service_complaint_for_complainant(self):
        """Return what the complainant reads of the complaint.

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

    @api.model
    def _service_complaint_steps(self, state):
        """Return the steps of a complaint as its complainant sees them.

        :param state: where it stands
        :return: list of tuples of the name and ``done``, ``now`` or ``later``
        """
        labels = dict(
            self._fields["service_complaint_state"]._description_selection(self.env)
        )
        order = [key for key, _label in COMPLAINT_STATES]
        current = order.index(state)
        return [
            (
                labels[key],
                "now" if index == current else "done" if index < current else "later",
            )
            for index, key in enumerate(order)
        ]

    # ------------------------------------------------------------------
    # Replies
    # ------------------------------------------------------------------

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

        It is good for one reply, for this answer and for some weeks. Only the mail to
        the complainant has it: whoever else writes from the template, or reads the
        copy that is kept, gets the address of the page that asks for a login.
        """
        ticket = self
        if not self.env.su or self.env.context.get("service_kept_copy"):
            return f"{ticket.get_base_url()}/my/ticket/{ticket.id}"
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

    def _service_complainant_writes(self, text):
        """Post what the complainant adds, for the people who handle the complaint."""
        ticket = self.sudo()  # the receipt or link is the right to add something
        ticket.message_post(
            body=plaintext2html(text),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

    # ------------------------------------------------------------------
    # Portal
    # ------------------------------------------------------------------

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
        customer = self.sudo().partner_id  # the page was opened by who may see it
        return bool(customer & (partner | partner.commercial_partner_id))

    def _service_portal_complaint_values(self, partner, text):
        """Return what is entered when a customer complains about a ticket."""
        ticket = self.sudo()  # the page was opened by who may see it
        return {
            "subject": self.env._("Complaint about %s", ticket.number),
            "description": plaintext2html(text),
            "partner_id": partner.id,
            "about_ticket_id": ticket.id,
            "category_id": ticket.category_id.id,
            "company_id": ticket.company_id.id,
            "channel_id": self._service_channel_id("web"),
        }
