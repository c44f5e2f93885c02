from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

PROVED = (
    "has_value", "value", "numerator", "denominator", "open_count",
    "missed_open_count",
)  # fmt: skip
"""What of a closed figure may not become different without a word."""

WAS = tuple(f"{name}_before" for name in PROVED)


class ServiceQualityFigure(models.Model):
    """A period that is over has its figures closed: they are not taken in silence.

    Taken anew they need a reason, and each that comes out different keeps what it was
    (ISO 9001, 7.5.3: control of documented information).
    """

    _inherit = "service.quality.figure"

    correction_ids = fields.One2many(
        "service.quality.figure.correction", "figure_id", readonly=True
    )
    is_corrected = fields.Boolean(
        compute="_compute_is_corrected", search="_search_is_corrected"
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("correction_ids")
    def _compute_is_corrected(self):
        for figure in self:
            # that there is one is no secret, what it says is for its readers
            figure.is_corrected = bool(figure.sudo().correction_ids)

    def _search_is_corrected(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("correction_ids", "!=", False)

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _closed(self, company, period, indicators):
        """Return the figures of a period that were taken after it was over."""
        domain = self._taken_domain(company, period, indicators)
        return self.search(domain & Domain("is_provisional", "=", False))

    def _check_reason(self, reason):
        """Refuse to take closed figures anew where nobody says why."""
        if self and not (reason or "").strip():
            raise UserError(
                self.env._(
                    "The figures of %s are closed. Say why they are taken anew: what "
                    "comes out different is kept with the reason.",
                    self[0].period,
                )
            )

    def _proved(self):
        """Return what figures say, as stored: a list of numbers by id."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id, %s FROM service_quality_figure WHERE id = ANY(%s)",
                SQL(", ").join(map(SQL.identifier, PROVED)),
                self.ids,
            )
        )
        return {row[0]: [number or 0 for number in row[1:]] for row in rows}

    @api.model
    def _keep_corrections(self, before, reason):
        """Keep what closed figures were that have come out different.

        :param before: dict of :meth:`_proved`
        """
        now = fields.Datetime.now()
        after = self.browse(before)._proved()
        self.env["service.quality.figure.correction"].create(
            [
                {
                    "figure_id": figure_id,
                    "corrected_at": now,
                    "user_id": self.env.uid,
                    "reason": reason,
                    **dict(zip(WAS, kept, strict=True)),
                    **dict(zip(PROVED, after[figure_id], strict=True)),
                }
                for figure_id, kept in before.items()
                if kept != after[figure_id]
            ]
        )

    # ------------------------------------------------------------------
    # What people enter
    # ------------------------------------------------------------------

    @api.model
    def _take_entered_since(self, company, period):
        """Take closed figures again whose rows people entered since.

        Availability of a month is read when it is over, and patrols are reported
        after they were made: such figures follow what was entered.
        """
        indicators = self._entered_since(company, period)
        if indicators:
            reason = self.env._("Measured values that came in after the period")
            self._take(company, period, indicators, reason=reason)

    @api.model
    def _entered_since(self, company, period):
        """Return indicators of which something was entered since they were taken."""
        formulas = self.env["service.quality.formula"]
        entered = formulas._codes_with("is_entered")
        figures = self.search(
            Domain("company_id", "=", company.id)
            & Domain("period_kind", "=", period.kind)
            & Domain("date_from", "=", period.start)
            & Domain("scope", "=", "company")
            & (
                Domain("indicator_id.source", "=", "measured")
                | Domain("indicator_id.formula", "in", entered)
            )
        )
        moments = formulas._entered_at(figures.indicator_id, company, period)
        since = figures.filtered(
            lambda one: (
                one.indicator_id in moments
                and moments[one.indicator_id] >= one.taken_at
            )
        )
        return since.indicator_id
