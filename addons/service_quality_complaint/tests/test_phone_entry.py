from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .complaint_common import ComplaintCase


@tagged("post_install", "-at_install")
class TestPhoneEntry(ComplaintCase):
    """Regulation A3.5.3: the desk takes a call, on one screen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact.phone = "+86 10 6552 9988"
        cls.Entry = cls.env["service.quality.phone.entry"].with_user(cls.clerk)

    def test_the_number_finds_the_customer(self):
        """However it is written; with the last tickets and complaints."""
        ticket = self._ticket("2026-03-02 09:00:00")
        complaint = self._complaint("2026-03-02 10:00:00")
        self._ticket(partner_id=self.globex.id)
        for number in ("+861065529988", "010-65529988", "0086 10 6552 9988"):
            with Form(self.Entry) as form:
                form.phone = number
                self.assertEqual(form.partner_id, self.contact)
                self.assertEqual(form.ticket_ids[:], ticket)
                self.assertEqual(form.complaint_ids[:], complaint)

    def test_one_number_of_several(self):
        """Of several the agent chooses; nothing is guessed."""
        twin = self.contact.copy({"phone": "+86 10 6552 9988"})
        with Form(self.Entry) as form:
            form.phone = "1065529988"
            self.assertFalse(form.partner_id)
            self.assertEqual(form.found_ids[:], self.contact | twin)
        with Form(self.Entry) as form:
            form.phone = "12"
            self.assertFalse(form.found_ids[:])

    def test_a_new_ticket(self):
        with Form(self.Entry) as form:
            form.phone = "1065529988"
            form.name = "No dial tone"
            form.description = "<p>Since noon</p>"
            form.team_id = self.team
        action = form.record.action_create_ticket()
        ticket = self.env["helpdesk.ticket"].browse(action["res_id"])
        self.assertEqual(ticket.partner_id, self.contact)
        self.assertEqual(
            ticket.channel_id.get_external_id()[ticket.channel_id.id],
            "helpdesk_mgmt.helpdesk_ticket_channel_phone",
        )
        self.assertFalse(ticket.service_is_complaint)
        self.assertIn("Since noon", ticket.description)

    def test_a_new_complaint(self):
        """With what it is about, from what there is of the caller's."""
        ticket = self._ticket("2026-03-02 09:00:00")
        with Form(self.Entry) as form:
            form.phone = "1065529988"
            form.name = "Nobody came"
            form.severity = "important"
            self.assertIn("promise", form.severity_definition)
            form.about_ticket_id = ticket
            form.about_team_id = self.other_team
        action = form.record.action_create_complaint()
        complaint = self.env["helpdesk.ticket"].browse(action["res_id"])
        self.assertTrue(complaint.service_is_complaint)
        self.assertEqual(complaint.service_severity, "important")
        self.assertEqual(complaint.service_about_ticket_id, ticket)
        self.assertEqual(complaint.partner_id, self.contact)
        self.assertEqual(complaint.service_received_by_id, self.clerk)

    def test_a_stranger_is_known_the_next_time(self):
        """A name and a number are kept; who calls again from it is recognised."""
        with Form(self.Entry) as form:
            form.phone = "+44 20 7946 0123"
            form.partner_name = "Bob"
            form.name = "Rude"
        first = form.record.action_create_complaint()["res_id"]
        with Form(self.Entry) as form:
            form.phone = "020 7946 0123"
            self.assertEqual(form.complaint_ids.ids, [first])

    def test_anonymous_keeps_nothing(self):
        """Anonymous: the number that was found is not kept either."""
        with Form(self.Entry) as form:
            form.phone = "1065529988"
            form.is_anonymous = True
            self.assertFalse(form.partner_id)
            self.assertFalse(form.phone)
            self.assertFalse(form.complaint_ids[:])
            form.name = "Rude"
        action = form.record.action_create_complaint()
        complaint = self.env["helpdesk.ticket"].search([], order="id desc", limit=1)
        self.assertEqual(action["params"]["next"]["res_id"], complaint.id)
        # what the caller is told to look the answer up with
        self.assertIn(complaint.service_receipt, action["params"]["message"])
        secret = action["params"]["message"].rsplit(" ", 1)[1]
        found = complaint._service_complaint_by_receipt(
            complaint.service_receipt, secret
        )
        self.assertEqual(found, complaint)
        self.assertTrue(complaint.service_is_anonymous)
        self.assertFalse(complaint.service_phone or complaint.partner_id)
        entry = self.Entry.create(
            {"phone": "1065529988", "is_anonymous": True, "name": "Rude"}
        )
        entry.action_create_complaint()
        self.assertFalse(entry.phone)

    def test_about_the_own_head(self):
        """Who takes the call is told that it is entered, and does not see it."""
        with Form(self.Entry) as form:
            form.name = "The head shouts"
            form.about_user_id = self.head
        action = form.record.action_create_complaint()
        self.assertEqual(action["tag"], "display_notification")
        complaint = self.env["helpdesk.ticket"].search([], order="id desc", limit=1)
        self.assertEqual(complaint.service_about_user_id, self.head)
        self.assertFalse(complaint.with_user(self.clerk).has_access("read"))

    def test_something_is_said(self):
        entry = self.Entry.create({"phone": "1065529988"})
        for attempt in (entry.action_create_ticket, entry.action_create_complaint):
            with self.assertRaises(UserError):
                attempt()

    def test_who_takes_calls(self):
        """Executives, sales and outsiders do not."""
        for role in ("executive", "sales"):
            user = self._user(f"phone_{role}", role)
            with self.assertRaises(AccessError):
                self.Entry.with_user(user).create({})

    def test_contacts_of_another_company(self):
        """A contact that the agent may not read is neither found, named nor taken."""
        other = self.env["res.company"].create({"name": "Other"})
        secret = self.contact.copy(
            {"name": "Zed", "phone": "+86 10 6552 9988", "email": "zed@else.example"}
        )
        secret.parent_id = False
        secret.company_id = other
        with Form(self.Entry) as form:
            form.phone = "1065529988"
            self.assertEqual(form.found_ids[:], self.contact)
        with self.assertRaises(AccessError):
            self.Entry.create({"partner_id": secret.id, "name": "Who is it"})
        with self.assertRaises(AccessError):
            self.env["helpdesk.ticket"].with_user(
                self.clerk
            ).service_complaint_register({"subject": "Rude", "partner_id": secret.id})
