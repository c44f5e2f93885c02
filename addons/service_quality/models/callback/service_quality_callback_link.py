import hashlib
import hmac
import secrets
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import NO_ACCESS

from ..core.service_quality_request import idempotent
from .service_quality_callback_writing import LINK_DAYS

ANSWER_PATH = "/service/follow-up/%s"
"""Where the public page is, with the token of the link."""

TOKEN_LENGTH = 43
"""Of 32 random bytes in base 64 for addresses."""


class ServiceQualityCallback(models.Model):
    """The link by which a customer answers in writing: one for each call.

    Only whom it is sent to knows it. A hash is stored, the mail and the text message
    go once they are sent, and neither belongs to whoever resolved the ticket: nobody
    of the house can answer in a customer's name.
    """

    _inherit = "service.quality.callback"

    link_hash = fields.Char(readonly=True, copy=False, groups=NO_ACCESS)
    link_sent_at = fields.Datetime(readonly=True, copy=False)
    link_expires_at = fields.Datetime(readonly=True, copy=False)

    _link_hash_uniq = models.UniqueIndex(
        "(link_hash) WHERE link_hash IS NOT NULL", "A link is of one call only."
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """End the links of calls to somebody else: who was asked answers."""
        moved = self.browse()
        if "partner_id" in vals:
            moved = self.filtered(
                lambda call: (
                    call.partner_id and call.partner_id.id != vals["partner_id"]
                )
            )
        result = super().write(vals)
        if moved:
            moved._end_links()
        return result

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @api.model
    def _by_token(self, token):
        """Return the call that a link is of, with the rights to answer it.

        :param token: whatever stood in the address
        :return: a call in superuser mode; an empty one for a link that is unknown,
            malformed or expired, which all look alike. Whether it can still be
            answered says :meth:`_is_answerable`.
        """
        calls = self.sudo()  # the token is the right to read and answer this one call
        if not isinstance(token, str) or len(token) != TOKEN_LENGTH:
            return calls.browse()
        wanted = _hash(token)
        call = calls.search([("link_hash", "=", wanted)], limit=1)
        if not call or not hmac.compare_digest(call.link_hash, wanted):
            return calls.browse()
        if call.link_expires_at <= fields.Datetime.now():
            return calls.browse()
        return call

    @idempotent
    def send_link(self, external_ref=None):
        """Send each customer the link, also where the team does not do so by itself.

        :param external_ref: the caller's own key; a repeat under it does nothing more
        :raise UserError: for a customer who has answered, or has no address
        """
        self._ensure_some()
        self._check_caller()
        calls = self.sudo()  # nobody writes calls but through these methods
        for call in calls:
            if not call._is_answerable():
                raise UserError(
                    self.env._(
                        "%s needs no answer any more. No link was sent.",
                        call.display_name,
                    )
                )
        without = calls - calls._send_links()
        if without:
            raise UserError(
                self.env._(
                    "No link was sent: %s has neither an e-mail address nor a number.",
                    without[:1].display_name,
                )
            )
        return True

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _send_links_where_asked(self, when):
        """Send the links of calls whose department sends them at this point.

        :param when: a key of the team's ``service_answer_link``
        """
        asked = self.filtered(lambda call: call.team_id.service_answer_link == when)
        asked.filtered(lambda call: call._is_answerable())._send_links()

    def _send_links(self):
        """Send the links by the way that the department prefers, else by the other.

        :return: the calls whose customer was sent one
        """
        by_mail, by_sms = self.browse(), self.browse()
        for call in self:
            mail, phone = call._link_mail(), call.partner_id.phone
            prefers_sms = call.team_id.service_answer_link_by == "sms"
            if phone and (prefers_sms or not mail):
                by_sms += call
            elif mail:
                by_mail += call
        sent = by_mail + by_sms
        urls = sent._make_links()
        by_mail._mail_links(urls)
        by_sms._text_links(urls)
        sent.link_sent_at = fields.Datetime.now()
        return sent

    def _end_links(self):
        """Make the links that were sent lead nowhere."""
        self.filtered("link_hash").write(
            {"link_hash": False, "link_sent_at": False, "link_expires_at": False}
        )

    def _link_mail(self):
        return self.partner_id.email or self.ticket_id.partner_email

    def _mail_links(self, urls):
        template = self.env.ref("service_quality.mail_template_callback_link", False)
        if not self or not template:
            return
        # not by who resolved the ticket: the author of a mail may read it
        template.with_user(SUPERUSER_ID).with_context(
            answer_urls={call.id: url for call, url in urls.items()}
        ).send_mail_batch(
            self.ids,
            # neither is it for those who may read the ticket
            email_values={"model": False, "res_id": False, "auto_delete": True},
        )

    def _text_links(self, urls):
        # not by who resolved the ticket, as above
        self.env["sms.sms"].with_user(SUPERUSER_ID).create(
            [
                {
                    "number": call.partner_id.phone,
                    "partner_id": call.partner_id.id,
                    "body": call._link_text(urls[call]),
                }
                for call in self
            ]
        )

    def _link_text(self, url):
        """Return the text message, in the customer's language."""
        env = self.with_context(lang=self.partner_id.lang or self.env.lang).env
        return env._(
            "%(company)s: your ticket %(number)s has been handled. Are you content? "
            "Three taps: %(url)s",
            company=self.company_id.name,
            number=self.ticket_id.number,
            url=url,
        )

    def _make_links(self):
        """Make a new link for each call; one that was sent before is void.

        :return: dict of call to address
        """
        expires_at = fields.Datetime.now() + timedelta(days=LINK_DAYS)
        tokens = {call: secrets.token_urlsafe(32) for call in self}
        for call, token in tokens.items():
            call.write({"link_hash": _hash(token), "link_expires_at": expires_at})
        base_url = self[:1].get_base_url()
        return {call: base_url + ANSWER_PATH % token for call, token in tokens.items()}


def _hash(token):
    return hashlib.sha256(token.encode()).hexdigest()
