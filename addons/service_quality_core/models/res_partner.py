from odoo import fields, models
from odoo.exceptions import AccessError

from ..tools.period import local_day
from .service_quality_hidden_mixin import SEEN

MANAGES_USERS = "base.group_system,base.group_erp_manager"
"""The groups that make users, and name them."""


class ResPartner(models.Model):
    """Gives contacts a time zone, and counts no tickets of theirs that are hidden."""

    _inherit = "res.partner"

    helpdesk_ticket_ids = fields.One2many(domain=SEEN)

    def write(self, vals):
        if "name" in vals:
            self._service_check_name(vals["name"])
        return super().write(vals)

    def _service_check_name(self, name):
        """Refuse to rename who works here, to all but those who manage users.

        Papers, mails and signatures are printed with the name.

        :raise AccessError: for everybody else, of oneself too
        """
        if self.env.su or self.env.user.has_groups(MANAGES_USERS):
            return
        # whose user a contact is, is asked of everybody
        people = self.sudo().with_context(active_test=False)
        if any(
            one.name != name and one.user_ids.filtered(lambda user: not user.share)
            for one in people
        ):
            raise AccessError(
                self.env._(
                    "What people here sign carries their name: an administrator "
                    "changes it. Ask one if yours is wrong."
                )
            )

    def _get_needaction_count(self):
        """Leave out what is told of tickets that are hidden from the user."""
        count = super()._get_needaction_count()
        if not count:
            return count
        notifications = self.env["mail.notification"].sudo()  # one's own, hidden ones
        return count - notifications.search_count(
            [
                ("res_partner_id", "=", self.id),
                ("is_read", "!=", True),
                ("mail_message_id.service_is_hidden", "=", True),
            ]
        )

    def _service_tz(self, company=None):
        """Return the time zone of a person: theirs, else their company's, else ours.

        :param company: gives the zone where the person has none; the current company
        """
        company = company or self.env.company
        return self.tz or self.commercial_partner_id.tz or company._service_tz()

    def _service_day(self, company=None):
        """Return the day that it is where a person is."""
        return local_day(fields.Datetime.now(), self._service_tz(company))
