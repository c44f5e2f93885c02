from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.service_quality_core.tools.period import Period, is_reckoned

from .service_quality_figure import PERIOD_KINDS


class ServiceQualityFigureReview(models.Model):
    """Records that the quality department looked at the figures of a period.

    Regulation A3.2.3: a job that takes figures monitors nothing; a person who judges
    them does.
    """

    _name = "service.quality.figure.review"
    _description = "Judgement of Figures"
    _inherit = ["service.quality.steps.mixin", "mail.thread"]
    _order = "date_from desc, id desc"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    period_kind = fields.Selection(
        PERIOD_KINDS, string="Period", required=True, default="month"
    )
    date_from = fields.Date(
        string="From",
        compute="_compute_date_from",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="The first day of the period.",
    )
    date_to = fields.Date(
        string="Until",
        compute="_compute_date_to",
        store=True,
        precompute=True,
        help="The last day of the period.",
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

    @api.depends("period_kind")
    def _compute_date_from(self):
        """Propose the newest period that is over."""
        for review in self:
            today = review.company_id._service_day()
            period = Period.around(review.period_kind or "month", today)
            review.date_from = period.previous().start

    @api.depends("period_kind", "date_from")
    def _compute_date_to(self):
        for review in self:
            period = review._period()
            review.date_to = period and period.last

    @api.depends("period_kind", "date_from")
    def _compute_display_name(self):
        for review in self:
            period = review._period()
            review.display_name = period and period.label

    def _period(self):
        """Return the period that is judged, or nothing on a new form."""
        if not (self.period_kind and self.date_from and is_reckoned(self.date_from)):
            return None
        return Period.around(self.period_kind, self.date_from)

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("period_kind", "date_from", "company_id")
    def _check_taken(self):
        """Refuse to judge figures that are not there, or of a period that runs."""
        for review in self:
            period = review._period()
            if not period or period.start != review.date_from:
                raise ValidationError(
                    self.env._("Enter the first day of a period of this kind.")
                )
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
