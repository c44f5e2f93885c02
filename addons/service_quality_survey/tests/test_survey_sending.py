from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.service_quality_survey_message import BATCH
from .sending_common import SendingCase

QUIET = mute_logger(
    "odoo.addons.mail.models.mail_mail", "odoo.addons.mail.models.mail_thread"
)


@tagged("post_install", "-at_install")
class TestSurveyInvitation(SendingCase):
    """Each person is written to once, by the way that they can be reached."""

    def test_everybody_gets_one_mail_with_a_link_of_their_own(self):
        survey = self._in_field()
        people = survey.contact_ids
        self.assertEqual(survey.to_send_count, len(people))
        self.assertTrue(survey.is_sending)
        self._run()
        self.assertEqual(len(self.server.letters), len(people))
        tokens = set()
        for contact in people:
            [letter] = self.server.to(contact.email)
            token = contact.sudo().token
            self.assertIn(
                f"/service/survey/{token}", letter.get_body(("html",)).get_content()
            )
            tokens.add(token)
            self.assertEqual(letter["Auto-Submitted"], "auto-generated")
        self.assertEqual(len(tokens), len(people))
        self.assertEqual(set(people.mapped("state")), {"asked"})
        self.assertTrue(all(people.mapped("invited_at")))
        self.assertEqual(survey.sent_count, len(people))
        self.assertEqual(survey.sending_progress, 100)
        self.assertFalse(survey.is_sending)
        self._run()
        self.assertEqual(len(self.server.letters), len(people), "and nothing twice")

    def test_the_mail_says_what_becomes_of_the_answer(self):
        survey = self._in_field()
        self._run()
        [letter] = self.server.to("ann@ash.example")
        text = letter.get_body(("html",)).get_content()
        for words in ("by name", "confidentially", "3 minutes", "quality department"):
            self.assertIn(words, " ".join(text.split()))
        self.assertIn(survey.with_context(lang="en_US")._told_close_date(), text)

    def test_in_the_language_of_who_gets_it(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"].search(
            [("name", "=", "service_quality_survey")]
        )._update_translations(["zh_CN"])
        self.people[0].lang = "zh_CN"
        self.people[1].lang = False
        self._in_field()
        self._run()
        [letter] = self.server.to("ann@ash.example")
        text = letter.get_body(("html",)).get_content()
        self.assertIn("质量部门", text)
        self.assertIn("满意", letter["Subject"])
        [letter] = self.server.to("bea@ash.example")
        self.assertIn("quality department", letter.get_body(("html",)).get_content())

    def test_by_text_message_where_there_is_no_mail_address(self):
        self.people[0].email = False
        survey = self._in_field()
        contact = self._contact_of(survey, self.people[0])
        self._run()
        [(number, text)] = self.texts
        self.assertEqual(number, self.people[0].phone)
        self.assertIn(contact.sudo().token, text)
        self.assertEqual(contact.state, "asked")
        self.assertEqual(contact.sending_ids.channel, "sms")

    def test_mail_only(self):
        self.people[0].email = False
        survey = self._in_field(invite_by="mail")
        self._run()
        self.assertFalse(self.texts)
        self.assertEqual(self._contact_of(survey, self.people[0]).state, "not_asked")
        self.assertIn("by hand", survey.next_problem)

    def test_a_number_that_is_none_is_noted(self):
        self.people[0].email = False
        self.text_state = "wrong_number_format"
        survey = self._in_field()
        self._run()
        contact = self._contact_of(survey, self.people[0])
        self.assertEqual(contact.state, "bounced")
        self.assertEqual(contact.sending_ids.state, "bounced")

    def test_no_credit_for_text_messages_is_no_fault_of_the_number(self):
        self.people[0].email = False
        self.text_state = "insufficient_credit"
        survey = self._in_field()
        self._run()
        contact = self._contact_of(survey, self.people[0])
        self.assertEqual(contact.state, "not_asked")
        self.assertEqual(contact.sending_ids.state, "failed")
        self.assertEqual(survey.failed_count, 1)
        self.text_state = "success"
        survey.action_send_failed()
        self._run_queues()
        self.assertEqual(contact.state, "asked")

    def test_the_link_is_kept_nowhere(self):
        """Neither a mail nor a message of Odoo is left from which to answer."""
        survey = self._in_field()
        self._run()
        token = survey.contact_ids[0].sudo().token
        for model, name in (("mail.mail", "body_html"), ("mail.message", "body")):
            self.assertFalse(self.env[model].sudo().search([(name, "like", token)]))

    def test_nobody_of_the_house_reads_a_waiting_mail(self):
        survey = self._in_field()
        self.env["service.quality.survey.message"].sudo()._send_batch()
        mail = survey.sudo().sending_ids.mail_id[:1]
        self.assertTrue(mail)
        for user in (self.quality, self.manager):
            with self.subTest(user.login):
                self.assertFalse(mail.with_user(user).has_access("read"))
                message = mail.mail_message_id
                self.assertFalse(message.with_user(user).has_access("read"))

    def test_who_was_archived_gets_nothing_and_is_shown(self):
        survey = self._frozen()
        self._question(survey)
        self.people[0].action_archive()
        survey.action_start()
        self._run()
        contact = self._contact_of(survey, self.people[0])
        self.assertFalse(self.server.to("ann@ash.example"))
        self.assertEqual(contact.state, "bounced")
        self.assertIn("archived", contact.sending_ids.failure)
        self.assertIn("Not delivered to 1", survey.next_problem)
        with self.assertRaisesRegex(UserError, "archived"):
            contact.action_send_again()

    def test_who_is_archived_while_the_mail_waits_gets_nothing(self):
        survey = self._in_field()
        self.env["service.quality.survey.message"].sudo()._send_batch()
        self.people[0].action_archive()
        self._run_queues()
        self.assertFalse(self.server.to("ann@ash.example"))
        contact = self._contact_of(survey, self.people[0])
        self.assertEqual(contact.sending_ids.state, "withdrawn")

    def test_batches_take_as_many_queries_whatever_their_size(self):
        """The queries of a batch do not grow with the people in it."""
        counts = []
        for number in (2, 8):
            partners = self.env["res.partner"].create(
                [
                    {
                        "name": f"P{number}{one}",
                        "email": f"p{number}{one}@x.example",
                        "parent_id": self.customers[0].id,
                    }
                    for one in range(number)
                ]
            )
            survey = self._survey()
            self.env["service.quality.survey.contact"].with_user(self.quality).create(
                [{"survey_id": survey.id, "partner_id": one.id} for one in partners]
            )
            survey.action_freeze()
            self._question(survey)
            others = survey.contact_ids.filtered(
                lambda one, partners=partners: one.partner_id not in partners
            )
            others.sudo()._write_as_step({"state": "asked"})
            survey.action_start()
            Message = self.env["service.quality.survey.message"].sudo()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(Message._send_batch()[0], number)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1] - counts[0], 2, counts)
        self.assertGreater(BATCH, 100)

    def test_the_job_commits_batch_by_batch_and_ends(self):
        survey = self._in_field()
        cron = self.env.ref("service_quality_survey.ir_cron_send_surveys")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(self._states(survey), {"queued": len(survey.contact_ids)})
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(self._states(survey), {"queued": len(survey.contact_ids)})


