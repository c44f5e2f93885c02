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
        """Return what was missed in the period; of before, how many are overdue.

        What is corrected by now stands below, and is not among the number.
        """
        _ = self.env._
        register = self.env["service.quality.compliance"]
        own = Domain("company_id", "=", about.company.id)
        within = Domain("date_to", ">=", about.period.start)
        cells = register.search(
            own
            & within
            & Domain("date_from", "<", about.period.end)
            & Domain("state", "in", (*MISSED, "corrected")),
            order="state, date_from, obligation_id, id",
        ).sorted(lambda cell: cell.state == "corrected")
        reds = cells.filtered(lambda cell: cell.state in MISSED)
        before = register.search_count(
            own
            & Domain("date_to", "<", about.period.start)
            & Domain("state", "=", "overdue")
        )
        note = _("%s more are overdue from before.", before) if before else ""
        rows = [
            Row(
                (
                    cell.obligation_id.display_name,
                    self._label(cell, "role"),
                    cell.label,
                    self._label(cell, "state"),
                    f"{cell.done_count} / {cell.due_count}" if cell.due_count else "–",
                ),
                state="beyond" if cell in reds else "",
            )
            for cell in cells
        ]
        title = _("Red cells of the register")
        if reds:
            title = _("Red cells of the register: %s", len(reds))
        heads = (_("Obligation"), _("Who"), _("Period"), _("Status"), _("Done"))
        empty = _("No cell of the register is red.")
        return PeriodList("reds", 155, title, heads, rows, empty, note, numbers=(4,))
