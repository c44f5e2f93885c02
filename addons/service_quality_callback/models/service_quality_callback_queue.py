from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.service_quality_core.models.arguments import Arguments
from odoo.addons.service_quality_core.models.roles import group_of
from odoo.addons.service_quality_core.models.service_quality_request import idempotent
from odoo.addons.service_quality_core.tools.instants import to_epoch, to_text
from odoo.addons.service_quality_core.tools.period import local_midnight

from ..tools.calling import call_by, is_callable, next_opening

CALLERS = tuple(map(group_of, ("desk", "service_manager", "quality")))
"""Who has the follow-up calls of all tickets."""

IN_HAND = timedelta(hours=1)
"""A call that somebody took and forgot goes back to the queue after so long."""

CANDIDATES = 200
"""How many of the most urgent are looked at at once; outside their hours they are
passed over for the next as many."""


class ServiceQualityCallbackQueue(models.AbstractModel):
    """The queue gives each caller the most urgent call, no call to two of them."""

    _name = "service.quality.callback.queue"
    _description = "Queue of Follow-up Calls"

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @api.model
    def next_call(self, skip_ids=()):
        """Take the most urgent free call in hand, and describe it.

        A call that was promised for a moment that has come goes first, then what falls
        due first; a deadline outside the customer's calling hours counts as their last
        end before it. What the caller has in hand already is given again.

        :param skip_ids: calls that the caller passed over just now
        :return: dict ``{"call", "left", "next_at", "without_number"}``: the sheet as
            :meth:`call_sheet`, or False without a call to make now; how many are left
            to call today; when the next can be made, where none can be now (text
            ``YYYY-MM-DD HH:MM:SS`` in UTC, or False); how many wait for a number
        :raise AccessError: for who makes no follow-up calls
        """
        self._check_caller()
        skip_ids = set(Arguments(self.env).ids("skip_ids", skip_ids))
        # calls are written by these methods alone
        return self.sudo()._take_next(skip_ids)._with_left(skip_ids)

    def take(self):
        """Take this call in hand, out of its turn.

        :return: dict, as :meth:`next_call`
        :raise UserError: when somebody else has it in hand, or it has ended
        """
        self.ensure_one()
        self._check_caller()
        self._check_open()
        call = self.sudo()  # calls are written by these methods alone
        call._check_wanted()
        call._check_in_hand(is_locked=not call.try_lock_for_update())
        call._hand_to(self.env.user)
        return call._with_left()

    def release(self):
        """Give a call back to the queue without having called."""
        self._ensure_some()
        self._check_caller()
        mine = self.filtered(lambda call: call.user_id == self.env.user)
        mine.sudo()._hand_back()  # calls are written by these methods alone
        return True

    def set_contact(self, partner_id):
        """Say whom to call, where the requester was known by name only or is wrong.

        :raise ValidationError: for a contact that is not the customer's
        """
        self._ensure_some()
        self._check_caller()
        self._check_open()
        partner = Arguments(self.env).record("partner_id", partner_id, "res.partner")
        partner.check_access("read")
        if partner.service_do_not_call:
            raise ValidationError(
                self.env._(
                    "%s does not want to be called. Choose another contact.",
                    partner.display_name,
                )
            )
        for call in self.sudo():  # calls are written by these methods alone
            customer = call.commercial_partner_id
            if customer and partner.commercial_partner_id != customer:
                raise ValidationError(
                    self.env._(
                        "Choose a contact of %s.", customer.name or call.display_name
                    )
                )
        self.sudo().write(  # calls are written by these methods alone
            {
                "partner_id": partner.id,
                "commercial_partner_id": partner.commercial_partner_id.id,
                "needs_number": not partner.phone,
            }
        )
        return True

    @idempotent
    def set_number(self, phone, external_ref=None):
        """Correct the number of whom to call; that brings the call back to the queue.

        A requester who was known by name only becomes a contact.

        :param external_ref: the caller's own key; a repeat under it does nothing more
        :raise ValidationError: for what is no number, or the one that was wrong
        """
        self.ensure_one()
        self._check_caller()
        self._check_open()
        phone = Arguments(self.env).key("phone", phone)
        if not self._is_number(phone):
            raise ValidationError(self.env._("Enter a telephone number."))
        for contact in self._numbered_contacts():
            contact.check_access("read")
        call = self.sudo()  # who calls corrects what is wrong, and nothing else of it
        if call.needs_number and phone == call.partner_id.phone:
            raise ValidationError(
                self.env._("%s is the number that was wrong. Enter another one.", phone)
            )
        if not call.partner_id:
            call.partner_id = call._make_contact()
        call.partner_id.phone = phone
        return True

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _numbered_contacts(self):
        """Return what who corrects the number of this call has to be able to read."""
        return self.partner_id, self.commercial_partner_id

    def _make_contact(self):
        ticket, customer = self.ticket_id, self.commercial_partner_id
        partner = self.env["res.partner"].create(
            {
                "name": ticket.partner_name or ticket.partner_email or ticket.name,
                "email": ticket.partner_email,
                "parent_id": customer.id,
                "company_id": customer.company_id.id,
            }
        )
        self.commercial_partner_id = partner.commercial_partner_id
        return partner

    def _check_caller(self):
        self.check_access("read")
        if not any(map(self.env.user.has_group, self._caller_groups())):
            raise AccessError(
                self.env._("Only the service desk makes follow-up calls.")
            )

    @api.model
    def _caller_groups(self):
        """Return the groups whose members make calls; addons add theirs."""
        return CALLERS

    def _check_open(self):
        if any(call.state != "open" for call in self):
            raise UserError(
                self.env._("This follow-up call has ended already. Take the next one.")
            )

    def _check_wanted(self):
        """Refuse to call who does not want to be called."""
        if "declined" in self.mapped("aside_as"):
            raise UserError(
                self.env._(
                    "%s does not want to be called. Choose another contact.",
                    self.partner_id[:1].display_name,
                )
            )

    def _check_in_hand(self, is_locked=False):
        """Refuse calls that another caller has in hand.

        :param is_locked: another transaction is writing them at this moment
        """
        for call in self.sudo():  # the name of who has it
            if is_locked or call._is_with_another():
                raise UserError(
                    self.env._(
                        "%(caller)s has this call in hand. Choose another one.",
                        caller=call.user_id.name or self.env._("Somebody else"),
                    )
                )

    def _is_with_another(self):
        return (
            self.user_id
            and self.user_id != self.env.user
            and self.taken_at
            and self.taken_at > fields.Datetime.now() - IN_HAND
        )

    def _who_calls(self):
        """Return who has the call in hand, if any; addons say who else makes it."""
        return self.user_id

    def _hand_to(self, user):
        self.write({"user_id": user.id, "taken_at": fields.Datetime.now()})
        self._assign_activities(user)
        self._nudge_desks()

    def _hand_back(self):
        self.write({"user_id": False, "taken_at": False})
        self._assign_activities(self.env["res.users"])
        self._nudge_desks()

    def _nudge_desks(self):
        # who has a call in hand is no row of the ledger
        self.env["service.quality.ledger"]._announce(self.company_id.ids)

    @api.model
    def _take_next(self, skip_ids):
        """Return the caller's next call, locked and in hand; an empty one if none."""
        at = to_epoch(fields.Datetime.now())
        mine = self.search(
            self._queue_domain() & Domain("user_id", "=", self.env.uid),
            order="taken_at",
        ).filtered(
            lambda call: (
                call.id not in skip_ids
                and not call._is_stale()
                and call._is_callable(at)
            )
        )
        if mine:
            return mine[0]
        for call in self._by_urgency(skip_ids):
            # a query each, mostly for the first: the rest are locked by other callers
            if call.try_lock_for_update():
                call._hand_to(self.env.user)
                return call
        return self.browse()

    def _is_stale(self):
        return not self.taken_at or self.taken_at < fields.Datetime.now() - IN_HAND

    @api.model
    def _queue_domain(self):
        """Return the domain of the open calls that the user can make."""
        return self._duty_domain() & Domain("needs_number", "=", False)

    @api.model
    def _duty_domain(self):
        """Return the domain of the open calls that are for the user to make."""
        # the queue is searched as superuser, whom no rule keeps from anything
        return Domain.AND(
            [
                Domain("state", "=", "open"),
                Domain("aside_as", "=", False),
                Domain("company_id", "in", self.env.companies.ids),
                self._role_domain(),
                *(
                    Domain(name, "not any", [("service_is_hidden", "=", True)])
                    for name in self._hidden_with()
                ),
            ]
        )

    @api.model
    def _role_domain(self):
        """Return the domain of the calls that the user's roles make; addons divide it.

        Here the desk makes all of them.
        """
        return Domain(any(map(self.env.user.has_group, CALLERS)))

    @api.model
    def _by_urgency(self, skip_ids):
        """Yield the calls that may be made now, the most urgent first.

        Where all of a few hundred are outside their hours, the next few hundred follow.
        """
        now, passed = fields.Datetime.now(), set(skip_ids)
        while calls := self._candidates(now, passed):
            yield from calls._callable_by_urgency(to_epoch(now))
            passed.update(calls.ids)

    def _callable_by_urgency(self, at):
        """Return those of these calls that may be made at an instant, sorted."""
        hours = {call: call._hours() for call in self}
        due = {
            call: to_epoch(call.deadline) or at + 10**9 for call in self
        }  # without a promise: last
        callable_now = self.filtered(lambda call: call._is_callable(at))
        return callable_now.sorted(
            lambda call: (
                not call.is_promised,
                call_by(due[call], hours[call]),
                call.id,
            )
        )

    @api.model
    def _candidates(self, now, skip_ids):
        """Return the open calls whose time has come, those due first in front."""
        query = self._search(self._queue_domain())
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT call.id
                  FROM service_quality_callback AS call
                  LEFT JOIN service_quality_clock AS clock
                    ON clock.ticket_id = call.ticket_id
                   AND clock.metric = 'callback'
                   AND clock.started_at = call.opened_at
                   AND clock.state = 'running'
                 WHERE call.id IN %s
                   AND COALESCE(call.next_call_at, %s) <= %s
                   AND (call.user_id IS NULL OR call.user_id = %s
                        OR call.taken_at IS NULL OR call.taken_at < %s)
                   AND NOT call.id = ANY(%s)
                 ORDER BY call.is_promised DESC NULLS LAST, clock.deadline, call.id
                 LIMIT %s
                """,
                query.subselect(),
                now,
                now,
                self.env.uid,
                now - IN_HAND,
                list(skip_ids),
                CANDIDATES,
            )
        )
        return self.browse(dict.fromkeys(call_id for (call_id,) in rows))

    def _hours(self):
        return self.partner_id._service_call_hours(self.company_id)

    def _with_left(self, skip_ids=()):
        next_at = None if self else self._next_at(skip_ids)
        return {
            "call": self.call_sheet() if self else False,
            "left": self._left(),
            "next_at": to_text(next_at) if next_at else False,
            "without_number": self.search_count(
                self._duty_domain() & Domain("needs_number", "=", True)
            ),
        }

    @api.model
    def _next_at(self, skip_ids):
        """Return the first instant at which a call can be made, None without any."""
        domain = self._queue_domain() & Domain("id", "not in", list(skip_ids))
        now, first, offset = to_epoch(fields.Datetime.now()), None, 0
        # those further on are not called before their time, which comes later
        while calls := self.search(
            domain,
            order="next_call_at NULLS FIRST, id",
            limit=CANDIDATES,
            offset=offset,
        ):
            if first and first <= (to_epoch(calls[0].next_call_at) or 0):
                break
            free = calls.filtered(lambda call: not call._is_with_another())
            instants = [call._callable_at(now) for call in free]
            first = min(instants + [first] * bool(first), default=None)
            offset += CANDIDATES
        return first

    def _is_callable(self, at):
        """Return True if the customer may be called at an instant, by hours or word."""
        return self.is_promised or is_callable(at, self._hours())

    def _callable_at(self, now):
        """Return the first instant from now on at which this call can be made."""
        at = max(now, to_epoch(self.next_call_at) or now)
        return at if self.is_promised else next_opening(at, self._hours())

    @api.model
    def _left(self):
        """Return how many calls are left to make before the caller's day ends."""
        caller = self.env.user.partner_id
        following = caller._service_day() + timedelta(days=1)
        tomorrow = local_midnight(following, caller._service_tz())
        return self.search_count(
            self._queue_domain()
            & (
                Domain("next_call_at", "=", False)
                | Domain("next_call_at", "<", tomorrow)
            )
        )

    @api.model
    def _number_corrected(self, partners):
        """Put calls back into the queue whose number has been corrected.

        Those that ended unreachable for their number stay ended: what was judged stays.
        That staff has changed a number that was not wrong is kept.
        """
        calls = self.search(
            [("partner_id", "in", partners.ids), ("state", "=", "open")]
        )
        waiting = calls.filtered("needs_number")
        if not self.env.user.share:
            (calls - waiting).is_number_changed = True
        waiting.write({"needs_number": False, "next_call_at": fields.Datetime.now()})
