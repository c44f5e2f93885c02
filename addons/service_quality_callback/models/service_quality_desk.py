from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.helpdesk_ticket_api import COUNTED
from odoo.addons.service_quality_core.models.service_quality_clock import (
    CALL,
    OPEN_STATES,
)
from odoo.addons.service_quality_desk.models.service_quality_desk import LINES


class ServiceQualityDesk(models.AbstractModel):
    """The desk shows the follow-up calls that are due."""

    _inherit = "service.quality.desk"

    @api.model
    def _blocks(self, scope, now):
        return [*super()._blocks(scope, now), (30, self._block_calls(scope))]

    @api.model
    def _open_calls_domain(self):
        """Return the domain of the calls that the desk shows; addons leave some out."""
        return Domain("state", "=", "open")

    @api.model
    def _block_calls(self, scope):
        """Return the block of open follow-up calls."""
        Call = self.env["service.quality.callback"]
        domain = self._scope_domain(scope) & self._open_calls_domain()
        clocks = self._promises(
            CALL & Domain("state", "in", OPEN_STATES),
            Domain("ticket_id", "in", Call._search(domain).subselect("ticket_id")),
            limit=LINES,
        )
        calls = Call.search(domain & Domain("ticket_id", "in", clocks.ticket_id.ids))
        if len(calls) < LINES:  # and those without a deadline
            calls |= Call.search(domain, order="opened_at, id", limit=LINES)
        clock_of = calls._clocks()
        calls = calls.sorted(lambda call: (not call.deadline, call.deadline, call.id))
        return self._block(
            "calls",
            Call._name,
            domain,
            [
                self._line_of_promise(call, call.ticket_id, clock_of.get(call))
                for call in calls[:LINES]
            ],
            Call.search_count(domain, limit=COUNTED + 1),
        )
