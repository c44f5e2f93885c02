from odoo import api, fields, models
from odoo.exceptions import UserError

from .escalation_data import PROMISE


class ServiceQualityEscalationGap(models.Model):
    """Records a time in which no rule of a company warned of promises early.

    Regulation A4.3.4 asks for early warnings: where nobody is warned there is not
    nothing to do. Rows begin and end with what is done to rules and their steps.
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
    def _compute_display_name(self):
        for gap in self:
            gap.display_name = self.env._(
                "No rule warned early from %(start)s until %(end)s (%(user)s)",
                start=fields.Datetime.to_string(gap.date_start),
                end=fields.Datetime.to_string(gap.date_end) or "–",
                user=gap.sudo().user_id.name,  # who reads it reads who did it
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_recorded(self):
        raise UserError(self.env._("That nobody was warned stays on record."))

    @api.model
    def _follow(self, companies):
        """Begin or end the times of companies, as their rules are now."""
        now = fields.Datetime.now()
        steps = self.env["service.quality.escalation.step"].sudo()  # of all companies
        early = steps.search(
            [
                ("company_id", "in", companies.ids),
                ("rule_id.active", "=", True),
                ("rule_id.subject", "=", PROMISE),
                "|",
                ("trigger", "=", "before"),
                "&",
                ("trigger", "=", "percent"),
                ("amount", "<", 100),
            ]
        )
        gaps = self.sudo().search(  # no user writes them
            [("company_id", "in", companies.ids), ("date_end", "=", False)]
        )
        ended = gaps.filtered(lambda gap: gap.company_id in early.company_id)
        ended._write_as_step({"date_end": now})
        gaps._create_as_step(
            [
                {
                    "company_id": company.id,
                    "date_start": now,
                    "user_id": self.env.uid,
                }
                for company in companies - early.company_id - gaps.company_id
            ]
        )
