import hashlib
import hmac
import secrets
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.service_quality_core.models.service_quality_request import idempotent

from .callback_data import COUNTED_OUT, DISSATISFIED, SATISFACTION, SOLVED

LINK_DAYS = 30
"""How long a customer may answer."""

MOST_WORDS = 2000
"""How many characters of the customer's words are kept."""

ANSWER_PATH = "/service/follow-up/%s"
"""Where the public page is, with the token of the link."""

TOKEN_LENGTH = 43
"""Of 32 random bytes in base 64 for addresses."""


class ServiceQualityCallbackWrittenAnswer(models.AbstractModel):
    """A written answer comes by the link that a customer was sent, or from the portal.

    Each call has one link. Only the customer whom it is sent to knows it: a hash is
    stored, and the mail and the text message are deleted once they are sent and do not
    belong to the user who resolved the ticket. So no user can answer for a customer.
    """

    _name = "service.quality.callback.written.answer"
    _description = "Written Answers to Follow-up Calls"

    # ------------------------------------------------------------------
    # External API: for the public page and the portal
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

    def _is_answerable(self):
        """Return True if the customer may still answer in writing.

        The call has no such answer yet, and was neither made nor exempt or cancelled.
        """
        self.ensure_one()
        done = (*COUNTED_OUT, "completed", "answered")
        return not self._own_answers() and self.result not in done

    def _is_for_portal(self):
        """Return True if the call is answered in the portal too; addons except some."""
        return True

    def _own_answers(self):
        """Return what the present contact of the call answered, not a former one."""
        return self.answer_ids.filtered(
            lambda answer: not answer.partner_id or answer.partner_id == self.partner_id
        )

    def _answer_in_writing(self, values, channel):
        """Record what the customer answered in writing.

        It is recorded beside the call. Where the agreement takes it for the call, it
        ends the call with all that follows; where not, who is not content is called
        at once, or, if nobody calls any more, is brought before the service manager.

        :param values: dict ``{"solved", "satisfaction", "reason_ids", "comment"}``;
            solved ``yes``, ``partly`` or ``no``; satisfaction ``1`` to ``5``, 5 is very
            satisfied; reasons (a list of ids) and comment may be missing
        :param channel: ``link`` or ``portal``
        :return: the answer
        :raise ValidationError: for what is missing or impossible, in the words of the
            page's reader
        :raise UserError: when it cannot be answered any more
        """
        self.ensure_one()
        call = self.sudo()  # who may answer is checked by the page, see _by_token
        values = call._check_written(values)
        call._service_lock()
        call.invalidate_recordset(["answer_ids", "state", "result"])
        if not call._is_answerable():
            raise UserError(
                self.env._("This has been answered already. Thank you for your answer.")
            )
        moment = fields.Datetime.now()
        instead = call.state == "open" and call.agreement_id.callback_in_writing
        answer = call.env["service.quality.callback.answer"].create(
            values
            | {
                "callback_id": call.id,
                "partner_id": call.partner_id.id,
                "channel": channel,
                "at": moment,
                "is_instead": instead,
            }
        )
        call._follow_written(answer, moment)
        return answer

    @idempotent
    def send_link(self, external_ref=None):
        """Send each customer the link, also where the team does not do so by itself.

        :param external_ref: the caller's own key; a repeat under it does nothing more
        :raise UserError: for a customer who has answered, or has no address
        """
        self._ensure_some()
        self._check_caller()
        calls = self.sudo()  # calls are written by these methods alone
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
    # Answers
    # ------------------------------------------------------------------

    @api.model
    def _check_written(self, values):
        """Return the answers that were given, as fields of the answer."""
        solved = values.get("solved")
        satisfaction = str(values.get("satisfaction") or "")
        if solved not in dict(SOLVED):
            raise ValidationError(self.env._("Please say whether it was solved."))
        if satisfaction not in dict(SATISFACTION):
            raise ValidationError(self.env._("Please say how satisfied you are."))
        given = {str(one) for one in values.get("reason_ids") or ()}
        # what has been archived, or was never there, is no reason
        reasons = self.env["service.quality.callback.reason"].search([])
        return {
            "solved": solved,
            "satisfaction": satisfaction,
            "reason_ids": reasons.filtered(lambda reason: str(reason.id) in given).ids
            if satisfaction in DISSATISFIED
            else [],
            "comment": str(values.get("comment") or "").strip()[:MOST_WORDS] or False,
        }

    def _follow_written(self, answer, moment):
        """Do what an answer in writing asks for."""
        is_bad = answer.solved != "yes" or answer.satisfaction in DISSATISFIED
        if answer.is_instead:
            given = self._prepare_outcome(answer)
            rows = self._complete({self: given}, moment, answer.channel)
            self.env["service.quality.ledger"]._append(rows)
            self._follow_outcomes({self: given})
        elif is_bad and self.state == "open":
            # what was promised for a moment is kept
            self.filtered(lambda call: not call.is_promised).next_call_at = moment
        elif is_bad:
            self._schedule(
                self.ticket_id._service_manager(),
                fields.Date.add(self.company_id._service_day(moment), days=1),
                "mail.mail_activity_data_todo",
                lambda own: own.env._(
                    "The customer is not content, as the written answer says"
                ),
                answer.comment,
            )

    def _prepare_outcome(self, answer):
        """Return a written answer as what was said in a call, see ``save_call``.

        A customer names no person who follows up: it is who handled the ticket, or
        the service manager.
        """
        follower = self.resolver_id or self.ticket_id._service_manager()
        return {
            "solved": answer.solved,
            "satisfaction": answer.satisfaction,
            "reason_ids": answer.reason_ids.ids,
            "comment": answer.comment,
            "follow_up_user_id": follower.id,
            "follow_up_date": fields.Date.add(
                self.company_id._service_day(answer.at), days=1
            ),
        }

    # ------------------------------------------------------------------
    # Links
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
        template = self.env.ref(
            "service_quality_callback.mail_template_callback_link", False
        )
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
        # not by who resolved the ticket, who could read it
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
        lang = self.company_id._service_lang(self.partner_id)
        env = self.with_context(lang=lang).env
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
