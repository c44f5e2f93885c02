from odoo import api, models

from odoo.addons.service_quality_core.tools.instants import to_datetime
from odoo.addons.service_quality_core.tools.track import effective_rows

from .service_quality_visit_times import TIMES


class ServiceQualityLedger(models.AbstractModel):
    """Lets visits follow the rows that name them, as clocks and spans do."""

    _inherit = "service.quality.ledger"

    @api.model
    def _append(self, rows, fresh=False):
        result = super()._append(rows, fresh)
        telling = {*TIMES, "voided"}
        ticket_ids = {row["ticket_id"] for row in rows if row["kind"] in telling}
        if ticket_ids and not fresh:  # what was brought along is no visit of ours
            self._follow_visits(ticket_ids)
        return result

    def _follow_visits(self, ticket_ids):
        """Bring the visits of tickets to what their rows say."""
        times = {}
        for rows in self._read_rows(ticket_ids).values():
            for row in effective_rows(rows):
                if row.kind in TIMES and row.value.get("visit"):
                    moments = times.setdefault(row.value["visit"], {})
                    moments[row.kind] = to_datetime(row.at)
        visits = self.env["service.quality.visit"].with_context(active_test=False)
        visits.search([("ticket_id", "in", list(ticket_ids))])._follow(times)
