from datetime import timedelta

from odoo import fields, models
from odoo.fields import NO_ACCESS


class ResCompany(models.Model):
    """Adds what a company's figures are of: its engineers too, and what is late."""

    _inherit = "res.company"

    service_engineer_figures = fields.Boolean(
        string="Figures per Engineer",
        help="Take figures for each engineer, too. Ask the works council or whoever "
        "speaks for the staff first: they measure persons.",
    )
    service_entry_minutes = fields.Integer(
        string="Entered Later After (Minutes)",
        default=30,
        groups="base.group_user",
        help="What people enter more than so many minutes after it happened is in the "
        "share entered later. A change holds for what is entered from then on.",
    )
    service_entry_history = fields.Json(copy=False, groups=NO_ACCESS)

    _service_entry_minutes_check = models.Constraint(
        "CHECK (service_entry_minutes > 0)",
        "What is entered later is so after a minute at least. Enter 1 or more.",
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        if "service_entry_minutes" not in vals:
            return super().write(vals)
        before = {company: company._service_entry_limits() for company in self}
        result = super().write(vals)
        now = fields.Datetime.to_string(fields.Datetime.now())
        for company, limits in before.items():
            minutes = company.service_entry_minutes
            if minutes != limits[-1][1]:
                # nobody writes it by hand
                company.sudo().service_entry_history = [*limits, [now, minutes]]
        return result

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _service_entry_limit(self):
        """Return the company's own minutes where they are stricter.

        How much is counted as late is the company's choice. How long a missed deadline
        can still turn out met is not: a setting could be raised for an hour.
        """
        # asked of everybody
        own = timedelta(minutes=self.sudo().service_entry_minutes)
        return min(own, super()._service_entry_limit())

    def _service_entry_limits(self):
        """Return how many minutes after the event an entry was late, and since when.

        What was entered under a limit is judged by it for ever, so that a change of the
        setting changes no figure of the past.

        :return: list of lists ``[since, minutes]``, oldest first; since is a text
            ``YYYY-MM-DD HH:MM:SS`` in UTC, of the first one ``""``, the beginning
        """
        self.ensure_one()
        company = self.sudo()  # figures are taken for everybody
        return company.service_entry_history or [["", company.service_entry_minutes]]
