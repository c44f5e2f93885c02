from odoo import api, models

from odoo.addons.service_quality_core.models.projection import CLOCK_COLUMNS

_METRIC, _KIND, _COMPANY = (
    CLOCK_COLUMNS.index(name) for name in ("metric", "kind", "company_id")
)


class ServiceQualityLedger(models.AbstractModel):
    """Moves the deadlines of new calls that fall due on closed days."""

    _inherit = "service.quality.ledger"

    @api.model
    def _follow_changes(self, projection, changes):
        result = super()._follow_changes(projection, changes)
        ClosedDays = self.env["service.quality.callback.closed.days"]
        companies = ClosedDays._since()
        if companies:
            ClosedDays._move_deadlines(
                [
                    key[0]
                    for table, key, before, after in changes
                    if table == "clock"
                    and before is None
                    and after[_METRIC] == "callback"
                    and after[_KIND] == "house"
                    and after[_COMPANY] in companies
                ]
            )
        return result
