from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.service_quality_core.models.service_quality_ticket_work_mixin import (
    RecordMissing,
)

from .complaint_common import ComplaintCase


@tagged("post_install", "-at_install")
class TestComplaintRefusal(ComplaintCase):
    """A refused answer reopens a complaint once, one level higher."""

    def test_a_refusal_reopens_once_one_level_higher(self):
        """A refused answer opens the complaint again, and more people hear of it."""
        complaint = self._complaint("2026-03-02 09:00:00")
        self._answer(complaint, "2026-03-02 10:00:00")
        with freeze_time("2026-03-02 11:00:00"):
            complaint.service_complaint_close()
        with freeze_time("2026-03-03 09:00:00"):
            complaint.service_complaint_refused("That is no answer")
        self.assertEqual(complaint.service_severity, "important")
        self.assertEqual(complaint.service_complaint_state, "investigating")
        self.assertEqual(complaint.service_phase, "active")
        self.assertEqual(complaint.service_refused, "once")
        self.assertEqual(complaint.service_refusal, "That is no answer")
        self.assertIn(self.head, complaint.service_notice_ids.user_id)
        clocks = complaint.service_clock_ids.filtered(
            lambda clock: clock.metric == "complaint_answer"
        )
        self.assertIn("running", clocks.mapped("state"))
        with self.assertRaises(RecordMissing), self.env.cr.savepoint():
            self._move(complaint, "closed", "2026-03-03 10:00:00")
        self._answer(complaint, "2026-03-03 11:00:00")
        self.assertFalse(complaint.service_answer_verdict)
        self.assertEqual(complaint.service_refused, "once")
        self.assertConsistent(complaint)

    def test_a_second_refusal_is_closed_with_reasons(self):
        """Once is enough: the second time it ends, with reasons, and is counted."""
        complaint = self._complaint("2026-03-02 09:00:00")
        self._answer(complaint, "2026-03-02 10:00:00")
        with freeze_time("2026-03-02 11:00:00"):
            complaint.service_complaint_refused("No")
        self._answer(complaint, "2026-03-02 12:00:00")
        with freeze_time("2026-03-02 13:00:00"):
            complaint.service_complaint_refused("No again")
        self.assertEqual(complaint.service_severity, "important")
        self.assertEqual(complaint.service_complaint_state, "answered")
        self.assertEqual(complaint.service_refused, "twice")
        with (
            self.assertRaisesRegex(RecordMissing, "Reasons for Closing"),
            self.env.cr.savepoint(),
        ):
            self._move(complaint, "closed", "2026-03-02 14:00:00")
        with freeze_time("2026-03-02 14:00:00"):
            complaint.service_closing_reason = "The law does not let us"
            complaint.service_complaint_close()
        self.assertEqual(complaint.service_complaint_state, "closed")
        [row] = complaint.service_event_ids.filtered(
            lambda row: row.kind == "complaint_closed"
        )
        self.assertEqual(row.reason, "The law does not let us")
        mail = self.mails(complaint)[-1]
        self.assertIn("The law does not let us", mail.body_html)
        self.assertConsistent(complaint)

    def test_a_refusal_reminds_who_has_it(self):
        """The words are on record, and somebody is to give another answer."""
        self.team.user_id = self.clerk
        complaint = self._complaint("2026-03-02 09:00:00", user_id=False)
        self._answer(complaint, "2026-03-02 10:00:00")
        with freeze_time("2026-03-02 11:00:00"):
            complaint.service_complaint_refused("That is no answer")
        activities = complaint.activity_ids.filtered(
            lambda activity: "another" in (activity.summary or "")
        )
        self.assertEqual(activities.user_id, self.clerk)
        self.assertIn("That is no answer", complaint.message_ids[:1].body or "")

    def test_a_refusal_needs_words(self):
        """Why the complainant refuses is what the next answer is about."""
        complaint = self._complaint("2026-03-02 09:00:00")
        self._answer(complaint, "2026-03-02 10:00:00")
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            complaint.service_complaint_refused("  ")

    def test_a_major_one_refused_stays_major(self):
        complaint = self._complaint("2026-03-02 09:00:00", service_severity="major")
        self._answer(complaint, "2026-03-02 10:00:00")
        with freeze_time("2026-03-02 11:00:00"):
            complaint.service_complaint_refused("No")
        self.assertEqual(complaint.service_severity, "major")
        self.assertEqual(complaint.service_complaint_state, "investigating")
