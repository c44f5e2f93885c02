import base64
import json

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.service_quality_callback.tests.callback_common import CallbackCase


@tagged("post_install", "-at_install", "security")
class TestPersonalData(CallbackCase):
    """What is kept in words about a person goes on request; all figures stay."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.quality = cls._user("quality", "quality")
        cls.ticket = cls._handled(
            name="Ann's laptop", description="<p>Ann cannot log in</p>"
        )
        cls.call = cls.ticket.service_callback_ids
        with freeze_time("2026-03-02 11:00"):
            cls.call.with_user(cls.caller).save_call("busy", note="Ann was out")
        cls.answer = cls.call._answer_in_writing(
            {"solved": "yes", "satisfaction": "4", "comment": "Ann is content"}, "link"
        )
        cls.message = cls.ticket.message_post(
            body="Ann asks", author_id=cls.contact.id, attachments=[("ann.txt", b"Ann")]
        )
        with freeze_time("2026-03-02 15:00"):
            cls.call.with_user(cls.caller).save_call(
                "completed",
                outcomes=[
                    {
                        "callback_id": cls.call.id,
                        "solved": "yes",
                        "satisfaction": "5",
                        "comment": "Ann says thanks",
                    }
                ],
            )
        # somebody known by a mail address only told the hotline
        cls.report = cls._ticket(
            partner_id=False,
            partner_name="Ann",
            partner_email="Ann@acme.example",
            description="<p>Ann was shouted at</p>",
        )
        cls.report._write_as_step(
            {
                "service_answer": "<p>Ann is right, we are sorry</p>",
                "service_refusal": "Ann does not accept it",
                "service_closing_reason": "Ann is content now",
            }
        )
        cls.others = cls._handled(name="Bo's laptop", partner_id=cls.stranger.id)

    def dialog(self, user=None):
        return (
            self.env["service.quality.personal.data"]
            .with_user(user or self.quality)
            .create({"partner_id": self.contact.id, "request": "Ann, by mail"})
        )

    def rows(self):
        """Return what the database knows of the person's name, as one text."""
        self.env.flush_all()
        found = ""
        for table in (
            "helpdesk_ticket",
            "mail_message",
            "service_quality_callback",
            "service_quality_callback_attempt",
            "service_quality_callback_answer",
        ):
            self.env.cr.execute(f"SELECT {table}::text FROM {table}")
            found += "".join(row for (row,) in self.env.cr.fetchall() if "Ann" in row)
        return found

    def test_erased(self):
        """Texts, numbers, messages and files go; ledger, grades and dates stay."""
        before = self.ticket.service_event_ids.read(["kind", "at", "value"])
        dialog = self.dialog()
        self.assertEqual(
            (dialog.ticket_count, dialog.call_count, dialog.attempt_count), (2, 1, 2)
        )
        self.assertIn("Ann", self.rows())
        dialog.action_erase()
        self.env.invalidate_all()
        self.assertNotIn("Ann ", self.rows())
        self.assertNotIn("+49 30 123456", self.rows())
        self.assertFalse(self.call.attempt_ids.filtered("number"))
        self.assertFalse(self.call.attempt_ids.filtered("plain_number"))
        self.assertEqual(self.call.comment, "Erased on request")
        self.assertIn("Erased on request", self.report.service_answer)
        self.assertEqual(self.report.service_refusal, "Erased on request")
        self.assertFalse(self.message.attachment_ids)
        self.assertEqual((self.call.satisfaction, self.answer.satisfaction), ("5", "4"))
        self.assertEqual(
            self.ticket.service_event_ids.read(["kind", "at", "value"]), before
        )
        self.assertConsistent(self.ticket | self.report)
        self.assertEqual(self.others.name, "Bo's laptop")
        log = self.env["service.quality.erasure"].search([])
        self.assertEqual((log.kind, log.ticket_count), ("erased", 2))
        self.assertEqual((log.user_id, log.request), (self.quality, "Ann, by mail"))

    def test_a_number_is_found_however_it_is_written(self):
        """Deny: one that may be another person's in another town."""
        written = ("+49 (0)30 123-456", "0049 30 123456 ext. 8", "030/123456")
        own = [self._ticket(partner_id=False, partner_name="X") for _one in written]
        for ticket, phone in zip(own, written, strict=True):
            ticket._write_as_step({"service_phone": phone})
        other = self._ticket(partner_id=False, partner_name="Y")
        other._write_as_step({"service_phone": "123456"})
        self.dialog().action_erase()
        self.env.invalidate_all()
        for ticket in own:
            self.assertFalse(ticket.service_phone)
        self.assertEqual(other.service_phone, "123456")

    def test_exported(self):
        dialog = self.dialog()
        self.assertEqual(dialog.action_export()["name"], "Personal Data")
        text = base64.b64decode(dialog.file).decode()
        self.assertTrue(json.loads(text))
        for words in ("cannot log in", "was out", "is content", "says thanks", "asks"):
            self.assertIn(f"Ann {words}", text)
        self.assertNotIn("Bo's laptop", text)
        log = self.env["service.quality.erasure"].search([])
        self.assertEqual(log.kind, "exported")

    def test_who_may(self):
        for user in (self.caller, self._user("boss", "service_manager")):
            with self.assertRaises(AccessError):
                self.dialog(user)
        self.dialog().action_export()
        log = self.env["service.quality.erasure"].search([])
        for change in (lambda: log.write({"request": "x"}), log.unlink):
            with self.assertRaises(UserError):
                change()

    def test_nobody_erases_a_complaint_about_oneself(self):
        """Only what one may see is reached."""
        self.report.write(
            {
                "service_is_complaint": True,
                "service_about_user_id": self.quality.id,
                "team_id": False,
            }
        )
        self.dialog().action_erase()
        self.assertIn("shouted", self.report.description)

    def test_deleting_a_contact_who_was_called(self):
        """The error says what to do instead."""
        with self.assertRaises(UserError) as caught:
            self.contact.unlink()
        self.assertIn("Archive", str(caught.exception))
        self.assertTrue(self.contact.exists())
