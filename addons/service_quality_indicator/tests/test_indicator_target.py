from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.service_quality_core.tools.period import Period

from .figure_common import MARCH, FigureCase

RESOLUTION = {"metric": "resolution", "duration": 8, "goal_percent": 90}


@tagged("post_install", "-at_install")
class TestIndicatorTarget(FigureCase):
    """A target is in force only once an executive approved it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        companies = {
            "company_id": cls.company.id,
            "company_ids": [Command.set(cls.company.ids)],
        }
        cls.quality = cls._user("quality", "quality", **companies)
        cls.executive = cls._user("executive", "executive", **companies)
        cls.project = cls.env["service.quality.project"].create(
            {"name": "Voice service", "partner_id": cls.acme.id}
        )
        cls.agreement = cls._agreement(RESOLUTION, project_id=cls.project.id)
        tickets = cls.env["helpdesk.ticket"].union(
            *(cls._ticket("2026-03-02 09:00") for _number in range(10))
        )
        cls._move(tickets[:8], "resolved", "2026-03-02 12:00")
        cls._move(tickets[8:], "resolved", "2026-03-10 12:00")

    def _target(self, code="sla_resolution", **values):
        return (
            self.env["service.quality.indicator.target"]
            .with_user(self.quality)
            .create(
                {
                    "indicator_id": self._indicator(code).id,
                    "company_id": self.company.id,
                    "date_from": "2026-01-01",
                    "goal": 85,
                    "tolerance": 5,
                    **values,
                }
            )
        )

    def _approved(self, *args, **values):
        target = self._target(*args, **values)
        with freeze_time("2026-01-01 08:00:00"):
            target.with_user(self.executive).action_approve()
        return target

    def test_draft_judges_nothing(self):
        self._target()
        self._take("sla_resolution")
        self.assertEqual(self._figure("sla_resolution").goal_state, "no_goal")

    def test_approved_judges(self):
        target = self._approved()
        self.assertEqual(target.decided_by_id, self.executive)
        self._take("sla_resolution")
        figure = self._figure("sla_resolution")
        self.assertEqual(figure.goal_state, "tolerated")
        self.assertEqual((figure.goal, figure.tolerance), (85, 5))

    def test_project_is_judged_by_its_agreement(self):
        """Regulation A4.3.4: each indicator of a project against the SLA."""
        self._take("sla_resolution")
        for scope, record in (
            ("project", self.project),
            ("agreement", self.agreement),
            ("target", self.agreement.target_ids),
        ):
            figure = self._figure("sla_resolution", scope, record)
            self.assertEqual(figure.goal, 90)
            self.assertEqual(figure.goal_state, "beyond")
            self.assertEqual(figure.project_id, self.project)

    def test_own_target_before_that_for_each(self):
        self._approved(scope="project", goal=99, tolerance=0)
        self._approved(scope="project", project_id=self.project.id, goal=70)
        self._take("sla_resolution")
        figure = self._figure("sla_resolution", "project", self.project)
        self.assertEqual((figure.goal, figure.goal_state), (70, "on_target"))

    def test_only_executives_decide(self):
        target = self._target()
        manager = self._user("manager", "service_manager")
        for user in (self.quality, manager):
            with self.assertRaisesRegex(AccessError, "executives"):
                target.with_user(user).sudo(False).action_approve()
        target.with_user(self.executive).action_refuse()
        with self.assertRaisesRegex(UserError, "already"):
            target.with_user(self.executive).action_approve()

    def test_state_is_not_sent(self):
        with self.assertRaisesRegex(AccessError, "executives"):
            self._target(state="approved")
        target = self._target()
        with self.assertRaisesRegex(AccessError, "executives"):
            target.write({"state": "approved"})

    def test_approved_one_stays(self):
        target = self._approved()
        with self.assertRaisesRegex(UserError, "stays as it is"):
            target.with_user(self.quality).goal = 50
        with self.assertRaisesRegex(UserError, "part of the record"):
            target.with_user(self.quality).unlink()
        with self.assertRaisesRegex(UserError, "stays as it is"):
            target.with_user(self.quality).date_to = "2026-07-01"

    def _end(self, target, user, day):
        wizard = self.env["service.quality.indicator.target.end"].with_user(user)
        wizard.create(
            {"target_id": target.id, "date_to": day, "reason": "Another one follows"}
        ).action_confirm()

    @freeze_time("2026-05-04 10:00:00")
    def test_it_ends_from_today_on_by_who_approves(self):
        """Deny: an end in the past would judge again what was judged."""
        target = self._approved()
        with self.assertRaisesRegex(AccessError, "executives"):
            self._end(target, self.quality, "2026-05-04")
        with self.assertRaisesRegex(ValidationError, "from today on"):
            self._end(target, self.executive, "2026-05-03")
        self._end(target, self.executive, "2026-05-04")
        self.assertEqual(target.date_to, date(2026, 5, 4))
        with freeze_time("2026-05-05 10:00:00"):
            with self.assertRaisesRegex(ValidationError, "Only a target that holds"):
                self._end(target, self.executive, "2026-12-31")

    def test_who_proposes_does_not_approve(self):
        """Two sides of an act are two persons, though one holds both roles."""
        both = self._user("target_both", "quality", "executive")
        target = self._target().with_user(both)
        target.sudo(False).goal = 90
        with self.assertRaisesRegex(AccessError, "two persons"):
            target.sudo(False).action_approve()
        target.with_user(self.executive).sudo(False).action_approve()
        self.assertEqual(target.decision_ids.capacity, "role")

    def test_it_holds_from_its_approval_on(self):
        """Deny: a goal of the past, by who knows the figures already."""
        past, over = self._target(goal=50), self._target(date_to="2026-03-31")
        with freeze_time("2026-04-02 10:00:00"):
            past.with_user(self.executive).action_approve()
            with self.assertRaisesRegex(ValidationError, "from its approval on"):
                over.with_user(self.executive).action_approve()
        self.assertEqual(past.date_from, date(2026, 4, 2))
        self._take("sla_resolution")
        self.assertEqual(self._figure("sla_resolution").goal_state, "no_goal")

    def test_overlap_is_refused(self):
        self._approved()
        second = self._target(date_from="2026-06-01")
        with self.assertRaisesRegex(ValidationError, "another approved target"):
            second.with_user(self.executive).action_approve()

    def test_following_one_is_in_force(self):
        self._approved(date_to="2026-02-28", goal=50)
        self._approved(date_from="2026-03-01", goal=60)
        self._take("sla_resolution")
        self.assertEqual(self._figure("sla_resolution").goal, 60)

    def _decided(self, moment, **values):
        target = self._target(**values)
        with freeze_time(moment):
            target.with_user(self.executive).action_approve()
        return target

    def test_the_goal_of_the_first_day_judges(self):
        """Deny: a soft goal on the last day of the month, by who knows the figures."""
        held = self._approved(goal=90, tolerance=0)
        with freeze_time("2026-03-30 10:00:00"):
            self._end(held, self.executive, "2026-03-30")
        soft = self._decided("2026-03-31 10:00:00", goal=10)
        self.assertEqual(soft.date_from, date(2026, 3, 31))
        self._take("sla_resolution")
        figure = self._figure("sla_resolution")
        self.assertEqual((figure.goal, figure.goal_state), (90, "beyond"))
        april = Period("month", date(2026, 4, 1))
        self._take("sla_resolution", period=april)
        self.assertEqual(self._figure("sla_resolution", period=april).goal, 10)

    def test_what_an_agreement_promises_held_on_the_first_day(self):
        """Deny: a soft goal besides the agreement, for one or for each of them."""
        for values in ({"agreement_id": self.agreement.id}, {}):
            self._decided("2026-03-31 10:00:00", scope="agreement", goal=10, **values)
        self._decided("2026-03-31 10:00:00", scope="project", goal=10)
        self._take("sla_resolution")
        for scope, record in (("agreement", self.agreement), ("project", self.project)):
            figure = self._figure("sla_resolution", scope, record)
            self.assertEqual((figure.goal, figure.goal_state), (90, "beyond"))

    def test_the_first_goal_judges_the_period_that_it_begins_in(self):
        """Where nothing was to be reached before, the first one within counts."""
        first = self._decided("2026-03-10 10:00:00", goal=75)
        with freeze_time("2026-03-11 10:00:00"):
            self._end(first, self.executive, "2026-03-11")
        self._decided("2026-03-12 10:00:00", goal=10)
        self._take("sla_resolution")
        self.assertEqual(self._figure("sla_resolution").goal, 75)

    def test_impossible_is_refused(self):
        for values in (
            {"goal": 101},
            {"goal": -1},
            {"code": "opened", "goal": 5, "goal_low": 6},
        ):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self._target(**values)

    def test_quarter_has_its_figures(self):
        """Regulation A4.2.2: figures by stage, of the month and of the quarter."""
        quarter = Period("quarter", date(2026, 1, 1))
        self._take("sla_resolution")
        self._take("sla_resolution", period=quarter)
        month = self._figure("sla_resolution", period=MARCH)
        self.assertEqual(month.period, "2026-03")
        figure = self._figure("sla_resolution", period=quarter)
        self.assertEqual((figure.period, figure.denominator), ("2026-Q1", 10))
