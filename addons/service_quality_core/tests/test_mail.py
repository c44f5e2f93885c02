from email.utils import formataddr

from freezegun import freeze_time

from odoo.tests import tagged

from .mail_common import MailCase


@tagged("post_install", "-at_install")
class TestMail(MailCase):
    """SLA case 7: what is a first response, and what is not."""

    # ------------------------------------------------------------------
    # In the client
    # ------------------------------------------------------------------

    def test_comment_of_an_agent_counts(self):
        """SLA case 7: an agent speaks to the customer."""
        self._post(subtype_xmlid="mail.mt_comment", message_type="comment")
        self.assertAnswered()
        self.assertMoment(
            self.clock(self.ticket, "first_response").stopped_at, "2026-03-02 10:00"
        )

    def test_note_never_counts(self):
        """SLA case 7: what only colleagues read answers nobody."""
        self._post(subtype_xmlid="mail.mt_note", message_type="comment")
        self.ticket.with_user(self.agent).sudo().message_post(
            body="They are in", subtype_xmlid="mail.mt_note", message_type="email"
        )
        self.assertNotAnswered()

    def test_automatic_messages_never_count(self):
        """SLA case 7: neither a notification nor an automatic comment is a response."""
        for message_type in ("notification", "auto_comment"):
            self._post(subtype_xmlid="mail.mt_comment", message_type=message_type)
        self.assertNotAnswered()

    def test_a_full_stop_never_counts(self):
        """SLA case 7: what has neither a word nor a file is no response."""
        for body in (".", "…", "- ?"):
            self._post(
                body=body, subtype_xmlid="mail.mt_comment", message_type="comment"
            )
        self.assertNotAnswered()

    def test_bot_never_counts(self):
        """SLA case 7: OdooBot is nobody."""
        self._post(
            subtype_xmlid="mail.mt_comment",
            message_type="comment",
            author_id=self.env.ref("base.partner_root").id,
        )
        self.assertNotAnswered()

    def test_customer_never_counts(self):
        """SLA case 7: what the customer adds, here or in the portal, is no response."""
        portal = self._user("portal_ann", partner_id=self.contact.id)
        portal.group_ids = self.env.ref("base.group_portal")
        with freeze_time("2026-03-02 10:00:00"):
            self.ticket.with_user(portal).sudo().message_post(
                body="Anybody there?",
                author_id=self.contact.id,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
        self.assertNotAnswered()

    def test_mail_of_a_stage_never_counts(self):
        """SLA case 7: the confirmation that a stage sends by itself is no response."""
        template = self.env["mail.template"].create(
            {
                "name": "We are on it",
                "model_id": self.env.ref("helpdesk_mgmt.model_helpdesk_ticket").id,
                "subject": "On it",
                "body_html": "<p>On it</p>",
                "partner_to": "{{ object.partner_id.id }}",
            }
        )
        self.stages["active"].mail_template_id = template
        # a ticket whose creation was not tracked is not tracked in the same transaction
        Ticket = self.env["helpdesk.ticket"].with_context(
            tracking_disable=False, mail_notrack=False
        )
        with freeze_time("2026-03-02 09:00:00"):
            ticket = Ticket.create(
                {
                    "name": "No dial tone",
                    "description": "Since this morning",
                    "partner_id": self.contact.id,
                    "stage_id": self.stages["new"].id,
                }
            )
            self.env.cr.flush()
        with freeze_time("2026-03-02 10:00:00"), self.mock_mail_gateway():
            ticket.with_user(self.agent).stage_id = self.stages["active"]
            self.env.cr.flush()
        self.assertIn("On it", self._new_mails.mapped("subject"))
        self.assertNotAnswered(ticket)

    def _told(self, phase):
        """Return the mail that a customer gets at the end of a ticket of nobody's."""
        # a ticket whose creation was not tracked is not tracked in the same transaction
        ticket = self._ticket("2026-03-02 09:00:00", user_id=False).with_context(
            tracking_disable=False, mail_notrack=False
        )
        self.env.cr.flush()
        values = {
            "stage_id": self.stages[phase].id,
            "service_cancel_reason": "A smell of gas",
        }
        with self.mock_mail_gateway():
            ticket.write(values)
            self.env.cr.flush()
        mail = self._new_mails.filtered(lambda mail: ticket.number in mail.subject)
        self.assertIn(ticket.number, mail.subject)
        self.assertEqual(mail.recipient_ids, self.contact)
        self.assertNotIn("smell", mail.body_html)
        return mail

    def test_customers_hear_of_the_end_in_their_language(self):
        """It greets the customer, also where nobody has the ticket, and in Chinese."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(
            ["service_quality_core"], ["zh_CN"]
        )
        for lang, greeting in (("en_US", "Dear"), ("zh_CN", "尊敬的")):
            self.contact.lang = lang
            for phase in ("resolved", "cancelled"):
                mail = self._told(phase)
                self.assertIn(greeting, mail.body_html)
                self.assertIn(self.contact.name, mail.body_html)
                self.assertEqual(lang == "en_US", mail.subject.isascii())

    def test_customers_without_a_language_hear_in_the_company_s(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(
            ["service_quality_core"], ["zh_CN"]
        )
        self.env.company.partner_id.lang = "zh_CN"
        self.contact.lang = False
        mail = self._told("resolved")
        self.assertFalse(mail.subject.isascii())

    def test_telephone_call_that_is_done_counts(self):
        """SLA case 7: a call is a response when it was made, a meeting is not."""
        call = self.env["mail.activity.type"].search(
            [("category", "=", "phonecall")], limit=1
        )
        for kind in (self.env.ref("mail.mail_activity_data_todo"), call):
            self.assertNotAnswered()
            with freeze_time("2026-03-02 10:00:00"):
                activity = self.ticket.with_user(self.agent).activity_schedule(
                    activity_type_id=kind.id, user_id=self.agent.id
                )
                self.assertNotAnswered()
                activity.action_feedback(feedback="Spoke to Ann")
        self.assertAnswered()

    def test_message_on_another_record(self):
        """A message elsewhere, on a record with the same id, is none of ours."""
        partner = self.env["res.partner"].browse(self.ticket.id)
        if not partner.exists():
            partner = self.acme
        with freeze_time("2026-03-02 10:00:00"):
            partner.with_user(self.env.ref("base.user_admin")).message_post(
                body="Hello",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
        self.assertNotAnswered()

    # ------------------------------------------------------------------
    # By the gateway
    # ------------------------------------------------------------------

    def test_agent_who_answers_by_mail(self):
        """SLA case 7: the author counts, though the gateway runs as the system."""
        found = self._receive(self.agent.email, In_Reply_To=self.question.message_id)
        self.assertEqual(found, self.ticket)
        self.assertAnswered()

    def test_customer_who_answers_by_mail(self):
        """SLA case 7: mail of the customer never counts."""
        found = self._receive(self.contact.email, In_Reply_To=self.question.message_id)
        self.assertEqual(found, self.ticket)
        self.assertNotAnswered()

    def test_mail_that_answers_by_itself(self):
        """SLA case 7: an agent's out-of-office reply is no response."""
        for value in ("auto-replied", "auto-generated; type=x", "Auto-Replied"):
            self._receive(
                self.agent.email,
                In_Reply_To=self.question.message_id,
                Auto_Submitted=value,
                X_Number=value,
            )
        self.assertNotAnswered()

    def test_notice_of_absence(self):
        """SLA case 39: an absent agent's mailbox does not answer a customer."""
        marks = (
            {"Precedence": "bulk"},
            {"X_Autoreply": "yes"},
            {"X_Auto_Response_Suppress": "DR, OOF, AutoReply"},
            {"Return_Path": "<>"},
            {"Subject": "Automatic reply: No dial tone"},
            {"Subject": "自动回复: 无拨号音"},
        )
        for number, mark in enumerate(marks):
            self._receive(
                self.agent.email,
                In_Reply_To=self.question.message_id,
                X_Number=str(number),
                **{f"X_More_{more}": "x" for more in range(number)},
                **mark,
            )
        self.assertEqual(len(self.ticket.message_ids & self._of_agent()), len(marks))
        self.assertNotAnswered()
        self._receive(
            self.agent.email,
            In_Reply_To=self.question.message_id,
            Subject="Re: Automatic door",
        )
        self.assertAnswered()

    def _of_agent(self):
        return self.env["mail.message"].search(
            [("author_id", "=", self.agent.partner_id.id)]
        )

    def test_unseen_characters_of_a_mail(self):
        """What turns the direction of names and titles is taken out at the door."""
        sender = formataddr(("Eve \u202egpj", "eve@elsewhere.example"))
        ticket = self._receive(sender, Subject="Invoice \u202efdp.exe")
        self.assertEqual(ticket.name, "Invoice fdp.exe")
        senders = ticket.partner_email, *ticket.message_ids.mapped("email_from")
        self.assertNotIn("\u202e", "".join(senders))

    def test_unseen_characters_of_a_ticket(self):
        """The portal's form and programs send titles as well."""
        ticket = self._ticket(name="A\x00B\ud800C\u2067", description="<p>\u202ex</p>")
        self.assertEqual((ticket.name, ticket.description), ("ABC", "<p>x</p>"))
        message = ticket.message_post(body="<b>x\x00\u202e</b>", subject="a\ud800")
        self.assertEqual((message.subject, message.body[-1:]), ("a", ">"))
        self.assertNotIn("\u202e", message.body)
        ticket.name = "D\x1b\u2069"
        self.assertEqual(ticket.name, "D")

    def test_our_mails_are_marked(self):
        """SLA case 39: what this program writes by itself says so, and nothing else."""
        template = self.env["mail.template"].create(
            {
                "name": "We are on it",
                "model_id": self.env.ref("helpdesk_mgmt.model_helpdesk_ticket").id,
                "subject": "On it",
                "body_html": "<p>On it</p>",
                "partner_to": "{{ object.partner_id.id }}",
            }
        )
        with self.mock_mail_gateway():
            template.send_mail(self.ticket.id, force_send=True)
            self.ticket.with_user(self.agent).message_post(
                body="By hand",
                partner_ids=self.contact.ids,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
        marked = {
            mail["subject"]: mail["headers"].get("Auto-Submitted")
            for mail in self._mails
        }
        self.assertEqual(marked.pop("On it"), "auto-generated")
        self.assertEqual(set(marked.values()), {None})

    def test_mail_that_says_it_is_written_by_hand(self):
        """SLA case 7: Auto-Submitted: no is what a person's program may send."""
        self._receive(
            self.agent.email,
            In_Reply_To=self.question.message_id,
            Auto_Submitted="no",
        )
        self.assertAnswered()

    def test_colleague_who_reports_by_mail_is_a_customer(self):
        """SLA case 7: the mail that opens a ticket does not answer it."""
        with freeze_time("2026-03-01 09:00:00"):
            self._house_rule(metric="first_response", duration=8)
            ticket = self._receive(self.agent.email, moment="2026-03-02 09:30:00")
        self.assertEqual(ticket.partner_id, self.agent.partner_id)
        self.assertEqual(ticket.service_event_ids.mapped("kind")[-1], "opened")
        self.assertNotAnswered(ticket)
        colleague = self._user("colleague", "desk", email="colleague@us.example")
        with freeze_time("2026-03-02 10:00:00"):
            ticket.with_user(colleague).message_post(
                body="On my way",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
        self.assertAnswered(ticket, by=colleague)

    def test_ticket_by_mail_has_its_opening_and_process(self):
        """Regulation A4.3.3: a ticket that comes in by mail has a process as well."""
        ticket = self._receive("somebody@elsewhere.example")
        self.assertEqual(ticket.type_id, self.incident)
        self.assertEqual(self.kinds(ticket), ["opened"])
        self.assertMoment(ticket.service_opened_at, "2026-03-02 10:00")
