from datetime import date, timedelta

from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.service_quality_core.tools.period import Period

from .nonconformity_common import NonconformityCase

JANUARY = Period("month", date(2026, 1, 1))
LOOKED = "Asked the customers, and they are content again"


@tagged("post_install", "-at_install")
class TestNonconformityRule(NonconformityCase):
    """Not each miss is a nonconformity: what is one by rule is raised by itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.indicator = cls.env["service.quality.indicator"].create(
            {
                "code": "test_rule",
                "name": "Resolution in time",
                "sentence": "How many tickets were resolved within the promised time.",
                "formula": "attainment",
                "metric": "resolution",
                "clock_kind": "sla",
                "owner_id": cls.leader.id,
            }
        )
        cls._agreement({"metric": "resolution", "duration": 4, "unit": "hour"})
        cls.there = cls.Nonconformity.search([])

    @classmethod
    def _goal(cls, **values):
        target = cls.env["service.quality.indicator.target"].create(
            {
                "indicator_id": cls.indicator.id,
                "goal": 95,
                "date_from": "2026-01-01",
                **values,
            }
        )
        with freeze_time("2026-01-01 08:00"):
            target.with_user(cls.boss).action_approve()
        return target

    def _month(self, number, late, in_time):
        """Handle tickets in a month, take its figure, and return what is open then."""
        period = JANUARY.shifted(number)
        monday = period.start + timedelta((7 - period.start.weekday()) % 7)
        for count in range(late + in_time):
            day = monday + timedelta(count // 5)
            ticket = self._ticket(f"{day} 09:00")
            end = f"{day + timedelta(1)} 15:00" if count < late else f"{day} 10:00"
            self._move(ticket, "resolved", end)
        with freeze_time(f"{period.end} 08:00"):
            self.env["service.quality.figure"]._take(
                self.company, period, self.indicator, reason="The test asks for it"
            )
        return self._found()

    def _found(self, model="service.quality.figure"):
        """Return what was raised since the test began."""
        return self.Nonconformity.search(
            [
                ("res_model", "=", model),
                ("company_id", "=", self.company.id),
                ("id", "not in", self.there.ids),
            ]
        )

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    def test_missed_in_two_of_three_periods(self):
        """Two misses in three months with ten cases together, and not the first."""
        self._goal()
        self.assertFalse(self._month(0, late=3, in_time=3))
        self.assertFalse(self._month(1, late=0, in_time=6))
        found = self._month(2, late=3, in_time=3)
        self.assertEqual(len(found), 1)
        self.assertEqual(found.responsible_user_id, self.leader)
        self.assertEqual(found.service_indicator_id, self.indicator)
        self.assertFalse(found.service_is_major)
        self.assertIn("50", found.description)
        self.assertEqual(self._month(3, late=3, in_time=3), found)
        self.assertEqual(found.service_repeat_count, 1, "a repeat is linked")

    def test_missed_with_few_cases(self):
        """Of fewer than ten cases together chance decides."""
        self._goal()
        self.assertFalse(self._month(0, late=3, in_time=0))
        self.assertFalse(self._month(1, late=3, in_time=0))
        self.assertTrue(self._month(2, late=4, in_time=0))

    def test_red_line(self):
        """Beyond the red line it is a grave matter at once."""
        self._goal(has_red_line=True, red_line=60)
        found = self._month(0, late=5, in_time=5)
        self.assertEqual(len(found), 1)
        self.assertTrue(found.service_is_major)

    def test_red_line_is_worse_than_the_goal(self):
        for line in (95, 96, -1):
            with self.assertRaises(ValidationError, msg=line):
                self._goal(has_red_line=True, red_line=line)

    def test_no_regulation_no_rule(self):
        self._goal()
        self._forget_regulations()
        self._month(0, late=6, in_time=0)
        self.assertFalse(self._month(1, late=6, in_time=0))

    # ------------------------------------------------------------------
    # The circle
    # ------------------------------------------------------------------

    def _handle(self, record, moment, approver, wanted=98, **check):
        """Bring one from the search for its cause to the check of its effect."""
        self._analyse(record, moment)
        self._plan(
            record,
            moment,
            look_at=False,
            looker_id=False,
            indicator_id=self.indicator.id,
            scope="department",
            wanted=wanted,
            least_cases=5,
            wait_days=20,
            **check,
        )
        self._approve(record, approver, moment)
        self._carry_out(record, moment)

    def _conclude(self, moment):
        with freeze_time(moment):
            self.env["service.quality.effect.check"]._due()._conclude()

    def _missed(self):
        self._goal()
        self._month(0, late=3, in_time=3)
        record = self._month(1, late=3, in_time=3)
        record.with_user(self.inspector).service_team_id = self.team
        self._correct(record, "2026-03-02 09:00")
        return record

    def test_full_circle(self):
        """Missed, mended, failed, mended again one level higher, and closed."""
        record = self._missed()
        self.company.partner_id.tz = "Asia/Shanghai"
        self._handle(record, "2026-03-03 09:00", self.head)
        check = record.service_check_id
        self.assertEqual(check.value_before, 50)
        self.assertEqual(check.due_on, date(2026, 5, 3), "a whole month has a figure")
        self._month(3, late=3, in_time=3)
        self._conclude("2026-05-02 09:00")
        self.assertEqual(record.state, "check", "not before its day")
        self._conclude("2026-05-04 09:00")
        self.assertEqual(check.state, "failed")
        self.assertEqual(check.value_after, 50)
        self.assertEqual((record.state, record.service_level), ("analysis", 1))
        self._handle(record, "2026-05-05 09:00", self.boss)
        self._month(5, late=0, in_time=6)
        self._conclude("2026-07-04 09:00")
        self.assertEqual(record.service_check_id.state, "reached")
        self.assertEqual(record.state, "done")
        self.assertFalse(record.is_signature_broken)

    def test_too_few_cases_wait_once_more(self):
        """The second time whoever approves judges."""
        record = self._missed()
        self._handle(record, "2026-03-03 09:00", self.head)
        check = record.service_check_id
        self._month(3, late=0, in_time=2)
        self._conclude("2026-05-04 09:00")
        self.assertEqual((record.state, check.state), ("check", "extended"))
        self.assertGreater(check.due_on, date(2026, 6, 1))
        self._conclude(f"{check.due_on} 09:00")
        self.assertEqual(check.state, "to_judge")
        self.assertIn(self.head, record.activity_ids.user_id)
        with freeze_time("2026-08-01 09:00"):
            record.with_user(self.head)._judge_effect("yes", LOOKED)
        self.assertEqual(record.state, "done")

    def test_cases_come_in_the_second_time(self):
        record = self._missed()
        self._handle(record, "2026-03-03 09:00", self.head)
        check = record.service_check_id
        self._month(3, late=0, in_time=2)
        self._conclude("2026-05-04 09:00")
        self._month(4, late=0, in_time=4)
        self._conclude(f"{check.due_on} 09:00")
        self.assertEqual((check.state, check.cases_after), ("reached", 6))
        self.assertEqual(record.state, "done")

    def test_wanted_is_better_than_before(self):
        """A check that anything passes is no check."""
        record = self._missed()
        self._analyse(record, "2026-03-03 09:00")
        check = {"look_at": False, "looker_id": False, "wanted": 50}
        self._plan(record, submit=False, indicator_id=self.indicator.id, **check)
        own = record.with_user(self.leader)
        for wanted in (50, 40, 101, -1):
            own.service_check_id.wanted = wanted
            with self.assertRaises(ValidationError, msg=wanted):
                own.action_submit()
        own.service_check_id.wanted = 50.0001
        with self.assertRaisesRegex(ValidationError, "as both are shown"):
            own.action_submit()
        own.service_check_id.wanted = 90
        with freeze_time("2026-03-04 09:00"):
            own.action_submit()
        self.assertFalse(own.service_check_id.text_other)

    def test_another_figure_is_named(self):
        """Who approves is told that it is not judged by what has shown it."""
        record = self._missed()
        self._analyse(record, "2026-03-03 09:00")
        own = record.with_user(self.leader)
        self._plan(record, submit=False)
        with freeze_time("2026-03-04 09:00"):
            own.action_submit()
        other = own.service_check_id.text_other
        self.assertIn(self.indicator.display_name, other)
        self.assertIn(other, " ".join(record.sudo().message_ids.mapped("body")))
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "service_quality_audit.report_nonconformity", record.ids
        )
        self.assertIn(other, html.decode())

    def test_whose_figure_is_read_is_fixed(self):
        """Regulation A3.2.1: no other department lends its figure afterwards."""
        record = self._missed()
        self._handle(record, "2026-03-03 09:00", self.head)
        check = record.service_check_id
        self.assertEqual(check._scope_record(), self.team)
        record.with_user(self.chief).service_team_id = self.other_team
        self.assertEqual(check._scope_record(), self.team)
        self.assertEqual(check._signed()["scope"], ["department", self.team.id])

    def test_indicator_of_a_check_is_not_deleted(self):
        record = self._missed()
        self._handle(record, "2026-03-03 09:00", self.head)
        with self.assertRaises(ValidationError):
            self.indicator.unlink()

    # ------------------------------------------------------------------
    # Register
    # ------------------------------------------------------------------

    def _lost(self, *months, code="X", **rule):
        """Return what is raised of a duty of which each month missed a case."""
        rule = {
            "evidence": "tickets_recorded",
            "rule": "every",
            "repair": "never",
        } | rule
        obligation = self._own(rule, code=code).obligation_ids
        self._in_force(obligation.regulation_id, "2026-03-01")
        for month in months:
            self._handled(f"2026-0{month}-03 10:00")
            self.judge(f"2026-0{month}-20", obligation)
            self.judge(f"2026-0{month + 1}-05", obligation)
        return self.Nonconformity.search(
            [("service_key", "=", f"obligation,{obligation.id}")]
        )

    def test_cell_lost_for_good(self):
        """What cannot be made good is one, and closed effective it is corrected."""
        record = self._lost(3, period="month")
        cell = record._sources("service.quality.compliance")
        self.assertEqual(cell.state, "not_fulfilled")
        record.responsible_user_id = self.leader
        self._until(record, "check")
        with freeze_time("2026-04-20 09:00"):
            record.with_user(self.inspector)._judge_effect("yes", LOOKED)
        self.assertEqual(cell.state, "corrected")
        with freeze_time("2026-04-20 10:00"):
            record.with_user(record._second_persons().users[0])._overrule(
                "It was looked at the wrong rack"
            )
        self.assertNotEqual(record.state, "done")
        self.assertEqual(cell.state, "not_fulfilled")

    def test_duty_of_each_ticket_three_months_running(self):
        """Each case is asked for: two months are none, three are one."""
        self.assertFalse(self._lost(3, 4, period="trigger"))
        self.assertTrue(self._lost(3, 4, 5, period="trigger", code="Y"))

    def test_history_is_none(self):
        """What was lost before anybody looked is history, and raises nothing."""
        obligation = self._own(
            {"evidence": "tickets_recorded", "rule": "every", "repair": "never"}
        ).obligation_ids
        self._in_force(obligation.regulation_id, "2026-03-01")
        self._handled("2026-03-03 10:00")
        self.judge("2026-05-05", obligation)
        self.assertEqual(self.cell(obligation, "2026-03").state, "not_fulfilled")
        self.assertFalse(
            self.Nonconformity.search(
                [("service_key", "=", f"obligation,{obligation.id}")]
            )
        )

    def test_duty_of_each_ticket_below_the_goal_of_an_executive(self):
        self.assertTrue(self._lost(3, period="trigger", goal_percent=90))

    # ------------------------------------------------------------------
    # Complaints
    # ------------------------------------------------------------------

    def test_major_complaint(self):
        """A major complaint is one; a minor one is when it becomes major."""
        ticket = self._ticket(
            "2026-03-02 09:00", service_is_complaint=True, service_severity="minor"
        )
        self.assertFalse(self._found("helpdesk.ticket"))
        ticket.service_severity = "major"
        record = self._found("helpdesk.ticket")
        self.assertTrue(record.service_is_major)
        self.assertEqual(record.service_ticket_id, ticket)
        experts = self.company._service_role_users("technical_centre")
        self.assertIn(record.responsible_user_id, experts)

    def test_hidden_with_the_complaint(self):
        """Whom a complaint is about does not read what is raised of it."""
        self._ticket(
            "2026-03-02 09:00",
            service_is_complaint=True,
            service_severity="major",
            service_about_user_id=self.chief.id,
        )
        record = self._found("helpdesk.ticket")
        self.assertTrue(
            record.service_ticket_id.with_user(self.chief).service_is_hidden
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(record.with_user(self.chief).has_access("read"))
        self.assertTrue(record.with_user(self.inspector).has_access("read"))
        record.responsible_user_id = self.leader
        self._until(record, "submitted")
        self.env.flush_all()
        self.env.invalidate_all()
        parts = (
            record.service_cause_ids[:1],
            record.service_check_ids,
            record.signature_ids[:1],
            record._service_actions(),
        )
        for part in parts:
            self.assertFalse(part.with_user(self.chief).has_access("read"), part)
            self.assertTrue(part.with_user(self.inspector).has_access("read"), part)

    # ------------------------------------------------------------------
    # Few people
    # ------------------------------------------------------------------

    def test_few_people_without_a_dead_end(self):
        """Two people with three roles each, then a deputy, then an outsider's paper."""
        small = self.env["res.company"].create({"name": "Small"})
        self.env["service.quality.regulation.term"].create(
            {
                "regulation_id": self.regulation.id,
                "company_id": small.id,
                "date_start": "2026-01-01",
            }
        )
        home = {"company_id": small.id, "company_ids": [(6, 0, small.ids)]}
        one = self._user("one", "quality", "service_manager", "project_manager", **home)
        two = self._user("two", "executive", "technical_centre", "desk", **home)
        three = self._user("three", "staff", **home)
        self.owner.company_ids |= small
        self.inspector = two
        record = self._raise(
            source=small.partner_id, company=small, responsible=one, team=None
        )
        self._until(record, "submitted", looker_id=two.id)
        self.assertEqual(record._second_persons().users, two)
        self._approve(record, two)
        self._carry_out(record)
        with freeze_time("2026-04-20 09:00"):
            record.with_user(two)._judge_effect("no", LOOKED)
        # the executive owns an action of the second round
        self._analyse(record, "2026-04-21 09:00")
        self.owner = two
        self._plan(record, "2026-04-21 09:00", looker_id=three.id)
        self.assertEqual(record._second_persons().capacity, "outsider")
        with freeze_time("2026-04-22 09:00"):
            self.env["service.quality.deputy"].with_user(two).create(
                {
                    "role": "executive",
                    "user_id": three.id,
                    "company_id": small.id,
                    "date_to": "2026-05-31",
                    "reason": "Two of us do everything",
                }
            )
            self.assertEqual(record._second_persons().users, three)
            record.with_user(three).action_approve()
        self.assertEqual(record.state, "open")
        self.assertIn("deputy", record.decided_as)

    # ------------------------------------------------------------------
    # Leaving
    # ------------------------------------------------------------------

    def test_who_leaves_hands_on(self):
        """An approver who left, and who answers for one, leave no dead end."""
        record = self._until(self._raise(), "submitted")
        self.head.active = False
        self.team.user_id = False
        self.assertIn(self.chief, record._second_persons().users)
        self._approve(record, self.chief)
        self.leader.active = False
        self.assertNotEqual(record.responsible_user_id, self.leader)
