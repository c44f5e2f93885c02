from odoo import models
from odoo.tools import format_date


class ServiceQualityAgreement(models.Model):
    """An agreement tells of its end while there is time to renew it.

    Its next version keeps the escalation rules that were made for it.
    """

    _inherit = "service.quality.agreement"

    def _all_versions(self):
        """Return the agreements with all versions before and after them."""
        found = self
        while following := (found.previous_id | found.next_ids) - found:
            found |= following
        return found

    def _whom_to_warn(self):
        """Return who looks after the agreement: service manager and sales."""
        self.ensure_one()
        manager = self.company_id._service_people(self.manager_id)
        seller = self.company_id._service_people(self.salesperson_id)
        company = self.company_id
        manager = manager or company._service_role_users("service_manager")
        return manager | (seller or company._service_role_users("sales"))

    def _warn_of_end(self, users, days):
        """Give people an activity on the agreement, of which they hear by mail."""
        self.ensure_one()
        for user in users:
            seen = self.with_context(lang=user.lang)
            self.activity_schedule(  # batched: two people for an agreement
                "mail.mail_activity_data_todo",
                date_deadline=self.company_id._service_day(),
                summary=seen._summary_of_end(days),
                user_id=user.id,
            )

    def _summary_of_end(self, days):
        """Say in the language of the context when the agreement ends, or has ended."""
        date = format_date(self.env, self.date_end)
        if days <= 0:
            return self.env._("Ended on %s", date)
        return self.env._("Ends on %(date)s, in %(days)s days", date=date, days=days)
