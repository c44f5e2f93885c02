from datetime import date, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .complaint_common import ComplaintCase

CRONS = "service_quality_complaint.ir_cron_"


@tagged("post_install", "-at_install")
class TestComplaintReport(ComplaintCase):
    """Complaints are counted, and fed back to departments."""

    def report(self, complaints, user=None):
        Report = self.env["service.quality.complaint.report"].with_user(
            user or self.env.user
        )
        Report.invalidate_model()
        found = Report.search([("ticket_id", "in", complaints.ids)])
        return {row.ticket_id.id: row for row in found}

    # ------------------------------------------------------------------
    # Analysis
    # ------------------------------------------------------------------

    def test_what_is_counted(self):
        """Regulation B6: counted by outlet, cause, severity, admitted, and time."""
        cause = self.env["service.quality.cause"].create({"name": "Too few people"})
        complaint = self._complaint(
            "2026-03-02 09:00:00",
            service_severity="important",
            service_about_product="Soup",
            service_cause_id=cause.id,
        )
        with freeze_time("2026-03-02 11:00:00"):
            complaint.service_complaint_acknowledge()
        self._answer(complaint, "2026-03-06 09:00:00", admitted="partly")
        with freeze_time("2026-03-06 10:00:00"):
            row = self.report(complaint)[complaint.id]
            self.assertEqual(row.severity, "important")
            self.assertEqual(row.concerned_id, self.outlet)
            self.assertEqual((row.product, row.cause_id), ("Soup", cause))
            self.assertEqual(row.admitted, "partly")
            self.assertEqual(row.hours_to_acknowledge, 2)
            self.assertEqual(row.hours_to_answer, 96)
            self.assertEqual(row.in_time, "missed")  # three days for an important one
            self.assertTrue(row.is_open)
            self.assertEqual(row.open_age, "7")
            complaint.service_complaint_close()
        with freeze_time("2026-03-06 11:00:00"):
            row = self.report(complaint)[complaint.id]
            self.assertEqual((row.is_open, row.open_days), (False, 0))
            self.assertFalse(row.open_age)

    def test_whom_it_concerns_is_of_its_day(self):
        """Regulation B6: who passes it on later hears of it all the same."""
        about = self._ticket("2026-03-01 09:00:00", team_id=self.outlet.id)
        of_ticket = self._complaint(
            "2026-03-02 09:00:00",
            service_about_team_id=False,
            service_about_ticket_id=about.id,
            team_id=self.centre.id,
        )
        of_nothing = self._complaint(
            "2026-03-02 09:00:00",
            service_about_team_id=False,
            team_id=self.head_office.id,
        )
        with freeze_time("2026-03-02 15:00:00"):
            of_nothing.team_id = self.outlet  # who had to be found first
        with freeze_time("2026-03-20 09:00:00"):
            (about | of_ticket | of_nothing).write({"team_id": self.centre.id})
            rows = self.report(of_ticket | of_nothing)
        self.assertEqual(rows[of_ticket.id].concerned_id, self.outlet)
        self.assertEqual(rows[of_nothing.id].concerned_id, self.outlet)

    def test_definitions_are_kept(self):
        """What a severity meant is told with the corrections, in each language."""
        now = fields.Datetime.now()
        period = (now - timedelta(hours=1), now + timedelta(hours=1))
        Rows = self.env["service.quality.rectification"]
        Severity = self.env["service.quality.severity"].with_user(self.inspector)
        Severity.sudo().search([]).unlink()
        before = Rows._of_period(self.company, *period)
        definition = Severity.create(
            {
                "severity": "major",
                "definition": "A customer is hurt",
                "company_id": self.company.id,
            }
        )
        definition.definition = "The house burns"
        self.env["res.lang"]._activate_lang("zh_CN")
        definition.update_field_translations("definition", {"zh_CN": "房屋起火"})
        definition.update_field_translations("definition", {"zh_CN": "有人受伤"})
        definition.unlink()
        made = (Rows._of_period(self.company, *period) - before).filtered(
            lambda row: row.field_name == "definition"
        )
        self.assertEqual(made.user_id, self.inspector)
        texts = [
            tuple(text.rpartition(": ")[2] for text in (row.old_text, row.new_text))
            for row in made.sorted("id")
        ]
        self.assertEqual(
            texts,
            [
                ("", "A customer is hurt"),
                ("A customer is hurt", "The house burns"),
                ("The house burns", "房屋起火"),
                ("房屋起火", "有人受伤"),
                ("The house burns", ""),
            ],
        )

    def test_the_verdict_is_the_clocks(self):
        """SLA case 19: in time or not is what the ticket says, too."""
        complaint = self._complaint("2026-03-02 09:00:00")
        self._answer(complaint, "2026-03-03 09:00:00")
        row = self.report(complaint)[complaint.id]
        self.assertEqual(row.in_time, "met")
        self.assertEqual(row.in_time, self.clock(complaint, "complaint_answer").verdict)

    def test_open_ages(self):
        """How long the open ones are open, by steps; never less than nothing."""
        complaint = self._complaint("2026-03-02 09:00:00")
        for moment, age in (
            ("2026-03-02 09:00:00", "1"),
            ("2026-03-03 09:00:00", "1"),
            ("2026-03-03 09:00:01", "3"),
            ("2026-03-09 09:00:00", "7"),
            ("2026-04-01 09:00:00", "30"),
            ("2026-04-02 09:00:00", "more"),
        ):
            with freeze_time(moment):
                row = self.report(complaint)[complaint.id]
                self.assertEqual(row.open_age, age, moment)
                self.assertGreaterEqual(row.open_days, 0)

    def test_repeat_complainants(self):
        """Who complained before within a year; strangers and others do not count."""
        first = self._complaint("2025-02-01 09:00:00")
        second = self._complaint("2025-06-01 09:00:00")
        third = self._complaint("2026-03-02 09:00:00")
        stranger = self._complaint("2026-03-02 10:00:00", partner_id=self.globex.id)
        nameless = self._complaint(
            "2026-03-02 11:00:00", partner_id=False, service_is_anonymous=True
        )
        complaints = first | second | third | stranger | nameless
        rows = self.report(complaints)
        self.assertEqual(
            [rows[complaint.id].repeat_count for complaint in complaints],
            [0, 1, 1, 0, 0],
        )
        self.assertEqual(
            [rows[complaint.id].is_repeated for complaint in complaints],
            [False, True, True, False, False],
        )

    def test_cancelled_ones_and_duplicates(self):
        """They are there, marked; nobody waits for an answer to them."""
        cancelled = self._complaint("2026-03-02 09:00:00")
        self._move(cancelled, "cancelled", "2026-03-02 10:00:00")
        duplicate = self._complaint("2026-03-02 09:00:00")
        duplicate.duplicate_id = cancelled
        for row in self.report(cancelled | duplicate).values():
            self.assertEqual((row.is_cancelled, row.is_open), (True, False))

    def test_pivot_and_graph(self):
        """The client's own questions: by outlet and severity, by month."""
        self._complaint("2026-03-02 09:00:00")
        self._complaint("2026-03-02 09:00:00", service_severity="important")
        Report = self.env["service.quality.complaint.report"]
        groups = Report.formatted_read_group(
            [("concerned_id", "=", self.outlet.id)],
            ["severity"],
            ["__count", "hours_to_answer:avg", "repeat_count:sum"],
        )
        counts = {group["severity"]: group["__count"] for group in groups}
        self.assertEqual(counts, {"minor": 1, "important": 1})

    def test_what_is_hidden_is_not_counted(self):
        """A complaint about the head is not in the head's figures."""
        hidden = self._complaint(service_about_user_id=self.head.id)
        shown = self._complaint()
        self.assertEqual(set(self.report(hidden | shown, self.head)), {shown.id})
        self.assertEqual(
            set(self.report(hidden | shown, self.chief)), {hidden.id, shown.id}
        )

    # ------------------------------------------------------------------
    # Feedback
    # ------------------------------------------------------------------

    def feed_back(self, moment):
        cron = self.env.ref(f"{CRONS}complaint_feedback")
        with freeze_time(moment), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        return self.env["service.quality.complaint.feedback"].search(
            [("team_id", "=", self.outlet.id)]
        )

    def test_months_in_which_the_job_was_off_are_fed_back(self):
        """SLA case 42: each month's complaints, in a feedback of its own."""
        self._complaint("2026-01-20 09:00:00")
        january = self.feed_back("2026-02-02 06:00:00")
        self._complaint("2026-02-20 09:00:00")
        self._complaint("2026-03-20 09:00:00")
        months = self.feed_back("2026-04-02 06:00:00").sorted("month")
        self.assertEqual(months[:1], january)
        self.assertEqual(
            [(str(one.month), one.received) for one in months[1:]],
            [("2026-02-01", 1), ("2026-03-01", 1)],
        )

    def test_departments_are_told_monthly(self):
        """Regulation B6: counted and fed back; A3.4.4: the department follows it."""
        cause = self.env["service.quality.cause"].create({"name": "Too few people"})
        march = self._complaint(
            "2026-03-02 09:00:00",
            service_severity="important",
            service_cause_id=cause.id,
        )
        self._answer(march, "2026-03-02 19:00:00", admitted="yes")
        self._complaint("2026-03-20 09:00:00")
        self._complaint("2026-02-20 09:00:00")  # still open
        self._complaint("2026-04-01 09:00:00")  # the next month's
        self._complaint("2026-03-05 09:00:00", service_about_user_id=self.head.id)
        cancelled = self._complaint("2026-03-06 09:00:00")
        self._move(cancelled, "cancelled", "2026-03-06 10:00:00")
        feedback = self.feed_back("2026-04-02 06:00:00")
        self.assertEqual(feedback.month, date(2026, 3, 1))
        self.assertEqual(feedback.user_id, self.head)
        figures = {
            "received": 2,
            "minor": 1,
            "important": 1,
            "major": 0,
            "admitted": 1,
            "not_admitted": 0,
            "answered": 1,
            "late": 1,  # the minor one, missed on the 27th
            "repeated": 2,
            "hours_to_answer": 10,
            "open_count": 3,
            "oldest_days": 40,
        }
        self.assertEqual({name: feedback[name] for name in figures}, figures)
        self.assertEqual(feedback.cause_id, cause)
        with self.assertRaisesRegex(ValidationError, "still has a blank"):
            feedback.with_user(self.head).response = "Cause: …"
        self.assertEqual(feedback.activity_ids.user_id, self.head)
        [mail] = self.mails(feedback)
        self.assertEqual(mail.recipient_ids, self.head.partner_id)
        self.assertIn("Too few people", mail.body_html)

    def test_each_month_is_told_once(self):
        """The job runs daily; a department is told once for each month."""
        self._complaint("2026-03-02 09:00:00")
        self.assertEqual(len(self.feed_back("2026-04-02 06:00:00")), 1)
        self.assertEqual(len(self.feed_back("2026-04-03 06:00:00")), 1)
        self.assertEqual(len(self.feed_back("2026-05-01 06:00:00")), 2)
        activities = self.env["mail.activity"].search(
            [("res_model", "=", "service.quality.complaint.feedback")]
        )
        self.assertEqual(
            len(activities.filtered(lambda activity: activity.user_id == self.head)), 2
        )

    def test_months_are_those_of_the_company(self):
        """What happens on the first in Shanghai is not yet last month's in UTC."""
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        self._complaint("2026-02-28 17:00:00")  # the 1st of March, 01:00 there
        feedback = self.feed_back("2026-04-02 06:00:00")
        self.assertEqual((feedback.month, feedback.received), (date(2026, 3, 1), 1))

    def test_the_manager_of_the_service_department_responds(self):
        """Regulation A3.4.4: whom it names answers, and not a team leader alone."""
        self._complaint("2026-03-02 09:00:00")
        feedback = self.feed_back("2026-04-02 06:00:00").with_user(self.chief)
        with freeze_time("2026-04-03 09:00:00"):
            feedback.response = "A second till on Fridays"
        self.assertMoment(feedback.responded_at, "2026-04-03 09:00")

    def test_the_department_responds(self):
        """What it does about it is entered by itself; no figure is changed."""
        self._complaint("2026-03-02 09:00:00")
        feedback = self.feed_back("2026-04-02 06:00:00").with_user(self.head)
        with self.assertRaises(AccessError):
            feedback.received = 0
        with freeze_time("2026-04-03 09:00:00"):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                feedback.response = "."
            self.env.invalidate_all(flush=False)
            feedback.response = "A second till on Fridays"
        self.assertMoment(feedback.responded_at, "2026-04-03 09:00")
        self.assertFalse(feedback.activity_ids)
        for user in (self.clerk, new_test_user(self.env, "outside")):
            self.assertFalse(feedback.with_user(user).has_access("read"))
        boss = self._user("feedback_boss", "executive")
        for user in (self.inspector, boss):  # who reads it does not answer for them
            self.assertTrue(feedback.with_user(user).has_access("read"))
            self.assertFalse(feedback.with_user(user).has_access("write"))
        with self.assertRaises(UserError):
            feedback.sudo().unlink()


