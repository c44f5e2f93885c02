from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .complaint_common import ComplaintCase

HISTORY = ("service_event_ids", "service_clock_ids", "service_span_ids")


@tagged("post_install", "-at_install", "security")
class TestComplaintHidden(ComplaintCase):
    """A report about a person or area is never seen by them or those under them."""

    def sees(self, complaint, user):
        """Tell whether a user finds and reads a complaint; both say the same."""
        as_user = complaint.with_user(user)
        found = as_user.search([("id", "=", complaint.id)])
        readable = as_user.has_access("read")
        self.assertEqual(bool(found), readable)
        return readable

    def test_about_a_person(self):
        """Neither they nor who works under them; those above and beside do."""
        complaint = self._complaint(service_about_user_id=self.head.id)
        for user, expected in (
            (self.head, False),
            (self.clerk, False),
            (self.chief, True),
            (self.inspector, True),
            (self.expert, True),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(self.sees(complaint, user), expected)

    def test_about_a_member(self):
        """About a clerk: the clerk does not see it, the head does."""
        complaint = self._complaint(service_about_user_id=self.clerk.id)
        self.assertFalse(self.sees(complaint, self.clerk))
        self.assertTrue(self.sees(complaint, self.head))

    def test_report_about_an_area(self):
        """From the supervision hotline: nobody of the outlet, those above do."""
        report = self._complaint(service_is_report=True)
        for user, expected in (
            (self.head, False),
            (self.clerk, False),
            (self.chief, True),
            (self.inspector, True),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(self.sees(report, user), expected)
        # an ordinary complaint about an outlet is what its head is told of
        self.assertTrue(self.sees(self._complaint(), self.head))

    def test_report_about_the_area_above(self):
        """About the head office: nobody under it either."""
        report = self._complaint(
            service_is_report=True, service_about_team_id=self.head_office.id
        )
        for user in (self.chief, self.head, self.clerk):
            self.assertFalse(self.sees(report, user))
        self.assertTrue(self.sees(report, self.inspector))

    def test_who_joins_later_does_not_see_it(self):
        """Who works under whom is asked when it is read; rules know no yesterday."""
        complaint = self._complaint(service_about_user_id=self.head.id)
        newcomer = self._user("newcomer", "desk")
        self.assertTrue(self.sees(complaint, newcomer))
        self.outlet.user_ids += newcomer
        complaint.invalidate_recordset()
        self.assertFalse(self.sees(complaint, newcomer))
        self.outlet.user_ids -= newcomer
        complaint.invalidate_recordset()
        self.assertTrue(self.sees(complaint, newcomer))

    def test_nothing_about_it_is_seen(self):
        """Ledger, clocks, spans, calls, notices and messages are hidden with it."""
        complaint = self._complaint(
            "2026-03-02 09:00:00",
            service_about_user_id=self.head.id,
            service_severity="important",
        )
        complaint.message_post(body="Between us")
        self._answer(complaint, "2026-03-02 10:00:00")
        self._move(complaint, "resolved", "2026-03-02 11:00:00")
        call, inspector = complaint.service_callback_ids, self.inspector
        self.contact.phone = "+49 30 123456"
        call.with_user(inspector).save_call("no_answer", note="About the head")
        call._answer_in_writing({"solved": "no", "satisfaction": "1"}, "link")
        Visit = self.env["service.quality.visit"].with_user(inspector)
        visit = Visit.create({"ticket_id": complaint.id})
        visit.save_work(parts=[{"name": "Till", "quantity": 1}])
        names = (*HISTORY, "service_callback_ids", "service_notice_ids", "message_ids")
        for records in (
            *(complaint[name] for name in names),
            call.attempt_ids,
            call.answer_ids,
            visit,
            visit.part_ids,
        ):
            with self.subTest(model=records._name):
                self.assertTrue(records)
                found = records.with_user(self.head).search([("id", "in", records.ids)])
                self.assertFalse(found)
                self.assertFalse(records[:1].with_user(self.head).has_access("read"))
        changes = self.env["helpdesk.ticket"].with_user(self.head).service_changes()
        tickets = {row["ticket_id"] for row in changes["rows"]}
        self.assertNotIn(complaint.id, tickets)

    def test_the_call_that_it_came_from_is_hidden_too(self):
        """What the customer said in the call is the report: whom it names misses it."""
        ticket = self._ticket("2026-03-02 08:00:00", team_id=self.outlet.id)
        self._move(ticket, "resolved", "2026-03-02 09:00:00")
        call = ticket.service_callback_ids
        with freeze_time("2026-03-02 10:00:00"):
            call.with_user(self.chief).save_call(
                "completed",
                outcomes=[
                    {
                        "callback_id": call.id,
                        "solved": "yes",
                        "satisfaction": "1",
                        "reason_ids": self.env.ref(
                            "service_quality.callback_reason_attitude"
                        ).ids,
                        "comment": "The head shouted",
                    }
                ],
            )
            call.with_user(self.chief).confirm_complaint()
        digests = self.env["service.quality.callback.digest"]
        with freeze_time("2026-03-09 10:00:00"):
            digests._make(date(2026, 3, 9))
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

    def test_the_ticket_it_is_about_does_not_tell(self):
        """The count of complaints on the ticket leaves out what one may not see."""
        ticket = self._ticket()
        complaint = self._complaint(
            service_about_ticket_id=ticket.id, service_about_user_id=self.head.id
        )
        self.assertEqual(ticket.with_user(self.chief).service_complaint_count, 1)
        self.assertEqual(ticket.with_user(self.head).service_complaint_count, 0)
        for user, expected in (
            (self.head, complaint.browse()),
            (self.chief, complaint),
        ):
            ticket.invalidate_recordset()
            self.assertEqual(ticket.with_user(user).service_complaint_ids, expected)

    def test_following_it_does_not_help(self):
        """A follower from before hears nothing, neither on the screen nor by mail."""
        complaint = self._complaint()
        complaint.message_subscribe(self.head.partner_id.ids)
        self.assertTrue(self.sees(complaint, self.head))
        complaint.service_about_user_id = self.head
        self.assertFalse(self.sees(complaint, self.head))
        message = complaint.message_post(
            body="What shall we do?", subtype_xmlid="mail.mt_comment"
        )
        self.assertNotIn(self.head.partner_id, message.notified_partner_ids)

    def test_it_is_not_assigned_to_them(self):
        """Neither to the person, nor to their team, nor to who works under them."""
        complaint = self._complaint(service_about_user_id=self.head.id)
        for values in (
            {"team_id": self.outlet.id},
            {"team_id": self.head_office.id, "user_id": self.head.id},
            {"team_id": False, "user_id": self.head.id},
            {"team_id": False, "user_id": self.clerk.id},
        ):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                complaint.write(values)
        with self.assertRaises(ValidationError):
            self._complaint(service_about_user_id=self.head.id, team_id=self.outlet.id)
        report = self._complaint(service_is_report=True)
        with self.assertRaises(ValidationError):
            report.team_id = self.outlet
        report.team_id = self.head_office

    def test_nobody_lets_them_see_it(self):
        """Only managers say that it is about somebody else, or no report after all."""
        complaint = self._complaint(
            service_about_user_id=self.head.id, service_is_report=True
        )
        for values in (
            {"service_about_user_id": False},
            {"service_about_user_id": self.officer.id},
            {"service_is_report": False},
            {"service_about_team_id": self.other_team.id},
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                complaint.with_user(self.expert).write(values)
        complaint.with_user(self.inspector).service_about_user_id = False
        self.assertFalse(complaint.service_about_user_id)
        # to hide it from more people is everybody's
        complaint.with_user(self.expert).service_about_user_id = self.clerk

    def test_activities_are_not_theirs_either(self):
        """A reminder would tell them what it is about."""
        complaint = self._complaint(service_about_user_id=self.head.id)
        for user in (self.head, self.clerk):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                complaint.activity_schedule(
                    "mail.mail_activity_data_todo", user_id=user.id
                )
        activity = complaint.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.chief.id
        )
        self.assertEqual(activity.user_id, self.chief)

    def test_it_is_passed_on_above_them(self):
        """Regulation C2.3: a complaint about the head goes one level up."""
        self.company.service_pass_on_every_complaint = True
        complaint = self._complaint(service_about_user_id=self.head.id)
        self.assertEqual(complaint.service_notice_ids.user_id, self.chief)
        report = self._complaint(service_is_report=True)
        self.assertEqual(report.service_notice_ids.user_id, self.chief)
        # about the highest: the quality department
        highest = self._complaint(service_about_user_id=self.chief.id)
        self.assertIn(self.inspector, highest.service_notice_ids.user_id)
        self.assertNotIn(self.chief, highest.service_notice_ids.user_id)

    def test_a_major_one_about_the_centre_is_not_the_centres(self):
        """Regulation A3.3.3 gives way: nobody judges their own case."""
        self.centre.parent_id = self.head_office
        complaint = self._complaint(
            service_severity="major", service_about_user_id=self.expert.id
        )
        self.assertEqual(complaint.team_id, self.head_office)
        self.assertNotIn(self.expert, complaint.service_notice_ids.user_id)

    def test_who_takes_the_call_enters_it(self):
        """A clerk may enter what a caller says about the head, and not read it."""
        as_clerk = self.env["helpdesk.ticket"].with_user(self.clerk)
        result = as_clerk.service_complaint_register(
            {
                "subject": "The head shouts",
                "about_user_id": self.head.id,
                "about_team_id": self.outlet.id,
            }
        )
        complaint = self.env["helpdesk.ticket"].browse(result["id"])
        self.assertEqual(result["number"], complaint.number)
        self.assertFalse(self.sees(complaint, self.clerk))
        with self.assertRaises(AccessError):
            complaint.with_user(self.clerk).read(["name"])
        self.assertEqual(complaint.team_id, self.head_office)
