import re

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .callback_common import CallbackCase

LINK = re.compile(r"/service/follow-up/([\w-]{43})")


@tagged("post_install", "-at_install")
class TestCallbackLink(CallbackCase):
    """The link reaches the customer, and nobody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.engineer = cls._user("link_engineer", "staff")
        cls.team.service_answer_link = "handled"

    def _resolved(self, **values):
        """Return the call of a ticket that its engineer resolves."""
        ticket = self._ticket("2026-03-02 08:00", user_id=self.engineer.id, **values)
        with freeze_time("2026-03-02 10:00:00"):
            ticket.with_user(self.engineer).stage_id = self.stages["resolved"]
        return ticket.sudo().service_callback_ids

    def _mail(self):
        return self.env["mail.mail"].search(
            [("body_html", "like", "/service/follow-up/")], order="id desc", limit=1
        )

    def _sms(self):
        return self.env["sms.sms"].search(
            [("body", "like", "/service/follow-up/")], order="id desc", limit=1
        )

    def _found(self, text):
        with freeze_time("2026-03-03 10:00:00"):
            token = LINK.search(text).group(1)
            return self.env["service.quality.callback"]._by_token(token)

    def test_mailed_when_handled(self):
        """Regulation A5.1.2: the customer can answer by the link in a mail."""
        call = self._resolved()
        mail = self._mail()
        self.assertEqual(mail.recipient_ids, self.contact)
        self.assertEqual(self._found(mail.body_html), call)
        self.assertMoment(call.link_sent_at, "2026-03-02 10:00")
        self.assertMoment(call.link_expires_at, "2026-04-01 10:00")
        self.assertTrue(mail.auto_delete, "the link is kept nowhere")

    def test_nobody_of_the_house_reads_the_link(self):
        """Who resolved the ticket cannot answer in the customer's name."""
        self._resolved()
        message = self._mail().mail_message_id
        self.assertTrue(message)
        manager = self._user("link_manager", "service_manager", "quality", "desk")
        for user in (self.engineer, manager):
            with self.subTest(user.login):
                self.assertFalse(message.with_user(user).has_access("read"))
                found = (
                    self.env["mail.message"]
                    .with_user(user)
                    .search([("body", "like", "/service/follow-up/")])
                )
                self.assertFalse(found)
        self.assertFalse(
            self.env["sms.sms"].with_user(self.engineer).has_access("read")
        )

    def test_text_message_where_the_team_prefers_it(self):
        self.team.service_answer_link_by = "sms"
        call = self._resolved()
        sms = self._sms()
        self.assertEqual(sms.number, self.contact.phone)
        self.assertEqual(self._found(sms.body), call)
        self.assertFalse(self._mail())

    def test_the_other_way_where_there_is_no_such_address(self):
        self.contact.email = False
        call = self._resolved(partner_email=False)
        self.assertEqual(self._found(self._sms().body), call)

    def test_to_somebody_known_by_address_only(self):
        call = self._resolved(partner_id=False, partner_email="cy@x.example")
        mail = self._mail()
        self.assertEqual(mail.email_to, "cy@x.example")
        self.assertEqual(self._found(mail.body_html), call)

    def test_not_by_itself_unless_the_team_says_so(self):
        self.team.service_answer_link = "no"
        call = self._resolved()
        self.assertFalse(self._mail() | self._sms().mail_message_id.mail_ids)
        self.assertFalse(call.link_sent_at)

    def test_when_the_customer_cannot_be_reached(self):
        self.team.service_answer_link = "unreachable"
        self.env.company.service_call_attempts = 1
        call = self._resolved()
        self.assertFalse(call.link_sent_at)
        self._save(call, "2026-03-02 12:00", "no_answer")
        self.assertEqual(call.result, "unreachable")
        self.assertEqual(self._found(self._mail().body_html), call)

    def test_not_to_whom_is_not_to_be_asked(self):
        self.contact.write(
            {"service_do_not_call": True, "service_call_source": "By mail, 1 March"}
        )
        call = self._resolved()
        self.assertEqual(call.aside_as, "declined")
        self.assertFalse(call.link_sent_at)

    def test_by_hand(self):
        self.team.service_answer_link = "no"
        call = self._resolved()
        with freeze_time("2026-03-02 11:00:00"):
            call.with_user(self.caller).send_link()
        self.assertEqual(self._found(self._mail().body_html), call)
        self._complete(call, "2026-03-02 12:00")
        with self.assertRaisesRegex(UserError, "needs no answer"):
            call.with_user(self.caller).send_link()

    def test_by_hand_to_nowhere(self):
        self.team.service_answer_link = "no"
        self.contact.write({"phone": False, "email": False})
        call = self._resolved(partner_email=False)
        with self.assertRaisesRegex(UserError, "neither"):
            call.with_user(self.caller).send_link()

    def test_who_sends_none(self):
        """Deny: only who makes follow-up calls sends links."""
        call = self._resolved()
        portal = new_test_user(self.env, "link_portal", "base.group_portal")
        users = [
            self._user(f"link_{role}", role)
            for role in ("staff", "project_manager", "executive", "sales")
        ]
        for user in (*users, portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                call.with_user(user).send_link()

    def test_many_at_once(self):
        tickets = self.env["helpdesk.ticket"]
        for number in range(12):
            tickets += self._ticket("2026-03-02 08:00", name=f"Batch {number}")
        self._move(tickets, "resolved", "2026-03-02 10:00")
        calls = tickets.service_callback_ids
        self.assertEqual(len(calls.filtered("link_sent_at")), 12)
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT count(DISTINCT link_hash) FROM service_quality_callback "
            "WHERE id = ANY(%s)",
            [calls.ids],
        )
        self.assertEqual(self.env.cr.fetchone()[0], 12)
