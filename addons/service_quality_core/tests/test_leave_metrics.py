from freezegun import freeze_time

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

    def _leave(self, *metrics, moment="2026-03-02 10:00:00"):
        with freeze_time(moment):
            self.env["service.quality.ledger"]._leave_metrics(metrics)

    def _resolution(self, ticket):
        clocks = ticket.service_clock_ids
        return clocks.filtered(lambda clock: clock.metric == "resolution")

    def test_running_clocks_end_without_a_verdict(self):
        ticket = self._ticket("2026-03-02 09:00:00")
        self._leave("resolution")
        left = self._resolution(ticket)
        self.assertEqual((left.state, left.verdict), ("cancelled", False))
        self.assertEqual(self.clock(ticket, "first_response").state, "running")
        self.assertEqual(self.kinds(ticket)[-1], "unmeasured")
        self.assertFalse(self.env["service.quality.ledger"]._differences(ticket.ids))

    def test_a_deadline_that_had_passed_stays_missed(self):
        ticket = self._ticket("2026-03-02 09:00:00")
        self._leave("resolution", moment="2026-03-03 10:00:00")
        left = self._resolution(ticket)
        self.assertEqual((left.state, left.verdict), ("cancelled", "missed"))

    def test_what_was_judged_stays(self):
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "resolved", "2026-03-02 09:30:00")
        before = self.kinds(ticket)
        self._leave("resolution")
        self.assertEqual(self.clock(ticket).verdict, "met")
        self.assertEqual(self.kinds(ticket), before)

    def test_taking_the_ticket_up_again_measures_nothing(self):
        ticket = self._ticket("2026-03-02 09:00:00")
        self._leave("resolution")
        self._move(ticket, "resolved", "2026-03-02 11:00:00")
        self._move(ticket, "active", "2026-03-02 12:00:00")
        self.assertEqual(self._resolution(ticket).mapped("state"), ["cancelled"])
        self.assertFalse(self.env["service.quality.ledger"]._differences(ticket.ids))

    def test_house_rules_are_archived(self):
        rule = self._house_rule(metric="update", duration=2)
        other = self._house_rule(metric="arrival", duration=2)
        self._leave("update")
        self.assertFalse(rule.active)
        self.assertTrue(other.active)
