from datetime import date

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.service_quality_core.tests.common import ServiceQualityCase
from odoo.addons.service_quality_core.tools.period import Period
from odoo.addons.service_quality_escalation.tests.reminder_common import Reminding

MARCH = Period("month", date(2026, 3, 1))


@tagged("post_install", "-at_install")
class TestDeviation(Reminding, ServiceQualityCase):
    """A figure beyond its goal is analysed, decided on and followed up."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.executive = cls._user("deviation_executive", "executive")
        cls.quality = cls._user("deviation_quality", "quality")
        cls.owner = cls._user("deviation_owner", "service_manager")
        cls.indicator = cls.env["service.quality.indicator"].create(
            {
                "code": "test_resolution",
                "name": "Resolution in time",
                "sentence": "How many tickets were resolved within the promised time.",
                "formula": "attainment",
                "metric": "resolution",
                "clock_kind": "sla",
                "owner_id": cls.owner.id,
            }
        )
        target = cls.env["service.quality.indicator.target"].create(
            {
                "indicator_id": cls.indicator.id,
                "goal": 95,
                "date_from": "2026-01-01",
            }
        )
        with freeze_time("2026-01-01 08:00"):
            target.with_user(cls.executive).action_approve()
        cls._agreement({"metric": "resolution", "duration": 4, "unit": "hour"})
        ticket = cls._ticket("2026-03-02 09:00")
        cls._move(ticket, "resolved", "2026-03-03 09:00")

    def _raise(self, moment="2026-04-02 08:00"):
        """Take the month at a moment, and return what deviates in the company."""
        with freeze_time(moment):
            self.env["service.quality.figure"]._take(
                self.env.company, MARCH, self.indicator, reason="Counted once more"
            )
        return self.env["service.quality.deviation"].search(
            [("indicator_id", "=", self.indicator.id), ("scope", "=", "company")]
        )

    def _copy(self, figure, number):
        """Return a figure like it, of another period."""
        return figure.copy({"date_from": MARCH.shifted(-number).start})

    def test_a_figure_beyond_its_goal_is_raised_once(self):
        """Regulation A4.2.2: a figure beyond its goal is judged, by its owner."""
        deviation = self._raise()
        self.assertEqual(deviation.owner_id, self.owner)
        self.assertEqual(deviation.state, "open")
        self.assertIn("0", deviation.value_text)
        self.assertIn("95", deviation.goal_text)
        self.assertEqual(deviation.activity_ids.user_id, self.owner)
        self.assertEqual(str(deviation.deadline), "2026-04-12")
        self.assertEqual(self._raise("2026-04-03 08:00"), deviation)

    def test_a_miss_is_raised_in_one_figure_of_the_agreement(self):
        """Regulation A4.3.4: every indicator against the SLA, each one missed once."""
        self._raise()
        raised = self.env["service.quality.deviation"].search(
            [
                ("indicator_id", "=", self.indicator.id),
                ("date_from", "=", MARCH.start),
            ]
        )
        # the target's figure has the same case, and is explained with the company's
        self.assertEqual(raised.mapped("scope"), ["company"])
        self.assertEqual(raised.also_figure_ids.mapped("scope"), ["target"])
        resolution = self.env.ref("service_quality_indicator.indicator_sla_resolution")
        every = self.env["service.quality.indicator"].search([("code", "like", "sla_")])
        with freeze_time("2026-04-02 08:00"):
            self.env["service.quality.figure"]._take(
                self.env.company, MARCH, every, reason="Counted once more"
            )
        raised = self.env["service.quality.deviation"].search(
            [("indicator_id", "in", every.ids), ("date_from", "=", MARCH.start)]
        )
        # explained already by the figure of the same cases
        self.assertFalse(raised)
        own = self._raise()
        self.assertEqual(own.also_figure_ids.indicator_id, self.indicator | resolution)

    def _handle(self, *days):
        for day in days:
            ticket = self._ticket(f"2026-03-{day:02} 09:00")
            self._move(ticket, "resolved", f"2026-03-{day:02} 10:00")

    def test_few_cases_are_no_deviation_by_chance(self):
        """One of eight was missed: 87.5 % of 95 says nothing; of ten it does."""
        self._handle(3, 4, 5, 6, 9, 10, 11)
        self.assertFalse(self._raise())
        self._handle(12, 13)
        self.assertEqual(self._raise().value_text, "90.0 %")

    def test_one_cause_is_explained_once(self):
        """The figure of all promises, of one, of a department: the same case."""
        overall = self.indicator.copy({"code": "test_all", "metric": False})
        goals = self.env["service.quality.indicator.target"].create(
            [
                {"indicator_id": overall.id, "goal": 95, "date_from": "2026-01-01"},
                {
                    "indicator_id": self.indicator.id,
                    "goal": 95,
                    "scope": "department",
                    "date_from": "2026-01-01",
                },
            ]
        )
        with freeze_time("2026-01-01 08:00"):
            goals.with_user(self.executive).action_approve()
        with freeze_time("2026-04-02 08:00"):
            taken = self.env["service.quality.figure"]._take(
                self.env.company, MARCH, self.indicator | overall
            )
        beyond = taken.filtered(lambda one: one.goal_state == "beyond")
        raised = self.env["service.quality.deviation"].search(
            [("figure_id", "in", beyond.ids)]
        )
        self.assertEqual(raised.indicator_id, self.indicator)
        self.assertEqual(raised.scope, "company")
        self.assertEqual(
            set(
                raised.also_figure_ids.mapped(lambda one: (one.indicator_id, one.scope))
            ),
            {
                (overall, "company"),
                (self.indicator, "department"),
                (self.indicator, "target"),
            },
        )

    def test_what_is_found_later_joins_what_was_raised(self):
        raised = self._raise()
        with freeze_time("2026-04-03 08:00"):
            resolution = self.env.ref(
                "service_quality_indicator.indicator_sla_resolution"
            )
            self.env["service.quality.figure"]._take(
                self.env.company, MARCH, resolution, reason="Counted once more"
            )
        self.assertEqual(raised.search([("date_from", "=", MARCH.start)]), raised)
        self.assertIn(resolution, raised.also_figure_ids.indicator_id)

    def test_many_cost_little_more_than_one(self):
        """A month's end brings many: no statement and no mail for each."""
        figures = self.env["service.quality.figure"]
        with freeze_time("2026-04-02 08:00"):
            figure = self._raise().figure_id
            more = figures.union(*(self._copy(figure, n) for n in range(1, 41)))
            counts = []
            for some in (more[:3], more[3:]):
                self.env.flush_all()
                before = self.env.cr.sql_log_count
                raised = self.env["service.quality.deviation"]._raise_for(some)
                self.env.flush_all()
                counts.append(self.env.cr.sql_log_count - before)
                self.assertEqual(len(raised.activity_ids), len(some))
        self.assertLessEqual(counts[1], counts[0] + 2)
        self.assertFalse(
            self.env["mail.mail"].search([("model", "=", "service.quality.deviation")])
        )

    def test_the_owner_is_asked_in_the_own_language(self):
        """A job that runs in English writes Chinese to a Chinese colleague."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(
            ["service_quality_indicator"], ["zh_CN"]
        )
        self.owner.lang = "zh_CN"
        summary = self._raise().activity_ids.summary
        self.assertNotIn("goal", summary)

    def test_it_is_judged_by_the_cadence_of_the_indicator(self):
        self.indicator.cadence = "quarter"
        self.assertFalse(self._raise())

    def test_nothing_is_raised_before_the_period_is_over(self):
        self.assertFalse(self._raise("2026-03-20 08:00"))

    @freeze_time("2026-04-20 08:00")
    def test_it_is_analysed_decided_and_followed_up(self):
        """Regulation A4.3.4: for each one missed, an action or a reason for none."""
        deviation = self._raise().with_user(self.owner)
        self.assertTrue(deviation.is_overdue)
        overdue = self.env[deviation._name].search([("is_overdue", "=", True)])
        self.assertIn(deviation, overdue)
        with self.assertRaisesRegex(ValidationError, "why the goal was missed"):
            deviation.action_answer()
        deviation.write({"analysis": ".", "no_action_reason": "Once in five years"})
        with self.assertRaisesRegex(ValidationError, "says too little"):
            deviation.action_answer()
        deviation.write({"analysis": "Spare part came late", "no_action_reason": "-"})
        with self.assertRaisesRegex(ValidationError, "says too little"):
            deviation.action_answer()
        deviation.no_action_reason = False
        with self.assertRaisesRegex(ValidationError, "what is done"):
            deviation.action_answer()
        deviation.no_action_reason = "Once in five years"
        deviation.action_answer()
        self.assertFalse(deviation.is_overdue)
        self.assertFalse(deviation.activity_ids)
        with self.assertRaises(AccessError):
            deviation.analysis = "Nobody's fault"
        followed = deviation.with_user(self.quality)
        with self.assertRaisesRegex(ValidationError, "whether it worked"):
            followed.action_close()
        followed.write({"follow_up": "April: 97 %", "is_effective": "none"})
        followed.action_close()
        self.assertEqual(deviation.state, "closed")
        with self.assertRaises(UserError):
            deviation.unlink()

    def test_the_owner_neither_closes_nor_changes_what_was_measured(self):
        deviation = self._raise().with_user(self.owner)
        deviation.write({"analysis": "The part came late", "action": "Stock it"})
        deviation.action_answer()
        with self.assertRaises(AccessError):
            deviation.action_close()
        with self.assertRaises(AccessError):
            deviation.write({"follow_up": "Fine", "is_effective": "yes"})
        with self.assertRaises(AccessError):
            deviation.write({"value_text": "100 %"})
        deviation.with_user(self.quality).action_reopen()
        self.assertEqual(deviation.state, "open")
        self.assertEqual(deviation.activity_ids.user_id, self.owner)

    def test_nobody_judges_own_work(self):
        """Regulation A4.3.5: who has analysed it does not say that it has worked."""
        deviation = self._raise()
        deviation.owner_id = self.quality
        own = deviation.with_user(self.quality)
        own.write({"analysis": "The part came late", "action": "Stock it"})
        own.action_answer()
        own.write({"follow_up": "May: 97 %", "is_effective": "yes"})
        with self.assertRaisesRegex(AccessError, "two persons"):
            own.action_close()
        centre = self._user("deviation_other", "technical_centre")
        deviation.with_user(centre).action_close()
        self.assertEqual(deviation.state, "closed")

    def test_owners_do_not_put_off_their_deadline(self):
        """Deny: what is due in 2099 is never overdue."""
        deviation = self._raise()
        for user in (self.owner, self.quality):
            with self.assertRaises(AccessError):
                deviation.with_user(user).deadline = "2099-01-01"
        with self.assertRaises(AccessError):
            self._move_due(deviation, self.owner, "2099-01-01")
        deviation.owner_id = self.quality
        with self.assertRaisesRegex(AccessError, "has to do it"):
            self._move_due(deviation, self.quality, "2099-01-01")
        deviation.owner_id = self.owner  # lent, and taken back
        with self.assertRaisesRegex(AccessError, "has to do it"):
            self._move_due(deviation, self.quality, "2026-05-01")
        other = self._user("deviation_mover", "quality")
        with freeze_time(deviation.deadline):  # on its last day it has not passed
            self._move_due(deviation, other, "2026-05-01")
        self.assertEqual(deviation.late_after, date(2026, 5, 1))
        with freeze_time("2026-05-02 10:00:00"):
            self.assertTrue(deviation.is_overdue)
        with self.assertRaises(AccessError):
            deviation.due_move_ids.reason = "Other"

    def test_what_is_moved_after_its_date_stays_late(self):
        """Late is judged by the last date that was set before it passed."""
        deviation = self._raise()
        first = deviation.deadline
        with freeze_time("2026-06-01 10:00:00"):
            self.assertTrue(deviation.is_overdue)
            self._move_due(deviation, self.quality, "2026-07-01")
            self.assertEqual(deviation.deadline, date(2026, 7, 1))
            self.assertEqual(deviation.first_due_on, first)
            self.assertEqual(deviation.late_after, first)
            self.assertTrue(deviation.is_overdue)
            # a second move, before the later date has passed, heals nothing
            self._move_due(deviation, self.quality, "2026-08-01")
            self.assertTrue(deviation.is_overdue)
            late = self.env[deviation._name].search([("is_overdue", "=", True)])
            self.assertIn(deviation, late)
        self.assertEqual(deviation.due_move_ids.mapped("is_late"), [True, False])

    def _move_due(self, deviation, user, day):
        return (
            self.env["service.quality.due.move"]
            .with_user(user)
            .create(
                {
                    "res_model": deviation._name,
                    "res_id": deviation.id,
                    "date_after": day,
                    "reason": "The supplier answers later",
                }
            )
        )

    def test_no_date_is_moved_out_of_sight(self):
        """Regulation A3.2.1: a date is moved by a year at most; then it is due."""
        deviation = self._raise()
        before = deviation.deadline
        for day in ("2126-12-01", fields.Date.add(fields.Date.today(), days=367)):
            with self.assertRaises(ValidationError):
                self._move_due(deviation, self.quality, day)
        self.assertEqual(deviation.deadline, before)
        self.assertFalse(deviation.due_move_ids)

    def test_the_activity_follows_its_day_and_its_owner(self):
        deviation = self._raise()
        asked = deviation.activity_ids
        followed = deviation.with_user(self.quality)
        self._move_due(deviation, self.quality, "2026-05-01")
        self.assertEqual(asked.date_deadline, date(2026, 5, 1))
        followed.owner_id = self.executive
        self.assertEqual(asked.user_id, self.executive)

    def test_the_technical_centre_judges_what_was_done(self):
        """Regulation A4.3.5: deviations are judged by the technical centre."""
        deviation = self._raise()
        centre = self._user("deviation_centre", "technical_centre")
        deviation.with_user(self.owner).write(
            {"analysis": "The part came late", "action": "Stock it"}
        )
        deviation.with_user(self.owner).action_answer()
        judged = deviation.with_user(centre)
        judged.action_reopen()
        deviation.with_user(self.owner).action = "Stock two of it, by May"
        deviation.with_user(self.owner).action_answer()
        judged.write({"follow_up": "May: 97 %", "is_effective": "yes"})
        judged.action_close()
        self.assertEqual(deviation.closed_by_id, centre)

    def test_who_reads_and_who_does_not(self):
        deviation = self._raise()
        staff = self._user("deviation_staff", "staff")
        with self.assertRaises(AccessError):
            deviation.with_user(staff).read(["analysis"])
        with self.assertRaises(AccessError):
            deviation.with_user(self.executive).analysis = "Mine"
        with self.assertRaises(AccessError):
            deviation.with_user(self._user("deviation_sales", "sales")).read(["state"])
        desk = self._user("deviation_desk", "desk")
        with self.assertRaises(AccessError):
            deviation.with_user(desk).action_answer()

    def test_what_nobody_analyses_climbs(self):
        """Regulation A4.3.4: no deviation is passed over; those above hear of it."""
        self._ship("deviation")
        deviation = self._raise()
        nobody = self.env["res.users"]
        self.assertClimbs(
            deviation,
            "deviation",
            [
                ("2026-04-12", nobody),
                ("2026-04-13", self.owner | self.quality),
                ("2026-04-18", nobody),
                # who owns it is a service manager, too
                ("2026-04-19", self.owner | self.executive),
                ("2026-05-19", nobody),
            ],
        )
        answer = {"analysis": "The part came late", "action": "Stock it"}
        deviation.with_user(self.owner).write(answer)
        self.assertTrue(self.urged(deviation))
        deviation.with_user(self.owner).action_answer()
        self.assertFalse(self.urged(deviation))

    def test_a_closed_deviation_is_rectified(self):
        """Regulation A4.3.4: what was closed keeps old and new; who, why and when."""
        deviation = self._raise()
        with freeze_time("2026-04-03 08:00"):
            owned = deviation.with_user(self.owner)
            owned.write({"analysis": "Too few people", "action": "One more"})
            owned.action_answer()
            followed = deviation.with_user(self.quality)
            followed.write({"follow_up": "It got better", "is_effective": "yes"})
            followed.action_close()
        for user in (self.owner, self.quality, self.env.user):
            with self.assertRaisesRegex(UserError, "Rectify"):
                deviation.with_user(user).analysis = "Bad luck"
        with self.assertRaises(AccessError):
            followed.owner_id = self.quality
        with self.assertRaises(AccessError):
            owned._rectify("follow_up", "Nothing", "Why not")
        followed._rectify("follow_up", "It got much better", "By the new figure")
        row = followed._rectify("is_effective", "no", "It came back")
        self.assertEqual((row.state, deviation.is_effective), ("pending", "yes"))
        with self.assertRaises(AccessError):
            row.with_user(self.owner).action_approve()
        rows = deviation._rectifications()
        self.assertIn("It got better", rows.mapped("old_text"))
        followed.action_reopen()
        self.assertEqual(deviation.state, "open")
