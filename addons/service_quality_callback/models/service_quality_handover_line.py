from odoo import api, fields, models
from odoo.fields import Domain

from .service_quality_callback_queue import CALLERS


class ServiceQualityHandoverLine(models.Model):
    """A handover passes on the follow-up calls that are in hand or promised."""

    _inherit = "service.quality.handover.line"

    kind = fields.Selection(
        selection_add=[("call", "Promised call"), ("activity",)],
        ondelete={"call": "cascade"},
    )
    callback_id = fields.Many2one(
        "service.quality.callback",
        string="Follow-up Call",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )

    @api.model
    def _prepare_others(self, team):
        return [*self._prepare_calls(team), *super()._prepare_others(team)]

    @api.model
    def _prepare_calls(self, team):
        """Return a line for each follow-up call that is in hand or promised."""
        in_hand = Domain("user_id", "=", self.env.uid)
        promised = Domain("is_promised", "=", True) & Domain("team_id", "=", team.id)
        calls = self.env["service.quality.callback"].search(
            Domain("state", "=", "open") & (in_hand | promised),
            order="next_call_at, id",
        )
        return [
            self._prepare_line(
                "call",
                call,
                call.ticket_id,
                call.next_call_at or call.deadline,
                call.user_id,
                call.partner_id.name,
            )
            | {"callback_id": call.id, "metric": "callback"}
            for call in calls
        ]

    @api.model
    def _activity_domain(self):
        # a call has a line already
        return super()._activity_domain() & Domain("service_callback_id", "=", False)

    def _pass_on(self, giver, taker):
        calls = self.filtered("pass_on").callback_id.filtered(
            lambda call: call.state == "open" and call.user_id == giver
        )
        if any(map(taker.has_group, CALLERS)):
            calls._hand_to(taker)
        else:
            calls._hand_back()  # to the queue of those who make calls
        return super()._pass_on(giver, taker)
