from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from odoo.addons.service_quality_complaint.tests.accused_common import AccusedCase
from odoo.addons.service_quality_complaint.tests.complaint_common import ComplaintCase
from odoo.addons.service_quality_core.models.service_quality_ticket_work_mixin import (
    RecordMissing,
)


@tagged("post_install", "-at_install", "security")
class TestComplaintCall(ComplaintCase):
    """A major complaint is called before it is closed, and hidden with its calls."""

    def test_a_major_one_needs_cause_handling_and_call(self):
        """Regulation A3.3.3: cause analysis, handling and call-back by the centre."""
        complaint = self._complaint("2026-03-02 09:00:00", service_severity="major")
        self.assertEqual(complaint.team_id, self.centre)
        self._answer(complaint, "2026-03-02 10:00:00")
        with (
            self.assertRaisesRegex(RecordMissing, "Root Cause, Handling"),
            self.env.cr.savepoint(),
        ):
            complaint.service_complaint_close()
        with freeze_time("2026-03-02 11:00:00"):
            complaint.write(
                {"service_root_cause": "One till", "service_handling": "A second one"}
            )
        self.assertIn("root_cause", self.kinds(complaint))
        with freeze_time("2026-03-02 12:00:00"):
            self.assertFalse(complaint.service_complaint_close())
        self.assertEqual(complaint.service_phase, "resolved")
        self.assertEqual(complaint.service_complaint_state, "answered")
        [call] = complaint.service_callback_ids
        self.assertTrue(call.is_complaint_call)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self._move(complaint, "closed", "2026-03-02 13:00:00")
        with freeze_time("2026-03-02 14:00:00"):
            rows = call._end("completed", call._fields["ended_at"].now())
            self.env["service.quality.ledger"]._append(rows)
            self.assertTrue(complaint.service_complaint_close())
        self.assertEqual(complaint.service_complaint_state, "closed")
        self.assertEqual(len(complaint.service_callback_ids), 1)

    def test_an_anonymous_major_one_closes_without_a_call(self):
        """Regulation A3.3.3: where there is nobody to call, nobody is waited for."""
        complaint = self._complaint(
            "2026-03-02 09:00:00",
            partner_id=False,
            service_is_anonymous=True,
            service_severity="major",
            service_root_cause="One till",
            service_handling="A second one",
        )
        self._answer(complaint, "2026-03-02 10:00:00", "published")
        with freeze_time("2026-03-02 11:00:00"):
            self.assertTrue(complaint.service_complaint_close())

    def test_the_button_says_what_it_waits_for(self):
        """Screens, Complaint: to close it asks for its call, and says so until then."""
        complaint = self._complaint(
            "2026-03-02 09:00:00",
            service_severity="major",
            service_root_cause="One till",
            service_handling="A second one",
        )
        self.assertFalse(dict(complaint._service_complaint_items())["Follow-up call"])
        self._answer(complaint, "2026-03-02 10:00:00")
        with freeze_time("2026-03-02 11:00:00"):
            told = complaint.action_service_complaint_close()
        self.assertIn("follow-up call", told["params"]["message"])

    def test_the_call_that_it_came_from_is_hidden_too(self):
        """What the customer said in the call is the report: whom it names misses it."""
        ticket = self._ticket("2026-03-02 08:00:00", team_id=self.outlet.id)
        self._move(ticket, "resolved", "2026-03-02 09:00:00")
        call = ticket.service_callback_ids
        with freeze_time("2026-03-02 10:00:00"):
            call.with_user(self.chief).save_call(
                "completed",
                number="+49 30 123",
                note="Of the outlet",
                outcomes=[
                    {
                        "callback_id": call.id,
                        "solved": "yes",
                        "satisfaction": "1",
                        "reason_ids": self.env.ref(
                            "service_quality_callback.callback_reason_attitude"
                        ).ids,
                        "comment": "The head shouted",
                    }
                ],
            )
            call.with_user(self.chief).confirm_complaint()
        digests = self.env["service.quality.callback.digest"]
        with freeze_time("2026-03-09 10:00:00"):
            digests._make(self.env.company, date(2026, 3, 9))
        lines = digests.line_ids.search([("callback_id", "=", call.id)])
        report = self.env["service.quality.callback.report"].search(
            [("callback_id", "=", call.id)]
        )
        complaint = call.complaint_id
        complaint.team_id = self.head_office
        for about, visible in ((False, True), (self.head.id, False)):
            complaint.service_about_user_id = about
            for records in (call, call.attempt_ids, report, lines):
                with self.subTest(model=records._name, about=about):
                    self.assertTrue(records)
                    records.invalidate_model()
                    mine = records.with_user(self.head)
                    self.assertEqual(mine.has_access("read"), visible)
                    self.assertTrue(records.with_user(self.chief).has_access("read"))


@tagged("post_install", "-at_install", "security")
class TestCallOfAccused(AccusedCase):
    """Whom a complaint is about is given no call about it."""

    def test_nobody_is_given_a_call_about_oneself(self):
        """The queue hands out no call about a complaint about the caller."""
        self.env["service.quality.callback"].search(
            [("state", "=", "open")]
        ).needs_number = True
        self.contact.write({"phone": "+49 30 123456", "tz": "UTC"})
        self.company.write({"service_call_from": 0, "service_call_to": 24})
        self.complaint.service_complaint_answer("<p>Sorry</p>", "phone")
        self.complaint.stage_id = self.stages["resolved"]
        call = self.complaint.service_callback_ids
        self.assertEqual(call.state, "open")
        Callback = self.env["service.quality.callback"]
        given = Callback.with_user(self.head).next_call()
        self.assertFalse(given["call"])
        self.assertEqual(given["left"], 0)
        with self.assertRaises(AccessError):
            call.with_user(self.head).take()
        given = Callback.with_user(self._user("another", "desk")).next_call()
        self.assertEqual(given["call"]["id"], call.id)

    def test_call_sheets_leave_it_out(self):
        """Another call to the contact may be about a complaint about the caller."""
        ticket = self._ticket(team_id=self.centre.id)
        for record in (ticket, self.complaint):
            values = {"stage_id": self.stages["resolved"].id}
            if record == self.complaint:
                record.service_complaint_answer("<p>Sorry</p>", "phone")
            record.write(values)
        calls = (ticket | self.complaint).service_callback_ids
        self.assertEqual(len(calls), 2)
        call = ticket.service_callback_ids
        names = [self.complaint.number]
        sheet = call.with_user(self.chief).call_sheet()
        self.assertIn(names[0], str(sheet["others"]))
        sheet = call.with_user(self.head).call_sheet()
        self.assertNotIn(names[0], str(sheet))
