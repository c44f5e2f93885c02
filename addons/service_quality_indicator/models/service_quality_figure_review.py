from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain


class ServiceQualityFigureReview(models.Model):
    """Records that the quality department looked at the figures of a period.

    Regulation A3.2.3: a job that takes figures monitors nothing; a person who judges
    them does.
    """

    _name = "service.quality.figure.review"
    _description = "Judgement of Figures"
    _inherit = [
        "service.quality.period.mixin",
        "service.quality.steps.mixin",
        "mail.thread",
    ]
    _order = "date_from desc, id desc"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users",
        string="Judged By",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    at = fields.Datetime(
        string="Judged At",
        required=True,
        readonly=True,
        copy=False,
        default=fields.Datetime.now,
    )
    text = fields.Text(
        string="What the Figures Say",
        required=True,
        help="What stands out, and what follows from it.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("period_kind", "date_from")
    def _compute_display_name(self):
        for review in self:
            period = review._period()
            review.display_name = period and period.label

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("period_kind", "date_from", "company_id")
    def _check_taken(self):
        """Refuse to judge figures that are not there, or of a period that runs."""
        for review in self:
            period = review._period()
            if not review._figures_there(period):
                raise ValidationError(
                    self.env._(
                        "The figures of the company for %s are not final yet. Judge "
                        "them when they are.",
                        period.label,
                    )
                )

    def _figures_there(self, period):
        """Return True if the company's figures of a period are final."""
        figures = self.env["service.quality.figure"]
        return bool(
            figures.search_count(
                Domain("company_id", "=", self.company_id.id)
                & Domain("scope", "=", "company")
                & Domain("period_kind", "=", period.kind)
                & Domain("date_from", "=", period.start)
                & Domain("is_provisional", "=", False),
                limit=1,
            )
        )

    @api.constrains("text")
    def _check_text(self):
        self._service_check_filled_in("text")
        self._service_check_says(["text"])
        if any(not (review.text or "").strip() for review in self):
            raise ValidationError(self.env._("Enter what the figures say."))

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """Refuse: what was judged stays; who sees more judges once more."""
        changed = {name for name in vals if not name.startswith("message_")}
        if changed and not self.env.su:
            raise UserError(self.env._("A judgement stays as it was. Enter another."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_judged(self):
        raise UserError(self.env._("A judgement stays in the record."))