@tagged("post_install", "-at_install")
class TestSurveyServerDown(SendingCase):
    """A mail server that is down loses nothing, and sends nothing twice."""

    @QUIET
    def test_nothing_is_lost_and_nothing_is_sent_twice(self):
        survey = self._in_field()
        self.server.is_down = True
        self._run()
        people = len(survey.contact_ids)
        self.assertFalse(self.server.letters)
        self.assertEqual(self._states(survey), {"queued": people})
        self.assertEqual(set(survey.contact_ids.mapped("state")), {"not_asked"})
        survey.invalidate_recordset()
        self.assertIn("none is lost", survey.next_problem)
        self._run()
        self.assertFalse(self.server.letters)
        self.server.is_down = False
        self._run()
        self.assertFalse(self.server.letters, "it is left alone for a while")
        with freeze_time(self._later(minutes=16)):
            self._run()
            self.assertEqual(len(self.server.letters), people)
            self._run()
        self.assertEqual(len(self.server.letters), people)
        self.assertEqual(self._states(survey), {"sent": people})

    @QUIET
    def test_a_line_that_breaks_is_not_sent_again_by_itself(self):
        """Whether the mail at hand has left nobody knows: a person decides."""
        survey = self._in_field()
        self.server.breaks_at = 2
        self._run()
        self.assertEqual(len(self.server.letters), 2)
        self.server.breaks_at = None
        self._run()
        states = self._states(survey)
        self.assertEqual(states["failed"], 1)
        self.assertEqual(len(self.server.letters), len(survey.contact_ids) - 1)
        survey.invalidate_recordset()
        self.assertIn("Not sent: 1", survey.next_problem)
        survey.action_send_failed()
        self._run()
        for contact in survey.contact_ids:
            self.assertEqual(len(self.server.to(contact.email)), 1)

    @QUIET
    def test_what_an_administrator_deletes_is_noted(self):
        survey = self._in_field()
        self.env["service.quality.survey.message"].sudo()._send_batch()
        message = survey.sudo().sending_ids[0]
        message.mail_id.unlink()
        self._run()
        self.assertEqual(message.state, "failed")
        self.assertEqual(self._states(survey)["failed"], 1)

    def test_the_database_refuses_a_second_invitation(self):
        survey = self._in_field()
        contact = survey.contact_ids[:1].sudo()
        Message = self.env["service.quality.survey.message"].sudo()
        Message._send_to(contact, "invitation")
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"):
            with self.env.cr.savepoint():
                Message._send_to(contact, "invitation")
                self.env.flush_all()

    def test_stopped_half_way_and_resumed(self):
        survey = self._in_field()
        Message = self.env["service.quality.survey.message"].sudo()
        Message._send_batch(limit=2)
        survey.action_stop_sending()
        self._run()
        self.assertFalse(self.server.letters)
        self.assertIn("stopped", survey.next_problem)
        with self.assertRaisesRegex(UserError, "Resume"):
            survey.action_send_now()
        survey.action_resume_sending()
        self._run()
        self.assertEqual(len(self.server.letters), len(survey.contact_ids))
        self.assertEqual(self._states(survey), {"sent": len(survey.contact_ids)})

    def test_text_messages_are_stopped_too(self):
        self.people[0].email = False
        survey = self._in_field()
        self.env["service.quality.survey.message"].sudo()._send_batch()
        survey.action_stop_sending()
        self._run()
        self.assertFalse(self.texts)
        survey.action_resume_sending()
        self._run()
        self.assertEqual(len(self.texts), 1)

    def test_a_closed_survey_sends_nothing_more(self):
        survey = self._in_field()
        self.env["service.quality.survey.message"].sudo()._send_batch(limit=2)
        survey.action_close()
        self._run()
        self.assertFalse(self.server.letters)
        self.assertEqual(self._states(survey), {"withdrawn": 2})

    def test_nobody_is_invited_after_the_last_day(self):
        survey = self._in_field()
        survey.close_date = survey.company_id._service_day()
        with freeze_time(self._later(days=2)):
            self._run()
            self.assertFalse(self.server.letters)


