from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from odoo.addons.service_quality_callback.tests.callback_common import CallbackCase


@tagged("post_install", "-at_install")
class TestCallbackComplaint(CallbackCase):
    """What customers say in calls becomes complaints, and complaints are called."""

    def _decide(self, calls, decision, user=None, **values):
        wizard = Form(
            self.env["service.quality.callback.decision"]
            .with_user(user or self.caller)
            .with_context(active_ids=calls.ids, default_decision=decision)
        )
        for name, value in values.items():
            wizard[name] = value
        return wizard.save().action_confirm()

    def test_complaint_confirmed(self):
        call = self._handled().service_callback_ids
        self._complete(
            call, "2026-03-02 12:00", satisfaction="1", reason_ids=self.reason.ids
        )
        action = self._decide(call, "confirm", severity="important")
        self.assertEqual(call.complaint_proposal, "confirmed")
        self.assertEqual(action["res_id"], call.complaint_id.id)
        self.assertEqual(call.complaint_id.service_severity, "important")
        self.assertEqual(call.action_open_complaint()["res_id"], call.complaint_id.id)

    def test_complaint_declined(self):
        call = self._handled().service_callback_ids
        self._complete(
            call, "2026-03-02 12:00", satisfaction="2", reason_ids=self.reason.ids
        )
        self._decide(call, "decline", reason="Took the wrong button")
        self.assertEqual(call.complaint_proposal, "declined")
        self.assertEqual(call.decline_reason, "Took the wrong button")

    def test_low_grade_proposes_a_complaint(self):
        """Regulation A3.5.3: the desk decides whether it is a complaint, and why."""
        calls = self._handled().service_callback_ids
        calls |= self._handled(partner_id=self.stranger.id).service_callback_ids
        for call in calls:
            self._complete(
                call,
                "2026-03-02 11:00",
                satisfaction="1",
                reason_ids=self.reason.ids,
                comment="Nobody came",
            )
        self.assertEqual(calls.mapped("complaint_proposal"), ["proposed"] * 2)
        confirmed, declined = calls.with_user(self.caller)
        confirmed.confirm_complaint("important")
        complaint = confirmed.complaint_id.sudo()
        self.assertEqual(complaint.service_severity, "important")
        self.assertIn("Nobody came", complaint.description)
        with self.assertRaisesRegex(ValidationError, "reason"):
            declined.decline_complaint(" ")
        declined.decline_complaint("Meant another company")
        self.assertEqual(declined.decline_reason, "Meant another company")
        with self.assertRaisesRegex(UserError, "already"):
            declined.confirm_complaint()

    def test_low_grade_in_writing_proposes_one_too(self):
        self._agreement(
            {"metric": "resolution", "duration": 4, "unit": "hour"},
            callback_in_writing=True,
        )
        call = self._handled().service_callback_ids
        said = {"solved": "no", "satisfaction": "1", "reason_ids": self.reason.ids}
        with freeze_time("2026-03-02 11:00"):
            call._answer_in_writing(said, "link")
        self.assertEqual(call.complaint_proposal, "proposed")

    def _major(self):
        """Return a major complaint that is resolved at 10:00."""
        ticket = self._ticket(
            "2026-03-02 09:00:00",
            service_is_complaint=True,
            service_severity="major",
            service_root_cause="One till",
            service_handling="A second one",
        )
        with freeze_time("2026-03-02 09:30:00"):
            ticket.service_complaint_answer("Sorry", "phone")
        self._move(ticket, "resolved", "2026-03-02 10:00:00")
        return ticket

    def test_calls_of_the_centre_are_apart(self):
        """Regulation A3.3.3: no other call or page takes the place of its call."""
        of_centre = self._major().service_callback_ids
        of_desk = self._handled().service_callback_ids
        calls = of_centre | of_desk
        self.assertEqual(len(calls.partner_id), 1)
        centre = self._user("centre", "technical_centre", tz="UTC")
        with freeze_time("2026-03-02 12:00"):
            for call in calls:
                self.assertEqual(call._same_call(call._fields["opened_at"].now()), call)
            asked = [
                call.ticket_id._service_portal_call(call.partner_id) for call in calls
            ]
        self.assertEqual(asked, [call.browse(), of_desk])
        self.assertIn(centre, of_centre._who_calls())
        self.assertFalse(of_desk._who_calls())
        due = self.env["service.quality.overview"]._calls_due_domain()
        self.assertEqual(calls.filtered_domain(due), of_desk)

    def test_major_complaint_is_not_the_desks(self):
        """Regulation A3.3.3: the technical service centre calls, and calls once."""
        ticket = self._major()
        call = ticket.service_callback_ids
        self.assertTrue(call.is_complaint_call)
        self.assertFalse(self._next("2026-03-02 12:00"))
        with self.assertRaises(AccessError):
            call.with_user(self.caller).take()
        centre = self._user("centre", "technical_centre", tz="UTC")
        self.assertEqual(self._next("2026-03-02 12:00", centre), call)
        with self.assertRaisesRegex(ValidationError, "not ended"):
            ticket.stage_id = self.stages["closed"]

    def test_an_anonymous_complaint_is_not_called(self):
        ticket = self._ticket(
            "2026-03-02 08:00:00",
            partner_id=False,
            service_is_complaint=True,
            service_is_anonymous=True,
        )
        with freeze_time("2026-03-02 09:00:00"):
            ticket.service_complaint_answer("Sorry", "published")
        self._move(ticket, "resolved", "2026-03-02 10:00:00")
        self.assertFalse(ticket.service_callback_ids)
