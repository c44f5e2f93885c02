from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.service_quality_core.models.arguments import Arguments
from odoo.addons.service_quality_core.models.roles import group_of
from odoo.addons.service_quality_core.models.service_quality_request import idempotent

from .callback_data import ASIDE

CONFIRMERS = tuple(map(group_of, ("service_manager", "quality", "executive")))
"""Who confirms that a call is not made."""


class ServiceQualityCallbackAside(models.AbstractModel):
    """Sets calls aside that are not to be made, until a second person confirms it.

    Nothing exempts a call after its deadline: what was missed stays missed, and only an
    exclusion gives a second figure beside the first. A wish of the customer is obeyed
    at once; it leaves the figure when it is confirmed before the deadline.
    """

    _name = "service.quality.callback.aside"
    _description = "Follow-up Calls Set Aside"

    aside_as = fields.Selection(
        ASIDE,
        string="Set Aside",
        readonly=True,
        copy=False,
        help="Nobody calls. It counts as missed unless a second person confirms before "
        "the deadline that no call is to be made.",
    )
    aside_reason = fields.Char(string="Why Not to Call", readonly=True, copy=False)
    aside_by_id = fields.Many2one(
        "res.users",
        string="Set Aside By",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    confirmed_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The second person, who confirmed that no call was to be made.",
    )

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @idempotent
    def exempt(self, reason, external_ref=None):
        """Ask that calls are not made, for a reason; it is counted for who asks.

        They leave the queue. They leave the figures when a second person confirms it
        before their deadline, see :meth:`action_confirm_no_call`.

        :param external_ref: the caller's own key; a repeat under it does nothing more
        :raise ValidationError: without a reason
        :raise UserError: for a call whose deadline has passed, and that has ended
        """
        self._ensure_some()
        self._check_caller()
        self._check_open()
        self._check_in_hand()
        reason = Arguments(self.env).reason("reason", reason)
        if not reason:
            raise ValidationError(self.env._("Give the reason."))
        self._check_not_late()
        self.sudo()._set_aside("exempt", reason)  # written by these methods alone
        return True

    def action_confirm_no_call(self):
        """Confirm that no call is made; the calls end, and leave the figures.

        A call that the customer declined stays missed where its deadline has passed.

        :return: True
        :raise AccessError: for who set it aside, who handled the ticket, and who is
            not of the service department, the quality department or an executive; at
            the service desk only for a customer's wish
        :raise UserError: for a call that is not set aside, and for an exemption after
            the deadline
        """
        self._ensure_some()
        self._check_second_person()
        self._check_aside()
        self.filtered(lambda call: call.aside_as == "exempt")._check_not_late()
        calls = self.sudo()  # calls are written by these methods alone
        declined = calls.filtered(lambda call: call.aside_as == "declined")
        declined.partner_id._service_confirm_wish(self.env.user)
        calls._end_aside()
        return True

    def action_call_after_all(self):
        """Take back that calls are set aside, because they are to be made.

        :return: True
        :raise UserError: for a call that is not set aside, and where the customer does
            not want to be called
        """
        self._ensure_some()
        self._check_caller()
        self._check_aside()
        if "declined" in self.mapped("aside_as"):
            raise UserError(
                self.env._(
                    "The customer does not want to be called. If that is no longer so, "
                    "say so on the contact."
                )
            )
        self.sudo()._take_up()  # calls are written by these methods alone
        return True

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _past_deadline(self):
        """Return the calls whose deadline has passed, by the clock and by now."""
        now, clocks = fields.Datetime.now(), self._clocks()
        return self.filtered(
            lambda call: call in clocks and (clocks[call].deadline or now) < now
        )

    def _check_not_late(self):
        late = self._past_deadline()
        if late:
            raise UserError(
                self.env._(
                    "The time for %s is over: nothing exempts the call any more. Call "
                    "the customer. If there was a ground, ask for an exclusion of the "
                    "missed target.",
                    late[0].display_name,
                )
            )

    def _check_aside(self):
        self._check_open()
        if not all(call.aside_as for call in self):
            raise UserError(self.env._("This follow-up call is not set aside."))

    def _check_second_person(self):
        """Refuse whoever wants a call left out to confirm it as well."""
        self.check_access("read")
        is_wish = set(self.mapped("aside_as")) == {"declined"}
        self._check_confirmer(CONFIRMERS + is_wish * self._caller_groups())
        calls = self.sudo()  # who confirms need not read these users
        exempt = calls.filtered(lambda call: call.aside_as == "exempt")
        self._check_other_person(
            exempt.aside_by_id
            | (calls - exempt).partner_id.service_wish_by_id
            | calls.resolver_id
        )

    @api.model
    def _check_confirmer(self, groups):
        if not any(map(self.env.user.has_group, groups)):
            raise AccessError(
                self.env._(
                    "That a call is not made is confirmed by the service department's "
                    "manager, the quality department or an executive."
                )
            )

    @api.model
    def _check_other_person(self, first):
        if self.env.user in first:
            raise AccessError(
                self.env._(
                    "That a call is not made is confirmed by a second person: neither "
                    "who asked for it, nor who handled the ticket."
                )
            )

    @api.model
    def _check_confirms_wish(self, partners):
        """Check that the user may confirm that contacts do not want to be called.

        :raise AccessError: as :meth:`action_confirm_no_call`
        :raise UserError: for a contact without such a wish
        """
        partners.check_access("read")
        self._check_confirmer(CONFIRMERS + self._caller_groups())
        contacts = partners.sudo()  # who confirms need not read these users
        if not all(contacts.mapped("service_do_not_call")):
            raise UserError(
                self.env._("This contact has no wish not to be called to confirm.")
            )
        waiting = self.sudo().search(self._waiting_domain(partners))  # also hidden ones
        self._check_other_person(contacts.service_wish_by_id | waiting.resolver_id)

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _waiting_domain(self, partners):
        """Return the domain of calls that wait for a wish to be confirmed."""
        return [
            ("partner_id", "in", partners.ids),
            ("state", "=", "open"),
            ("aside_as", "=", "declined"),
        ]

    def _set_aside(self, kind, reason):
        """Take calls out of the queue until a second person has confirmed it.

        :param kind: a key of :data:`ASIDE`
        """
        self._hand_back()
        self.write(
            {"aside_as": kind, "aside_reason": reason, "aside_by_id": self.env.uid}
        )
        self._log_aside(self.env._("Follow-up call set aside: %s", reason))
        self._ask_for_second_person()

    def _ask_for_second_person(self):
        """Ask a service manager of each company to confirm that no call is made.

        The activities go with the calls: their end takes them away.
        """
        manager = {
            company: company._service_role_users("service_manager")[:1]
            for company in self.company_id  # batched: once a company
        }
        self.env["mail.activity"]._service_plan(
            [
                (
                    call.ticket_id,
                    manager[call.company_id],
                    call._activity_date(),
                    lambda own: own.env._("Confirm that no call is made"),
                    {"service_callback_id": call.id},
                )
                for call in self
            ]
        )

    def _take_up(self):
        """Let calls be made that were set aside."""
        self.write({"aside_as": False, "aside_reason": False, "aside_by_id": False})
        todo = self.env.ref("mail.mail_activity_data_todo")
        self._activities().filtered(
            lambda activity: activity.activity_type_id == todo
        ).unlink()
        self._log_aside(self.env._("Follow-up call to be made after all"))
        self._nudge_desks()

    def _log_aside(self, text):
        """Keep on the tickets what was decided about their calls."""
        tickets = self.ticket_id.with_context(service_automatic=True)
        tickets._message_log_batch(dict.fromkeys(tickets.ids, text))

    def _end_aside(self):
        """End calls that are set aside, once a second person has confirmed it."""
        self.confirmed_by_id = self.env.user
        moment, rows = fields.Datetime.now(), []
        for (kind, reason), calls in self.grouped(_why_aside).items():
            rows += calls._end(kind, moment, reason)
        for call in self.filtered(lambda call: call.aside_as == "exempt"):
            call.exempted_by_id = call.aside_by_id
        self.env["service.quality.ledger"]._append(rows)

    @api.model
    def _decline_open(self, partners):
        """Obey the wish of contacts who do not want to be called from now on.

        Calls whose deadline has passed end, and stay missed; the others wait for a
        second person.
        """
        calls = self.search(
            [("partner_id", "in", partners.ids), ("state", "=", "open")]
        )
        late = calls._past_deadline()
        moment, rows = fields.Datetime.now(), []
        for reason, some in calls.grouped(words_of_wish).items():
            rows += (some & late)._end("declined", moment, reason)
            (some - late)._set_aside("declined", reason)
        self.env["service.quality.ledger"]._append(rows)

    @api.model
    def _undecline_open(self, partners):
        """Let contacts be called who do not mind any more."""
        self.search(self._waiting_domain(partners))._take_up()

    @api.model
    def _end_declined(self, partners):
        """End the calls of contacts whose wish was confirmed."""
        self.search(self._waiting_domain(partners))._end_aside()

    def _follow_wish_of_contact(self):
        """Set open calls aside by the wish of the contact that they have now."""
        unwilling = self.filtered("partner_id.service_do_not_call")
        for reason, calls in unwilling.grouped(words_of_wish).items():
            calls._set_aside("declined", reason)
        (self - unwilling).filtered(lambda call: call.aside_as == "declined")._take_up()


def _why_aside(call):
    return call.aside_as, call.aside_reason


def words_of_wish(call):
    """Return the wish of a call's contact in the language of the call's company."""
    lang = call.company_id._service_lang()
    return call.partner_id.with_context(lang=lang)._service_wish()
