from odoo import api, models

from odoo.addons.service_quality_core.models.projection import CLOCK, CLOCK_COLUMNS

from .past_ledger import PastProjection

_TIMETABLE = CLOCK_COLUMNS.index("timetable_id")


class ServiceQualityLedger(models.AbstractModel):
    """Keeps what a figure needs to see the ledger as it was."""

    _inherit = "service.quality.ledger"

    @api.model
    def _follow_changes(self, projection, changes):
        result = super()._follow_changes(projection, changes)
        self._keep_timetables(changes)
        return result

    def _keep_timetables(self, changes):
        """Note which working time clocks were reckoned with, where that is replaced."""
        replaced = [
            (*key, before[_TIMETABLE])
            for table, key, before, after in changes
            if table == "clock"
            and before
            and before[_TIMETABLE] != (after and after[_TIMETABLE])
        ]
        if replaced:
            names = ", ".join((*CLOCK[1], "timetable_id"))
            self._execute_values(
                f"INSERT INTO service_quality_clock_change ({names}) VALUES %s",
                replaced,
            )

    def _fold_past(self, ticket_ids, known, timetables):
        """Fold tickets from some of their rows, with the working time of then.

        :param known: the condition of rows of ``service_quality_event AS event``
        :param timetables: dict of key of a clock to the id of its timetable
        :return: :class:`~.past_ledger.PastProjection`
        """
        rows, _quiet = self._read_ledger(ticket_ids, known)
        return PastProjection(self.env, rows, {}, timetables)
