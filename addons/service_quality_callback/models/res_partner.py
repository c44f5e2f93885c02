from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.service_quality_core.tools.phone import plain_number

from ..tools.calling import Hours

STAFF = "base.group_user"

CONFIRMED = ("service_wish_by_id", "service_wish_confirmed_by_id")
"""Says whose word it is that a contact does not want to be called."""


class ResPartner(models.Model):
    """A contact may be called at some hours, or not at all."""

    _inherit = "res.partner"

    service_do_not_call = fields.Boolean(
        string="No Follow-up Calls",
        groups=STAFF,
        help="The customer does not want to be called.",
    )
    service_call_from = fields.Float(
        string="Call From", groups=STAFF, help="In the contact's own time zone."
    )
    service_call_to = fields.Float(
        string="Call Until",
        groups=STAFF,
        help="Both empty: the calling hours of the company.",
    )
    service_call_source = fields.Char(
        string="Who Said So",
        groups=STAFF,
        help="Where the wish comes from, and when it was made, in the customer's own "
        "words.",
    )
    service_wish_by_id = fields.Many2one(
        "res.users",
        string="Wish Entered By",
        readonly=True,
        copy=False,
        groups=STAFF,
        ondelete="restrict",
    )
    service_wish_confirmed_by_id = fields.Many2one(
        "res.users",
        string="Wish Confirmed By",
        readonly=True,
        copy=False,
        groups=STAFF,
        ondelete="restrict",
        help="The second person, who knows the customer's words. Calls that are not "
        "yet due leave the figures from then on.",
    )

    @api.constrains("service_call_from", "service_call_to")
    def _check_service_call_hours(self):
        for partner in self:
            start, end = partner.service_call_from, partner.service_call_to
            if (start or end) and not 0 <= start < end <= 24:
                raise ValidationError(
                    self.env._("Calling hours begin before they end, within one day.")
                )

    @api.constrains(
        "service_do_not_call",
        "service_call_from",
        "service_call_to",
        "service_call_source",
    )
    def _check_service_call_source(self):
        """A wish not to be called is counted, so it must be known whose it is."""
        for partner in self:
            wish = partner.service_do_not_call or partner.service_call_to
            if wish and not (partner.service_call_source or "").strip():
                raise ValidationError(
                    self.env._(
                        "Enter who said when %s may be called, and when.",
                        partner.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._service_keep_wish(vals) for vals in vals_list])

    @api.ondelete(at_uninstall=False)
    def _unlink_except_called(self):
        """Say what to do instead: the database would name a table."""
        calls = self.env["service.quality.callback"].sudo()  # also hidden ones
        answers = self.env["service.quality.callback.answer"].sudo()  # also hidden ones
        domain = [("partner_id", "in", self.ids)]
        called = calls.search(domain, limit=1) or answers.search(domain, limit=1)
        if called:
            raise UserError(
                self.env._(
                    "%s was called about a ticket, which stays on record. Archive the "
                    "contact. If what is kept about the person is to go, have the "
                    "quality department use Personal Data in the contact's menu, and "
                    "overwrite the name.",
                    called.partner_id.display_name,
                )
            )

    def write(self, vals):
        """Let open calls follow a corrected number, or the wish not to be called.

        Who changes the company is no contact of the former one's agreements any more.
        """
        customers = {}
        if vals.keys() & {"parent_id", "is_company"}:
            customers = self._service_customers()
        phones = {one: one.phone for one in self} if "phone" in vals else {}
        willing = wishes = self.browse().sudo()  # as the calls that follow from it
        if "service_do_not_call" in vals:
            # a customer who corrects a number does not read what is for staff
            willing = self.sudo().filtered(lambda one: not one.service_do_not_call)
            # one who minds no more
            wishes = self.sudo().filtered("service_do_not_call")
        result = super().write(self._service_keep_wish(vals))
        self._service_correct_calls(phones, willing)
        reached = wishes.filtered(lambda one: not one.service_do_not_call)
        if reached:
            # who corrects a contact need not be at the desk
            self.env["service.quality.callback"].sudo()._undecline_open(reached)
        # who corrects a contact need not see its agreements
        agreements = self.env["service.quality.agreement"].sudo()
        agreements.with_context(active_test=False)._leave_contacts(customers)
        return result

    def _service_correct_calls(self, phones, willing):
        """Let open calls follow what was changed.

        :param phones: dict of contact to the number before
        :param willing: contacts who wanted to be called
        """
        # who corrects a contact need not be at the desk
        callbacks = self.env["service.quality.callback"].sudo()
        corrected = self.filtered(
            lambda one: (
                one in phones
                and one.phone
                and plain_number(one.phone) != plain_number(phones[one])
            )
        )
        unwilling = willing.filtered("service_do_not_call").sudo(self.env.su)
        if corrected:
            callbacks._number_corrected(corrected)
        if unwilling:
            callbacks._decline_open(unwilling)

    def _service_keep_wish(self, vals):
        """Return the values with who entered a wish not to be called.

        A wish that is worded anew has to be confirmed anew.

        :raise AccessError: for values that say who entered or confirmed it
        """
        if vals.keys() & set(CONFIRMED) and not self.env.su:
            raise AccessError(
                self.env._(
                    "Who entered and who confirmed a wish not to be called is not "
                    "written by hand. Use the button on the contact."
                )
            )
        if not vals.keys() & {"service_do_not_call", "service_call_source"}:
            return vals
        entered = dict.fromkeys(CONFIRMED, False)
        if any(
            vals.get(name) for name in ("service_do_not_call", "service_call_source")
        ):
            entered["service_wish_by_id"] = self.env.uid
        return vals | entered

    def _service_wish(self):
        """Return the wish not to be called, with who said so."""
        refusal = self.env._("Does not want to be called")
        # the export of terms does not look into f-strings
        return f"{refusal}: {self.service_call_source or ''}".rstrip(": ")

    def action_confirm_wish(self):
        """Confirm, as a second person, that contacts do not want to be called.

        Their open calls end; those that are not late leave the figures.

        :return: True
        :raise AccessError: for who makes no calls and leads no such work, and for who
            entered the wish
        """
        self._ensure_some()
        self.env["service.quality.callback"]._check_confirms_wish(self)
        self.sudo()._service_confirm_wish(self.env.user)  # checked just now
        # calls are written by these methods alone
        self.env["service.quality.callback"].sudo()._end_declined(self)
        return True

    def _service_confirm_wish(self, user):
        """Keep who confirmed the wish of contacts, where nobody has yet."""
        self.filtered(
            lambda one: one.service_do_not_call and not one.service_wish_confirmed_by_id
        ).service_wish_confirmed_by_id = user

    def _service_customers(self):
        """Return whose contact each of these is, and each of theirs, as a dict."""
        # who corrects a contact need not see all that belong to it
        contacts = self.sudo().with_context(active_test=False)
        contacts = contacts.search([("id", "child_of", self.ids)])
        return {contact: contact.commercial_partner_id for contact in contacts}

    def _service_call_hours(self, company):
        """Return the :class:`Hours` in which the contact may be called."""
        zone = self._service_tz(company)
        start, end = self.service_call_from, self.service_call_to
        if not end:
            start, end = company.service_call_from, company.service_call_to
        return Hours(ZoneInfo(zone), round(start * 60), round(end * 60))
