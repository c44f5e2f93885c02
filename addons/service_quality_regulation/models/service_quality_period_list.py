from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.period_list import PeriodList, Row

from .obligation_data import MISSED


class ServiceQualityPeriodList(models.AbstractModel):
    """Tell which obligations of the register stand red."""

    _inherit = "service.quality.period.list"

    @api.model
    def _lists(self, about):
        lists = super()._lists(about)
        if about.scope == "company":
            lists.append(self._list_of_red_cells(about))
        return lists

    @api.model
    def _list_of_red_cells(self, about):
        """Return what was missed in the period, and what is overdue from before."""
        _ = self.env._
        cells = (
            self.env["service.quality.compliance"]
            .sudo()
            .search(
                Domain("company_id", "=", about.company.id)
                & Domain("date_from", "<", about.period.end)
                & (
                    Domain("state", "=", "overdue")
                    | Domain("state", "in", MISSED)
                    & Domain("date_to", ">=", about.period.start)
                ),
                order="state, date_from, obligation_id, id",
            )
        )
        rows = [
            Row(
                (
                    cell.obligation_id.display_name,
                    self._label(cell, "role"),
                    cell.label,
                    self._label(cell, "state"),
                    f"{cell.done_count} / {cell.due_count}" if cell.due_count else "–",
                ),
                state="beyond",
            )
            for cell in cells
        ]
        title = _("Red cells of the register")
        if rows:
            title = _("Red cells of the register: %s", len(rows))
        heads = (_("Obligation"), _("Who"), _("Period"), _("Status"), _("Done"))
        empty = _("No cell of the register is red.")
        return PeriodList("reds", 155, title, heads, rows, empty, numbers=(4,))
