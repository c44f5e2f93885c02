from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_quality_core.tools.period import Period

from ..models.service_quality_period_mixin import PERIOD_KINDS

AT_ONCE = 12


class ServiceQualityFigureTake(models.TransientModel):
    """Takes the figures of past periods, as after an import of history."""

    _name = "service.quality.figure.take"
    _description = "Take Figures Anew"

    kind = fields.Selection(PERIOD_KINDS, required=True, default="month")
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: (
            Period.around("month", self.env.company._service_day()).previous().start
        ),
    )
    date_to = fields.Date(
        string="Until",
        required=True,
        default=lambda self: self.env.company._service_day(),
        help="The last day. Each period of which a part lies in these days is counted.",
    )
    period_count = fields.Integer(string="Periods", compute="_compute_period_count")
    is_closed = fields.Boolean(
        compute="_compute_period_count", help="Some of these figures are closed."
    )
    reason = fields.Char(
        string="Because", help="Kept with each figure that comes out different."
    )

    @api.depends("kind", "date_from", "date_to")
    def _compute_period_count(self):
        Figure = self.env["service.quality.figure"]
        for wizard in self:
            periods = wizard._periods()
            wizard.period_count = len(periods)
            wizard.is_closed = bool(
                Figure.search_count(  # batched: one dialog
                    [
                        ("company_id", "=", self.env.company.id),
                        ("period_kind", "=", wizard.kind),
                        ("date_from", "in", [period.start for period in periods]),
                        ("is_provisional", "=", False),
                    ],
                    limit=1,
                )
            )

    def action_take(self):
        """Take the figures of each period, and open them.

        :raise UserError: for no period, more than a dozen, or closed figures without
            a reason
        """
        self.ensure_one()
        periods = self._periods()
        if not 1 <= len(periods) <= AT_ONCE:
            raise UserError(
                self.env._(
                    "Choose between one and %s periods: each is counted while you "
                    "wait.",
                    AT_ONCE,
                )
            )
        for period in periods:
            self.env["service.quality.figure"].take_period(
                period.kind, period.start, self.reason
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_indicator.service_quality_figure_action"
        )
        return action | {
            "domain": [
                ("period_kind", "=", self.kind),
                ("date_from", ">=", periods[0].start),
                ("date_from", "<=", periods[-1].start),
            ],
            "context": {"search_default_company": 1},
        }

    def _periods(self):
        """Return the periods that lie in part between the two days."""
        self.ensure_one()
        if not (self.kind and self.date_from and self.date_to):
            return []
        found, period = [], Period.around(self.kind, self.date_from)
        # one more than are taken is enough to say that they are too many
        while period.start <= self.date_to and len(found) <= AT_ONCE:
            found.append(period)
            period = period.shifted(1)
        return found
