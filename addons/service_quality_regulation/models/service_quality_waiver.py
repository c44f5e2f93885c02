from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ServiceQualityWaiver(models.Model):
    """Says that an obligation does not apply for a time, why, and who decided so."""

    _name = "service.quality.waiver"
    _description = "Obligation That Does Not Apply"
    _inherit = ["service.quality.steps.mixin"]
    _order = "date_from desc, id desc"
    _rec_name = "reason"

    obligation_id = fields.Many2one(
        "service.quality.obligation", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: self.env.company._service_day(),
    )
    date_to = fields.Date(
        string="Until", help="The last day on which it does not apply. Empty: for good."
    )
    reason = fields.Char(required=True)
    decided_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    decided_at = fields.Datetime(readonly=True, copy=False, default=fields.Datetime.now)

    _date_check = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "It does not apply for a day at least: set an end after its first day.",
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Judge again what is concerned."""
        waivers = super().create(vals_list)
        waivers._judge_again()
        return waivers

    def write(self, vals):
        """Let only the end be set: what was decided was."""
        if not self.env.su and vals.keys() - {"date_to"}:
            raise UserError(
                self.env._(
                    "A decision stays as it was taken. Set its end, and decide anew."
                )
            )
        result = super().write(vals)
        self._judge_again()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        raise UserError(self.env._("A decision stays in the record. Set its end."))

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _judge_again(self):
        for company, waivers in self.grouped("company_id").items():
            obligations = waivers.obligation_id.sudo()  # no user writes judgements
            obligations._judge(company, everything=True)

    @api.model
    def _holding(self, obligations, company):
        """Return the waivers of obligations, those that began last first."""
        return self.search(
            Domain("obligation_id", "in", obligations.ids)
            & Domain("company_id", "=", company.id),
            order="date_from desc, id desc",
        )

    def _covers(self, period):
        """Return True if it holds at the end of a period, which decides."""
        self.ensure_one()
        return self.date_from <= period.last and (
            not self.date_to or self.date_to >= period.last
        )
