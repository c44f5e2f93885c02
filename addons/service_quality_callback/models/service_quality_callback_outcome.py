from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.arguments import LEAST_SAID, Arguments
from odoo.addons.service_quality_core.models.service_quality_request import idempotent
from odoo.addons.service_quality_core.tools.form_text import MOST_IN_LINE, weigh
from odoo.addons.service_quality_core.tools.instants import to_datetime, to_epoch
from odoo.addons.service_quality_core.tools.phone import same_number

from ..tools.calling import next_attempt
from .callback_data import DISSATISFIED, SATISFACTION, SOLVED

OUTCOME = (
    "callback_id", "solved", "satisfaction", "reason_ids", "comment", "wants_manager",
    "manager_date", "reopen", "follow_up_user_id", "follow_up_date",
)  # fmt: skip
"""What may be said of one call; see ``save_call``."""


LEAST_DIGITS = 3
"""What has fewer digits is no telephone number, not even one within a house."""


class ServiceQualityCallbackOutcome(models.AbstractModel):
    """The outcome of a call says what the customer answered, and what follows from it.

    What a caller enters is read and checked before anything is written.
    """

    _name = "service.quality.callback.outcome"
    _description = "Outcome of Follow-up Calls"

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @idempotent
    def save_call(
        self,
        disposition,
        outcomes=(),
        note=None,
        recording_ref=None,
        next_call_at=None,
        number=None,
        external_ref=None,
    ):
        """Enter a telephone call that was made, and what came of it.

        The call counts for every open follow-up call of the same contact that no other
        user has in hand: it was one call. What was said ends those that are named in
        the outcomes.

        :param disposition: a code that ``_dispositions`` of an attempt declares, as
            ``completed`` or ``no_answer``
        :param outcomes: for ``completed``, a list of dicts: ``callback_id``; ``solved``
            (``yes``, ``partly``, ``no``); ``satisfaction`` (``1`` to ``5``, 5 is very
            satisfied); optionally ``reason_ids`` (needed up to 2), ``comment`` (the
            customer's words), ``wants_manager``, ``manager_date`` (``YYYY-MM-DD``) and,
            for ``partly``, ``reopen`` or ``follow_up_user_id`` with ``follow_up_date``
        :param note: a remark of the caller; for a number that is none of the contact's,
            whose it is
        :param recording_ref: where the recording is found
        :param next_call_at: for ``appointment``: text ``YYYY-MM-DD HH:MM:SS`` in UTC
        :param number: that was called, where it is not the contact's; see ``note``
        :param external_ref: the caller's own key; a repeat under it does nothing more
        :return: True
        :raise AccessError: for who makes no follow-up calls
        :raise ValidationError: for what is missing or impossible; nothing is saved then
        :raise UserError: when the call has ended already or another caller has it in
            hand, and for one that was not answered sooner after another such one than
            the company's settings ask for
        """
        self.ensure_one()
        self._check_caller()
        self._check_open()
        self._check_in_hand()
        given = Arguments(self.env)
        note = given.text("note", note)
        ref = given.text("recording_ref", recording_ref, MOST_IN_LINE)
        number = self._check_number(given.text("number", number, MOST_IN_LINE))
        self._check_whose_number(number, note)
        outcomes = self._read_outcomes(outcomes)
        promised = self._check_disposition(disposition, outcomes, next_call_at)
        self._check_gap(disposition)
        # calls are written by these methods alone
        self.sudo()._save_call(
            fields.Datetime.now(), disposition, outcomes, promised, note, ref, number
        )
        return True

    @idempotent
    def give_up(self, reason, external_ref=None):
        """End calls as unreachable before the last attempt that the rule asks for.

        :param external_ref: the caller's own key; a repeat under it does nothing more
        :raise ValidationError: without a reason
        :raise UserError: before the first attempt
        """
        self._ensure_some()
        self._check_caller()
        self._check_open()
        self._check_in_hand()
        if any(not call.first_attempt_at for call in self):
            raise UserError(
                self.env._(
                    "Nobody has tried to call yet. Enter an attempt first: it is the "
                    "evidence that the customer cannot be reached."
                )
            )
        # calls are written by these methods alone
        self.sudo()._end_with_reason("unreachable", reason)
        return True

    # ------------------------------------------------------------------
    # Input
    # ------------------------------------------------------------------

    @api.model
    def _read_outcomes(self, outcomes):
        """Return what was said as it is kept, from what a caller passed.

        :raise ValidationError: names the entry and what is wrong with it
        """
        given = Arguments(self.env)
        return [
            self._read_outcome(given, f"outcomes[{number}]", outcome)
            for number, outcome in enumerate(given.entries("outcomes", outcomes))
        ]

    @api.model
    def _read_outcome(self, given, name, outcome):
        outcome = given.mapping(name, outcome, OUTCOME)
        path = {key: f"{name}.{key}" for key in OUTCOME}
        model = self._name
        read = {
            "callback_id": given.record(
                path["callback_id"], outcome.get("callback_id"), model
            ).id,
            # a number does as well
            "satisfaction": str(outcome.get("satisfaction") or ""),
            "reopen": bool(outcome.get("reopen")),
        }
        for key in ("solved", "reason_ids", "comment", "wants_manager"):
            read[key] = given.field(path[key], outcome.get(key), self._fields[key])
        for key in ("manager_date", "follow_up_date"):
            value = outcome.get(key)
            read[key] = given.date(path[key], value) if value else False
        follower = outcome.get("follow_up_user_id")
        read["follow_up_user_id"] = bool(follower) and self._read_follower(
            given, path["follow_up_user_id"], follower
        )
        return read

    @api.model
    def _read_follower(self, given, name, user_id):
        user = given.record(name, user_id, "res.users").sudo()  # only who it may be
        if user.share or not user.active:
            raise ValidationError(
                self.env._(
                    "%s does not work here and cannot follow up. Choose somebody else.",
                    user.name,
                )
            )
        return user.id

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _check_disposition(self, disposition, outcomes, next_call_at):
        """Check what was entered; return the moment that was promised, if any."""
        given = Arguments(self.env)
        known = self.env["service.quality.callback.attempt"]._dispositions()
        given.choice("disposition", disposition, [(code, code) for code in known])
        if (disposition == "completed") != bool(outcomes):
            raise ValidationError(
                self.env._(
                    "What the customer said is entered for a completed call, and only "
                    "for one."
                )
            )
        if disposition not in self._codes("promised"):
            return None
        promised = given.moment("next_call_at", next_call_at)
        if not promised or promised <= fields.Datetime.now():
            raise ValidationError(
                self.env._("Enter when to call again, at a time that is still to come.")
            )
        return promised

    def _check_number(self, number):
        """Return the number that was called: as entered, or the contact's.

        :raise ValidationError: where there is none; nobody was called then
        """
        number = number or self.sudo().partner_id.phone  # of who is called
        if not self._is_number(number):
            raise ValidationError(
                self.env._(
                    "There is no number under which the customer was called. Enter it "
                    "at the contact, or with the call."
                )
            )
        return number

    def _check_whose_number(self, number, note):
        """Ask for a word about a number that is none of the contact's.

        :raise ValidationError: without one
        """
        call = self.sudo()  # the contact's number is compared, whoever calls
        if call._is_other_number(number) and weigh(note) < LEAST_SAID:
            raise ValidationError(
                self.env._(
                    "%(number)s is no number of %(contact)s. Say in the note whose it "
                    "is, or correct the number at the contact.",
                    number=number,
                    contact=call.partner_id.display_name or call.display_name,
                )
            )

    def _is_other_number(self, number):
        """Return True if a number is none of the contact's and of the customer's."""
        contact = self.partner_id
        known = contact | contact.parent_id | self.commercial_partner_id
        return not any(same_number(number, one.phone) for one in known)

    @api.model
    def _is_number(self, text):
        """Return True if a text can be dialled as a telephone number."""
        return sum(char.isdigit() for char in text or "") >= LEAST_DIGITS

    def _check_gap(self, disposition):
        """Refuse an attempt that comes too soon to be one more.

        Three within a minute are no evidence that a customer cannot be reached.
        """
        moment = fields.Datetime.now()
        call = self.sudo()  # the company's settings are not the caller's to read
        if disposition in self._codes("unanswered") and call._tried_just_before(moment):
            raise UserError(
                self.env._(
                    "This customer was called without an answer less than %(hours)g "
                    "hours ago. Call again later; if it was answered this time, enter "
                    "that.",
                    hours=call.company_id.service_call_gap,
                )
            )

    def _check_outcomes(self, asked, outcomes):
        """Return what was said by call.

        :param asked: the call whose customer was on the line
        :param outcomes: as :meth:`_read_outcomes` returns them
        :return: dict of call to what was said
        """
        named = {}
        for given in outcomes:
            call = self.filtered(
                lambda call, given=given: call.id == given["callback_id"]
            )
            if not call:
                raise ValidationError(
                    self.env._(
                        "A call that is not this customer's, or that somebody else has "
                        "in hand, cannot be ended here."
                    )
                )
            if call in named:
                raise ValidationError(
                    self.env._("%s is entered twice. Enter it once.", call.display_name)
                )
            call._check_outcome(given)
            named[call] = given
        if outcomes and asked not in named:
            raise ValidationError(
                self.env._("Enter what the customer said about %s.", asked.display_name)
            )
        return named

    def _check_outcome(self, given):
        problems = []
        if given["solved"] not in dict(SOLVED):
            problems.append(self.env._("whether it was solved"))
        if given["satisfaction"] not in dict(SATISFACTION):
            problems.append(self.env._("how satisfied the customer is, from 1 to 5"))
        elif given["satisfaction"] in DISSATISFIED and not given["reason_ids"]:
            problems.append(self.env._("what the customer is dissatisfied with"))
        if given["solved"] == "partly" and not (
            given["reopen"] or (given["follow_up_user_id"] and given["follow_up_date"])
        ):
            problems.append(self.env._("who follows up until when, or reopen"))
        if problems:
            raise ValidationError(
                self.env._(
                    "%(call)s was not saved. Still missing: %(problems)s.",
                    call=self.display_name,
                    problems=", ".join(problems),
                )
            )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _save_call(
        self,
        moment,
        disposition,
        outcomes=(),
        promised=None,
        note=None,
        ref=None,
        number=None,
    ):
        """Enter a call that was made at a moment, for all that it takes care of.

        :param moment: naive UTC datetime
        :param outcomes: as :meth:`_read_outcomes` returns them; the rest as in
            :meth:`save_call`
        """
        is_completed = disposition == "completed"
        is_refused = not is_completed and disposition in self._codes("reached")
        calls = self if is_refused else self._same_call(moment)
        if disposition in self._codes("unanswered"):
            calls = self | (calls - calls._tried_just_before(moment))
        # the last line of defence against two callers on one customer
        calls._service_lock()
        named = calls._check_outcomes(self, outcomes)
        rows = calls._log_attempt(disposition, moment, promised, note, ref, number)
        if is_completed:
            rows += self._complete(named, moment, "telephone")
        elif is_refused:
            declared = self.env["service.quality.callback.attempt"]._dispositions()
            rows += calls._end(declared[disposition].result, moment)
        else:
            rows += calls._plan_next(disposition, moment, promised)
        self.env["service.quality.ledger"]._append(rows)
        self._follow_outcomes(named)

    def _same_call(self, moment):
        """Return the calls open at a moment that one call to this contact settles."""
        if not self.partner_id:
            return self
        others = self.search(
            self._same_call_domain(moment) & Domain("id", "!=", self.id),
            order="opened_at",
        )
        return self + others.filtered(lambda call: not call._is_with_another())

    def _same_call_domain(self, moment):
        """Return the domain of the calls that this one may settle; addons narrow it.

        :param moment: when it is made, naive UTC
        """
        return (
            Domain("partner_id", "=", self.partner_id.id)
            & Domain("state", "=", "open")
            & Domain("opened_at", "<=", moment)
            & Domain("company_id", "=", self.company_id.id)
        )

    def _log_attempt(self, disposition, moment, promised, note, recording_ref, number):
        """Record the attempt for each call; return the rows about it."""
        self.env["service.quality.callback.attempt"].create(
            [
                {
                    "callback_id": call.id,
                    "at": moment,
                    "user_id": self.env.uid,
                    "disposition": disposition,
                    "number": number or call.partner_id.phone,
                    "is_other_number": bool(number) and call._is_other_number(number),
                    "note": note or None,
                    "recording_ref": recording_ref or None,
                    "next_call_at": promised,
                }
                for call in self
            ]
        )
        self.filtered(lambda call: not call.first_attempt_at).first_attempt_at = moment
        if disposition in self._codes("reached"):
            self.filtered(lambda call: not call.reached_at).reached_at = moment
        value = {"disposition": disposition, "channel": "telephone"}
        return self._prepare_rows(
            self, "callback_attempted", dict.fromkeys(self, value), moment
        )

    def _plan_next(self, disposition, moment, promised):
        """Say when to call again, or that the customer cannot be reached.

        :return: the rows about those that ended
        """
        self._hand_back()
        if disposition in self._codes("bad_number"):
            self.write({"needs_number": True, "next_call_at": False})
            return []
        if disposition in self._codes("promised"):
            self.write({"next_call_at": promised, "is_promised": True})
            return []
        rows = []
        for company, calls in self.grouped("company_id").items():
            exhausted = calls._exhausted(company.service_call_attempts)
            rows += exhausted._end(
                "unreachable", moment, self.env._("Not reached after all attempts")
            )
            gap = round(calls._gap().total_seconds())
            for call in calls - exhausted:
                at = next_attempt(to_epoch(moment), call._hours(), gap)
                call.write({"next_call_at": to_datetime(at), "is_promised": False})
        return rows

    def _tried_just_before(self, moment):
        """Return the calls that were not answered less than the gap before a moment.

        A promised call whose time has come may be made all the same.
        """
        last = dict(
            self.env["service.quality.callback.attempt"]._read_group(
                [("callback_id", "in", self.ids), ("outcome", "=", "unanswered")],
                ["callback_id"],
                ["at:max"],
            )
        )
        return self.filtered(
            lambda call: (
                call in last
                and moment < last[call] + call._gap()
                and not (call.is_promised and call.next_call_at <= moment)
            )
        )

    @api.model
    def _codes(self, outcome):
        return self.env["service.quality.callback.attempt"]._codes(outcome)

    def _gap(self):
        return timedelta(hours=self.company_id.service_call_gap)

    def _exhausted(self, most):
        """Return the calls that were not answered as often as the rule asks for."""
        counts = dict(
            self.env["service.quality.callback.attempt"]._read_group(
                [("callback_id", "in", self.ids), ("outcome", "=", "unanswered")],
                ["callback_id"],
                ["__count"],
            )
        )
        return self.filtered(lambda call: counts.get(call, 0) >= most)

    def _complete(self, named, moment, channel):
        """End calls with what the customer said; return the rows about it.

        :param named: dict of call to outcome, as :meth:`save_call`
        """
        calls = self.browse(call.id for call in named)
        for call, given in named.items():
            call.write(call._prepare_said(given) | {"channel": channel})
        return calls._end("completed" if channel == "telephone" else "answered", moment)

    def _prepare_said(self, given):
        """Return what is kept of what the customer said; addons add to it.

        :param given: the outcome, as :meth:`save_call`
        """
        return {
            "solved": given["solved"],
            "satisfaction": str(given["satisfaction"]),
            "reason_ids": [Command.set(given.get("reason_ids") or [])],
            "comment": given.get("comment") or False,
            "wants_manager": bool(given.get("wants_manager")),
            "is_own_work": self.resolver_id == self.env.user,
            "is_self_graded": self._is_own_ticket(),
        }

    def _is_own_ticket(self):
        """Return True if who would be asked is who handled the ticket."""
        return bool(self.partner_id and self.partner_id in self.resolver_id.partner_id)

    def _is_bad(self):
        """Return True if the department has to say what it does about the result."""
        return self.solved in ("partly", "no") or self.satisfaction in DISSATISFIED

    def _end_with_reason(self, result, reason):
        reason = Arguments(self.env).reason("reason", reason)
        if not reason:
            raise ValidationError(self.env._("Give the reason."))
        rows = self._end(result, fields.Datetime.now(), reason)
        self.env["service.quality.ledger"]._append(rows)

    # ------------------------------------------------------------------
    # Consequences
    # ------------------------------------------------------------------

    def _follow_outcomes(self, named):
        """Do what the customers' answers ask for."""
        for call, given in named.items():
            ticket = call.ticket_id
            if given["solved"] == "no" or given.get("reopen"):
                call._reopen_ticket()
            elif given["solved"] == "partly":
                call._schedule(
                    self.env["res.users"].browse(int(given["follow_up_user_id"])),
                    given["follow_up_date"],
                    "mail.mail_activity_data_todo",
                    lambda own: own.env._("Partly solved: follow up"),
                )
            if call.wants_manager:
                call._schedule(
                    ticket._service_manager(),
                    given.get("manager_date")
                    or _next_weekday(call.company_id._service_day(call.ended_at)),
                    "mail.mail_activity_data_call",
                    lambda own: own.env._("The customer wants to speak to a manager"),
                )

    def _reopen_ticket(self):
        """Take the ticket up again, with the customer's words on it."""
        ticket = self.ticket_id
        stage = self.env["helpdesk.ticket.stage"]._service_stage(
            ("active", "new"), ticket.team_id
        )
        if not stage:
            raise UserError(
                self.env._(
                    "No stage of the team stands for work in progress, so the ticket "
                    "cannot be reopened. Give one the service phase In progress."
                )
            )
        ticket.stage_id = stage
        # the customer may have said so in writing, and be acting here
        own = self.with_context(lang=self.company_id._service_lang())
        ticket.with_context(service_automatic=True).message_post(
            body=own.env._("Not solved, the customer says: %s", self.comment or "–"),
            subtype_xmlid="mail.mt_note",
        )

    def _schedule(self, user, date, activity_type, say, words=None):
        """Plan something for somebody on the ticket, with the customer's words.

        :param say: function that returns the summary, in the reader's language
        """
        self.env["mail.activity"]._service_plan(
            [(self.ticket_id, user, fields.Date.to_date(date), say)],
            activity_type,
            mails=True,
            note=words or self.comment or False,
        )


def _next_weekday(date):
    """Return the next day that is neither a Saturday nor a Sunday."""
    days = 3 if date.weekday() == 4 else 2 if date.weekday() == 5 else 1
    return fields.Date.add(date, days=days)
