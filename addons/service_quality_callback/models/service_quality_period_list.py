from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.period_list import (
    Measure,
    PeriodList,
    Row,
)

from .callback_data import COUNTED_OUT, DISSATISFIED


class ServiceQualityPeriodList(models.AbstractModel):
    """Tell who was not content at a follow-up call, why, and what is done about it."""

    _inherit = "service.quality.period.list"

    @api.model
    def _lists(self, about):
        return [*super()._lists(about), self._list_of_bad_calls(about)]

    @api.model
    def _list_of_bad_calls(self, about):
        _ = self.env._
        calls = self._bad_calls(about)
        heads = (
            _("Ticket"), _("Customer"), _("Satisfaction"), _("Solved?"),
            _("Reasons"), _("Customer's words"),
        )  # fmt: skip
        title = _("Dissatisfied at follow-up calls")
        if calls:
            title = _("Dissatisfied at follow-up calls: %s", len(calls))
        rows = [
            Row(
                (
                    call.ticket_id.number,
                    call.commercial_partner_id.name or "–",
                    self._label(call, "satisfaction") or "–",
                    self._label(call, "solved") or "–",
                    ", ".join(call.reason_ids.mapped("name")) or "–",
                    call.comment or "–",
                ),
                call.ticket_id.id,
            )
            for call in calls
        ]
        empty = _("No customer who was called was dissatisfied.")
        return PeriodList("bad_calls", 130, title, heads, rows, empty)

    @api.model
    def _bad_calls(self, about):
        """Return the calls that ended in a period with a result to be answered."""
        bad = Domain("satisfaction", "in", DISSATISFIED) | Domain(
            "solved", "in", ("partly", "no")
        )
        return self.env["service.quality.callback"].search(
            self._ticket_domain(about, "ticket_id.")
            & Domain("state", "=", "ended")
            & Domain("result", "not in", COUNTED_OUT)
            & Domain("ended_at", ">=", about.start)
            & Domain("ended_at", "<", about.end)
            & Domain("is_self_graded", "!=", True)
            & bad,
            order="satisfaction, ended_at, id",
        )

    @api.model
    def _measures(self, about):
        """Add what departments do about bad results of a week (A3.4.2)."""
        lines = self.env["service.quality.callback.digest.line"].search(
            self._ticket_domain(about, "callback_id.ticket_id.")
            & Domain("callback_id.ended_at", ">=", about.start)
            & Domain("callback_id.ended_at", "<", about.end)
            & Domain("action", "!=", False)
        )
        lines = self._untold(lines)
        return [
            *super()._measures(about),
            *(
                Measure(
                    self.env._("Call about %s", line.callback_id.ticket_id.number),
                    line.action,
                    (line.answered_by_id or line.digest_id.user_id).name or "",
                    state=self.env._("answered")
                    if line.answered_at
                    else self.env._("to be answered"),
                    ticket_id=line.callback_id.ticket_id.id,
                )
                for line in lines
            ),
        ]
