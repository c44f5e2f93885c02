from odoo import fields
from odoo.tests import tagged

from .callback_common import CallbackCase

CONTENT = {"solved": "yes", "satisfaction": "5"}


@tagged("post_install", "-at_install", "security")
class TestFormerCustomer(CallbackCase):
    """SLA case 29: a ticket that is corrected to another customer is theirs alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.former = cls._user("ann_portal")
        cls.former.group_ids = cls.env.ref("base.group_portal")
        cls.former.partner_id.parent_id = cls.acme
        cls.ticket = cls._handled(fields.Datetime.now())
        cls.ticket.message_subscribe((cls.contact | cls.former.partner_id).ids)
        cls.ticket._portal_ensure_token()
        cls.call = cls.ticket.service_callback_ids
        cls.token = cls.call._make_links()[cls.call].rsplit("/", 1)[1]

    def correct(self):
        self.ticket.partner_id = self.stranger

    def test_former_customer_reads_nothing(self):
        """SLA case 29: neither logged in, nor by the link of the ticket's page."""
        token = self.ticket.access_token
        self.assertTrue(self.ticket.with_user(self.former).has_access("read"))
        self.correct()
        self.assertFalse(self.ticket.with_user(self.former).has_access("read"))
        self.assertFalse(self.ticket.message_partner_ids & self.acme.child_ids)
        self.assertNotEqual(self.ticket._portal_ensure_token(), token)

    def test_mail_on_the_way(self):
        mail = self.env["mail.mail"].create(
            {
                "model": self.ticket._name,
                "res_id": self.ticket.id,
                "recipient_ids": self.contact.ids,
            }
        )
        self.correct()
        self.assertEqual(mail.state, "cancel")

    def test_link_of_the_call_ends(self):
        """SLA case 29: who has the old link cannot answer for the new customer."""
        Callback = self.env["service.quality.callback"]
        self.assertEqual(Callback._by_token(self.token), self.call)
        self.correct()
        self.assertFalse(Callback._by_token(self.token))
        self.assertEqual(self.call.partner_id, self.stranger)
        self.assertEqual(self.call.commercial_partner_id, self.globex)

    def test_answer_stays_with_who_was_asked(self):
        """SLA case 29: an answer from before is the former customer's."""
        answer = self.call._answer_in_writing(CONTENT, "link")
        self.assertEqual(answer.partner_id, self.contact)
        self.correct()
        self.assertEqual(answer.partner_id, self.contact)
        self.assertTrue(self.call._is_answerable(), "the new customer was not asked")
        self.assertFalse(self.call._own_answers())
        self.call._answer_in_writing(CONTENT, "portal")
        self.assertEqual(self.call._own_answers().partner_id, self.stranger)

    def test_another_contact_of_the_call(self):
        """The link was sent to the former contact, and is not the new one's answer."""
        other = self.contact.copy({"name": "Bea"})
        self.call.with_user(self.caller).set_contact(other.id)
        self.assertFalse(self.env["service.quality.callback"]._by_token(self.token))

    def test_another_contact_of_the_ticket(self):
        """Colleagues of the same customer go on reading."""
        self.ticket.partner_id = self.contact.copy({"name": "Bea"})
        self.assertTrue(self.ticket.with_user(self.former).has_access("read"))
        self.assertTrue(self.ticket.access_token)
