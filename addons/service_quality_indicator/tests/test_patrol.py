from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.service_quality_core.tests.common import ServiceQualityCase

from .figure_common import MARCH


@tagged("post_install", "-at_install")
class TestPatrol(ServiceQualityCase):
    """Patrols are planned, made and reported."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._user("patrol_manager", "project_manager")
        cls.patroller = cls._user("patroller", "staff")
        cls.project = cls.env["service.quality.project"].create(
            {
                "name": "Data centre",
                "partner_id": cls.acme.id,
                "user_id": cls.manager.id,
            }
        )

    def _plan(self, **values):
        return self.env["service.quality.patrol.plan"].create(
            {
                "name": "Power and cooling",
                "project_id": self.project.id,
                "user_id": self.patroller.id,
                "date_start": "2026-03-02",
                **values,
            }
        )

    def _dates(self, plan):
        return plan.patrol_ids.sorted("date_planned").mapped("date_planned")

    # ------------------------------------------------------------------
    # Plan
    # ------------------------------------------------------------------

    @freeze_time("2026-03-02 08:00")
    def test_a_plan_makes_its_patrols_up_to_the_horizon(self):
        """Regulation A4.3.4: what is inspected for a project is planned."""
        plan = self._plan(every=2, unit="weeks")
        self.assertEqual(
            self._dates(plan), [date(2026, 3, 2), date(2026, 3, 16), date(2026, 3, 30)]
        )
        self.assertEqual(plan.patrol_ids.user_id, self.patroller)
        self.assertEqual(plan.next_date, date(2026, 3, 2))

    @freeze_time("2026-01-31 08:00")
    def test_the_last_day_of_a_month_comes_back(self):
        plan = self._plan(date_start="2026-01-31")
        with freeze_time("2026-03-10 08:00"):
            plan._plan_patrols()
        self.assertEqual(
            self._dates(plan), [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
        )

    @freeze_time("2026-03-02 08:00")
    def test_the_job_makes_each_date_once_and_reminds(self):
        plan = self._plan(unit="weeks")
        count = len(plan.patrol_ids)
        with self.enter_registry_test_mode():
            self.env.ref(
                "service_quality_indicator.ir_cron_patrol"
            ).method_direct_trigger()
            self.env.ref(
                "service_quality_indicator.ir_cron_patrol"
            ).method_direct_trigger()
        self.assertEqual(len(plan.patrol_ids), count)
        near = plan.patrol_ids.filtered(lambda p: p.date_planned <= date(2026, 3, 9))
        self.assertEqual(near.activity_ids.user_id, self.patroller)
        self.assertEqual(len(near.activity_ids), len(near))
        self.assertFalse((plan.patrol_ids - near).activity_ids)

    @freeze_time("2026-03-10 08:00")
    def test_a_changed_rhythm_moves_what_is_ahead_and_keeps_what_was(self):
        plan = self._plan(unit="weeks")
        missed = plan.patrol_ids.filtered(lambda p: p.date_planned < date(2026, 3, 10))
        plan.write({"every": 2})
        self.assertLessEqual(missed, plan.patrol_ids)
        self.assertEqual(missed.mapped("state"), ["overdue", "overdue"])
        self.assertIn(date(2026, 3, 16), self._dates(plan))
        self.assertNotIn(date(2026, 3, 23), self._dates(plan))
        plan.active = False
        self.assertEqual(plan.patrol_ids, missed)

    @freeze_time("2026-03-02 08:00")
    def test_impossible_plans_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "a year ago"):
            self._plan(date_start="2020-01-01", unit="days")
        with self.assertRaisesRegex(ValidationError, "one or more"):
            self._plan(every=0)

    # ------------------------------------------------------------------
    # Report
    # ------------------------------------------------------------------

    @freeze_time("2026-03-02 08:00")
    def test_a_patrol_is_reported_once(self):
        """Regulation A4.3.4: each patrol has its date and its report."""
        plan = self._plan()
        patrol = plan.patrol_ids[0].with_user(self.patroller)
        patrol._remind()
        with self.assertRaisesRegex(ValidationError, "Nothing was recorded"):
            patrol.action_in_order()
        patrol.report = "<p>Fan 3 is loud</p>"
        patrol.action_found()
        self.assertEqual(patrol.state, "done")
        self.assertEqual(patrol.done_on, date(2026, 3, 2))
        self.assertTrue(patrol.in_time)
        self.assertFalse(patrol.activity_ids)
        with self.assertRaises(UserError):
            patrol.action_in_order()
        with freeze_time("2026-03-02 09:00"), self.assertRaisesRegex(UserError, "Rect"):
            patrol.report = "<p>All quiet</p>"

    @freeze_time("2026-03-02 08:00")
    def test_files_that_prove_it(self):
        """Regulation A4.3.4: what was taken along is handed over."""
        patrol = self._plan().patrol_ids[0]
        log = b"25 C in the room"
        patrol.attachment_ids = [Command.create({"name": "Log.txt", "raw": log})]
        found = self.env["service.quality.evidence"]._documents(patrol)
        self.assertEqual(list(found), [(patrol, "Log.txt", log)])
        patrol.attachment_ids.raw = b"."
        with self.assertRaisesRegex(ValidationError, "next to nothing"):
            patrol.report_result("in_order", "<p>All quiet there</p>")
        with self.assertRaisesRegex(ValidationError, "too little"):
            patrol.report_result("in_order", "<p>.</p>")

    @freeze_time("2026-03-05 08:00")
    def test_a_late_patrol_is_late(self):
        patrol = self._plan().patrol_ids.filtered(
            lambda patrol: patrol.date_planned == date(2026, 3, 2)
        )
        self.assertEqual(patrol.state, "overdue")
        patrol.with_user(self.patroller).report_result("in_order", report="<p>Fine</p>")
        self.assertFalse(patrol.in_time)

    def test_a_date_that_was_typed_does_not_make_it_in_time(self):
        """Regulation A4.3.4: the day after is time to enter it; weeks later is late."""
        with freeze_time("2026-02-25 08:00"):
            planned = self._plan().patrol_ids.filtered(
                lambda patrol: patrol.date_planned == date(2026, 3, 2)
            )
        for moment, in_time in (("2026-03-03", True), ("2026-03-20", False)):
            with (
                self.subTest(moment),
                self.env.cr.savepoint() as point,
                freeze_time(f"{moment} 08:00"),
            ):
                planned.with_user(self.patroller).report_result(
                    "in_order", "<p>Fine</p>", "2026-03-02"
                )
                self.assertEqual(planned.in_time, in_time)
                point.rollback()
                self.env.invalidate_all()

    @freeze_time("2026-03-05 08:00")
    def test_it_was_made_when_it_is_said(self):
        patrol = self._plan().patrol_ids[-1:].with_user(self.patroller)
        with self.assertRaisesRegex(ValidationError, "after it was made"):
            patrol.report_result("in_order", "<p>Fine</p>", "2026-03-06")
        with self.assertRaisesRegex(ValidationError, "YYYY-MM-DD"):
            patrol.report_result("in_order", "<p>Fine</p>", "tomorrow")
        with self.assertRaisesRegex(ValidationError, "one of in_order"):
            patrol.report_result("great", "<p>Fine</p>")
        patrol.report_result("in_order", "<p>Fine</p>", "2026-03-02")
        self.assertEqual(patrol.done_on, date(2026, 3, 2))

    @freeze_time("2026-03-02 08:00")
    def test_a_dropped_patrol_stays_with_its_reason(self):
        patrol = self._plan().patrol_ids[0]
        with self.assertRaises(AccessError):
            patrol.with_user(self.patroller).drop("No time")
        with self.assertRaisesRegex(ValidationError, "why"):
            patrol.with_user(self.manager).drop(" ")
        wizard = self.env["service.quality.patrol.drop"].with_user(self.manager)
        wizard.create({"patrol_id": patrol.id, "reason": "Closed"}).action_confirm()
        self.assertEqual(patrol.state, "dropped")
        with self.assertRaises(UserError):
            patrol.unlink()

    @freeze_time("2026-04-02 08:00")
    def test_closed_figures_follow_reports_that_came_in_later(self):
        """A patrol of March that is reported in April is in March's figure."""
        plan = self._plan(date_start="2026-03-31", unit="months")
        Figure, company = self.env["service.quality.figure"], self.env.company
        indicator = self.env["service.quality.indicator"].create(
            {
                "code": "patrols",
                "name": "Patrols",
                "sentence": "So many were made in time.",
                "formula": "patrols",
            }
        )
        self.assertEqual(indicator.section, "measured")
        with freeze_time("2026-04-01 00:30"):
            taken = Figure._take(company, MARCH, indicator)
        figure = taken.filtered(lambda one: one.scope == "company")
        figure.taken_at = "2100-01-01"  # later than any row was written
        self.assertFalse(Figure._entered_since(company, MARCH))
        figure.taken_at = "2000-01-01"
        self.assertEqual(Figure._entered_since(company, MARCH), indicator)
        with freeze_time("2026-04-01 08:00"):
            plan.patrol_ids[0].with_user(self.patroller).report_result(
                "in_order", "<p>Fine</p>", "2026-03-31"
            )
        Figure._take_entered_since(company, MARCH)
        self.assertEqual((figure.numerator, figure.denominator), (1, 1))

    @freeze_time("2026-03-02 08:00")
    def test_a_patroller_who_leaves_hands_on_what_is_planned(self):
        """SLA case 28: what one person has to do is done by another one."""
        plan = self._plan(unit="weeks")
        done = plan.patrol_ids[0]
        done.with_user(self.patroller).report_result("in_order", report="<p>Fine</p>")
        self.patroller.action_archive()
        self.assertTrue(plan.user_id.active)
        self.assertTrue((plan.patrol_ids - done).user_id.active)
        self.assertEqual(done.user_id, self.patroller)

    # ------------------------------------------------------------------
    # Access
    # ------------------------------------------------------------------

    @freeze_time("2026-03-02 08:00")
    def test_nobody_else_reports_or_plans(self):
        plan = self._plan()
        other = self._user("other_staff", "staff")
        executive = self._user("patrol_executive", "executive")
        with self.assertRaises(AccessError):
            plan.patrol_ids[0].with_user(other).report_result("in_order", "<p>Fine</p>")
        with self.assertRaises(AccessError):
            plan.with_user(self.patroller).every = 3
        with self.assertRaises(AccessError):
            plan.with_user(self._user("other_manager", "project_manager")).every = 3
        with self.assertRaises(AccessError):
            plan.patrol_ids[0].with_user(self.patroller).write(
                {"done_on": "2026-03-01"}
            )
        plan.with_user(self.manager).every = 3
        self.assertTrue(plan.patrol_ids.with_user(executive).read(["state"]))
        with self.assertRaises(AccessError):
            plan.patrol_ids[0].with_user(executive).report = "<p>x</p>"

    def test_of_own_companies_only(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        plan = self._plan(date_start=date.today())
        stranger = self._user(
            "elsewhere", "service_manager",
            company_id=company.id, company_ids=company.ids,
        )  # fmt: skip
        self.assertFalse(
            self.env["service.quality.patrol"]
            .with_user(stranger)
            .search([("plan_id", "=", plan.id)])
        )
        portal = self._user("patrol_portal")
        portal.group_ids = self.env.ref("base.group_portal")
        with self.assertRaises(AccessError):
            plan.with_user(portal).read(["name"])

    # ------------------------------------------------------------------
    # What is rectified
    # ------------------------------------------------------------------

    def test_a_reported_patrol_is_rectified(self):
        """A report is rectified with a reason; its result needs a second person."""
        with freeze_time("2026-03-02 08:00"):
            patrol = self._plan().patrol_ids[:1]
            mine = patrol.with_user(self.patroller)
            mine.report_result("in_order", "<p>All racks looked at</p>")
        with self.assertRaisesRegex(UserError, "Rectify"):
            mine.report = "<p>Nothing</p>"
        with self.assertRaises(AccessError):
            mine.user_id = self.manager
        mine._rectify("report", "<p>Half of the racks looked at</p>", "Not true")
        self.assertIn("Half", patrol.report)
        row = mine._rectify("result", "found", "A fan is loud")
        self.assertEqual((row.state, patrol.result), ("pending", "in_order"))
