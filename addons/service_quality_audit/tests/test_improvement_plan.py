import base64
from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..tools.gaps import Gap
from .audit_common import SAID, AuditCase

MOMENT = "2026-05-11 09:00:00"


class PlanCase(AuditCase):
    """A plan of the second quarter, and a duty that was missed in the first."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Plan = cls.env["service.quality.improvement.plan"]
        cls.missed = cls._own(
            {"evidence": "tickets_recorded", "rule": "every", "repair": "never"}
        ).obligation_ids
        cls._in_force(cls.missed.regulation_id)
        cls._handled("2026-03-02 10:00")
        with freeze_time("2026-04-05"):
            cls.missed._judge(cls.company)

    def _plan(self, moment=MOMENT, **values):
        with freeze_time(moment):
            return self.Plan.with_user(self.inspector).create(values)

    def _take_up(self, plan):
        """Say of each gap what is done, or why it waits."""
        for number, line in enumerate(plan.line_ids):
            line.write(
                {
                    "decision": "wait" if number else "take",
                    "remedy": SAID,
                    "owner_id": not number and self.owner.id,
                    "deadline": not number and "2026-06-30",
                }
            )

    def _line(self, plan):
        return plan.line_ids.filtered(lambda line: line.res_id == self.missed.id)


@tagged("post_install", "-at_install")
class TestImprovementPlan(PlanCase):
    """Gaps are found and ranked, people say what is done, an executive approves."""

    def test_gaps_are_found_and_ranked(self):
        """Regulation A4.1.3: gaps in the running of processes, the heaviest first."""
        ticket = self._ticket("2026-05-04 08:00")
        self._agreement({"metric": "resolution", "duration": 1})
        late = self._ticket("2026-05-04 08:00", partner_id=self.acme.id)
        self._move(late | ticket, "resolved", "2026-05-04 18:00")
        plan = self._plan()
        self.assertEqual(plan.date_from, date(2026, 4, 1))
        self.assertEqual(plan.display_name, "Improvement plan 2026-Q2")
        line = self._line(plan)
        self.assertEqual(
            (line.kind, line.missed_count, line.due_count), ("obligation", 1, 1)
        )
        promise = plan.line_ids.filtered(lambda one: one.kind == "promise")
        own = promise.filtered(lambda one: one.process_id == late.type_id)
        self.assertTrue(own)
        self.assertTrue(all(one.missed_count for one in promise))
        weights = [one.missed_count**2 / one.due_count for one in plan.line_ids]
        self.assertEqual(weights, sorted(weights, reverse=True))

    def test_what_is_corrected_is_no_gap(self):
        self.cell(self.missed, "2026-03")._mark_corrected(self.acme)
        self.assertFalse(self._line(self._plan()))

    def test_looked_for_again(self):
        """What people have written stays; what is no gap any more goes."""
        plan = self._plan()
        line = self._line(plan)
        self.cell(self.missed, "2026-03")._mark_corrected(self.acme)
        with freeze_time(MOMENT):
            line.decision = "wait"
            plan.action_gather()
            self.assertIn(line, plan.line_ids)
            line.decision = False
            plan.action_gather()
        self.assertFalse(line.exists())

    def test_known_gaps_are_ranked_again(self):
        """What weighs more at a later look stands higher, with what was written."""
        plan = self._plan()
        line = self._line(plan)
        line.remedy = SAID
        gaps = [
            Gap(line.key, "obligation", line.name, 1, 4),
            Gap("own:1", "indicator", "Calls are late", 9, 9),
        ]
        for order in (gaps, gaps[::-1], gaps):
            line._store(plan.sudo(), order)
            plan.invalidate_recordset()
            found = plan.line_ids.filtered(lambda one: one.missed_count)
            self.assertEqual(found.mapped("key"), [gap.key for gap in order])
        line._store(plan.sudo(), gaps[1:])
        plan.invalidate_recordset()
        self.assertEqual(plan.line_ids[0].key, "own:1")
        self.assertEqual(line.missed_count, 0, "no gap any more, kept for its text")
        self.assertEqual(line.remedy, SAID)

    def test_nonconformities_of_the_time_are_counted(self):
        """Those open on a day of it, and of these what is open at its end."""
        records = self.env["mgmtsystem.nonconformity"]._service_raise(
            [
                {
                    "source": self.team,
                    "key": f"number {number}",
                    "grade": "minor",
                    "name": "Cables without labels",
                    "description": "Three racks of Acme have no labels at all",
                }
                for number in range(5)
            ]
        )
        done = self.env.ref("mgmtsystem_nonconformity.stage_done").id
        cancelled = self.env.ref("mgmtsystem_nonconformity.stage_cancel").id
        raised = "2025-05-05 09:00:00"
        for record, values in zip(
            records,
            (
                {},  # open until today
                {"stage_id": done, "closing_date": "2026-02-02 09:00:00"},
                {"stage_id": done, "closing_date": "2025-12-12 09:00:00"},
                {"stage_id": done, "closing_date": "2026-08-08 09:00:00"},
                {"stage_id": cancelled},
            ),
            strict=True,
        ):
            record._write_as_step(
                {"service_raised_at": raised, "evaluation_comments": "Fine"} | values
            )
        plan = self._plan()
        [line] = plan.line_ids.filtered(lambda one: one.kind == "nonconformity")
        self.assertEqual((line.missed_count, line.due_count), (2, 3))

    def test_a_cancelled_measure_is_no_decision(self):
        plan = self._plan()
        line = self._line(plan)
        line.decision = "take"
        measure = self._measure(self.inspector, **line._measure_source())
        line.invalidate_recordset()
        self.assertTrue(line._is_decided())
        measure.with_user(self.chief)._cancel("Nobody has the time to do it")
        self.assertFalse(line._is_decided())

    def test_it_is_approved_and_becomes_measures(self):
        """Regulation A4.1.3: assessed and approved by an executive."""
        plan = self._plan()
        with freeze_time(MOMENT):
            with self.assertRaisesRegex(ValidationError, "say what is done"):
                plan.with_user(self.boss).action_approve()
            self._take_up(plan)
            plan.with_user(self.boss).action_approve()
        self.assertEqual((plan.state, plan.decided_by_id), ("approved", self.boss))
        taken = plan.line_ids.filtered(lambda line: line.decision == "take")
        measure = taken.service_measure_ids
        self.assertEqual(measure.user_id, self.owner)
        self.assertEqual(measure.service_state, "open")
        self.assertFalse((plan.line_ids - taken).service_measure_ids)
        self.assertEqual(plan.signature_ids.user_id, self.boss)
        self.assertFalse(plan.is_signature_broken)
        content = base64.b64decode(plan.document)
        self.assertIn(taken.name.encode(), content)
        [document] = self.env["service.quality.evidence"]._documents(plan)
        self.assertEqual(document.content, content)
        with self.assertRaises(UserError):
            plan.summary = "Something else"
        with self.assertRaises(UserError):
            taken.remedy = "Something else"
        with self.assertRaises(UserError):
            plan.with_user(self.boss).unlink()

    def test_minor_measures_in_one_list(self):
        """Those that wait are approved with it, but for one's own."""
        waiting = self._measure(service_about_on="2026-05-05")
        old = self._measure(service_about_on="2025-05-05")
        costly = self._measure(
            service_about_on="2026-05-05", service_cost=self.company.service_costly_from
        )
        better = self._measure(service_about_on="2026-05-05", type_action="improvement")
        own = self._measure(service_about_on="2026-05-05", user_id=self.boss.id)
        plan = self._plan()
        self.assertLessEqual(waiting | own, plan.minor_ids)
        self.assertFalse(plan.minor_ids & (old | costly | better))
        with freeze_time(MOMENT):
            self._take_up(plan)
            plan.with_user(self.boss).action_approve()
        self.assertEqual(waiting.service_state, "open")
        self.assertEqual(waiting.service_approved_by_id, self.boss)
        self.assertEqual(
            set((old | costly | better | own).mapped("service_state")), {"proposed"}
        )

    def test_no_action_past_the_plan_of_its_nonconformity(self):
        """What waits with a nonconformity is approved there, not in the list."""
        with freeze_time(MOMENT):
            record = self.env["mgmtsystem.nonconformity"]._service_raise(
                [
                    {
                        "source": self.team,
                        "grade": "minor",
                        "name": "Cables without labels",
                        "description": "Three racks of Acme have no labels at all",
                        "responsible": self.proposer,
                    }
                ]
            )
            waiting = self._measure(
                service_about_on="2026-05-05", **record._measure_source()
            )
            plan = self._plan()
            self.assertIn(waiting, plan.minor_ids)
            self._take_up(plan)
            plan.with_user(self.boss).action_approve()
        self.assertEqual(waiting.service_state, "proposed")

    def test_what_was_found_stays(self):
        """Nobody writes a gap smaller, renames it or leaves it out."""
        plan = self._plan()
        line = self._line(plan)
        with self.assertRaises(AccessError):
            line.missed_count = 0
        with self.assertRaises(UserError):
            line.name = "Nothing"
        with self.assertRaises(UserError):
            line.unlink()
        added = self.env["service.quality.improvement.plan.line"]
        added = added.with_user(self.inspector).create(
            {"plan_id": plan.id, "name": "Spare parts come late"}
        )
        self.assertEqual(added.kind, "other")
        added.unlink()

    def test_a_list_is_read_with_the_same_queries(self):
        days = [
            f"{year}-{month}-01" for year in range(2020, 2024) for month in ("01", "07")
        ]
        plans = self.Plan.union(*(self._plan(date_from=day) for day in days))
        self.assertReadAlike(
            plans, ["display_name", "open_count", "state", "decided_by_id"]
        )

    def test_one_plan_a_quarter(self):
        plan = self._plan()
        with self.assertRaises(UserError):
            plan.date_from = "2026-07-01"
        with self.assertRaises(ValidationError):
            self._plan(date_from="2026-05-01")
        early = self._plan(date_from="2026-07-01")
        self._take_up(early)
        with freeze_time(MOMENT), self.assertRaisesRegex(ValidationError, "not begun"):
            early.with_user(self.boss).action_approve()

    def test_gaps_are_those_of_its_time(self):
        """A plan is not moved, and gaps are looked for once its time has begun."""
        old = self._plan(date_from="2015-01-01")
        for values in (
            {"date_from": "2026-04-01"},
            {"period_kind": "year"},
            {"company_id": self.env["res.company"].create({"name": "New"}).id},
        ):
            with self.subTest(values), self.assertRaises(UserError):
                old.write(values)
        plan = self._plan("2020-01-01 09:00:00", date_from="2026-04-01")
        with freeze_time(MOMENT):
            self._take_up(plan)
            with self.assertRaisesRegex(ValidationError, "look again"):
                plan.with_user(self.boss).action_approve()
            plan.action_gather()
            self._take_up(plan)
            plan.with_user(self.boss).action_approve()
        self.assertEqual(plan.state, "approved")

    def test_no_gap_is_moved_into_an_approved_plan(self):
        plan, other = self._plan(), self._plan(date_from="2026-01-01")
        with freeze_time(MOMENT):
            self._take_up(plan)
            plan.with_user(self.boss).action_approve()
        Line = self.env["service.quality.improvement.plan.line"]
        line = Line.with_user(self.inspector).create(
            {"plan_id": other.id, "name": "Spare parts come late"}
        )
        with self.assertRaises(UserError):
            line.plan_id = plan

    def test_the_register_finds_it(self):
        """Regulation A4.1.3: one a quarter; approved afterwards it is late."""
        obligation = self._obligation("a4_1_3_1")
        plan = self._plan()
        self.judge(MOMENT, obligation)
        self.assertStands(obligation, "2026-Q2", "due", 0, 1)
        with freeze_time(MOMENT):
            self._take_up(plan)
        with freeze_time("2026-07-03"):
            plan.with_user(self.boss).action_approve()
        self.judge("2026-07-04", obligation)
        self.assertStands(obligation, "2026-Q2", "fulfilled_late", 1, 1)
        self.assertStands(obligation, "2026-Q1", "overdue", 0, 1)


