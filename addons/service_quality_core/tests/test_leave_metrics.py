from odoo.tests import tagged

from .common import ServiceQualityCase


@tagged("post_install", "-at_install")
class TestLeaveMetrics(ServiceQualityCase):
    """An addon that goes leaves no clock running, and what was judged stays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._agreement(
            {"metric": "first_response", "duration": 1},
            {"metric": "resolution", "duration": 4},
        )

    def _leave(self, *metrics):
        self.env["service.quality.ledger"]._leave_metrics(metrics)

    def test_running_clocks_end_without_a_verdict(self):
        ticket = self._ticket("2026-03-02 09:00:00")
        self._leave("resolution")
        [left] = ticket.service_clock_ids.filtered(
            lambda one: one.metric == "resolution"
        )
        self.assertEqual((left.state, left.verdict), ("cancelled", False))
        self.assertEqual(self.clock(ticket, "first_response").state, "running")
        self.assertEqual(self.kinds(ticket)[-1], "unmeasured")
        self.assertFalse(self.env["service.quality.ledger"]._differences(ticket.ids))

    def test_what_was_judged_stays(self):
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "resolved", "2026-03-02 10:00:00")
        before = self.kinds(ticket)
        self._leave("resolution")
        self.assertEqual(self.clock(ticket).verdict, "met")
        self.assertEqual(self.kinds(ticket), before)

    def test_taking_the_ticket_up_again_measures_nothing(self):
        ticket = self._ticket("2026-03-02 09:00:00")
        self._leave("resolution")
        self._move(ticket, "resolved", "2026-12-02 10:00:00")
        self._move(ticket, "active", "2026-12-02 11:00:00")
        clocks = ticket.service_clock_ids.filtered(
            lambda one: one.metric == "resolution"
        )
        self.assertEqual(clocks.mapped("state"), ["cancelled"])
        self.assertFalse(self.env["service.quality.ledger"]._differences(ticket.ids))

    def test_house_rules_are_archived(self):
        rule = self._house_rule(metric="update", duration=2)
        other = self._house_rule(metric="arrival", duration=2)
        self._leave("update")
        self.assertFalse(rule.active)
        self.assertTrue(other.active)
