from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import ServiceQualityCase
from .import_common import ImportCase

EIGHT_HOURS = {"metric": "resolution", "duration": 8, "pause_on": "both"}
UNTIL = "2026-03-03 11:00:00"


@tagged("post_install", "-at_install")
class TestHold(ServiceQualityCase):
    """SLA case 37: *until* ends a pause; it does not wait for ever."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._agreement({"metric": "resolution", "duration": 8})

    def _held(self, until=UNTIL, **values):
        """Return a ticket that was worked on for an hour and waits since."""
        ticket = self._ticket("2026-03-02 09:00:00", **values)
        with freeze_time("2026-03-02 10:00:00"):
            ticket.service_hold(until=until)
        return ticket

    def _run_job(self, moment):
        with freeze_time(moment):
            return self.env["helpdesk.ticket"]._service_end_pauses(200)

    def test_the_pause_ends_without_a_job(self):
        """SLA case 37: at *until* the clock goes on, and its deadline is known."""
        ticket = self._held()
        clock = self.clock(ticket)
        with freeze_time("2026-03-03 10:59:59"):
            clock.invalidate_recordset()
            self.assertEqual(clock.burning, "paused")
            self.assertEqual(ticket.service_state, "paused")
            [shown] = ticket.service_strip["clocks"]
            self.assertEqual(shown["paused_at"], "2026-03-02 10:00:00")
            self.assertEqual(shown["running_since"], UNTIL)
            self.assertTrue(shown["pause"])
        with freeze_time("2026-03-03 11:00:01"):
            clock.invalidate_recordset()
            self.assertEqual(clock.burning, "running")
        self.assertEqual(clock.elapsed_seconds, 3600)
        self.assertMoment(clock.deadline, "2026-03-04 10:00")
        self.assertMoment(ticket.service_deadline, "2026-03-04 10:00")
        with freeze_time("2026-03-04 10:00:01"):
            clock.invalidate_recordset()
            self.assertEqual(clock.burning, "late")
            self.assertIn(
                ticket,
                self.env["helpdesk.ticket"].search([("service_state", "=", "late")]),
            )
        self._move(ticket, "resolved", "2026-03-04 11:00:00")
        self.assertEqual(self.clock(ticket).verdict, "missed")
        self.assertConsistent(ticket)

    def test_the_job_moves_the_stage(self):
        """SLA case 37: late as the job may be, no second is lost or added."""
        ticket = self._held()
        self.assertFalse(self._run_job("2026-03-03 10:59:00"))
        deadline = self.clock(ticket).deadline
        self.assertEqual(self._run_job("2026-03-03 12:34:56"), 1)
        self.assertEqual(ticket.stage_id, self.stages["active"])
        self.assertFalse(ticket.service_waits_until)
        self.assertEqual(self.clock(ticket).deadline, deadline)
        self.assertFalse(self._run_job("2026-03-03 12:34:57"))
        self.assertConsistent(ticket)

    def test_the_job_is_woken(self):
        """SLA case 37: the sweep wakes when the pause ends."""
        job = self.env.ref("service_quality_core.ir_cron_sweep")
        self.env["ir.cron.trigger"].search([("cron_id", "=", job.id)]).unlink()
        self._held()
        calls = self.env["ir.cron.trigger"].search([("cron_id", "=", job.id)])
        self.assertIn(UNTIL, [str(call.call_at) for call in calls])

    def test_a_stage_that_ends_it_earlier(self):
        ticket = self._held()
        self._move(ticket, "active", "2026-03-02 11:00:00")
        self.assertFalse(ticket.service_waits_until)
        self.assertMoment(self.clock(ticket).deadline, "2026-03-03 10:00")
        self._move(ticket, "waiting_customer", "2026-03-02 12:00:00")
        self.assertEqual(self.clock(ticket).state, "paused")
        self.assertFalse(self.clock(ticket).deadline)

    def test_the_next_pause_has_its_own_end(self):
        """An end that has passed does not end the next pause at once."""
        ticket = self._held()
        self._move(ticket, "waiting_third_party", "2026-03-03 12:00:00")
        self.assertFalse(ticket.service_waits_until)
        self._move(ticket, "waiting_customer", "2026-03-03 13:00:00")
        clock = self.clock(ticket)
        self.assertEqual((clock.state, clock.elapsed_seconds), ("paused", 3 * 3600))

    def test_an_end_set_later(self):
        ticket = self._held(until=None)
        self.assertEqual(self.clock(ticket).state, "paused")
        with freeze_time("2026-03-02 12:00:00"):
            ticket.service_waits_until = UNTIL
        self.assertMoment(self.clock(ticket).deadline, "2026-03-04 10:00")
        with freeze_time("2026-03-02 13:00:00"):
            ticket.service_waits_until = False
        self.assertEqual(self.clock(ticket).state, "paused")
        with freeze_time("2026-03-02 14:00:00"):
            ticket.service_hold(until="2026-03-02 15:00:00")
        self.assertMoment(self.clock(ticket).deadline, "2026-03-03 14:00")

    def test_holding_twice_changes_nothing(self):
        ticket = self._held()
        kinds = self.kinds(ticket)
        with freeze_time("2026-03-02 10:00:05"):
            ticket.service_hold(until=UNTIL)
        self.assertEqual(self.kinds(ticket), kinds)

    def test_a_supplier_is_not_late_before_it_is(self):
        """A pause whose end is foreseen judges no supplier ahead."""
        self._agreement(
            {"metric": "resolution", "duration": 4},
            kind="uc",
            partner_ids=self.supplier.ids,
        )
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 10:00:00"):
            ticket.service_hold(
                "waiting_third_party", until=UNTIL, party_id=self.supplier.id
            )
        clock = ticket.service_clock_ids.filtered(lambda clock: clock.kind == "uc")
        self.assertFalse(clock.verdict)
        self.assertMoment(clock.deadline, "2026-03-02 14:00")

    def test_what_is_no_end(self):
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 10:00:00"):
            for until in ("2026-03-02 10:00:00", "2027-03-03 10:00:00", "soon"):
                with self.assertRaises(ValidationError):
                    ticket.service_hold(until=until)
            with self.assertRaises(ValidationError):
                ticket.service_hold("resolved")
            with self.assertRaises(ValidationError):
                ticket.service_waits_until = UNTIL
            reader = self._user("hold_reader", "executive")
            with self.assertRaises(AccessError):
                ticket.with_user(reader).service_hold(until=UNTIL)


@tagged("post_install", "-at_install")
class TestImportedHold(ImportCase):
    """SLA case 37: *until* in an import."""

    def _waiting(self, until, **values):
        return self._record(
            events=[
                {"at": "2026-03-02 10:00:00", "kind": "phase", "phase": "active"},
                {
                    "at": "2026-03-02 10:00:00",
                    "kind": "phase",
                    "phase": "waiting_customer",
                    "until": until,
                    **values,
                },
            ]
        )

    def test_the_pause_ends(self):
        ticket = self._one(self._waiting(UNTIL))
        self.assertEqual(ticket.stage_id, self.stages["active"])
        self.assertMoment(ticket.last_stage_update, "2026-03-03 11:00")
        clock = self.clock(ticket)
        self.assertMoment(clock.running_since, "2026-03-03 11:00")
        self.assertMoment(clock.deadline, "2026-03-04 10:00")
        self.assertEqual(self._import(self._waiting(UNTIL))[0]["outcome"], "unchanged")

    @freeze_time("2026-03-02 12:00:00")
    def test_an_end_that_is_to_come(self):
        ticket = self._one(self._waiting(UNTIL))
        self.assertEqual(ticket.stage_id, self.stages["waiting_customer"])
        self.assertMoment(ticket.service_waits_until, "2026-03-03 11:00")

    def test_what_is_no_end(self):
        self.assertRefused(self._waiting("2026-03-02 09:00:00"), "bad_until", 2)
        self.assertRefused(self._waiting("2929-03-02 09:00:00"), "bad_until", 2)
        self.assertRefused(self._waiting(UNTIL, phase="active"), "bad_until", 2)
