from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime


class ServiceQualityEscalationGap(models.Model):
    """Records a time in which no rule of a company warned of all promises early.

    Regulation A4.3.4 asks for early warnings: where nobody is warned there is not
    nothing to do. A rule with conditions warns of some promises only, and of none
    where nothing fits them. Rows begin and end with what is done to rules and steps.
    """

    _name = "service.quality.escalation.gap"
    _description = "Time Without Early Warnings"
    _inherit = ["service.quality.steps.mixin"]
    _order = "date_start desc, id desc"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    date_start = fields.Datetime(string="From", required=True, readonly=True)
    date_end = fields.Datetime(string="Until", readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="By",
        readonly=True,
        ondelete="restrict",
        help="Who archived or changed the last rule that warned early.",
    )

    _open_uniq = models.UniqueIndex("(company_id) WHERE date_end IS NULL")

    @api.depends("date_start", "date_end", "user_id")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for gap in self:
            gap.display_name = self.env._(
                "No rule warned early from %(start)s until %(end)s (%(user)s)",
                start=format_datetime(self.env, gap.date_start),
                end=format_datetime(self.env, gap.date_end) or "–",
                user=gap.sudo().user_id.name,  # who reads it reads who did it
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_recorded(self):
        raise UserError(self.env._("That nobody was warned stays on record."))

    def _time_within(self, start, end):
        """Return how long these times last within two moments, all in all.

        :param start: naive UTC; ``end`` likewise
        :return: timedelta
        """
        parts = (
            min(gap.date_end or end, end) - max(gap.date_start, start) for gap in self
        )
        return sum((part for part in parts if part > timedelta()), timedelta())

    @api.model
    def _follow(self, companies):
        """Begin or end the times of companies, as their rules are now."""
        now = fields.Datetime.now()
        rules = self.env["service.quality.escalation"].sudo()  # of all companies
        warned = rules._companies_warned(companies)
        gaps = self.sudo().search(  # no user writes them
            [("company_id", "in", companies.ids), ("date_end", "=", False)]
        )
        ended = gaps.filtered(lambda gap: gap.company_id in warned)
        ended._write_as_step({"date_end": now})
        gaps._create_as_step(
            [
                {
                    "company_id": company.id,
                    "date_start": now,
                    "user_id": self.env.uid,
                }
                for company in companies - warned - gaps.company_id
            ]
        )
