from datetime import date, timedelta

import psycopg2
from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_quality_escalation.tests.reminder_common import Reminding

from .report_common import ReportCase


@tagged("post_install", "-at_install")
class TestReminder(Reminding, ReportCase):
    """What is due until a day climbs by escalation rules: reports and their kin."""

    def _instruction(self, **values):
        report = self._make()
        self._send(report)
        Instruction = self.env["service.quality.report.instruction"]
        with freeze_time("2026-04-03 08:00:00"):
            return Instruction.with_user(self.executive).create(
                {
                    "report_id": report.id,
                    "text": "Have two more engineers at night",
                    "user_id": self.manager.id,
                    "deadline": "2026-04-10",
                    **values,
                }
            )

    def _objection(self):
        report = self._make("customer", self.agreement)
        self._send(report)
        with freeze_time("2026-04-03 08:00:00"):
            return self.env["service.quality.report.response"]._create_as_step(
                [
                    {
                        "report_id": report.id,
                        "kind": "objection",
                        "channel": "portal",
                        "given_by": "Ann",
                        "text": "Two were ours",
                        "user_id": self.quality.id,
                        "due_date": "2026-04-10",
                    }
                ]
            )

    def _acknowledgement(self):
        report = self._make()
        self._send(report)
        delivery = report.delivery_ids.filtered(
            lambda one: one.user_id == self.executive
        )
        self.assertEqual(f"{delivery.acknowledge_by}", "2026-04-07")
        return delivery

    # ------------------------------------------------------------------
    # The shipped ladders, one for each kind of thing
    # ------------------------------------------------------------------

    def test_report_climbs(self):
        """What is late goes up the roster, once a level, to the executives."""
        self._ship("report")
        report = self._make()
        nobody = self.env["res.users"]
        self.assertClimbs(
            report,
            "report",
            [
                ("2026-04-06", nobody),
                ("2026-04-07", self.quality),
                ("2026-04-08", nobody),
                ("2026-04-09", self.centre),
                ("2026-04-20", self.executive),
                ("2026-05-20", nobody),
            ],
        )
        told = self.quality | self.centre | self.executive
        self.assertLessEqual(told, self.urged(report))
        self._send(report, "2026-05-21 08:00:00")
        self.assertFalse(self.urged(report))

    def test_one_person_is_reminded_once(self):
        """Who is the quality department and the centre has one thing to do, not two."""
        self._ship("report")
        both = self.quality
        both.group_ids |= self.env.ref(
            "service_quality_core.service_quality_group_technical_centre"
        )
        report = self._make()
        for day in ("2026-04-07", "2026-04-09"):
            self._remind(f"{day} 08:00:00", report, "report")
        activities = report.activity_ids.filtered("service_reminder_id")
        self.assertEqual(len(activities.filtered(lambda one: one.user_id == both)), 1)
        self.assertIn(self.centre, activities.user_id)

    def test_acknowledgement_climbs(self):
        """Regulation A3.1.2: who has not acknowledged is told of further up."""
        self._ship("acknowledgement")
        delivery = self._acknowledgement()
        sent = self._remind("2026-04-08 08:00:00", delivery, "acknowledgement")
        self.assertIn("Not acknowledged by", sent.summary)
        self.assertIn(self.quality, self.urged(delivery.report_id))
        later = self._remind("2026-04-14 08:00:00", delivery, "acknowledgement")
        self.assertEqual(sorted(later.mapped("days")), [3, 7])
        with freeze_time("2026-04-15 08:00:00"):
            delivery.report_id.with_user(self.executive).acknowledge()
        about = delivery.report_id.activity_ids.service_reminder_id
        self.assertNotIn(delivery.id, about.mapped("res_id"))

    def test_instruction_climbs(self):
        """Regulation A3.1.2: an instruction that nobody carries out is not lost."""
        self._ship("instruction")
        instruction = self._instruction()
        nobody = self.env["res.users"]
        self.assertClimbs(
            instruction,
            "instruction",
            [
                ("2026-04-10", nobody),
                ("2026-04-11", self.quality),
                ("2026-04-13", self.centre),
                ("2026-04-17", self.executive),
            ],
        )
        self.assertIn(self.executive, self.urged(instruction))
        instruction.with_user(self.manager).complete("Two hired")
        self.assertFalse(self.urged(instruction))

    def test_objection_climbs(self):
        self._ship("objection")
        objection = self._objection()
        nobody = self.env["res.users"]
        self.assertClimbs(
            objection,
            "objection",
            [
                ("2026-04-10", nobody),
                ("2026-04-11", self.quality),
                ("2026-04-17", self.centre | self.executive),
            ],
        )
        objection.with_user(self.quality).reply("They are taken out")
        self.assertFalse(self.urged(objection))
        self.assertFalse(objection.is_overdue)

    def test_cron_reminds_of_everything(self):
        """The daily job goes through each kind of thing, and no step comes twice."""
        self._ship("report")
        self._ship("instruction")
        report = self._make("customer", self.agreement)
        instruction = self._instruction()
        cron = self.env.ref("service_quality_escalation.ir_cron_remind")
        Reminder = self.env["service.quality.escalation.reminder"]
        for _again in range(2):
            with freeze_time("2026-04-11 08:00:00"), self.enter_registry_test_mode():
                cron.method_direct_trigger()
            for record, count in ((report, 2), (instruction, 1)):
                about = [
                    ("res_model", "=", record._name),
                    ("res_id", "=", record.id),
                ]
                self.assertEqual(Reminder.search_count(about), count)

    # ------------------------------------------------------------------
    # Which steps come
    # ------------------------------------------------------------------

    def test_new_rules_and_steps_do_not_wake_the_past(self):
        """What came before a rule counted is not told; what comes later is."""
        report = self._make()
        rule = self._ladder(
            "report",
            {"amount": 1, "recipient": "quality"},
            {"amount": 7, "recipient": "quality"},
            since="2026-04-10 12:00:00",
        )
        self.assertFalse(self._remind("2026-04-12 08:00:00", report, "report"))
        sent = self._remind("2026-04-13 08:00:00", report, "report")
        self.assertEqual(sent.days, 7)
        with freeze_time("2026-04-20 08:00:00"):
            rule.step_ids = [
                Command.create({"trigger": "days", "amount": 2, "recipient": "quality"})
            ]
            rule.step_ids[0].amount = 3
        self.assertFalse(self._remind("2026-04-21 08:00:00", report, "report"))

    def test_what_is_archived_is_silent(self):
        report = self._make()
        rule = self._ladder(
            "report",
            {"recipient": "quality", "active": False},
            {"recipient": "quality", "amount": 2},
        )
        rule.active = False
        self.assertFalse(self._remind("2026-04-30 08:00:00", report, "report"))
        with freeze_time("2026-01-01 00:00:00"):
            rule.active = True
        sent = self._remind("2026-04-30 08:00:00", report, "report")
        self.assertEqual(sent.days, 2)

    def test_rules_are_of_one_company(self):
        other = self.env["res.company"].create({"name": "There"})
        report = self._make()
        self._ladder("report", {"recipient": "quality"}, company_id=other.id)
        self.assertFalse(self._remind("2026-04-30 08:00:00", report, "report"))

    def test_nothing_further_after_the_last_rule(self):
        report = self._make()
        self._ladder("report", {"recipient": "quality"}, is_last=True, sequence=1)
        self._ladder("report", {"recipient": "executive"}, sequence=2)
        sent = self._remind("2026-04-30 08:00:00", report, "report")
        self.assertEqual(sent.mapped("recipient"), ["quality"])

    def test_day_zero_is_the_due_day(self):
        report = self._make()
        self._ladder("report", {"recipient": "quality", "amount": 0})
        self.assertFalse(self._remind("2026-04-05 08:00:00", report, "report"))
        self.assertTrue(self._remind("2026-04-06 08:00:00", report, "report"))

    def test_days_before_the_due_day(self):
        """A step before the day says what is to be done, and plans it on its day."""
        report = self._make()
        step = {"trigger": "days_before", "amount": 3, "recipient": "quality"}
        rule = self._ladder("report", step)
        self.assertIn("3 days before the due day", rule.step_ids.display_name)
        self.assertFalse(self._remind("2026-04-02 08:00:00", report, "report"))
        sent = self._remind("2026-04-03 08:00:00", report, "report")
        self.assertEqual((sent.days, sent.summary), (-3, report.display_name))
        todo = report.activity_ids.filtered("service_reminder_id")[:1]
        self.assertEqual(todo.date_deadline, report.due_date)
        self.assertEqual(
            todo.activity_type_id, self.env.ref("mail.mail_activity_data_todo")
        )
        self.assertFalse(self._remind("2026-04-07 08:00:00", report, "report"))

    def test_no_notice_when_the_day_is_over(self):
        """What became due while the job was off is told as overdue alone."""
        report = self._make()
        step = {"trigger": "days_before", "amount": 3, "recipient": "quality"}
        self._ladder("report", step, {"amount": 1, "recipient": "quality"})
        sent = self._remind("2026-04-08 08:00:00", report, "report")
        self.assertEqual(sent.days, 1)

    def test_an_action_that_is_gone_is_told_once(self):
        """A step of an addon that is gone says so in its reminder, and is over."""
        report = self._make()
        rule = self._ladder("report", {"recipient": "quality"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE service_quality_escalation_step SET action = 'gone' WHERE id = %s",
            [rule.step_ids.id],
        )
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()
        sent = self._remind("2026-04-07 08:00:00", report, "report")
        self.assertEqual((sent.outcome, sent.user_ids.ids), ("failed", []))
        self.assertIn("gone", sent.failure)
        self.assertFalse(self._remind("2026-04-08 08:00:00", report, "report"))

    def test_the_day_is_the_companys(self):
        """In Shanghai the seventh of April begins on the evening of the sixth, UTC."""
        self.env.company.partner_id.tz = "Asia/Shanghai"
        report = self._make()
        self._ladder("report", {"recipient": "quality"})
        due = fields.Datetime.to_datetime(report.due_date)
        begins = due + timedelta(days=1, hours=-8)
        before = begins - timedelta(minutes=1)
        self.assertFalse(self._remind(before, report, "report"))
        self.assertTrue(self._remind(begins, report, "report"))

    def test_moved_after_it_passed_it_stays_late(self):
        """What is moved after its date has passed stays late, and is reminded of."""
        self._ladder("instruction", {"recipient": "assignee"})
        late = self._instruction()
        sent = self._remind("2026-04-11 08:00", late, "instruction")
        self.assertEqual(sent.digest_user_ids, self.manager)
        with freeze_time("2026-04-11 09:00:00"):
            late.with_user(self.executive)._move_due(date(2026, 4, 30), "Late part")
            self.assertTrue(late.is_overdue)

    def test_moved_before_it_passed_it_is_due_anew(self):
        self._ladder("instruction", {"recipient": "assignee"})
        instruction = self._instruction()
        with self.assertRaisesRegex(AccessError, "has to do it|Only the executive"):
            instruction.with_user(self.manager)._move_due(date(2099, 1, 1), "Later")
        with freeze_time("2026-04-09 09:00:00"):
            instruction.with_user(self.executive)._move_due(
                date(2026, 4, 30), "Late part"
            )
        self.assertFalse(self.urged(instruction))
        self.assertFalse(self._remind("2026-04-30 08:00", instruction, "instruction"))
        self.assertTrue(self._remind("2026-05-01 08:00", instruction, "instruction"))

    # ------------------------------------------------------------------
    # Whom they tell, and how
    # ------------------------------------------------------------------

    def test_recipients(self):
        """Those who answer for it by themselves, and those of a role."""
        chief = self._user("chief", "service_manager", email="chief@us.example")
        self.agreement.manager_id = chief
        kinds = {
            "assignee": self.manager,
            "project_manager": self.manager,
            "service_manager": chief,
            "technical_centre": self.centre,
            "executive": self.executive,
        }
        self._ladder(
            "report",
            *({"recipient": kind} for kind in kinds),
            {"recipient": "user", "user_id": self.centre.id},
        )
        report = self._make("customer", self.agreement)
        self.assertEqual(report.user_id, self.manager)
        sent = self._remind("2026-04-30 08:00:00", report, "report")
        for kind, user in kinds.items():
            with self.subTest(kind=kind):
                told = sent.filtered(lambda one, kind=kind: one.recipient == kind)
                self.assertIn(user, told.user_ids)
        named = sent.filtered(lambda one: one.recipient == "user")
        self.assertEqual(named.user_ids, self.centre)

    def test_only_who_may_read_it_is_told(self):
        """Staff do not hear of a report that is not theirs; somebody stands in."""
        chief = self._user("chief", "service_manager", email="chief@us.example")
        report = self._make()
        self._ladder("report", {"recipient": "user", "user_id": self.staff.id})
        sent = self._remind("2026-04-30 08:00:00", report, "report")
        self.assertNotIn(self.staff, sent.user_ids)
        self.assertIn(chief, sent.user_ids)

    def test_mail(self):
        """One mail a day to each person, of all that came up."""
        self._ladder("report", {"recipient": "executive", "action": "mail"})
        report, other = self._make(), self._make(day="2026-02-01")
        sent = self._remind("2026-04-07 08:00:00", report, "report")
        digest = self.env["service.quality.escalation.digest"]
        with freeze_time("2026-04-07 08:30:00"):
            digest._send()
        mail = sent.mail_ids.filtered(
            lambda one: one.recipient_ids == self.executive.partner_id
        )
        self.assertEqual(len(mail), 1)
        self.assertIn("Report overdue", mail.body_html)
        for one in (report, other):
            self.assertIn(f"res_id={one.id}", mail.body_html)
        self.assertFalse(self.urged(report))
        self.assertFalse(sent.digest_user_ids)
        with freeze_time("2026-04-07 09:30:00"):
            mails = digest._send()
        self.assertNotIn(self.executive.partner_id, mails.recipient_ids)

    def test_one_activity_for_a_person_and_report(self):
        """Who is to write it has an activity already: it is no more than one."""
        self._ladder("report", {"recipient": "assignee"}, {"recipient": "quality"})
        report = self._make()
        report.user_id = self.manager
        report._ask_to_write()
        sent = self._remind("2026-04-07 08:00:00", report, "report")
        todos = report.activity_ids
        self.assertEqual(
            len(todos.filtered(lambda one: one.user_id == self.manager)), 1
        )
        self.assertEqual(sent.digest_user_ids, self.manager)
        self.assertEqual(len(todos.user_id), len(todos))
        with freeze_time("2026-04-07 08:30:00"):
            mails = self.env["service.quality.escalation.digest"]._send()
        mail = mails.filtered(lambda one: one.recipient_ids == self.manager.partner_id)
        self.assertEqual(mail.body_html.count(f"res_id={report.id}"), 1)

    def test_what_was_planned_is_in_the_digest(self):
        """Drafts of a month's end are asked for without a mail for each."""
        report = self._make()
        report.user_id = self.manager
        report._ask_to_write()
        with freeze_time(fields.Datetime.now() + timedelta(minutes=1)):
            mails = self.env["service.quality.escalation.digest"]._send()
        mail = mails.filtered(lambda one: one.recipient_ids == self.manager.partner_id)
        self.assertIn(report.display_name, mail.body_html)

    def test_nobody_can_be_reached(self):
        report = self._make()
        self.env["res.users"].search([("share", "=", False)]).email = False
        self._ladder("report", {"recipient": "executive", "action": "mail"})
        sent = self._remind("2026-04-07 08:00:00", report, "report")
        self.assertEqual((sent.outcome, len(sent.user_ids)), ("nobody", 0))
        self.assertFalse(sent.digest_user_ids)

    # ------------------------------------------------------------------
    # What is refused
    # ------------------------------------------------------------------

    def test_steps_fit_what_the_rule_is_about(self):
        """Days are for what has a due day; a clock's triggers for what has a clock."""
        wrong = [
            ("report", {"trigger": "percent"}, "no clock"),
            ("deviation", {"trigger": "before"}, "no clock"),
            ("instruction", {"trigger": "after"}, "no clock"),
            ("objection", {"trigger": "percent"}, "no clock"),
            ("promise", {}, "no due day"),
            ("report", {"action": "reassign"}, "for tickets only"),
            ("report", {"action": "raise_priority"}, "for tickets only"),
            ("instruction", {"action": "sms"}, "for tickets only"),
            ("report", {"recipient": "duty"}, "no team with a roster"),
            ("report", {"recipient": "leader"}, "no team with a roster"),
        ]
        for subject, step, message in wrong:
            with (
                self.subTest(subject=subject, **step),
                self.assertRaisesRegex(ValidationError, message),
                self.env.cr.savepoint(),
            ):
                self._ladder(subject, step)
        channel = self.env["service.quality.webhook"].create(
            {"name": "Desk", "url": "https://example.com/x"}
        )
        with (
            self.assertRaisesRegex(ValidationError, "for tickets only"),
            self.env.cr.savepoint(),
        ):
            self._ladder("report", {"action": "webhook", "webhook_id": channel.id})
        rule = self._ladder("promise", {"trigger": "percent", "active": False})
        with (
            self.assertRaisesRegex(ValidationError, "no clock"),
            self.env.cr.savepoint(),
        ):
            rule.subject = "report"

    @mute_logger("odoo.sql_db")
    def test_days_have_bounds(self):
        for amount in (-1, 3651):
            with (
                self.subTest(amount=amount),
                self.assertRaises(psycopg2.IntegrityError),
                self.env.cr.savepoint(),
            ):
                self._ladder("report", {"amount": amount})

    def test_conditions_of_tickets_are_left_out(self):
        """A rule about reports chooses no tickets, whatever it chose before."""
        rule = self._ladder("promise", priority="3", team_id=self.team.id)
        rule.subject = "report"
        self.assertFalse(rule.priority or rule.team_id)
        rule = self._ladder("report", priority="3")
        self.assertFalse(rule.priority)

    def test_clocks_are_not_concerned(self):
        """A rule about reports is none that tickets are compared with."""
        rule = self._ladder("report", {"recipient": "quality"})
        rule_set = self.env["service.quality.escalation"]._rule_set()
        known = {step.id for one in rule_set.rules for step in one.steps}
        self.assertFalse(known & set(rule.step_ids.ids))

    # ------------------------------------------------------------------
    # The record
    # ------------------------------------------------------------------

    def test_what_was_told_stays(self):
        """Rows are kept, with their rule and step, also of what was deleted."""
        rule = self._ladder("report", {"recipient": "quality"})
        report = self._make()
        sent = self._remind("2026-04-07 08:00:00", report, "report")
        self.assertEqual(rule.reminder_count, 1)
        self.assertEqual(rule.action_view_reminders()["domain"][0][2], rule.id)
        for records in (sent, rule.step_ids, rule):
            with (
                self.subTest(records=records),
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
            ):
                records.unlink()
        self.assertEqual(sent.action_open_record()["res_id"], report.id)
        name = sent.name
        report.unlink()
        self.env.invalidate_all()
        self.assertEqual((sent.summary, sent.display_name), (name, name))
        with self.assertRaisesRegex(UserError, "was deleted"):
            sent.action_open_record()

    @mute_logger("odoo.sql_db")
    def test_a_step_fires_once(self):
        self._ladder("report", {"recipient": "quality"})
        sent = self._remind("2026-04-07 08:00:00", self._make(), "report")
        with self.assertRaises(psycopg2.IntegrityError), self.env.cr.savepoint():
            sent.copy()

    def test_queries_do_not_grow(self):
        """What is overdue is found, told and written in sets."""
        self._ladder("instruction", {"recipient": "assignee"})
        first = self._instruction()

        def cost():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with freeze_time("2026-04-11 08:00:00"):
                Reminder._remind_of("instruction")
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        Reminder = self.env["service.quality.escalation.reminder"]
        cost()
        counts = []
        for size in (1, 20):
            with freeze_time("2026-04-03 08:00:00"):
                self.env["service.quality.report.instruction"].create(
                    [
                        {
                            "report_id": first.report_id.id,
                            "text": f"Number {number}",
                            "user_id": self.manager.id,
                            "deadline": "2026-04-10",
                        }
                        for number in range(size)
                    ]
                )
            counts.append(cost())
        self.assertLessEqual(counts[1], counts[0] + 5, counts)


@tagged("post_install", "-at_install", "security")
class TestReminderSecurity(Reminding, ReportCase):
    """Roles decide who reads reminders, and who changes the rules."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chief = cls._user("chief", "service_manager", email="chief@us.example")
        cls.desk = cls._user("desk", "desk", email="desk@us.example")
        cls.rule = cls._ladder("report", {"recipient": "technical_centre"})
        cls.report = cls._make()
        cls.sent = cls._remind("2026-04-07 08:00:00", cls.report, "report")

    def test_who_reads_them(self):
        for user in (self.quality, self.centre, self.executive, self.chief):
            self.assertTrue(self.sent.with_user(user).has_access("read"), user.login)
        for user in (self.staff, self.desk, self.manager):
            self.assertFalse(self.sent.with_user(user).has_access("read"), user.login)
            found = self.sent.with_user(user).search([("id", "=", self.sent.id)])
            self.assertFalse(found, user.login)

    def test_one_reads_ones_own(self):
        """Who was told reads what one was told."""
        self.rule.step_ids = [
            Command.create(
                {"trigger": "days", "recipient": "project_manager", "amount": 2}
            )
        ]
        self.rule.step_ids._write({"since": "2026-01-01"})
        self.env.invalidate_all()
        report = self._make("customer", self.agreement)
        sent = self._remind("2026-04-30 08:00:00", report, "report")
        own = sent.filtered(lambda one: one.user_ids == self.manager)
        self.assertTrue(own.with_user(self.manager).has_access("read"))
        self.assertFalse((sent - own).with_user(self.manager).has_access("read"))

    def test_instructions_are_not_for_service_managers(self):
        """What executives want done is theirs to read who read instructions."""
        self.sent._write({"subject": "instruction"})
        self.env.invalidate_all()
        self.assertFalse(self.sent.with_user(self.chief).has_access("read"))
        self.assertTrue(self.sent.with_user(self.quality).has_access("read"))

    def test_other_companies(self):
        other = self.env["res.company"].create({"name": "There"})
        stranger = self._user(
            "stranger",
            "quality",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertFalse(self.sent.with_user(stranger).has_access("read"))
        self.assertNotIn(stranger, self.sent.user_ids)

    def test_nobody_writes_them(self):
        for user in (self.quality, self.centre, self.executive, self.chief):
            own = self.sent.with_user(user)
            for operation in ("write", "create", "unlink"):
                self.assertFalse(own.has_access(operation), (user.login, operation))

    def test_only_service_managers_write_rules(self):
        for user in (self.staff, self.desk, self.quality, self.executive):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self.rule.with_user(user).subject = "deviation"
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self.rule.step_ids.with_user(user).amount = 30
        self.rule.with_user(self.chief).name = "Later"
