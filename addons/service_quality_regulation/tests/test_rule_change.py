from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .regulation_common import RegulationCase


@tagged("post_install", "-at_install")
class TestRuleChange(RegulationCase):
    """Rules bend forward only, and two persons bend them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_boss = cls._user("boss_two", "executive")
        cls.recorded = cls._obligation("a3_6_1_1")
        # the register is in use: from then on no rule is changed alone
        with freeze_time("2026-02-27"):
            cls.recorded._judge(cls.company)

    def _waive(self, moment, user=None, **values):
        Waiver = self.env["service.quality.waiver"].with_user(user or self.inspector)
        with freeze_time(moment):
            return Waiver.create(
                {
                    "obligation_id": self.recorded.id,
                    "date_from": "2026-03-01",
                    "date_to": "2026-05-31",
                    "reason": "Short of staff",
                    **values,
                }
            )

    def _approve(self, asked, moment, user=None):
        with freeze_time(moment):
            asked.with_user(user or self.boss).action_approve()

    def _missed(self):
        """Miss a record of the work in March, and judge it in April."""
        ticket = self._handled("2026-03-02 10:00")
        self.judge("2026-03-05", self.recorded)
        self.assertStands(self.recorded, "2026-03", "overdue", 0, 1)
        return ticket

    # ------------------------------------------------------------------
    # What does not apply
    # ------------------------------------------------------------------

    def test_a_waiver_needs_a_second_person(self):
        """What one person asks for changes nothing until an executive approves it."""
        waiver = self._waive("2026-03-06")
        self.judge("2026-04-02", self.recorded)
        self.assertStands(self.recorded, "2026-04", "nothing", 0, 0)
        self.assertEqual(waiver.state, "asked")
        self.assertIn(self.boss, waiver.activity_ids.user_id)
        for user in (self.inspector, self.chief, self.expert):
            with self.subTest(user.login), self.assertRaises(AccessError):
                waiver.with_user(user).action_approve()
        self._approve(waiver, "2026-04-03")
        self.assertEqual(waiver.decided_by_id, self.boss)
        cell = self.assertStands(self.recorded, "2026-04", "not_applicable", 0, 0)
        self.assertEqual(cell.note, "Short of staff (until 2026-05-31)")
        self.assertEqual((cell.why, cell.decided_by_id), ("decided", self.boss))
        with self.assertRaises(UserError):
            waiver.with_user(self.boss).action_refuse()

    def test_who_asks_does_not_approve(self):
        """An executive who is of the quality department as well asks another one."""
        self.boss.group_ids += self.env.ref(
            "service_quality_core.service_quality_group_quality"
        )
        waiver = self._waive("2026-03-06", self.boss)
        self.assertNotIn(self.boss, waiver.activity_ids.user_id)
        with self.assertRaises(AccessError):
            waiver.with_user(self.boss).action_approve()
        self._approve(waiver, "2026-03-07", self.other_boss)
        self.assertEqual(waiver.state, "approved")

    def test_a_refusal_changes_nothing(self):
        waiver = self._waive("2026-03-06")
        with freeze_time("2026-03-07"):
            waiver.with_user(self.boss).action_refuse()
        self.judge("2026-03-08", self.recorded)
        self.assertStands(self.recorded, "2026-03", "nothing", 0, 0)

    def test_a_waiver_takes_back_nothing(self):
        """What was missed, or has fallen due, stays as it was judged."""
        self._missed()
        waiver = self._waive("2026-03-06", date_from="2026-01-01")
        self._approve(waiver, "2026-03-10")
        self.assertEqual(waiver.holds_from, date(2026, 4, 1))
        self.assertStands(self.recorded, "2026-03", "overdue", 0, 1)
        self.assertStands(self.recorded, "2026-02", "nothing", 0, 0)
        self.judge("2026-04-20", self.recorded)
        self.assertStands(self.recorded, "2026-03", "overdue", 0, 1)
        self.assertStands(self.recorded, "2026-04", "not_applicable", 0, 0)

    def test_a_waiver_of_the_past_is_not_approved(self):
        self.judge("2026-04-02", self.recorded)
        waiver = self._waive("2026-04-02", date_to="2026-03-31")
        with self.assertRaisesRegex(UserError, "fallen due already"):
            self._approve(waiver, "2026-04-03")
        self.judge("2026-04-04", self.recorded)
        self.assertStands(self.recorded, "2026-03", "nothing", 0, 0)

    def test_a_waiver_stays_as_it_was_asked(self):
        waiver = self._waive("2026-03-06")
        for vals in ({"reason": "Another"}, {"date_to": False}):
            with self.subTest(vals), self.assertRaises(UserError):
                waiver.with_user(self.inspector).write(vals)
        with self.assertRaises(AccessError):
            waiver.with_user(self.inspector).unlink()
        with self.assertRaises(UserError):
            waiver.unlink()
        with self.assertRaises(AccessError):
            self._waive("2026-03-06", self.chief)

    def test_a_waiver_ends_sooner(self):
        """The quality department may let it apply again, from the next day on."""
        waiver = self._waive("2026-03-06")
        self._approve(waiver, "2026-03-07")
        with self.assertRaises(AccessError), freeze_time("2026-04-10"):
            waiver.with_user(self.chief).action_end()
        with freeze_time("2026-04-10"):
            waiver.with_user(self.inspector).action_end()
        self.assertEqual(waiver.date_to, date(2026, 4, 10))
        self.judge("2026-04-11", self.recorded)
        self.assertStands(self.recorded, "2026-04", "nothing", 0, 0)
        self.assertStands(self.recorded, "2026-03", "not_applicable", 0, 0)

    # ------------------------------------------------------------------
    # What is in force
    # ------------------------------------------------------------------

    def _ask(self, moment, user=None, **values):
        Change = self.env["service.quality.rule.change"]
        with freeze_time(moment):
            return Change.with_user(user or self.inspector).create(
                {"reason": "We are short of staff", **values}
            )

    def test_no_one_ends_a_regulation_alone(self):
        """Once the register is in use an executive approves first and last day."""
        self._missed()
        mine = self.regulation.with_user(self.inspector)
        own = self._own({}).with_user(self.inspector)
        term = mine.term_ids
        with freeze_time("2026-03-06"):
            for act in (
                lambda: mine.end_force("2026-01-01"),
                lambda: own.put_in_force("2026-01-01"),
                lambda: term.write({"date_end": "2026-02-01"}),
            ):
                with self.assertRaisesRegex(UserError, "an executive approves"):
                    act()
            self.assertEqual(
                mine.action_end_force()["res_model"], "service.quality.rule.change"
            )
        change = self._ask(
            "2026-03-06",
            what="end",
            regulation_id=self.regulation.id,
            date_from="2026-02-01",
        )
        self.assertFalse(term.date_end)
        self._approve(change, "2026-03-10")
        self.assertEqual(term.date_end, date(2026, 3, 10))
        self.assertEqual(change.in_force_from, date(2026, 3, 10))
        self.judge("2026-04-05", self.recorded)
        self.assertStands(self.recorded, "2026-03", "overdue", 0, 1)

    def test_a_next_version_begins_when_it_is_approved(self):
        self._missed()
        mine = self.regulation.with_user(self.inspector).copy()
        change = self._ask(
            "2026-03-06",
            what="begin",
            regulation_id=mine.id,
            date_from="2026-01-01",
        )
        with self.assertRaises(AccessError):
            change.with_user(self.inspector).action_approve()
        self._approve(change, "2026-03-10")
        self.assertEqual(mine.term_ids.date_start, date(2026, 3, 10))
        self.assertEqual(self.regulation.term_ids.date_end, date(2026, 3, 10))
        self.assertStands(self.recorded, "2026-03", "overdue", 0, 1)

    def test_the_first_set_up_needs_no_second_person(self):
        """Before anything was judged there is nothing that a decision could change."""
        fresh = self.env["res.company"].create({"name": "A new company"})
        self.inspector.write({"company_ids": fresh.ids, "company_id": fresh.id})
        with freeze_time("2026-03-06"):
            mine = self.regulation.with_user(self.inspector)
            mine.put_in_force("2026-01-01")
            waiver = self._waive("2026-03-06", company_id=fresh.id)
        self.assertEqual(waiver.state, "approved")
        self.assertEqual(waiver.holds_from, date(2026, 3, 1))

    # ------------------------------------------------------------------
    # Obligations
    # ------------------------------------------------------------------

    def test_a_value_changes_for_later_periods(self):
        """A share that is lowered leaves what was missed before it was approved."""
        rule = {"evidence": "tickets_recorded", "rule": "every"}
        own = self._own(rule).obligation_ids
        self._in_force(own.regulation_id, "2026-03-01")
        self._handled("2026-03-02 10:00", service_work_done="Fan replaced")
        self._handled("2026-03-02 11:00")
        self.judge("2026-03-05", own)
        with self.assertRaises(UserError):
            own.with_user(self.inspector).goal_percent = 50
        change = self._ask(
            "2026-03-06",
            obligation_id=own.id,
            field_name="goal_percent",
            new_value="50",
        )
        self.assertEqual(change.old_value, "100.0")
        self.assertEqual(own.goal_percent, 100)
        self._approve(change, "2026-03-10")
        self.assertEqual(own.goal_percent, 50)
        self.assertEqual(change.in_force_from, date(2026, 4, 1))
        for moment in ("2026-04-02 10:00", "2026-04-02 11:00"):
            text = "Cable pushed in" if moment.endswith("10:00") else False
            self._handled(moment, service_work_done=text)
        self.judge("2026-04-05", own)
        self.assertStands(own, "2026-03", "overdue", 1, 2)
        self.assertStands(own, "2026-04", "fulfilled", 1, 2)
        with freeze_time("2026-04-06"):
            cell = self.cell(own, "2026-03")
            cell.action_judge()
            action = cell.action_open_missing()
        self.assertEqual(cell.state, "overdue")
        self.assertEqual(self.env["helpdesk.ticket"].search_count(action["domain"]), 1)

    def test_wrong_values_are_refused_when_asked(self):
        own = self._own({"evidence": "tickets_recorded"}).obligation_ids
        for values in (
            {"obligation_id": own.id, "field_name": "grace_days", "new_value": "x"},
            {"obligation_id": own.id, "field_name": "rule", "new_value": "none"},
            {"obligation_id": own.id},
            {"what": "end"},
            {"obligation_id": self.recorded.id, "field_name": "grace_days"},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self._ask("2026-03-06", **values)

    # ------------------------------------------------------------------
    # House rules
    # ------------------------------------------------------------------

    def test_house_rules_need_a_second_person(self):
        """A promise of the company itself is made, and withdrawn, by two persons."""
        self._missed()
        Target = self.env["service.quality.target"].with_user(self.chief)
        with freeze_time("2026-03-06"):
            rule = Target.create({"metric": "resolution", "duration": 900})
        self.assertFalse(rule.active)
        self.assertFalse(rule.term_ids)
        change = self.env["service.quality.rule.change"].search(
            [("target_id", "=", rule.id)]
        )
        self.assertEqual((change.what, change.asked_by_id), ("rule", self.chief))
        self._approve(change, "2026-03-10")
        self.assertTrue(rule.active and rule.is_in_force)
        with self.assertRaisesRegex(UserError, "an executive approves"):
            rule.with_user(self.chief).active = False
        gone = self._ask("2026-03-11", self.chief, what="no_rule", target_id=rule.id)
        self._approve(gone, "2026-03-12")
        self.assertFalse(rule.active)

    def test_others_ask_for_nothing(self):
        for role in ("staff", "desk", "project_manager", "sales", "technical_centre"):
            user = self._user(f"ask_{role}", role)
            with self.subTest(role), self.assertRaises(AccessError):
                self._ask(
                    "2026-03-06", user, what="end", regulation_id=self.regulation.id
                )
