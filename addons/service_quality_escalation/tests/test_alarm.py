from datetime import datetime

import psycopg2
from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .escalation_common import TARGET, EscalationCase

HALF = {"trigger": "percent", "amount": 50}


@tagged("post_install", "-at_install")
class TestAlarm(EscalationCase):
    """What happens when a step is due."""

    def _assigned(self, moment="2026-03-02 09:00:00", **values):
        return self._ticket(moment, user_id=self.agent.id, **values)

    # ------------------------------------------------------------------
    # Once, and in time
    # ------------------------------------------------------------------

    def test_each_step_fires_once(self):
        """SLA case 13: the next sweeps raise no alarm that was raised."""
        self._rule(HALF)
        self._assigned()
        self.assertFalse(self._sweep("2026-03-02 12:59:59"))
        [alarm] = self._sweep("2026-03-02 13:00:00")
        self.assertMoment(alarm.due_at, "2026-03-02 13:00")
        self.assertFalse(alarm.is_late)
        for moment in ("2026-03-02 13:00:01", "2026-03-05 13:00:00"):
            self.assertFalse(self._sweep(moment))

    def test_once_in_the_database(self):
        """SLA case 13: the database refuses a second alarm of a step on a clock."""
        self._rule(HALF)
        self._assigned()
        [alarm] = self._sweep("2026-03-02 13:00:00")
        [values] = alarm.copy_data()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
            self.env.cr.savepoint(),
        ):
            alarm.create(values | {"fired_at": alarm.fired_at, "due_at": alarm.due_at})

    def test_once_though_the_clock_is_made_anew(self):
        """SLA case 13: alarms outlive the projection of their clock."""
        self._rule(HALF)
        ticket = self._assigned()
        self._sweep("2026-03-02 13:00:00")
        self.env.cr.execute(
            "DELETE FROM service_quality_clock WHERE ticket_id = %s", [ticket.id]
        )
        with freeze_time("2026-03-02 13:30:00"):
            self.env["service.quality.ledger"]._refold(ticket.ids)
        self.assertFalse(self.clock(ticket).next_alert_at)
        self.assertFalse(self._sweep("2026-03-02 13:31:00"))

    def test_once_though_it_moves_away_and_back(self):
        """SLA case 13: a holiday that moves the deadline repeats no alarm."""
        self._rule(HALF, {"trigger": "percent", "amount": 100})
        ticket = self._assigned()
        self._sweep("2026-03-02 13:00:00")
        self._move(ticket, "waiting_customer", "2026-03-02 13:10:00")
        self._move(ticket, "active", "2026-03-04 09:00:00")
        self.assertFalse(self._sweep("2026-03-04 09:01:00"))
        self.assertEqual(self.clock(ticket).next_alert_at, self.clock(ticket).deadline)

    def test_after_the_server_was_down(self):
        """A step that was missed fires once when the server is back, marked late."""
        self._rule(HALF, {"trigger": "percent", "amount": 100})
        self._assigned()
        alarms = self._sweep("2026-03-03 09:30:00")
        self.assertEqual(len(alarms), 2)
        self.assertEqual(alarms.mapped("is_late"), [True, True])
        self.assertEqual(
            set(alarms.mapped("due_at")),
            {datetime(2026, 3, 2, 13), datetime(2026, 3, 2, 17)},
        )
        self.assertFalse(self._sweep("2026-03-03 09:31:00"))

    def test_a_minute_is_not_late(self):
        """The scheduler looks about once a minute; that is in time."""
        self._rule(HALF)
        self._assigned()
        [alarm] = self._sweep("2026-03-02 13:01:10")
        self.assertFalse(alarm.is_late)

    def test_time_used_up_just_before_a_pause(self):
        """A step whose time came just before a pause fires when the clock runs on."""
        self._rule(HALF)
        ticket = self._assigned()
        self._move(ticket, "waiting_customer", "2026-03-02 13:00:30")
        self.assertFalse(self._sweep("2026-03-02 13:01:00"))
        self._move(ticket, "active", "2026-03-02 15:00:00")
        [alarm] = self._sweep("2026-03-02 15:00:10")
        self.assertMoment(alarm.due_at, "2026-03-02 15:00")

    def test_no_alarm_while_paused(self):
        """SLA case 8: nobody is told while the customer is the slow one."""
        self._rule(HALF, {"trigger": "after", "amount": 10})
        ticket = self._assigned()
        self._move(ticket, "waiting_customer", "2026-03-02 10:00:00")
        self.assertFalse(self._sweep("2026-03-20 10:00:00"))

    def test_silent_once_it_is_over(self):
        """SLA case 5: what is resolved, closed or cancelled in time alarms nobody."""
        self._rule(HALF)
        for phase in ("resolved", "closed", "cancelled"):
            ticket = self._assigned()
            self._move(ticket, phase, "2026-03-02 12:59:00")
        self.assertFalse(self._sweep("2026-03-02 18:00:00"))

    def test_what_alarms_asked_for_ends_with_the_clock(self):
        """SLA case 5: nobody keeps an activity about a promise that is settled."""
        self._rule(HALF)
        ticket = self._assigned()
        other = self._assigned()
        self._sweep("2026-03-02 13:00:00")
        self.assertEqual(len(self.activities(ticket)), 1)
        self._move(ticket, "resolved", "2026-03-02 14:00:00")
        self.assertFalse(self.activities(ticket))
        self.assertEqual(len(self.activities(other)), 1)
        self.assertEqual(ticket.service_alarm_count, 1)

    def test_duplicates_are_silent(self):
        """SLA case 5: a ticket that is a duplicate of another one alarms nobody."""
        self._rule(HALF)
        main, double = self._assigned(), self._assigned()
        with freeze_time("2026-03-02 10:00:00"):
            double.duplicate_id = main
        self.assertEqual(self._sweep("2026-03-02 13:00:00").ticket_id, main)

    # ------------------------------------------------------------------
    # History
    # ------------------------------------------------------------------

    def _import(self, **values):
        record = {
            "external_ref": "old-1",
            "name": "Imported",
            "opened_at": "2026-03-02 09:00:00",
            "partner": self.contact.id,
            "team": self.team.id,
            "events": [],
            **values,
        }
        with freeze_time("2026-03-02 14:00:00"):
            [outcome] = self.env["helpdesk.ticket"].service_import([record])
        self.assertEqual(outcome["outcome"], "created", outcome)
        return self.env["helpdesk.ticket"].browse(outcome["ticket_id"])

    def test_history_alarms_nobody(self):
        """What was due before an import is history; what is due later is told."""
        self._rule(HALF, {"trigger": "percent", "amount": 100})
        ticket = self._import()
        self.assertMoment(self.clock(ticket).next_alert_at, "2026-03-02 17:00")
        self.assertFalse(self._sweep("2026-03-02 14:01:00"))
        # also after the ticket was worked on, and after the rules have changed
        self._move(ticket, "active", "2026-03-02 14:30:00")
        self.env["service.quality.escalation"]._plan_again()
        self.assertFalse(self._sweep("2026-03-02 14:31:00"))
        [alarm] = self._sweep("2026-03-02 17:00:00")
        self.assertMoment(alarm.due_at, "2026-03-02 17:00")

    def test_history_that_is_over_alarms_nobody(self):
        """A ticket that comes resolved has no alarm at all."""
        self._rule(HALF)
        event = {"at": "2026-03-02 13:30:00", "kind": "phase", "phase": "resolved"}
        ticket = self._import(events=[event])
        self.assertEqual(self.clock(ticket).verdict, "met")
        self.assertFalse(self._sweep("2026-03-20 14:01:00"))

    def test_what_was_there_before_us_alarms_nobody(self):
        """Tickets that were taken over at installation are history, too."""
        self._rule(HALF)
        ticket = self._assigned()
        self.env["service.quality.event"]._unlock_ledger()
        self.env.cr.execute(
            "UPDATE service_quality_event SET origin = 'migration', recorded_at = %s "
            "WHERE ticket_id = %s",
            ["2026-03-02 13:30:00", ticket.id],
        )
        self.env["service.quality.event"]._lock_ledger()
        self.assertFalse(self._sweep("2026-03-02 13:31:00"))

    # ------------------------------------------------------------------
    # What counts and what does not
    # ------------------------------------------------------------------

    def test_alarms_are_no_answer(self):
        """SLA case 7: neither an alarm nor what it does answers the customer."""
        self._agreement(
            {"metric": "first_response", "duration": 8},
            {**TARGET, "duration": 8},
            partner_ids=self.globex.ids,
        )
        self._rule(
            *(
                {**HALF, "action": action}
                for action in ("activity", "mail", "reassign", "raise_priority")
            )
        )
        ticket = self._ticket("2026-03-02 09:00:00", partner_id=self.globex.id)
        self.assertEqual(len(self._sweep("2026-03-02 13:00:00")), 8)
        clock = self.clock(ticket, "first_response")
        self.assertEqual(clock.state, "running")
        self.assertNotIn("responded", self.kinds(ticket))
        self.assertConsistent(ticket)

    def test_verdict_is_a_comparison_not_the_alarm(self):
        """SLA case 14: a clock is late when its time is over, swept or not."""
        self._rule({"trigger": "percent", "amount": 100})
        ticket = self._assigned()
        clock = self.clock(ticket)
        with freeze_time("2026-03-02 17:00:01"):
            clock.invalidate_recordset(["burning"])
            self.assertEqual(clock.burning, "late")
        self.assertFalse(clock.verdict)
        self._sweep("2026-03-02 17:00:30")
        self.assertFalse(clock.verdict)
        with freeze_time("2026-03-02 17:00:30"):
            clock.invalidate_recordset(["burning"])
            self.assertEqual(clock.burning, "late")

    def test_met_in_the_last_second(self):
        """SLA case 19: no alarm calls late what the ticket calls met."""
        self._rule({"trigger": "percent", "amount": 100})
        ticket = self._assigned()
        self._move(ticket, "resolved", "2026-03-02 17:00:00")
        self.assertEqual(self.clock(ticket).verdict, "met")
        self.assertFalse(self._sweep("2026-03-02 17:00:30"))

    def test_alarm_says_what_the_clock_says(self):
        """SLA case 19: deadline, target and customer are the clock's own."""
        self._rule(HALF)
        ticket = self._assigned()
        clock = self.clock(ticket)
        [alarm] = self._sweep("2026-03-02 13:00:00")
        for name in (
            "ticket_id", "target_id", "cycle", "round", "holder", "company_id", "kind",
            "metric", "agreement_id", "partner_id", "team_id", "deadline",
        ):  # fmt: skip
            self.assertEqual(alarm[name], clock[name], name)

    def test_the_team_whose_time_it_is(self):
        """SLA case 18: an alarm about a team's time goes to that team's leader."""
        boss = self._user("alarm_boss", "desk", email="boss@example.com")
        self.other_team.user_id = boss
        self._agreement(
            {"metric": "resolution", "duration": 4},
            kind="ola",
            partner_ids=False,
            team_ids=[Command.set((self.team | self.other_team).ids)],
        )
        self._rule({**HALF, "recipient": "leader"}, kind="ola")
        ticket = self._assigned()
        with freeze_time("2026-03-02 10:00:00"):
            ticket.write({"team_id": self.other_team.id, "user_id": False})
        [alarm] = self._sweep("2026-03-02 12:00:00")
        self.assertEqual(alarm.team_id, self.other_team)
        self.assertEqual(alarm.user_ids, boss)
        with freeze_time("2026-03-02 12:30:00"):
            ticket.write({"team_id": self.team.id})
        [alarm] = self._sweep("2026-03-02 13:30:00")
        self.assertEqual(alarm.user_ids, self.leader)

    def test_staff_ages_out(self):
        """Whom alarms told is taken out with the rest of old tickets' staff."""
        self._rule(HALF)
        ticket = self._assigned()
        [alarm] = self._sweep("2026-03-02 13:00:00")
        self._move(ticket, "resolved", "2026-03-02 14:00:00")
        self.env.company.service_staff_retention_months = 6
        with freeze_time("2026-10-15 12:00:00"):
            self.env["service.quality.purge"]._gc_staff()
        self.assertTrue(alarm.exists())
        self.assertFalse(alarm.user_ids)

    def test_alarms_come_after_a_pause_though_nobody_moves_it(self):
        """SLA case 37: half of the time is used three hours after the pause."""
        self._rule({"trigger": "percent", "amount": 50})
        ticket = self._ticket("2026-03-02 09:00:00", user_id=self.agent.id)
        with freeze_time("2026-03-02 10:00:00"):
            ticket.service_hold(until="2026-03-03 11:00:00")
        self.assertFalse(self._sweep("2026-03-03 13:59:59"))
        [alarm] = self._sweep("2026-03-03 14:00:00")
        self.assertMoment(alarm.due_at, "2026-03-03 14:00")

    # ------------------------------------------------------------------
    # The scheduler
    # ------------------------------------------------------------------

    def _triggers(self):
        cron = self.env.ref("service_quality_core.ir_cron_sweep")
        return self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])

    def test_the_scheduler_is_woken_in_time(self):
        """Whoever brings the next alarm nearer has the sweep woken for it, once."""
        self._rule(HALF)
        self._triggers().unlink()
        self._assigned("2026-03-02 09:00:00")
        self.assertMoment(self._triggers().call_at, "2026-03-02 13:00")
        self._assigned("2026-03-02 09:10:00")
        self.assertEqual(len(self._triggers()), 1)
        self._assigned("2026-03-02 08:00:00")  # counts from nine as well
        self.assertEqual(len(self._triggers()), 1)
        self._rule({"trigger": "percent", "amount": 25})
        self._triggers().unlink()
        self._assigned("2026-03-02 09:20:00")
        self.assertMoment(self._triggers().call_at, "2026-03-02 11:20")

    def test_a_run_that_is_near_does_not_count(self):
        """A sweep that may begin before this is committed would not see it."""
        self._rule(HALF)
        self._triggers().unlink()
        self._assigned("2026-03-02 09:00:00")
        self._assigned("2026-03-02 12:59:00")
        self.assertEqual(len(self._triggers()), 2)

    def test_the_sweep_wakes_itself(self):
        """The scheduler runs what is due, and is woken for the next alarm."""
        self._rule(HALF, {"trigger": "percent", "amount": 100})
        ticket = self._assigned()
        cron = self.env.ref("service_quality_core.ir_cron_sweep")
        self._triggers().unlink()
        with freeze_time("2026-03-02 13:00:05"), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(ticket.service_alarm_count, 1)
        self.assertIn(datetime(2026, 3, 2, 17), self._triggers().mapped("call_at"))

    def test_the_sweep_does_not_wake_itself_for_ever(self):
        """With nothing to wait for the scheduler is left alone."""
        cron = self.env.ref("service_quality_core.ir_cron_sweep")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()  # all is planned by the rules as they are
            self.env.cr.execute("UPDATE service_quality_clock SET next_alert_at = NULL")
            self._triggers().unlink()
            cron.method_direct_trigger()
        self.assertFalse(self._triggers())

    def test_without_the_job(self):
        """Tickets are opened though an administrator has switched the job off."""
        self._rule(HALF)
        self.env.ref("service_quality_core.ir_cron_sweep").active = False
        self.assertTrue(self._assigned())

    # ------------------------------------------------------------------
    # One that fails
    # ------------------------------------------------------------------

    def test_one_that_fails_keeps_no_other_from_its_alarm(self):
        """A clock whose alarm cannot be raised is tried again later, and logged."""
        self._rule({**HALF, "action": "mail"})
        tickets = [self._assigned() for _number in range(3)]
        broken = self._break_mail(tickets[1])
        with mute_logger("odoo.addons.service_quality_core.tools.isolation"):
            alarms = self._sweep("2026-03-02 13:00:00")
        self.assertEqual(alarms.ticket_id, tickets[0] | tickets[2])
        self.assertMoment(self.clock(tickets[1]).next_alert_at, "2026-03-02 13:10")
        broken.unlink()
        self.env.registry.clear_cache("templates")
        [alarm] = self._sweep("2026-03-02 13:10:00")
        self.assertEqual(alarm.ticket_id, tickets[1])
        self.assertTrue(alarm.is_late)

    def _break_mail(self, ticket):
        """Have the mail's template fail for one ticket, as somebody's change may."""
        return self.env["ir.ui.view"].create(
            {
                "name": "broken",
                "type": "qweb",
                "inherit_id": self.env.ref("service_quality_escalation.alarm_mail").id,
                "arch": f"""<data><xpath expr="//table" position="before">
                    <t t-if="alarm.ticket_id.id == {ticket.id}" t-out="1 / 0" />
                </xpath></data>""",
            }
        )

    def test_cost_does_not_grow(self):
        """SLA case 20: forty steps cost as many statements as ten."""
        self._rule(HALF, {**HALF, "action": "mail", "recipient": "leader"})
        counts = []
        for number, hour in ((10, 9), (40, 10)):
            for _one in range(number):
                self._assigned(f"2026-03-02 {hour:02}:00:00")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with freeze_time(f"2026-03-02 {hour + 4}:00:00"):
                done = self.env["service.quality.sweep"]._sweep(200)
                self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(done, number)
        self.assertLessEqual(counts[1], counts[0] + 5)

    def test_nothing_due_costs_nearly_nothing(self):
        """SLA case 20: a sweep that finds nothing asks a few questions."""
        self._rule(HALF)
        self._assigned()
        self._sweep("2026-03-02 09:01:00")
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        with freeze_time("2026-03-02 09:02:00"):
            self.assertFalse(self.env["service.quality.sweep"]._sweep(200))
        self.assertLessEqual(self.env.cr.sql_log_count - before, 2)