@tagged("post_install", "-at_install", "security")
class TestImprovementPlanSecurity(PlanCase):
    def test_who_writes_and_who_approves(self):
        plan = self._plan()
        self._take_up(plan)
        for user in (self.inspector, self.chief, self.expert):
            with self.subTest(user.login), freeze_time(MOMENT):
                with self.assertRaises(AccessError):
                    plan.with_user(user).action_approve()
        for user in (self.boss, self.expert):
            with self.subTest(user.login), self.assertRaises(AccessError):
                plan.line_ids.with_user(user).write({"remedy": SAID})
        plan.line_ids[:1].with_user(self.chief).remedy = f"{SAID}, all of them"
        for user in (self.caller, self.owner, self.proposer):
            self.assertFalse(self.Plan.with_user(user).search([]), user.login)
            with self.subTest(user.login), self.assertRaises(AccessError):
                plan.with_user(user).read(["summary"])

    def test_who_has_written_does_not_approve(self):
        both = self._user("both", "executive", "quality")
        plan = self._plan()
        self._take_up(plan)
        plan.with_user(both).summary = "Everything is to be on time"
        with freeze_time(MOMENT), self.assertRaises(AccessError):
            plan.with_user(both).action_approve()

    def test_no_way_past_the_gates(self):
        plan = self._plan()
        for values in (
            {"state": "approved"},
            {"decided_by_id": self.boss.id},
            {"minor_ids": [Command.clear()]},
        ):
            with self.subTest(values), self.assertRaises(AccessError):
                plan.write(values)

    def test_companies_are_apart(self):
        plan = self._plan()
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._user(
            "stranger",
            "quality",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for model in (plan._name, plan.line_ids._name):
            self.assertFalse(self.env[model].with_user(stranger).search([]))
        with freeze_time(MOMENT):
            theirs = self.Plan.with_user(stranger).create({})
        self.assertFalse(
            theirs.line_ids.filtered(lambda line: line.kind == "obligation")
        )
