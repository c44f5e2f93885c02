from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.service_quality_escalation.tests.escalation_common import (
    EscalationCase,
)

HALF = {"trigger": "percent", "amount": 50}


@tagged("post_install", "-at_install")
class TestCallbackAlarm(EscalationCase):
    """Alarms about follow-up calls tell the people who make them."""

    def test_follow_up_call(self):
        """Regulation A5.1.2: of a call that is due, whoever has it in hand is told."""
        with freeze_time("2026-01-01 00:00:00"):
            self._house_rule(metric="callback", duration=24)
        self._rule(HALF, metric="callback")
        mine, others = (
            self._ticket("2026-03-02 09:00:00", user_id=self.leader.id)
            for _number in range(2)
        )
        self._move(mine | others, "resolved", "2026-03-02 10:00:00")
        calls = self.env["service.quality.callback"].search(
            [("ticket_id", "in", (mine | others).ids)]
        )
        calls.filtered(lambda call: call.ticket_id == mine).user_id = self.agent
        alarms = self._sweep("2026-03-02 22:00:00")
        told = {alarm.ticket_id: alarm.user_ids for alarm in alarms}
        self.assertEqual(told[mine], self.agent)
        # nobody has the other in hand: not who resolved it, but the leader is asked
        self.assertEqual(told[others], self.leader)
