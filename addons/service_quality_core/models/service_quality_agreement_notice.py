from odoo import Command, api, fields, models
from odoo.fields import Domain

DAYS = (90, 60, 30)
"""How many days before its end people are told of an agreement."""


class ServiceQualityAgreementNotice(models.Model):
    """Records that service manager and sales were told of an agreement's end.

    Who signs an agreement shortly before its end, or sets an early one, is told once,
    and the notices whose time is over are noted with that one. The end of a contract is
    announced where nothing else reminds people of what is due.
    """

    _name = "service.quality.agreement.notice"
    _description = "Notice of an Agreement's End"
    _order = "id desc"
    _rec_name = "agreement_id"

    agreement_id = fields.Many2one(
        "service.quality.agreement",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="agreement_id.company_id", store=True)
    date_end = fields.Date(string="Agreement Ends", required=True, readonly=True)
    days = fields.Integer(string="Days Before", required=True, readonly=True)
    sent_at = fields.Datetime(required=True, readonly=True)
    user_ids = fields.Many2many("res.users", string="Told", readonly=True)

    _once_uniq = models.UniqueIndex("(agreement_id, date_end, days)")

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.model
    def _cron_warn_ending(self):
        """Notify people of agreements that come to their end."""
        for company in self.env["res.company"].search([]):
            self._warn_ending(company, company._service_day())

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _warn_ending(self, company, today):
        """Notify people of agreements that end within 90, 60 or 30 days from a day."""
        agreements = self.env["service.quality.agreement"].search(
            Domain("company_id", "=", company.id)
            & self._ending_domain(self._unwarned_since(company, today), today)
        )
        known = {
            (notice.agreement_id, notice.date_end, notice.days)
            for notice in self.search([("agreement_id", "in", agreements.ids)])
        }
        values = []
        for agreement in agreements:
            left = (agreement.date_end - today).days
            fresh = [
                days
                for days in DAYS
                if left <= days and (agreement, agreement.date_end, days) not in known
            ]
            if not fresh:
                continue
            users = agreement._whom_to_warn()
            agreement._warn_of_end(users, left)
            values += [
                {
                    "agreement_id": agreement.id,
                    "date_end": agreement.date_end,
                    "days": days,
                    "sent_at": fields.Datetime.now(),
                    "user_ids": [Command.set(users.ids)],
                }
                for days in fresh
            ]
        return self.create(values)

    @api.model
    def _unwarned_since(self, company, today):
        """Return the day after which an end needs a notice: today, or the last run."""
        ran = fields.Datetime.to_datetime(self.env.context.get("lastcall"))
        return min(today, company._service_day(ran)) if ran else today

    @api.model
    def _ending_domain(self, since, today):
        """Return the domain of agreements that end soon and that nothing follows."""
        return (
            Domain("state", "=", "signed")
            & Domain("date_end", ">", since)
            & Domain("date_end", "<=", fields.Date.add(today, days=max(DAYS)))
            & Domain("next_ids", "not any", [("state", "=", "signed")])
        )
