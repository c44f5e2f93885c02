from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.service_quality_core.tools.period import Period, is_reckoned

PERIOD_KINDS = [
    ("month", "Month"),
    ("quarter", "Quarter"),
    ("half", "Half-year"),
    ("year", "Year"),
]

KINDS = dict(PERIOD_KINDS)


class ServiceQualityPeriodMixin(models.AbstractModel):
    """Is about a period of a company: a month, a quarter, a half-year or a year.

    People choose the kind and enter the first day; proposed is the newest period that
    is over. When it begins and ends is a matter of the company's zone. A model that
    takes this up has a ``company_id``.
    """

    _name = "service.quality.period.mixin"
    _description = "About a Period"

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
        string="To",
        compute="_compute_date_to",
        store=True,
        precompute=True,
        help="The last day of the period.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("period_kind")
    def _compute_date_from(self):
        """Propose the newest period that is over."""
        for record in self:
            today = record.company_id._service_day()
            kind = record.period_kind
            period = Period.around(kind if kind in KINDS else "month", today)
            record.date_from = period.previous().start

    @api.depends("period_kind", "date_from")
    def _compute_date_to(self):
        for record in self:
            period = record._period()
            record.date_to = period and period.last

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("period_kind", "date_from")
    def _check_date_from(self):
        for record in self:
            period = record._period()
            if not period:
                raise ValidationError(
                    self.env._("Enter the first day of a period from 1900 to 2999.")
                )
            if period.start != record.date_from:
                raise ValidationError(
                    self.env._(
                        "%(day)s is not the first day of such a period, and periods "
                        "may not overlap. Enter %(first)s, or choose another period.",
                        day=fields.Date.to_string(record.date_from),
                        first=fields.Date.to_string(period.start),
                    )
                )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _period(self):
        """Return the ``Period`` that the record is about, or nothing on a new form.

        Likewise for a kind that there is not, which is refused when it is stored.
        """
        if self.period_kind not in KINDS or not self.date_from:
            return None
        if not is_reckoned(self.date_from):
            return None
        return Period.around(self.period_kind, self.date_from)

    def _bounds(self):
        """Return the first moment of the period and of the next, naive UTC."""
        return self._period().bounds(self.company_id._service_tz())
