from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.service_quality_escalation.tests.escalation_common import (
    EscalationCase,
)


@tagged("post_install", "-at_install")
class TestEscalationComplaints(EscalationCase):
    """Complaints are told when they arrive, and not to the people they are about."""

    def _complain(self, severity, moment="2026-03-02 09:00:00"):
        return self._ticket(
            moment,
            service_is_complaint=True,
            service_severity=severity,
            user_id=self.agent.id,
        )

    def test_each_company_starts_with_a_rule_about_major_complaints(self):
        there = self.env["res.company"].create({"name": "There"})
        rule = self.env["service.quality.escalation"].search(
            [("company_id", "=", there.id), ("severity", "=", "major")]
        )
        self.assertEqual(set(rule.step_ids.mapped("trigger")), {"complaint"})

    def test_complaint_arrives(self):
        """A major complaint is told at once, and once, of its own severity only."""
        for severity in ("minor", "major"):
            self._house_complaint(severity)
        self._rule({"trigger": "complaint", "recipient": "leader"}, severity="major")
        self._complain("minor")
        major = self._complain("major")
        [alarm] = self._sweep("2026-03-02 09:00:10")
        self.assertEqual(alarm.ticket_id, major)
        self.assertEqual(alarm.metric, "complaint_answer")
        self.assertEqual(alarm.summary, "A complaint has arrived")
        self.assertFalse(self._sweep("2026-03-02 09:05:00"))

    def test_complaint_becomes_major(self):
        """A complaint that turns out to be major is told then."""
        for severity in ("minor", "major"):
            self._house_complaint(severity)
        self._rule({"trigger": "complaint", "recipient": "leader"}, severity="major")
        ticket = self._complain("minor")
        self.assertFalse(self._sweep("2026-03-02 09:00:10"))
        with freeze_time("2026-03-02 10:00:00"):
            ticket.service_severity = "major"
        self.assertEqual(self._sweep("2026-03-02 10:00:10").ticket_id, ticket)

    def _house_complaint(self, severity):
        """Promise an answer from the beginning of the year on."""
        with freeze_time("2026-01-01 00:00:00"):
            return self._house_rule(
                metric="complaint_answer", severity=severity, duration=24
            )

    def test_arrival_of_a_complaint_is_of_its_answer(self):
        """A step at the arrival of a complaint fits no rule about other metrics."""
        with self.assertRaisesRegex(ValidationError, "Complaint answer"):
            self._rule({"trigger": "complaint"}, metric="arrival")
        rule = self._rule({"trigger": "complaint"}, metric="complaint_answer")
        self.assertEqual(rule.step_ids.display_name.count("a complaint arrives"), 1)

    def test_whom_a_complaint_is_about(self):
        """Regulation C2.3: an alarm about a complaint is not told to its subject."""
        with freeze_time("2026-01-01 00:00:00"):
            self._house_rule(metric="complaint_answer", duration=24)
        step = {
            "trigger": "complaint",
            "recipient": "user",
            "user_id": self.leader.id,
        }
        self._rule(step, {**step, "action": "reassign"})
        ticket = self._ticket(
            "2026-03-02 09:00:00",
            service_is_complaint=True,
            service_about_user_id=self.leader.id,
            team_id=False,
        )
        alarms = self._sweep("2026-03-02 09:00:10")
        told = alarms.filtered(lambda alarm: alarm.action == "activity")
        self.assertNotIn(self.leader, told.user_ids)
        self.assertIn(self.manager, told.user_ids)
        self.assertFalse(told.with_user(self.leader).has_access("read"))
        self.assertEqual((alarms - told).outcome, "failed")
        self.assertNotEqual(ticket.user_id, self.leader)
