from odoo.tests import tagged

from odoo.addons.service_quality_core.tests.mail_common import MailCase


@tagged("post_install", "-at_install")
class TestMailAfterTheEnd(MailCase):
    """SLA case 40: what a customer writes on a ticket that is over is seen."""

    def setUp(self):
        super().setUp()
        self._move(self.ticket, "resolved", "2026-03-02 12:00:00")
        self._move(self.ticket, "closed", "2026-03-02 13:00:00")

    def _write(self, moment, sender=None, **headers):
        return self._receive(
            sender or self.contact.email,
            moment,
            In_Reply_To=self.question.message_id,
            **headers,
        )

    def _shown(self):
        blocks = self.env["service.quality.desk"].with_user(self.agent)
        found = blocks.overview("all")["blocks"]
        return [
            line["id"]
            for block in found
            if block["key"] == "answered"
            for line in block["lines"]
        ]

    def _following(self):
        return self.env["helpdesk.ticket"].search(
            [("service_follows_id", "=", self.ticket.id)]
        )

    def test_soon_it_is_on_the_desk(self):
        """SLA case 40: within the days of the settings the desk shows it, once."""
        self.assertFalse(self._shown())
        self._write("2026-03-16 12:59:00")
        self.assertEqual(self._shown(), self.ticket.ids)
        self.assertFalse(self._following())
        self._post(subtype_xmlid="mail.mt_note", message_type="comment")
        self.assertEqual(self._shown(), self.ticket.ids)
        self._post(subtype_xmlid="mail.mt_comment", message_type="comment")
        self.assertFalse(self._shown())

    def test_seen_or_reopened(self):
        """It leaves the desk where it needs no answer, and where work goes on."""
        self._write("2026-03-03 12:00:00")
        self.ticket.with_user(self.agent).action_service_customer_seen()
        self.assertFalse(self._shown())
        self._write("2026-03-03 13:00:00", X_One="1")
        self.assertTrue(self._shown())
        self._move(self.ticket, "active", "2026-03-03 14:00:00")
        self.assertFalse(self._shown())

    def test_later_it_is_a_ticket(self):
        """SLA case 40: later it is a new ticket, linked, and one for all that comes."""
        self._write("2026-03-20 12:00:00")
        following = self._following()
        self.assertEqual(
            (following.partner_id, following.team_id, following.name),
            (self.contact, self.ticket.team_id, self.ticket.name),
        )
        self.assertIn("It works again now", following.description)
        self.assertIn(following.number, self.ticket.message_ids[0].body)
        self.assertFalse(self._shown())
        self._write("2026-03-20 13:00:00", X_One="1")
        self.assertEqual(self._following(), following)
        self.assertIn("It works again now", following.message_ids[0].body)

    def test_who_is_not_a_customer(self):
        """Neither an agent nor a mailbox that answers by itself is shown."""
        self._write("2026-03-20 12:00:00", self.agent.email)
        self._write("2026-03-20 12:00:00", Subject="Automatic reply: x", X_One="1")
        self.assertFalse(self._shown() or self._following())
