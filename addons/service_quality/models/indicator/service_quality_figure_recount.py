from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .past_ledger import PastLedger
from .service_quality_figure_closing import PROVED

STAMP = (
    "company_id", "period_kind", "date_from", "taken_at", "ledger_id",
    "ledger_snapshot", "excluded_until",
)  # fmt: skip
"""What figures have in common that were taken together."""

AFTER = ("excluded_count", "value_after", "has_value_after")


class ServiceQualityFigure(models.Model):
    """How figures are counted again, from what was known when they were taken.

    The ledger gives back what clocks, spans, tickets and calls were. Frozen by the
    figure itself is what it does not hold: what customers answered, once the end of
    their call was voided; and labels that were deleted since, or purged by law.
    """

    _inherit = "service.quality.figure"

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_count_again(self):
        """Count from what the ledger knew when the figure was taken, and compare."""
        self.ensure_one()
        self.check_access("read")
        self.sudo().indicator_id._check_known()
        # it is counted for whoever may read the figure
        [counted] = self.sudo()._recount().values()
        found = counted.get("value") if counted.get("has_value") else None
        same = all((counted.get(name) or 0) == (self[name] or 0) for name in PROVED)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if same else "danger",
                "sticky": not same,
                "message": self.env._(
                    "Counted again from the ledger: the same, %s.", self.value_text
                )
                if same
                else self.env._(
                    "Counted again from the ledger: %(found)s instead of %(kept)s. "
                    "Check the ledger, and whether labels were deleted since.",
                    found=self.indicator_id._format(found),
                    kept=self.value_text,
                ),
            },
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _recount(self):
        """Count figures again from what the ledger knew when they were taken.

        Nothing is written. Figures that were taken together are counted together.

        :return: dict of figure to the dict of what was counted, empty where nothing was
        """
        found = {}
        for some in self._taken_together():
            counts = self.env["service.quality.counting"]._count(
                some.indicator_id, some.company_id, some[0]._period(), as_of=some[0]
            )
            by_key = {
                (one["indicator_id"], one["scope"], one["scope_id"]): one
                for one in counts
            }
            for figure in some:
                key = (figure.indicator_id.id, figure.scope, figure.scope_id)
                found[figure] = by_key.get(key, {})
        return found

    def _taken_together(self):
        """Return the figures in sets that one counting gave."""
        return self.grouped(
            lambda figure: tuple(figure[name] for name in STAMP)
        ).values()

    def _past_ledger(self):
        """Return the ledger as the figure saw it."""
        self.ensure_one()
        stamp = (self.ledger_id, self.ledger_snapshot, self.ledger_xid)
        return PastLedger(self.env, stamp)

    @api.model
    def _count_exclusions(self, exclusions):
        """Count figures again that count misses of which exclusions were approved.

        Only the figure after exclusions changes: a miss stays a miss.
        """
        # a day more on either side, in whichever zone the periods begin
        days = [exclusion.judged_at.date() for exclusion in exclusions]
        first, last = min(days) - timedelta(days=1), max(days) + timedelta(days=1)
        excludable = self.env["service.quality.formula"]._codes_with("is_excludable")
        figures = self.search(
            [
                ("company_id", "in", exclusions.company_id.ids),
                ("indicator_id.formula", "in", excludable),
                ("date_from", "<=", last),
                ("date_to", ">=", first),
            ]
        )
        figures.excluded_until = fields.Datetime.now()
        for figure, counted in figures._recount().items():
            if counted:
                figure.write({name: counted[name] for name in AFTER})

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.autovacuum
    def _gc_engineers(self):
        """Forget figures of persons when their company no longer keeps who did what."""
        companies = self.env["res.company"].search(
            [("service_staff_retention_months", ">", 0)]
        )
        old = Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain(
                "date_to",
                "<",
                company._service_day()
                - relativedelta(months=company.service_staff_retention_months),
            )
            for company in companies
        )
        self.search(Domain("scope", "=", "engineer") & old).unlink()