@tagged("post_install", "-at_install")
class TestSurveyBounce(SendingCase):
    """What comes back is noted, shown, and sent again to another address."""

    def _bounced(self, person):
        survey = self._in_field()
        self._run()
        contact = self._contact_of(survey, person)
        message = contact.sudo().sending_ids
        self.env["mail.thread"]._routing_handle_bounce(
            *self._came_back(message, contact.email)
        )
        return survey, contact

    @QUIET
    def test_a_mail_that_comes_back_is_noted(self):
        survey, contact = self._bounced(self.people[0])
        self.assertEqual(contact.state, "bounced")
        self.assertEqual(contact.sending_ids.failure, "The mail came back.")
        self.assertEqual(survey.bounced_count, 1)
        self.assertIn("Not delivered to 1", survey.next_problem)
        with freeze_time(self._later(days=8)):
            self._run()
        self.assertEqual(len(self.server.to(contact.email)), 1, "and not reminded")

    @QUIET
    def test_sent_again_to_another_address(self):
        _survey, contact = self._bounced(self.people[0])
        with self.assertRaisesRegex(UserError, "no other address"):
            contact.action_send_again()
        self.people[0].email = "new@ash.example"
        contact.action_send_again()
        self.assertEqual(contact.state, "not_asked")
        self._run()
        self.assertEqual(len(self.server.to("new@ash.example")), 1)
        self.assertEqual(contact.state, "asked")

    def test_an_address_that_the_server_refuses(self):
        survey = self._in_field()
        message = self.env["service.quality.survey.message"].sudo()
        message._send_batch()
        contact = self._contact_of(survey, self.people[0])
        contact.sudo().sending_ids.mail_id._postprocess_sent_message(
            [], [], failure_type="mail_email_invalid", failure_reason="No such host"
        )
        self.assertEqual(contact.state, "bounced")
        self.assertEqual(contact.sending_ids.failure, "No such host")


