from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.calling import Hours

STAFF = "base.group_user"


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
        help="Where the wish comes from, and when it was made.",
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
        willing = self.browse().sudo()  # as the calls that follow from it
        if "service_do_not_call" in vals:
            # a customer who corrects a number does not read what is for staff
            willing = self.sudo().filtered(lambda one: not one.service_do_not_call)
        result = super().write(vals)
        self._service_correct_calls(phones, willing)
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
            lambda one: one in phones and one.phone and one.phone != phones[one]
        )
        unwilling = willing.filtered("service_do_not_call").sudo(self.env.su)
        if corrected:
            callbacks._number_corrected(corrected)
        if unwilling:
            callbacks._exempt_unwilling(unwilling)

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