@tagged("post_install", "-at_install")
class TestHotlineTest(ComplaintCase):
    """Regulation C2.3: the supervision hotline is called once in a quarter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["helpdesk.ticket.team"].search([]).service_hotline = False
        cls.before = cls.env["service.quality.hotline.test"].search([])

    def plan(self, moment):
        cron = self.env.ref(f"{CRONS}hotline_test")
        with freeze_time(moment), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        tests = self.env["service.quality.hotline.test"].search([], order="id")
        return tests - self.before

    def test_each_hotline_once_in_a_quarter(self):
        """Regulation C2.3: planned for each number, due by the quarter's end."""
        self.company.service_hotline = "12315"
        self.outlet.service_hotline = "8801"
        self.company.service_hotline_tester_id = self.inspector
        tests = self.plan("2026-01-02 06:00:00")
        self.assertEqual(tests.mapped("number"), ["12315", "8801"])
        self.assertEqual(tests.team_id, self.outlet)
        self.assertEqual(set(tests.mapped("date_due")), {date(2026, 3, 31)})
        self.assertEqual(tests.activity_ids.user_id, self.inspector)
        self.assertEqual(self.plan("2026-03-30 06:00:00"), tests)
        self.assertEqual(len(self.plan("2026-04-01 06:00:00")), 4)

    def test_without_a_hotline_there_is_nothing_to_test(self):
        self.assertFalse(self.plan("2026-01-02 06:00:00"))

    def test_somebody_of_quality_calls(self):
        self.company.service_hotline = "12315"
        user = self.plan("2026-01-02 06:00:00").user_id
        self.assertTrue(
            user.has_group("service_quality_core.service_quality_group_quality")
        )

    def test_the_call_is_recorded(self):
        """When and by whom is noted, once; a missing call is overdue."""
        self.company.service_hotline = "12315"
        test = self.plan("2026-01-02 06:00:00").with_user(self.inspector)
        Test = self.env["service.quality.hotline.test"]
        with freeze_time("2026-03-31 12:00:00"):
            test.invalidate_recordset(flush=False)
            self.assertEqual(test.state, "due")
        with freeze_time("2026-04-01 12:00:00"):
            test.invalidate_recordset(flush=False)
            self.assertEqual(test.state, "overdue")
            self.assertIn(test, Test.search([("state", "=", "overdue")]))
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                test.result = "answered"
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                test.action_record("perhaps")
            # who answered is what says that it was called
            with self.assertRaisesRegex(ValidationError, "who answered"):
                test.action_answered()
            with self.assertRaisesRegex(ValidationError, "too little"):
                test.action_record("answered", ".")
            test.action_record("not_answered", "Ten rings")
        self.assertEqual((test.state, test.result), ("done", "not_answered"))
        self.assertEqual(test.tested_by_id, self.inspector)
        self.assertMoment(test.tested_at, "2026-04-01 12:00")
        self.assertFalse(test.activity_ids)
        with self.assertRaises(UserError):
            test.action_answered()
        with self.assertRaises(UserError):
            test.sudo().unlink()

    def test_who_tests(self):
        """Desk, service manager and quality; nobody else."""
        self.company.service_hotline = "12315"
        test = self.plan("2026-01-02 06:00:00")
        for role, allowed in (
            ("staff", False),
            ("project_manager", False),
            ("technical_centre", False),
            ("executive", False),
            ("sales", False),
            ("desk", True),
            ("service_manager", True),
            ("quality", True),
        ):
            user = self._user(f"hotline_{role}", role)
            self.assertEqual(test.with_user(user).has_access("write"), allowed, role)
