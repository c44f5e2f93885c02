from odoo import api, models

from odoo.addons.service_quality_core.models.projection import CLOCK_COLUMNS
from odoo.addons.service_quality_core.models.service_quality_clock import OPEN_STATES

from .alert_plan import AlertPlan

_STATE, _NEXT_ALERT = (CLOCK_COLUMNS.index(name) for name in ("state", "next_alert_at"))


class ServiceQualityLedger(models.AbstractModel):
    """Has clocks looked at in time, and ends what alarms asked for."""

    _inherit = "service.quality.ledger"

    @api.model
    def _alert_plan(self, ticket_ids, quiet, fresh=False):
        return AlertPlan(self.env, ticket_ids, quiet, fresh)

    @api.model
    def _follow_changes(self, projection, changes):
        result = super()._follow_changes(projection, changes)
        self._follow_alerts(projection, changes)
        return result

    def _follow_alerts(self, projection, changes):
        """Have the sweep look at clocks in time, and end what alarms asked for.

        What alarms asked people to do about a clock ends when it is over, or gone.
        """
        moments, over = [], []
        for table, key, before, after in changes:
            if table != "clock":
                continue
            moment = after and after[_NEXT_ALERT]
            if moment and (before is None or before[_NEXT_ALERT] != moment):
                moments.append(moment)
            if before and before[_STATE] in OPEN_STATES:
                if after is None or after[_STATE] not in OPEN_STATES:
                    over.append(key)
        if moments:
            self.env["service.quality.sweep"]._arm(min(moments))
        if over:
            fired = projection.alerts.fired
            alarm_ids = [
                alarm_id for key in over for alarm_id in fired.get(key, {}).values()
            ]
            self.env["service.quality.escalation.alarm"].browse(alarm_ids)._settle()
