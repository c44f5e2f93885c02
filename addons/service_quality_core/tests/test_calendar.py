import random
from datetime import UTC, datetime, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

from freezegun import freeze_time
from psycopg2.errors import SerializationFailure

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools.instants import to_epoch
from .common import ServiceQualityCase

ZONES = (
    "Europe/Berlin",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
)
LOW, HIGH = datetime(2026, 1, 1), datetime(2026, 12, 31)
TARGET = {"metric": "resolution", "duration": 8}


@tagged("post_install", "-at_install")
class TestOracle(ServiceQualityCase):
    """Random calendars and questions, compared with Odoo's own calendar."""

    def _random_calendar(self, rng, zone):
        """Make a calendar with odd hours, perhaps by fortnights, until midnight."""
        fortnight = rng.random() < 0.4
        lines = []
        for week in ("0", "1") if fortnight else (False,):
            if fortnight:
                lines.append(
                    {
                        "name": "Week",
                        "display_type": "line_section",
                        "week_type": week,
                        "dayofweek": "0",
                        "hour_from": 0,
                        "hour_to": 0,
                    }
                )
            for day in rng.sample(range(7), rng.randint(2, 7)):
                marks = sorted(rng.sample(range(0, 1440), 2 * rng.randint(1, 3)))
                if rng.random() < 0.3:
                    marks[-1] = 1440
                for start, end in zip(marks[::2], marks[1::2], strict=True):
                    lines.append(
                        {
                            "name": "Work",
                            "dayofweek": str(day),
                            "hour_from": start / 60,
                            "hour_to": end / 60,
                            "week_type": week,
                            "day_period": "morning",
                        }
                    )
        calendar = self.env["resource.calendar"].create(
            {
                "name": f"Random {zone}",
                "tz": zone,
                "two_weeks_calendar": fortnight,
                "attendance_ids": [Command.create(line) for line in lines],
            }
        )
        self._random_leaves(rng, calendar)
        return calendar

    def _random_leaves(self, rng, calendar):
        """Close it now and then, itself or with the whole company; one is not ours."""
        resource = self.env["resource.resource"].create(
            {"name": "Somebody", "calendar_id": calendar.id}
        )
        for number in range(6):
            start = LOW + timedelta(minutes=rng.randrange(360 * 1440))
            self.env["resource.calendar.leaves"].create(
                {
                    "name": "Closed",
                    "calendar_id": calendar.id if number % 2 else False,
                    "resource_id": resource.id if number == 5 else False,
                    "date_from": start,
                    "date_to": start + timedelta(minutes=rng.randrange(30, 6000)),
                }
            )

    def _oracle(self, calendar):
        """Return Odoo's open intervals in whole seconds; 24:00 is one second later."""
        work = calendar._work_intervals_batch(
            LOW.replace(tzinfo=UTC) - timedelta(days=2),
            HIGH.replace(tzinfo=UTC) + timedelta(days=2),
        )[False]
        found = []
        for start, end, _meta in work:
            # known fault: 24:00 is kept as 23:59:59.999999
            end = end + timedelta(microseconds=1) if end.microsecond else end
            pair = (to_epoch(start.astimezone(UTC)), to_epoch(end.astimezone(UTC)))
            if pair[0] < pair[1]:
                found.append(pair)
        return found

    @freeze_time("2026-06-01")
    def test_random_calendars(self):
        """SLA case 9: zones, summer time, holidays and nights agree with the calendar.

        SLA case 11: to the second, in thousands of random questions.
        """
        rng = random.Random(19)  # noqa: S311
        for number in range(15):
            zone = ZONES[number % len(ZONES)]
            calendar = self._random_calendar(rng, zone)
            [(_id, timetable)] = calendar._service_timetables(to_epoch(LOW)).values()
            expected = self._oracle(calendar)
            for _question in range(300):
                start = to_epoch(LOW) + rng.randrange(330 * 86400)
                end = start + rng.randrange(30 * 86400)
                worked = sum(
                    min(end, b) - max(start, a)
                    for a, b in expected
                    if a < end and b > start
                )
                self.assertEqual(timetable.open_seconds(start, end), worked, zone)
                if worked:
                    found = timetable.add(start, worked)
                    self.assertLessEqual(found, end)
                    self.assertEqual(timetable.open_seconds(start, found), worked)
                    self.assertEqual(
                        timetable.open_seconds(start, found - 1), worked - 1
                    )

    @freeze_time("2026-06-01")
    def test_hours_and_plans_of_odoo(self):
        """SLA case 11: where Odoo plans in whole hours it says what we say."""
        rng = random.Random(7)  # noqa: S311
        calendar = self._define_calendar("Plain", [(8, 12), (13, 17)], tz=ZONES[0])
        [(_id, timetable)] = calendar._service_timetables(to_epoch(LOW)).values()
        for _question in range(200):
            start = datetime(2026, 1, 5, 9, 30, tzinfo=UTC) + timedelta(
                days=rng.randrange(300), hours=rng.randrange(24)
            )
            hours = rng.randrange(1, 60) + 0.25
            epoch = to_epoch(start)
            planned = calendar.plan_hours(hours, start, compute_leaves=True)
            ours = timetable.add(epoch, round(hours * 3600))
            self.assertLessEqual(abs(to_epoch(planned.astimezone(UTC)) - ours), 1)
            end = start + timedelta(hours=rng.randrange(500))
            counted = calendar.get_work_hours_count(start, end)
            seconds = timetable.open_seconds(epoch, to_epoch(end))
            self.assertAlmostEqual(counted * 3600, seconds, places=3)


