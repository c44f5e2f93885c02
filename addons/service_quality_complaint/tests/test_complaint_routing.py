from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .complaint_common import ComplaintCase


@tagged("post_install", "-at_install")
class TestComplaintRouting(ComplaintCase):
    """Complaints are passed on at once, and it is known who has taken note."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.category, other = cls.env["helpdesk.ticket.category"].create(
            [{"name": "Food"}, {"name": "Other"}]
        )
        cls.soup = cls.env["helpdesk.ticket.category"].create(
            {"name": "Soup", "parent_id": cls.category.id}
        )
        cls.other_category = other

    @classmethod
    def _route(cls, **values):
        return cls.env["service.quality.complaint.route"].create(
            {"name": "Route", "company_id": cls.company.id, **values}
        )

    def told(self, complaint):
        return complaint.service_notice_ids.user_id

    def test_important_ones_are_passed_on_at_once(self):
        """Regulation A3.5.3: activity, mail and a record in the same transaction."""
        complaint = self._complaint("2026-03-02 09:00:00", service_severity="important")
        [notice] = complaint.service_notice_ids
        self.assertEqual(notice.user_id, self.head)
        self.assertEqual(notice.team_id, self.outlet)
        self.assertEqual(notice.way, "both")
        self.assertMoment(notice.told_at, "2026-03-02 09:00")
        self.assertFalse(notice.noted_at)
        self.assertEqual(notice.activity_id.user_id, self.head)
        [mail] = self.mails(notice)
        self.assertEqual(mail.recipient_ids, self.head.partner_id)
        [row] = complaint.service_event_ids.filtered(
            lambda row: row.kind == "passed_on"
        )
        self.assertEqual(row.value["user"], self.head.id)
        self.assertMoment(row.at, "2026-03-02 09:00")

    def test_who_has_no_mail_address_has_an_activity(self):
        self.head.email = False
        complaint = self._complaint(service_severity="important")
        self.assertEqual(complaint.service_notice_ids.way, "activity")
        self.assertFalse(self.mails(complaint.service_notice_ids))

    def test_minor_ones_are_not(self):
        """A minor complaint is the desk's, where nothing else is asked for."""
        self.assertFalse(self._complaint().service_notice_ids)

    def test_regulation_c_passes_on_every_one(self):
        """Regulation C2.3: every complaint to the quality officer or head, promptly."""
        self.company.service_pass_on_every_complaint = True
        self.assertEqual(self.told(self._complaint()), self.head)
        self.outlet.service_quality_officer_id = self.officer
        self.assertEqual(self.told(self._complaint()), self.officer)
        self.outlet.write({"service_quality_officer_id": False, "user_id": False})
        self.assertEqual(self.told(self._complaint()), self.clerk)
        self.outlet.user_ids = False
        self.assertEqual(self.told(self._complaint()), self.chief)
        self.head_office.user_id = False
        self.assertIn(self.inspector, self.told(self._complaint()))

    def test_regulation_b_goes_to_the_outlet(self):
        """Regulation B6: complaints about an outlet are handled promptly there."""
        self.company.service_pass_on_every_complaint = True
        other = self.outlet.copy({"name": "Other outlet", "user_id": self.clerk.id})
        complaint = self._complaint(service_about_team_id=other.id)
        self.assertEqual(self.told(complaint), self.clerk)
        # about a ticket: the team that had it
        ticket = self._ticket(team_id=self.outlet.id)
        complaint = self._complaint(
            service_about_team_id=False, service_about_ticket_id=ticket.id
        )
        self.assertEqual(self.told(complaint), self.head)

    def test_routes_by_category_severity_and_team(self):
        """Regulation A3.5.3: the departments concerned, by category and severity."""
        self._route(
            severity="minor",
            category_id=self.category.id,
            told_team_ids=self.centre.ids,
        )
        self._route(
            severity="important",
            team_id=self.head_office.id,
            told_user_ids=self.officer.ids,
        )
        for values, expected in (
            ({}, self.env["res.users"]),
            ({"category_id": self.soup.id}, self.expert),
            ({"category_id": self.other_category.id}, self.env["res.users"]),
            (
                {"category_id": self.soup.id, "service_severity": "important"},
                self.expert | self.officer,
            ),
            (
                {
                    "service_about_team_id": self.other_team.id,
                    "service_severity": "important",
                    "category_id": self.soup.id,
                },
                self.expert,
            ),
        ):
            with self.subTest(values=values):
                self.assertEqual(self.told(self._complaint(**values)), expected)

    def test_a_route_tells_somebody(self):
        with self.assertRaises(ValidationError):
            self._route()
        route = self._route(told_team_ids=self.centre.ids)
        with self.assertRaises(ValidationError):
            route.told_team_ids = [Command.clear()]

    def test_other_companies_routes_are_theirs(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env["service.quality.complaint.route"].create(
            {
                "name": "Theirs",
                "company_id": other.id,
                "severity": "minor",
                "told_user_ids": self.officer.ids,
            }
        )
        self.assertFalse(self._complaint().service_notice_ids)

    def test_major_ones_go_to_the_centre(self):
        """Regulation A3.3.3: assigned at once, and the centre is told."""
        complaint = self._complaint("2026-03-02 09:00:00", service_severity="major")
        self.assertEqual(complaint.team_id, self.centre)
        self.assertIn(self.expert, self.told(complaint))
        self.assertIn(self.head, self.told(complaint))
        rows = complaint.service_event_ids.filtered(lambda row: row.kind == "assigned")
        self.assertEqual(rows.value["team"], self.centre.id)

    def test_without_a_centre_the_team_keeps_it(self):
        """A company without a centre loses no complaint."""
        self.company.service_technical_centre_id = False
        complaint = self._complaint(service_severity="major")
        self.assertEqual(complaint.team_id, self.team)
        self.assertIn(self.head, self.told(complaint))

    def test_raised_it_is_passed_on_again(self):
        """What becomes graver is told again, once for each severity."""
        complaint = self._complaint("2026-03-02 09:00:00")
        self.assertFalse(complaint.service_notice_ids)
        with freeze_time("2026-03-02 10:00:00"):
            complaint.service_severity = "important"
        self.assertEqual(self.told(complaint), self.head)
        with freeze_time("2026-03-02 11:00:00"):
            complaint.service_severity = "major"
        self.assertEqual(complaint.team_id, self.centre)
        severities = complaint.service_notice_ids.filtered(
            lambda notice: notice.user_id == self.head
        ).mapped("severity")
        self.assertCountEqual(severities, ["important", "major"])

    def test_a_ticket_that_becomes_one_is_passed_on(self):
        ticket = self._ticket(team_id=self.outlet.id)
        ticket.write({"service_is_complaint": True, "service_severity": "important"})
        self.assertEqual(self.told(ticket), self.head)

    def test_take_note(self):
        """Regulation A3.4.4: who was told takes note; the record says when."""
        complaint = self._complaint("2026-03-02 09:00:00", service_severity="important")
        notice = complaint.service_notice_ids
        as_head = complaint.with_user(self.head)
        self.assertTrue(as_head.service_to_note)
        found = as_head.search([("service_to_note", "=", True)])
        self.assertIn(complaint, found)
        with freeze_time("2026-03-02 10:00:00"):
            as_head.action_service_take_note()
        self.assertMoment(notice.noted_at, "2026-03-02 10:00")
        self.assertFalse(notice.activity_id.active)
        as_head.invalidate_recordset()
        self.assertFalse(as_head.service_to_note)
        [row] = complaint.service_event_ids.filtered(lambda row: row.kind == "noted")
        self.assertEqual((row.user_id, row.value["user"]), (self.head, self.head.id))
        self.assertConsistent(complaint)

    def test_doing_the_activity_takes_note(self):
        """Whoever marks it done in the clock of activities has read it as well."""
        complaint = self._complaint("2026-03-02 09:00:00", service_severity="important")
        notice = complaint.service_notice_ids
        with freeze_time("2026-03-02 10:00:00"):
            notice.activity_id.with_user(self.head).action_feedback()
        self.assertMoment(notice.noted_at, "2026-03-02 10:00")
        self.assertIn("noted", self.kinds(complaint))

    def test_nobody_takes_note_for_another(self):
        complaint = self._complaint(service_severity="important")
        notice = complaint.service_notice_ids
        for user in (self.clerk, self.chief, self.inspector):
            with self.assertRaises(AccessError):
                notice.with_user(user).action_take_note()
        with self.assertRaises(UserError):
            notice.unlink()

    def test_staff_ages_out(self):
        """DESIGN 5: who received it or was told of it is forgotten with the rows."""
        complaint = self._complaint("2026-03-02 09:00:00", service_severity="important")
        complaint._write_as_step({"service_received_by_id": self.clerk.id})
        self._answer(complaint, "2026-03-02 10:00:00")
        with freeze_time("2026-03-02 11:00:00"):
            complaint.service_complaint_close()
        self.company.service_staff_retention_months = 6
        with freeze_time("2026-12-01 12:00:00"):
            self.env["service.quality.purge"]._gc_staff()
        self.assertFalse(complaint.service_received_by_id)
        self.assertTrue(complaint.service_notice_ids)
        self.assertFalse(complaint.service_notice_ids.user_id)

    def test_taking_note_is_no_answer(self):
        """SLA case 7: an activity that is done says nothing to the customer."""
        self._agreement({"metric": "first_response", "duration": 8})
        complaint = self._complaint("2026-03-02 09:00:00", service_severity="important")
        with freeze_time("2026-03-02 10:00:00"):
            complaint.with_user(self.head).action_service_take_note()
        self.assertEqual(self.clock(complaint, "first_response").state, "running")

    def test_queries_do_not_grow_with_the_complaints(self):
        """Passing on is done in sets: fifty complaints ask as often as five, nearly."""
        self.company.service_pass_on_every_complaint = True

        def count(number):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env["helpdesk.ticket"].create(
                [
                    {
                        "name": f"Complaint {index}",
                        "description": "Kept waiting",
                        "partner_id": self.contact.id,
                        "team_id": self.team.id,
                        "service_is_complaint": True,
                        "service_about_team_id": self.outlet.id,
                    }
                    for index in range(number)
                ]
            )
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(2)
        few, many = count(5), count(25)
        # tickets, messages, mails and activities themselves cost a few each
        self.assertLess((many - few) / 20, 40)
