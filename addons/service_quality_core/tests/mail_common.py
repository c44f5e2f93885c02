from email.message import EmailMessage

from freezegun import freeze_time

from odoo.addons.mail.tests.common import MockEmail

from .common import ServiceQualityCase


class MailCase(ServiceQualityCase, MockEmail):
    """A ticket with a promise to answer, and mails about it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = cls._user("agent", "desk", email="agent@us.example")
        cls._agreement({"metric": "first_response", "duration": 8})

    def setUp(self):
        super().setUp()
        self.ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 09:00:00"):
            self.question = self.ticket.message_post(
                body="It is dead",
                author_id=self.contact.id,
                message_type="email",
                subtype_xmlid="mail.mt_comment",
            )

    def assertAnswered(self, ticket=None, by=None):
        ticket = ticket or self.ticket
        rows = ticket.service_event_ids.filtered(lambda row: row.kind == "responded")
        self.assertEqual(rows.mapped("user_id"), by or self.agent)
        clock = self.clock(ticket, "first_response")
        self.assertEqual(clock.verdict, "met")

    def assertNotAnswered(self, ticket=None):
        ticket = ticket or self.ticket
        self.assertNotIn("responded", self.kinds(ticket))
        self.assertEqual(self.clock(ticket, "first_response").state, "running")

    def _post(self, body="Have you tried…", **values):
        with freeze_time("2026-03-02 10:00:00"):
            return self.ticket.with_user(self.agent).message_post(body=body, **values)

    def _receive(self, sender, moment="2026-03-02 10:00:00", **headers):
        """Let a mail come in by the gateway, as the system user."""
        mail = EmailMessage()
        mail["From"] = sender
        mail["To"] = "support@us.example"
        mail["Message-Id"] = f"<{sender}-{len(headers)}@test.example>"
        mail["Subject"] = headers.pop("Subject", "No dial tone")
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content("It works again now.")
        with freeze_time(moment):
            thread_id = self.env["mail.thread"].message_process(
                "helpdesk.ticket",
                mail.as_bytes(),
                custom_values={"team_id": self.team.id},
            )
        return self.env["helpdesk.ticket"].browse(thread_id)
