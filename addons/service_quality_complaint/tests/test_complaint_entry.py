from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged

from odoo.addons.service_quality_core.tests.mail_common import MailCase

from .complaint_common import ComplaintCase


@tagged("post_install", "-at_install")
class TestComplaintEntry(ComplaintCase):
    """Complaints come in by several ways, and their answers are looked up."""

    def submit(self, user=None, **values):
        tickets = self.env["helpdesk.ticket"]
        if user:
            tickets = tickets.with_user(user)
        return tickets._service_complaint_submit({"subject": "Rude", **values})

    # ------------------------------------------------------------------
    # Other programs
    # ------------------------------------------------------------------

    def test_programs_register_complaints(self):
        """Born over RPC: the same complaint, with all that follows from it."""
        ticket = self._ticket(team_id=self.outlet.id)
        result = (
            self.env["helpdesk.ticket"]
            .with_user(self.clerk)
            .service_complaint_register(
                {
                    "subject": "Nobody came",
                    "description": "<p>I waited</p>",
                    "severity": "important",
                    "partner_id": self.contact.id,
                    "about_ticket_id": ticket.id,
                }
            )
        )
        complaint = self.env["helpdesk.ticket"].browse(result["id"])
        self.assertEqual(complaint.service_complaint_state, "registered")
        self.assertEqual(complaint.service_severity, "important")
        self.assertEqual(complaint.team_id, self.outlet)
        self.assertEqual(complaint.service_received_by_id, self.clerk)
        self.assertEqual(complaint.service_notice_ids.user_id, self.head)

    def test_an_anonymous_one_has_a_receipt(self):
        """Whoever entered it for a caller reads the receipt out, once."""
        Ticket = self.env["helpdesk.ticket"].with_user(self.clerk)
        result = Ticket.service_complaint_register({"subject": "x", "anonymous": True})
        found = Ticket._service_complaint_by_receipt(
            result["receipt"], result["secret"]
        )
        self.assertEqual(found.id, result["id"])
        with self.assertRaises(UserError):
            found.with_env(Ticket.env).action_service_receipt()
        known = self._complaint()
        told = known.with_user(self.clerk).action_service_receipt()
        self.assertIn(known.service_receipt, told["params"]["message"])

    def test_what_is_not_known_is_refused(self):
        """A misspelt key is no complaint about nothing."""
        for values in ({"severty": "major"}, {"severity": "huge"}, {"stage_id": 1}):
            with self.assertRaises(ValidationError):
                self.env["helpdesk.ticket"].service_complaint_register(values)

    def test_the_company_may_name_a_team(self):
        self.company.service_complaint_team_id = self.other_team
        complaint, _secret = self.submit(about_team_id=self.outlet.id)
        self.assertEqual(complaint.team_id, self.other_team)
        Ticket = self.env["helpdesk.ticket"]
        new = Ticket.with_context(default_service_is_complaint=True)
        names = ["service_is_complaint", "team_id"]
        self.assertEqual(new.default_get(names)["team_id"], self.other_team.id)
        self.assertFalse(Ticket.default_get(names).get("team_id"))

    # ------------------------------------------------------------------
    # Mail
    # ------------------------------------------------------------------

    def test_mail_to_an_address_for_complaints(self):
        """What is written to it is a complaint; elsewhere it is a ticket."""
        message = {
            "subject": "Rude",
            "body": "<p>Twice</p>",
            "from": "ann@acme.example",
            "author_id": self.contact.id,
            "to": "complaints@us.example",
        }
        Ticket = self.env["helpdesk.ticket"]
        plain = Ticket.message_new(message, {"team_id": self.team.id})
        self.assertFalse(plain.service_is_complaint)
        self.team.service_mail_is_complaint = True
        complaint = Ticket.message_new(message, {"team_id": self.team.id})
        self.assertTrue(complaint.service_is_complaint)
        self.assertEqual(complaint.service_severity, "minor")
        self.assertEqual(complaint.service_complaint_state, "registered")
        [mail] = self.mails(complaint)
        self.assertIn(complaint.number, mail.subject)

    def test_machines_do_not_complain(self):
        """SLA case 39: what a mailbox writes by itself is a ticket, no complaint."""
        self.team.service_mail_is_complaint = True
        Ticket = self.env["helpdesk.ticket"].with_context(service_automatic=True)
        ticket = Ticket.message_new(
            {"subject": "Away", "body": "Away", "from": "ann@acme.example"},
            {"team_id": self.team.id},
        )
        self.assertFalse(ticket.service_is_complaint)
        self.assertFalse(self.mails(ticket))

    # ------------------------------------------------------------------
    # Receipt
    # ------------------------------------------------------------------

    def test_receipt_and_secret_look_the_answer_up(self):
        """The receipt's secret is the right to read it, however it is typed."""
        complaint, secret = self.submit(email="eve@else.example")
        receipt = complaint.service_receipt
        Ticket = self.env["helpdesk.ticket"].with_user(self.env.ref("base.public_user"))
        typed = f" {receipt[:4].lower()}-{receipt[4:]} "
        self.assertEqual(
            Ticket._service_complaint_by_receipt(typed, secret.lower()), complaint
        )
        other, other_secret = self.submit()
        for number, word in (
            (receipt, other_secret),
            (other.service_receipt, secret),
            (receipt, ""),
            ("", ""),
            (None, None),
            ("%", secret),
            (complaint.number, secret),
        ):
            found = Ticket._service_complaint_by_receipt(number, word)
            self.assertFalse(found)
        self.assertNotIn(secret, str(complaint.read()))

    def test_receipts_cannot_be_counted(self):
        """They are drawn, not numbered, and no two are the same."""
        receipts = {self.submit()[0].service_receipt for _index in range(20)}
        self.assertEqual(len(receipts), 20)
        self.assertEqual({len(receipt) for receipt in receipts}, {8})

    def test_what_the_complainant_reads(self):
        """State, answer and redress; no names, and nothing before it is said."""
        complaint, _secret = self.submit(anonymous=True)
        read = complaint._service_complaint_for_complainant()
        self.assertEqual(read["state"], "registered")
        self.assertFalse(read["answer"] or read["may_reply"])
        complaint._write_as_step({"service_answer": "<p>A draft</p>"})
        self.assertFalse(complaint._service_complaint_for_complainant()["answer"])
        complaint.service_complaint_answer("<p>Sorry</p>", "published", redress="Soup")
        read = complaint._service_complaint_for_complainant()
        self.assertEqual((read["answer"], read["redress"]), ("<p>Sorry</p>", "Soup"))
        self.assertTrue(read["may_reply"])
        self.assertFalse({"user_id", "team_id", "description"} & read.keys())

    # ------------------------------------------------------------------
    # Anonymous
    # ------------------------------------------------------------------

    def test_nothing_says_who_it_was(self):
        """Anonymous: no trace of whoever was logged in, in any table of ours."""
        portal = new_test_user(
            self.env, "nameless", "base.group_portal", email="nameless@else.example"
        )
        complaint, _secret = self.submit(portal, anonymous=True)
        self.env.flush_all()
        self.assertTrue(complaint.service_is_anonymous)
        for record in (complaint, *complaint.message_ids):
            self.assertNotIn(portal, record.create_uid | record.write_uid)
        self.assertNotIn(portal.partner_id, complaint.message_partner_ids)
        self.assertNotIn(portal.partner_id, complaint.message_ids.author_id)
        self.assertNotIn(portal, complaint.service_event_ids.user_id)
        self.assertFalse(complaint.service_received_by_id)

    def test_who_gives_a_name_is_known(self):
        """Not anonymous, the complaint is that of whoever is logged in."""
        portal = new_test_user(
            self.env, "named", "base.group_portal", email="named@else.example"
        )
        complaint, _secret = self.submit(portal, partner_id=portal.partner_id.id)
        self.assertEqual(complaint.partner_id, portal.partner_id)
        self.assertEqual(
            complaint.service_event_ids.filtered(
                lambda row: row.kind == "opened"
            ).origin,
            "portal",
        )

    # ------------------------------------------------------------------
    # Link
    # ------------------------------------------------------------------

    def token(self, complaint):
        return complaint._service_answer_url().rsplit("/", 1)[1]

    def test_a_link_is_good_for_one_reply(self):
        """One link, one reply: accepted or refused, once."""
        complaint = self._complaint("2026-03-02 09:00:00")
        self._answer(complaint, "2026-03-02 10:00:00", "mail")
        Ticket = self.env["helpdesk.ticket"].with_user(self.env.ref("base.public_user"))
        with freeze_time("2026-03-03 09:00:00"):
            found = Ticket._service_complaint_by_answer_token(self.token(complaint))
            self.assertEqual(found, complaint)
            self.assertTrue(found._service_may_reply())
            found._service_complaint_reply(True)
        self.assertEqual(complaint.service_answer_verdict, "accepted")
        self.assertFalse(complaint._service_may_reply())

    def test_a_refusal_by_link_reopens(self):
        """The complainant's own words stand on the complaint."""
        complaint = self._complaint("2026-03-02 09:00:00")
        self._answer(complaint, "2026-03-02 10:00:00", "mail")
        token = self.token(complaint)
        public = self.env.ref("base.public_user")
        Ticket = self.env["helpdesk.ticket"].with_user(public)
        with freeze_time("2026-03-03 09:00:00"):
            found = Ticket._service_complaint_by_answer_token(token)
            found._service_complaint_reply(False, "Too late")
        self.assertEqual(complaint.service_complaint_state, "investigating")
        self.assertEqual(complaint.service_severity, "important")
        self.assertEqual(complaint.service_refusal, "Too late")
        # the next answer has a link of its own
        self._answer(complaint, "2026-03-03 10:00:00", "mail")
        self.assertFalse(Ticket._service_complaint_by_answer_token(token))
        self.assertEqual(
            Ticket._service_complaint_by_answer_token(self.token(complaint)), complaint
        )

    def test_other_links_lead_nowhere(self):
        """Forged, cut off, too old or of nobody: nothing is found."""
        complaint = self._complaint("2026-03-02 09:00:00")
        self._answer(complaint, "2026-03-02 10:00:00", "mail")
        Ticket = self.env["helpdesk.ticket"]
        with freeze_time(datetime(2026, 3, 2, 10)):
            token = self.token(complaint)
        for forged in ("", "x", "é", token[:-4], token[:-4] + "AAAA", "%%%", None):
            self.assertFalse(Ticket._service_complaint_by_answer_token(forged), forged)
        with freeze_time(datetime(2026, 4, 30)):
            self.assertTrue(Ticket._service_complaint_by_answer_token(token))
        with freeze_time(datetime(2026, 5, 3)):
            self.assertFalse(Ticket._service_complaint_by_answer_token(token))

    # ------------------------------------------------------------------
    # Hotline
    # ------------------------------------------------------------------

    def test_hotline_of_outlet_or_company(self):
        """Regulation C2.3: a supervision hotline, the nearest one is printed."""
        complaint = self._complaint()
        self.assertEqual(complaint._service_hotline(), "")
        self.company.service_hotline = "12315"
        self.assertEqual(complaint._service_hotline(), "12315")
        self.head_office.service_hotline = "8800"
        self.assertEqual(complaint._service_hotline(), "8800")
        self.outlet.service_hotline = "8801"
        self.assertEqual(complaint._service_hotline(), "8801")
        self.assertIn("8801", self.mails(self._complaint()).body_html)


@tagged("post_install", "-at_install")
class TestComplaintMail(MailCase):
    """A mail to an address for complaints is one, if a person wrote it."""

    def test_machines_do_not_complain_by_mail(self):
        """SLA case 39: a notice of absence sent to a complaint address is a ticket."""
        self.team.service_mail_is_complaint = True
        sender = "eve@elsewhere.example"
        notice = self._receive(sender, Subject="Out of Office: Your ticket")
        self.assertFalse(notice.service_is_complaint)
        complaint = self._receive(sender, X_One="1", X_Two="2")
        self.assertTrue(complaint.service_is_complaint)
