from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .service_quality_callback import COUNTED_OUT, SATISFACTION, SOLVED
from .service_quality_callback_given import DISSATISFIED

LINK_DAYS = 30
"""How long a customer may answer."""

MOST_WORDS = 2000
"""How many characters of the customer's words are kept."""


class ServiceQualityCallback(models.Model):
    """What a customer answers in writing, by link or in the portal."""

    _inherit = "service.quality.callback"

    answer_ids = fields.One2many("service.quality.callback.answer", "callback_id")

    # ------------------------------------------------------------------
    # External API: for the public page and the portal
    # ------------------------------------------------------------------

    def _is_answerable(self):
        """Return True if the customer may still answer in writing: once, and in vain
        neither after the call was made nor when the ticket was taken up again."""
        self.ensure_one()
        done = (*COUNTED_OUT, "completed", "answered")
        return not self._own_answers() and self.result not in done

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

    # ------------------------------------------------------------------
    # Checks
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

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

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
                self.env._("The customer is not content, as the written answer says"),
                answer.comment,
            )

    def _prepare_outcome(self, answer):
        """Return a written answer as what was said in a call, see ``save_call``.

        A customer names nobody who follows up: it is who handled the ticket, or the
        service manager.
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
