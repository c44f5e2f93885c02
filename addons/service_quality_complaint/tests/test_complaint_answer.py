import re

from freezegun import freeze_time

from odoo import SUPERUSER_ID, Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .complaint_common import ComplaintCase


@tagged("post_install", "-at_install")
class TestComplaintAnswer(ComplaintCase):
    """Complainants are told the answer, and only what is needed is kept of them."""

    # ------------------------------------------------------------------
    # Answers, and telling the complainant
    # ------------------------------------------------------------------

    def test_the_complainant_is_told_of_each_step(self):
        """Regulation C2.3: each one is answered, and hears how it goes before that."""
        complaint = self._complaint("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 10:00:00"):
            complaint.service_complaint_acknowledge()
            complaint.service_complaint_investigate()
        self._answer(complaint, "2026-03-02 12:00:00", "mail")
        with freeze_time("2026-03-02 13:00:00"):
            complaint.service_complaint_refused("No")
        self._answer(complaint, "2026-03-02 14:00:00", "mail")
        with freeze_time("2026-03-02 15:00:00"):
            complaint.service_complaint_close()
        mails = self.mails(complaint)
        self.assertEqual(mails.recipient_ids, self.contact)
        words = ["reached us", "in hand", "investigated", "answer", "open again"]
        words += ["answer", "closed"]
        for mail, word in zip(mails, words, strict=True):
            self.assertIn(word, mail.subject)
        self.assertIn("Sorry", mails[3].body_html)
        # and is asked whether the answer is accepted
        [token] = re.findall(r"/service/complaint/answer/([\w-]+)", mails[5].body_html)
        with freeze_time("2026-03-02 16:00:00"):
            found = complaint._service_complaint_by_answer_token(token)
        self.assertEqual(found, complaint)

    def test_the_conversation_shows_what_was_written(self):
        """The letter has its heading and footer, the record only what it says."""
        mail = self.mails(self._complaint("2026-03-02 09:00"))
        self.assertIn("<table", mail.body_html)
        message = mail.mail_message_id
        self.assertIn("Dear Ann", message.body)
        self.assertNotIn("<table", message.body)

    def test_the_house_does_not_reply_for_the_complainant(self):
        """Regulation C2.3: who reads the record has no link to accept the answer."""
        complaint = self._complaint("2026-03-02 09:00:00")
        self._answer(complaint, "2026-03-02 12:00:00", "mail")
        [mail] = self.mails(complaint).filtered(lambda one: "Our answer" in one.subject)
        self.assertIn("/service/complaint/answer/", mail.body_html)
        messages = self.env["mail.message"].search(
            [("model", "=", complaint._name), ("res_id", "=", complaint.id)]
        )
        self.assertIn("Sorry", mail.mail_message_id.body)
        for body in messages.mapped("body"):
            self.assertNotIn("/service/complaint/answer/", body)
        # nor by writing a letter of the same template
        theirs = complaint.with_user(self.head).with_context(service_kept_copy=False)
        self.assertNotIn("/service/complaint/answer/", theirs._service_answer_url())

    def test_mails_of_steps_are_no_answers(self):
        """SLA case 7: what a machine sends does not stop the first response."""
        self._agreement({"metric": "first_response", "duration": 8})
        registered = self._complaint("2026-03-02 09:00:00")
        self.assertTrue(self.mails(registered))
        by_bot, by_rule = (self._complaint("2026-03-02 09:00:00") for _ in range(2))
        by_bot = by_bot.with_user(SUPERUSER_ID)
        automatic = by_rule.with_user(self.head).with_context(service_automatic=True)
        with freeze_time("2026-03-02 10:00:00"):
            by_bot.service_complaint_acknowledge()
            automatic.service_complaint_acknowledge()
        for complaint in (registered, by_bot, by_rule):
            with self.subTest(complaint.env.uid):
                clock = self.clock(complaint, "first_response")
                self.assertEqual((clock.state, clock.verdict), ("running", False))

    def test_a_person_who_acknowledges_has_responded(self):
        """A complaint that is acknowledged and answered in time is late nowhere."""
        self._agreement({"metric": "first_response", "duration": 2})
        told, looked_into = (self._complaint("2026-03-02 09:00:00") for _ in range(2))
        with freeze_time("2026-03-02 09:40:00"):
            told.with_user(self.head).service_complaint_acknowledge()
            looked_into.with_user(self.head).service_complaint_investigate()
        self._answer(told.with_user(self.head), "2026-03-04 09:00:00")
        for complaint in (told, looked_into):
            clock = self.clock(complaint, "first_response")
            self.assertEqual(clock.verdict, "met")
            self.assertMoment(clock.judged_at, "2026-03-02 09:40")
            self.assertConsistent(complaint)

    def test_somebody_without_a_contact_is_told(self):
        """A name and a mail address are enough."""
        complaint = self._complaint(
            partner_id=False, partner_name="Bob", partner_email="bob@else.example"
        )
        [mail] = self.mails(complaint)
        self.assertEqual(mail.email_to, "bob@else.example")
        self.assertIn("Bob", mail.body_html)

    def test_an_answer_has_to_reach_the_complainant(self):
        """An answer without words, or by a way that does not lead there, is none."""
        anonymous = self._complaint(partner_id=False, service_is_anonymous=True)
        caller = self._complaint(
            partner_id=False, partner_name="Bob", service_phone="+44 20 7946 0000"
        )
        known = self._complaint()
        for complaint, answer, way in (
            (known, "", "phone"),
            (known, "<p><br/></p>", "phone"),
            (known, "Sorry", "pigeon"),
            (known, "Sorry", "published"),
            (caller, "Sorry", "mail"),
            (anonymous, "Sorry", "mail"),
        ):
            with (
                self.assertRaises(ValidationError),
                self.env.cr.savepoint(),
                self.env.cr.savepoint(),
            ):
                complaint.service_complaint_answer(answer, way)
        anonymous.service_complaint_answer("Sorry", "published")
        caller.service_complaint_answer("Sorry", "phone")
        self.assertEqual(
            (anonymous | caller).mapped("service_complaint_state"), ["answered"] * 2
        )

    def test_dialog_answers(self):
        """Screens, Complaint: the answer begins with a template."""
        complaint = self._complaint("2026-03-02 09:00:00")
        context = complaint.action_service_complaint_answer()["context"]
        Wizard = self.env["helpdesk.ticket.complaint.answer"].with_context(**context)
        template = self.env.ref(
            "service_quality_complaint.mail_template_complaint_answer_admitted"
        )
        with freeze_time("2026-03-02 10:00:00"), Form(Wizard) as form:
            self.assertEqual(form.way, "mail")
            form.template_id = template
            self.assertIn("You are right", form.answer)
            form.answer = form.answer.replace("…", "a cable")
            form.admitted = "yes"
            form.redress = "A voucher"
            form.save().action_confirm()
        self.assertEqual(complaint.service_complaint_state, "answered")
        self.assertEqual(complaint.service_admitted, "yes")
        self.assertEqual(complaint.service_redress, "A voucher")
        self.assertIn("You are right", complaint.service_answer)

    def test_blanks_of_the_template_are_filled_in(self):
        """Regulation C2.3: an answer says what happened, not where it is to be said.

        The same holds for a message that begins with the template.
        """
        complaint = self._complaint("2026-03-02 09:00:00")
        self.env["res.lang"]._activate_lang("zh_CN")
        templates = self.env["mail.template"].search([("service_is_answer", "=", True)])
        self.assertTrue(templates)
        sent = len(self.mails(complaint))
        for template in templates:
            for lang in ("en_US", "zh_CN"):
                self.contact.lang = lang
                with Form(
                    self.env["helpdesk.ticket.complaint.answer"]
                    .with_user(self.clerk)
                    .with_context(default_ticket_id=complaint.id)
                ) as form:
                    form.template_id = template
                    form.admitted = "yes"
                with (
                    self.subTest(template.name, lang=lang),
                    self.assertRaisesRegex(ValidationError, "still has a blank"),
                ):
                    form.record.action_confirm()
            composer = (
                self.env["mail.compose.message"]
                .with_user(self.clerk)
                .with_context(
                    default_model=complaint._name, default_res_ids=complaint.ids
                )
                .create({"template_id": template.id})
            )
            with self.assertRaisesRegex(UserError, "still has a blank"):
                composer.action_send_mail()
        self.assertFalse(complaint.service_answer)
        self.assertEqual(len(self.mails(complaint)), sent)
        self._answer(complaint, "2026-03-02 12:00:00")
        self.assertTrue(complaint.service_answer)

    def test_dialog_of_a_refusal(self):
        complaint = self._complaint("2026-03-02 09:00:00")
        self._answer(complaint, "2026-03-02 10:00:00")
        context = complaint.action_service_complaint_refused()["context"]
        Wizard = self.env["helpdesk.ticket.complaint.refusal"].with_context(**context)
        with freeze_time("2026-03-02 11:00:00"):
            form = Form(Wizard)
            form.words = "Not good enough"
            form.save().action_confirm()
        self.assertEqual(complaint.service_refusal, "Not good enough")

    # ------------------------------------------------------------------
    # Anonymous
    # ------------------------------------------------------------------

    def test_anonymous_means_anonymous(self):
        """Anonymous: no contact, name or address, and no mail."""
        for name, value in (
            ("partner_id", self.contact.id),
            ("partner_name", "Ann"),
            ("partner_email", "ann@acme.example"),
            ("service_phone", "123"),
        ):
            with (
                self.assertRaises(ValidationError),
                self.env.cr.savepoint(),
                self.env.cr.savepoint(),
            ):
                self._complaint(
                    **{"partner_id": False, "service_is_anonymous": True, name: value}
                )
        complaint = self._complaint(
            "2026-03-02 09:00:00", partner_id=False, service_is_anonymous=True
        )
        self._answer(complaint, "2026-03-02 10:00:00", "published")
        with freeze_time("2026-03-02 11:00:00"):
            self.assertTrue(complaint.service_complaint_close())
        self.assertFalse(self.mails(complaint))

    # ------------------------------------------------------------------
    # Definitions
    # ------------------------------------------------------------------

    def test_severities_are_defined(self):
        """Definitions are data: shipped for all, changed by a company for itself."""
        complaint = self._complaint(service_severity="major")
        self.assertIn("reputation", complaint.service_severity_definition)
        self.env["service.quality.severity"].create(
            {
                "severity": "major",
                "definition": "Somebody is hurt.",
                "company_id": self.company.id,
            }
        )
        complaint.invalidate_recordset()
        self.assertEqual(complaint.service_severity_definition, "Somebody is hurt.")

    def test_complaints_about_a_ticket(self):
        """The ticket says that somebody complained about it, and opens it."""
        ticket = self._ticket()
        action = ticket.action_service_complain()
        Ticket = self.env["helpdesk.ticket"].with_user(self.chief)
        Ticket = Ticket.with_context(**action["context"])
        with Form(
            Ticket, "service_quality_complaint.helpdesk_ticket_complaint_form"
        ) as form:
            form.description = "Nobody came"
            form.service_severity = "important"
        complaint = form.record
        self.assertTrue(complaint.service_is_complaint)
        self.assertEqual(complaint.service_about_ticket_id, ticket)
        self.assertEqual(complaint.partner_id, self.contact)
        self.assertEqual(complaint.service_received_by_id, self.chief)
        self.assertEqual(ticket.service_complaint_count, 1)
        self.assertIn(ticket.number, complaint.service_about_summary)
        found = self.env["helpdesk.ticket"].search(
            ticket.action_service_complaints()["domain"]
        )
        self.assertEqual(found, complaint)
        self.assertEqual(
            complaint.get_formview_id(),
            self.env.ref("service_quality_complaint.helpdesk_ticket_complaint_form").id,
        )
        self.assertNotEqual(ticket.get_formview_id(), complaint.get_formview_id())

    def test_copies_are_no_complaints(self):
        """Copying a complaint does not make a second one of the same customer."""
        copy = self._complaint(tag_ids=[Command.clear()]).copy()
        self.assertFalse(copy.service_is_complaint)
        self.assertFalse(copy.service_complaint_state)