@tagged("post_install", "-at_install")
class TestCalendar(ServiceQualityCase):
    def test_midnight_is_the_end_of_the_day(self):
        """SLA case 10: 24 h from Friday 00:00, Mon–Fri round the clock: 24:00."""
        calendar = self._define_calendar("Day and night", [(0, 24)])
        self._agreement({**TARGET, "duration": 24}, calendar_id=calendar.id)
        ticket = self._ticket("2026-03-06 00:00:00")
        self.assertMoment(self.clock(ticket).deadline, "2026-03-07 00:00")
        ticket = self._ticket("2026-03-05 12:00:00")
        self.assertMoment(self.clock(ticket).deadline, "2026-03-06 12:00")

    def test_deadline_at_the_end_of_the_day(self):
        """SLA case 11: nine hours from 09:00 until 18:00 end today, at any minute."""
        calendar = self._define_calendar("Nine to six", [(9, 18)])
        self._agreement(
            *(
                {**TARGET, "duration": minutes, "unit": "minute", "priority": priority}
                for minutes, priority in ((540, "0"), (407, "1"), (7, "2"), (1, "3"))
            ),
            calendar_id=calendar.id,
        )
        for minutes, priority in ((540, "0"), (407, "1"), (7, "2"), (1, "3")):
            start = datetime(2026, 3, 6, 18) - timedelta(minutes=minutes)
            ticket = self._ticket(start, priority=priority)
            self.assertMoment(self.clock(ticket).deadline, "2026-03-06 18:00")

    def test_days_of_23_and_25_hours(self):
        """SLA case 9: round the clock in Berlin, a day is as long as it really is."""
        calendar = self._define_calendar(
            "Round the clock", [(0, 24)], tz="Europe/Berlin", days=range(7)
        )
        start = to_epoch(datetime(2026, 1, 1))
        with freeze_time("2026-06-01"):
            [(_id, timetable)] = calendar._service_timetables(start).values()
        for day, hours in (
            (datetime(2026, 3, 28), 24),
            (datetime(2026, 3, 29), 23),
            (datetime(2026, 10, 25), 25),
        ):
            zone = ZoneInfo("Europe/Berlin")
            begin = day.replace(tzinfo=zone).timestamp()
            end = (day + timedelta(days=1)).replace(tzinfo=zone).timestamp()
            worked = timetable.open_seconds(int(begin), int(end))
            self.assertEqual(worked, hours * 3600)

    def test_offset_is_that_of_the_date(self):
        """SLA case 9: New York opens at 14:00 UTC in winter, at 13:00 after."""
        office = self._define_calendar("New York", [(9, 17)], tz="America/New_York")
        self._agreement({**TARGET, "duration": 1}, calendar_id=office.id)
        winter = self._ticket("2026-03-06 10:00:00")
        summer = self._ticket("2026-03-09 10:00:00")
        self.assertMoment(self.clock(winter).deadline, "2026-03-06 15:00")
        self.assertMoment(self.clock(summer).deadline, "2026-03-09 14:00")

    def test_month_ends(self):
        """SLA case 21: from the 27th to the 1st, in leap years and others."""
        self._agreement({**TARGET, "duration": 16}, date_start="2024-01-01")
        expected = {
            "2024-02-28 09:00:00": "2024-02-29 17:00",
            "2026-02-27 09:00:00": "2026-03-02 17:00",
            "2026-04-30 09:00:00": "2026-05-01 17:00",
            "2026-12-31 12:00:00": "2027-01-04 12:00",
        }
        for opened, deadline in expected.items():
            ticket = self._ticket(opened)
            self.assertMoment(self.clock(ticket).deadline, deadline)

    def test_holiday_of_one_calendar_and_of_the_company(self):
        """SLA case 16: both close the office; a person's or another office's do not."""
        Leaves = self.env["resource.calendar.leaves"]
        resource = self.env["resource.resource"].create(
            {"name": "Somebody", "calendar_id": self.office.id}
        )
        other = self._define_calendar("Other office", [(9, 17)])
        there = self.env["res.company"].create({"name": "Elsewhere"})
        closed = [
            (2, {"calendar_id": other.id}),
            (2, {"name": "There"}),
            (3, {"calendar_id": self.office.id}),
            (4, {}),
            (5, {"calendar_id": self.office.id, "resource_id": resource.id}),
        ]
        leaves = Leaves.create(
            [
                {
                    "name": f"March {day}",
                    "date_from": f"2026-03-{day:02} 00:00:00",
                    "date_to": f"2026-03-{day:02} 23:59:59",
                    **values,
                }
                for day, values in closed
            ]
        )
        leaves[1].company_id = there
        self._agreement(TARGET)
        ticket = self._ticket("2026-03-02 10:00:00")
        self.assertMoment(self.clock(ticket).deadline, "2026-03-05 10:00")

    # ------------------------------------------------------------------
    # A calendar that changes
    # ------------------------------------------------------------------

    def _close(self, day):
        with freeze_time("2026-03-02 18:00:00"):
            leave = self.env["resource.calendar.leaves"].create(
                {
                    "name": "Closed",
                    "calendar_id": self.office.id,
                    "date_from": f"{day} 00:00:00",
                    "date_to": f"{day} 23:59:59",
                }
            )
            self._replan()
        return leave

    def _replan(self):
        """Have what was changed approved, and run the cron as the scheduler does."""
        self._approve_changes()
        self._run_replan()

    def _approve_changes(self):
        changes = self.env["service.quality.calendar.change"]
        changes = changes.search([("state", "=", "requested")])
        if changes:
            changes.action_approve()

    def _run_replan(self):
        with self.enter_registry_test_mode():
            cron = self.env.ref("service_quality_core.ir_cron_replan_clocks")
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_open_clocks_are_planned_anew(self):
        """SLA case 16: a holiday entered later moves what is open, and nothing else."""
        self._agreement({**TARGET, "duration": 16})
        running = self._ticket("2026-03-02 09:00:00")
        judged = self._ticket("2026-03-02 09:00:00")
        self._move(judged, "resolved", "2026-03-02 12:00:00")
        late = self._ticket("2026-02-25 09:00:00")
        done = (self.clock(judged), self.clock(late))
        before = [clock.read()[0] for clock in done]
        self._close("2026-03-03")
        self.assertMoment(self.clock(running).deadline, "2026-03-04 17:00")
        self.assertMoment(running.service_deadline, "2026-03-04 17:00")
        with freeze_time("2026-03-03 08:00:00"):
            self.assertEqual([clock.read()[0] for clock in done], before)
            self.assertConsistent(running | judged | late)

    def test_finished_clocks_are_replayed_with_their_own_calendar(self):
        """SLA case 16: a later event on a judged ticket changes no verdict."""
        self._agreement({**TARGET, "duration": 8})
        ticket = self._ticket("2026-03-02 12:00:00")
        self._move(ticket, "resolved", "2026-03-03 12:30:00")
        self.assertEqual(self.clock(ticket).verdict, "missed")
        self._close("2026-03-03")
        self._move(ticket, "closed", "2026-03-04 12:00:00")
        clock = self.clock(ticket)
        self.assertEqual(clock.verdict, "missed")
        self.assertMoment(clock.judged_at, "2026-03-03 12:00")
        with freeze_time("2026-03-04 13:00:00"):
            self.assertConsistent(ticket)

    def test_hours_changed_and_leave_removed(self):
        """SLA case 16: attendances, zone and a leave taken back do the same."""
        self._agreement({**TARGET, "duration": 16})
        ticket = self._ticket("2026-03-02 09:00:00")
        leave = self._close("2026-03-03")
        with freeze_time("2026-03-02 10:00:00"):
            leave.unlink()
            self._replan()
            self.assertMoment(self.clock(ticket).deadline, "2026-03-03 17:00")
            self.office.attendance_ids.hour_to = 13
            self._replan()  # today stays as it was promised
            self.assertMoment(self.clock(ticket).deadline, "2026-03-04 13:00")
            self.office.tz = "Etc/GMT-1"
            self._replan()
            self.assertMoment(self.clock(ticket).deadline, "2026-03-04 12:00")

    def test_a_change_waits_for_its_approval(self):
        """Clocks go by what was signed until the quality department approves."""
        changer = self._user("calendar_changer", "quality", "service_manager")
        changer.group_ids += self.env.ref("base.group_system")
        other = self._user("calendar_other", "quality")
        manager = self._user("calendar_manager", "service_manager")
        self._agreement({**TARGET, "duration": 16})
        ticket = self._ticket("2026-03-02 09:00:00")
        old = self.office.service_timetable_id
        Change = self.env["service.quality.calendar.change"]
        with freeze_time("2026-03-02 10:00:00"):
            lines = self.office.attendance_ids.with_user(changer)
            lines.write({"hour_to": 13})
            lines[0].hour_to = 12
            change = Change.search([("calendar_id", "=", self.office.id)])
            self.assertEqual(len(change), 1, "one request takes up all")
            self.assertEqual(change.author_ids, changer)
            self.assertIn("2026-03-03: 09:00–17:00 → 09:00–13:00", change.difference)
            self.assertNotIn("2026-03-02", change.difference)
            self._run_replan()
            self.assertMoment(self.clock(ticket).deadline, "2026-03-03 17:00")
            another = self._ticket("2026-03-02 09:30:00")
            self.assertMoment(self.clock(another).deadline, "2026-03-04 09:30")
            for user in (changer, manager):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    change.with_user(user).action_approve()
            change.with_user(other).action_approve()
            self._run_replan()
        self.assertMoment(self.clock(ticket).deadline, "2026-03-04 13:00")
        self.assertEqual(change.old_timetable_id, old)
        self.assertEqual(change.new_timetable_id, self.office.service_timetable_id)
        self.assertEqual(f"{change.holds_from}", "2026-03-03")
        self.assertIn("→ 09:00–13:00", change.difference)

    def test_past_days_move_no_clock(self):
        """A holiday entered for a day that is past pardons nothing."""
        self._agreement({**TARGET, "duration": 16})
        ticket = self._ticket("2026-03-02 09:00:00")
        self._user("calendar_quality", "quality")
        with freeze_time("2026-03-03 10:00:00"):
            leave = {"name": "Closed", "calendar_id": self.office.id}
            Leaves = self.env["resource.calendar.leaves"]
            for day in ("2026-03-02", "2026-03-03"):
                Leaves.create(
                    leave
                    | {
                        "date_from": f"{day} 00:00:00",
                        "date_to": f"{day} 23:59:59",
                    }
                )
            self._replan()
            self.assertMoment(self.clock(ticket).deadline, "2026-03-03 17:00")
            Leaves.create(
                leave
                | {
                    "date_from": "2026-03-04 00:00:00",
                    "date_to": "2026-03-04 23:59:59",
                }
            )
            change = self.env["service.quality.calendar.change"].search(
                [("calendar_id", "=", self.office.id), ("state", "=", "requested")]
            )
            change.action_refuse()
            self._run_replan()
            late = self._ticket("2026-03-03 10:30:00")
        self.assertMoment(self.clock(late).deadline, "2026-03-05 10:30")

    def _replan_colliding(self, times):
        """Run the cron while somebody else's work makes planning fail a few times."""
        ledger = self.registry["service.quality.ledger"]
        refold, left = ledger._refold, [times]

        def collide(records, ticket_ids):
            left[0] -= 1
            if left[0] >= 0:
                raise SerializationFailure("could not serialize access")
            return refold(records, ticket_ids)

        with (
            patch.object(ledger, "_refold", collide),
            mute_logger("odoo.addons.base.models.ir_cron"),
        ):
            self._replan()

    def _open_before_closing(self):
        """Return a ticket that is due on the day that the office then closes."""
        self._agreement({**TARGET, "duration": 16})
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 10:00:00"):
            self.env["resource.calendar.leaves"].create(
                {
                    "name": "Closed",
                    "calendar_id": self.office.id,
                    "date_from": "2026-03-03 00:00:00",
                    "date_to": "2026-03-03 23:59:59",
                }
            )
            self._approve_changes()
        return ticket

    def test_collision_is_tried_again(self):
        """SLA case 16: planning that meets somebody at work is repeated at once."""
        ticket = self._open_before_closing()
        with freeze_time("2026-03-02 10:00:00"):
            self._replan_colliding(1)
        self.assertMoment(self.clock(ticket).deadline, "2026-03-04 17:00")

    def test_next_run_finds_what_a_failed_one_left(self):
        """SLA case 16: clocks left behind are found though no calendar is stale."""
        ticket = self._open_before_closing()
        with freeze_time("2026-03-02 10:00:00"):
            self._replan_colliding(2)
            self.assertFalse(self.office.service_timetable_stale)
            self.assertMoment(self.clock(ticket).deadline, "2026-03-03 17:00")
            self._replan()
        self.assertMoment(self.clock(ticket).deadline, "2026-03-04 17:00")

    def test_second_run_has_nothing_to_do(self):
        """SLA case 20: what was planned anew is not planned again."""
        self._agreement(TARGET)
        self._ticket("2026-03-02 09:00:00")
        self._close("2026-03-03")
        with freeze_time("2026-03-03 08:00:00"):
            found = self.env["service.quality.clock"]._tickets_to_replan(10)
        self.assertEqual(found, ([], 0))

    def test_manager_hears_once_of_time_that_never_comes(self):
        """The job writes in the manager's language, whichever that is by now."""
        self.env["res.lang"]._activate_lang("zh_CN")
        manager = self._user("manager", "service_manager", lang="zh_CN")
        agreement = self._agreement({**TARGET, "duration": 16}, manager_id=manager.id)
        ticket = self._ticket("2026-03-02 09:00:00")
        for lang in ("zh_CN", "en_US"):
            manager.lang = lang
            with freeze_time("2026-03-02 10:00:00"):
                self.office.attendance_ids.unlink()
                self._replan()
                self.env["service.quality.clock"]._warn_unreachable(ticket.ids)
            [activity] = agreement.activity_ids
            self.assertIn("服务时间", activity.summary)

    def test_time_that_never_comes(self):
        """SLA case 22: a calendar emptied later makes the deadline unreachable."""
        self._agreement({**TARGET, "duration": 16})
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 10:00:00"):
            self.office.attendance_ids.unlink()
            self._replan()
            clock = self.clock(ticket)
            self.assertEqual((clock.state, clock.deadline), ("running", False))
            self.assertFalse(ticket.service_deadline)
            self._move(ticket, "resolved", "2026-03-02 11:00:00")
            self.assertEqual(self.clock(ticket).verdict, "met")

    def test_promise_beyond_the_known_years(self):
        """SLA case 22: what no calendar holds cannot be signed, and says why."""
        agreement = self._agreement({**TARGET, "duration": 80_000}, sign=False)
        with self.assertRaisesRegex(Exception, "cannot be reached within the years"):
            agreement.action_sign()

    def test_deadline_set_beyond_the_known_years(self):
        """SLA case 22: a deadline set by hand has to be one that calendars know."""
        self._agreement(TARGET)
        ticket = self._ticket("2026-03-02 09:00:00")
        with (
            freeze_time("2026-03-02 10:00:00"),
            self.assertRaisesRegex(ValidationError, "more than 5 years ahead"),
        ):
            ticket.service_set_deadline("resolution", "2060-01-01 00:00:00", "Parked")
        self.assertMoment(self.clock(ticket).deadline, "2026-03-02 17:00")

    def test_clock_that_outlives_its_timetable(self):
        """SLA case 22: after ten years the same clock still knows the time."""
        self._agreement({**TARGET, "pause_on": "customer"})
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "waiting_customer", "2026-03-02 10:00:00")
        self._move(ticket, "active", "2036-03-03 09:00:00")
        self.assertMoment(self.clock(ticket).deadline, "2036-03-03 16:00")
        with freeze_time("2036-03-03 10:00:00"):
            self.assertConsistent(ticket)

    def test_ticket_that_was_opened_long_ago(self):
        """A ticket entered years later is counted by the same calendar."""
        self._agreement(TARGET, date_start="2015-01-01")
        ticket = self._ticket(
            "2026-03-02 09:00:00", service_opened_at="2016-03-01 09:00"
        )
        self.assertMoment(self.clock(ticket).deadline, "2016-03-01 17:00")