@tagged("post_install", "-at_install")
class TestSurveyReminder(SendingCase):
    """SLA case 24: reminders go only to those who have not answered."""

    def _set(self, survey, **states):
        people = survey.contact_ids.sorted("id")
        found = {}
        for contact, state in zip(people, states.values(), strict=False):
            contact.sudo()._write_as_step({"state": state})
            found[state] = contact
        return found

    def test_only_who_has_not_answered_is_reminded(self):
        """SLA case 24: neither who answered, is half-way or refused, nor a stranger."""
        survey = self._in_field()
        self._run()
        found = self._set(
            survey, a="answered", b="partial", c="refused", d="wrong_person"
        )
        self.server.letters.clear()
        with freeze_time(self._later(days=6, hours=23)):
            self._run()
        self.assertFalse(self.server.letters, "not before seven days")
        with freeze_time(self._later(days=7, minutes=1)):
            self._run()
            self._run()
        rest = survey.contact_ids - survey.contact_ids.browse().union(*found.values())
        self.assertTrue(rest)
        self.assertEqual(len(self.server.letters), len(rest))
        for contact in rest:
            self.assertEqual(len(self.server.to(contact.email)), 1)
            self.assertEqual(contact.reminder_count, 1)
        self.assertIn("still missing", self.server.letters[0]["Subject"])

    def test_twice_and_no_more(self):
        """SLA case 24: after seven days and after fourteen, then never again."""
        survey = self._in_field(close_date="2099-12-31")
        self._run()
        people = len(survey.contact_ids)
        for days, letters in ((8, 2), (15, 3), (30, 3), (60, 3)):
            with freeze_time(self._later(days=days)):
                self._run()
            self.assertEqual(len(self.server.letters), letters * people, days)

    def test_who_answers_while_the_reminder_waits_gets_none(self):
        """SLA case 24: it is looked at as late as can be."""
        survey = self._in_field()
        self._run()
        self.server.letters.clear()
        with freeze_time(self._later(days=8)):
            self.env["service.quality.survey.message"].sudo()._send_batch()
            contact = survey.contact_ids[0]
            contact.sudo()._write_as_step({"state": "answered"})
            self._run_queues()
        self.assertFalse(self.server.to(contact.email))
        self.assertEqual(len(self.server.letters), len(survey.contact_ids) - 1)
        self.assertEqual(contact.reminder_count, 0)

    def test_by_text_message_too(self):
        self.people[0].email = False
        survey = self._in_field()
        self._run()
        self.texts.clear()
        with freeze_time(self._later(days=8)):
            self.env["service.quality.survey.message"].sudo()._send_batch()
            contact = self._contact_of(survey, self.people[0])
            contact.sudo()._write_as_step({"state": "refused"})
            self._run_queues()
        self.assertFalse(self.texts)

    def test_none_where_the_rule_is_off(self):
        self._in_field(first_reminder_days=0, second_reminder_days=0)
        self._run()
        self.server.letters.clear()
        with freeze_time(self._later(days=20)):
            self._run()
        self.assertFalse(self.server.letters)

    def test_by_hand_the_dialog_says_how_many(self):
        survey = self._in_field()
        self._run()
        self._set(survey, a="answered", b="partial")
        self.server.letters.clear()
        action = survey.action_remind()
        wizard = self.env[action["res_model"]].with_user(self.quality)
        wizard = wizard.browse(action["res_id"])
        self.assertEqual(wizard.remind_count, 0, "they were invited today")
        with freeze_time(self._later(days=4)):
            wizard.invalidate_recordset()
            waiting = len(survey.contact_ids) - 2
            self.assertEqual(wizard.remind_count, waiting)
            self.assertIn(f"{waiting} people have not answered", wizard.words)
            self.assertIn("1 people are half-way", wizard.words)
            wizard.action_remind()
            self._run()
            self.assertEqual(len(self.server.letters), waiting)
            self._run()
        self.assertEqual(len(self.server.letters), waiting)
        with freeze_time(self._later(days=6)):
            self._run()
        self.assertEqual(len(self.server.letters), waiting)

    def test_days_that_make_no_sense_are_refused(self):
        for values in (
            {"first_reminder_days": 14, "second_reminder_days": 7},
            {"first_reminder_days": -1},
            {"second_reminder_days": 1000},
            {"low_score": 10},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self._survey(**values)


@tagged("post_install", "-at_install")
class TestSurveyByHand(SendingCase):
    """A link that was copied, and a letter that the account manager hands over."""

    def test_the_link_is_copied_and_entered(self):
        survey = self._in_field(invite_by="hand")
        self._run()
        self.assertFalse(self.server.letters)
        contact = survey.contact_ids[0]
        self.assertIn(contact.sudo().token, contact.link)
        contact.action_link_sent()
        self.assertEqual(contact.state, "asked")
        self.assertEqual(contact.sending_ids.channel, "link")
        self.assertEqual(contact.sending_ids.user_id, self.quality)
        contact.action_link_sent()
        self.assertEqual(contact.reminder_count, 1)
        self.assertEqual(set(contact.sending_ids.mapped("state")), {"handed"})

    def test_a_letter_is_handed_over_by_the_account_manager(self):
        survey = self._in_field(invite_by="hand")
        survey.contact_ids.action_handed_over()
        self.assertEqual(set(survey.contact_ids.mapped("state")), {"asked"})
        self.assertEqual(survey.sending_ids.user_id, self.manager)
        self.assertEqual(survey.unasked_count, 0)

    def test_given_by_hand_while_a_mail_waits(self):
        survey = self._in_field()
        self.env["service.quality.survey.message"].sudo()._send_batch()
        contact = survey.contact_ids[0]
        contact.action_link_sent()
        self._run_queues()
        self.assertFalse(self.server.to(contact.email))

    def test_not_to_who_has_answered(self):
        survey = self._in_field()
        contact = survey.contact_ids[0]
        contact.sudo()._write_as_step({"state": "answered"})
        self.assertFalse(contact.link)
        with self.assertRaisesRegex(UserError, "not to be asked"):
            contact.action_link_sent()

    def test_who_was_rated_sees_no_link(self):
        survey = self._in_field()
        contact = survey.contact_ids[0]
        rated = self._user("rated_quality", "quality")
        self.agreements.manager_id = rated
        self.assertFalse(contact.with_user(rated).link)
        self.assertTrue(contact.with_user(self.second).link)


@tagged("post_install", "-at_install")
class TestSurveyMerge(SendingCase):
    """Contacts that are merged while the survey is in the field."""

    def _merge(self, gone, kept):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((gone | kept).ids, kept)

    def test_two_who_are_asked_become_one(self):
        survey = self._in_field()
        Message = self.env["service.quality.survey.message"].sudo()
        Message._send_batch()
        first, second = (
            self._contact_of(survey, self.people[0]),
            self._contact_of(survey, self.people[1]),
        )
        second.sudo()._write_as_step({"state": "answered"})
        self._merge(self.people[0], self.people[1])
        first.invalidate_recordset()
        self.assertEqual(first.double_of_id, second)
        self.assertTrue(first.is_excluded)
        self.assertEqual(first.partner_id, second.partner_id)
        self._run_queues()
        self.assertFalse(self.server.to(first.email))
        self.assertIn(second.name, first.words)

    def test_one_who_is_asked_becomes_another(self):
        survey = self._in_field()
        other = self.env["res.partner"].create(
            {"name": "Ann again", "parent_id": self.customers[0].id}
        )
        contact = self._contact_of(survey, self.people[0])
        self._merge(self.people[0], other)
        contact.invalidate_recordset()
        self.assertEqual(contact.partner_id, other)
        self._run()
        self.assertEqual(len(self.server.to("ann@ash.example")), 1)

    def test_three_become_one(self):
        survey = self._in_field()
        self._merge(self.people[0] | self.people[2], self.people[1])
        ash = survey.contact_ids.filtered(
            lambda one: one.customer_id == self.customers[0]
        )
        people = ash.filtered(lambda one: one.partner_id == self.people[1])
        self.assertGreater(len(people), 1)
        self.assertEqual(len(people.filtered(lambda one: not one.is_excluded)), 1)


@tagged("post_install", "-at_install", "security")
class TestSurveySendingSecurity(SendingCase):
    """Only the quality department sends; nobody else reads what was sent."""

    def test_others_neither_send_nor_read(self):
        survey = self._in_field()
        self._run()
        interviewer = self._user("sending_interviewer", "staff")
        survey.interviewer_ids = interviewer
        for user in (
            self.manager,
            interviewer,
            self._user("sending_desk", "desk"),
            self._user("sending_sales", "sales"),
            self._user("sending_executive", "executive"),
        ):
            own = survey.with_user(user)
            for step in (
                "action_send_now",
                "action_stop_sending",
                "action_resume_sending",
                "action_send_failed",
                "action_remind",
            ):
                with self.subTest(user=user.login, step=step):
                    with self.assertRaises(AccessError):
                        getattr(own, step)()
            with self.subTest(user=user.login):
                for step in ("action_link_sent", "action_handed_over"):
                    with self.assertRaises(AccessError):
                        getattr(survey.contact_ids[0].with_user(user), step)()
                Message = self.env["service.quality.survey.message"].with_user(user)
                self.assertFalse(Message.has_access("read"))
                with self.assertRaises(AccessError):
                    survey.contact_ids[0].with_user(user).read(["link"])

    def test_messages_are_written_by_steps_alone(self):
        survey = self._in_field()
        self._run()
        message = survey.sending_ids[0]
        with self.assertRaises(AccessError):
            message.state = "failed"
        with self.assertRaises(AccessError):
            message.sudo().write({"state": "failed"})
        with self.assertRaises(AccessError):
            message.unlink()

    def test_a_company_reads_its_own(self):
        survey = self._in_field()
        self._run()
        company = self.env["res.company"].create({"name": "Other house"})
        stranger = self._user(
            "sending_stranger",
            "quality",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.assertFalse(
            self.env["service.quality.survey.message"]
            .with_user(stranger)
            .search([("survey_id", "=", survey.id)])
        )
        with self.assertRaises(AccessError):
            survey.with_user(stranger).action_send_now()
