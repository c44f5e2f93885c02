from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ServiceQualityCase

TARGET = {"metric": "resolution", "duration": 8}


@tagged("post_install", "-at_install")
class TestInput(ServiceQualityCase):
    """Bad input gets an error that says what to do, and leaves nothing behind."""

    def test_numbers_that_promise_nothing(self):
        """Zero, negative and impossible numbers are refused by the database itself."""
        for values in (
            {"duration": 0},
            {"duration": -1},
            {"duration": 0.004},
            {"warning_percent": 101},
            {"warning_percent": 0},
            {"goal_percent": 0},
            {"goal_percent": 100.5},
        ):
            with (
                self.subTest(values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self._agreement({**TARGET, **values}, sign=False)

    def test_agreement_that_ends_before_it_starts(self):
        """The dates of a draft are looked at when they are entered."""
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._agreement(
                TARGET, sign=False, date_start="2026-03-02", date_end="2026-03-01"
            )

    def test_calendars_that_hold_no_promise(self):
        """SLA case 15: without hours, or with flexible ones, nothing can be signed."""
        empty = self._define_calendar("Empty", [])
        empty.attendance_ids = [Command.clear()]
        flexible = self._define_calendar("Flexible", [(9, 17)])
        flexible.flexible_hours = True
        for calendar, text in (
            (empty, "no working hours"),
            (flexible, "flexible hours"),
        ):
            agreement = self._agreement(TARGET, calendar_id=calendar.id, sign=False)
            with self.assertRaisesRegex(ValidationError, text):
                agreement.action_sign()
            self.assertEqual(agreement.state, "draft")
            self.assertFalse(agreement.term_ids)
            with self.assertRaisesRegex(ValidationError, text), self.env.cr.savepoint():
                self._agreement({**TARGET, "calendar_id": calendar.id}, sign=False)

    def test_holders_agreements_measure_resolution_only(self):
        """Between teams and with suppliers only the time they hold is measured."""
        with self.assertRaisesRegex(ValidationError, "Choose the metric Resolution"):
            self._agreement({**TARGET, "metric": "update"}, kind="ola")

    def test_holders_are_named(self):
        """An agreement between nobody is not signed."""
        for kind, text in (("ola", "Name the teams"), ("uc", "Name the supplier")):
            agreement = self._agreement(TARGET, kind=kind, partner_ids=[], sign=False)
            with self.assertRaisesRegex(ValidationError, text):
                agreement.action_sign()

    def test_state_is_not_a_value(self):
        """Nobody puts an agreement in force by writing a field."""
        for values in (
            {"state": "signed"},
            {"term_ids": [Command.create({"date_start": "2020-01-01"})]},
        ):
            with self.assertRaisesRegex(UserError, "Use Sign, End or Amend"):
                self._agreement(TARGET, sign=False, **values)
            draft = self._agreement(TARGET, sign=False)
            with self.assertRaisesRegex(UserError, "Use Sign, End or Amend"):
                draft.write(values)

    def test_opening_in_the_future(self):
        """A ticket was reported before it is entered."""
        with self.assertRaisesRegex(ValidationError, "when the customer reported it"):
            self._ticket("2026-03-02 09:00:00", service_opened_at="2026-03-02 09:00:01")

    def test_opening_that_is_left_empty(self):
        """Without a time of opening it is now."""
        ticket = self._ticket("2026-03-02 09:00:00", service_opened_at=False)
        self.assertMoment(ticket.service_opened_at, "2026-03-02 09:00")

    def test_recorded_facts(self):
        """What cannot have happened, or has no name, is refused and written nowhere."""
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 10:00:00"):
            for arguments, text in (
                (("invented",), "kind takes one of responded, updated, arrived"),
                (("phase",), "kind takes one of"),
                (("voided",), "kind takes one of"),
                (("responded", "2026-03-02 10:00:01"), "lies in the future"),
                (("responded", "2026-03-02 08:59:59"), "before the opening"),
                (("responded", "02/03/2026"), "a time as YYYY-MM-DD HH:MM:SS"),
                (("responded", "soon"), "a time as YYYY-MM-DD HH:MM:SS"),
                (("responded", 17), "a time as YYYY-MM-DD HH:MM:SS"),
            ):
                with self.subTest(arguments), self.assertRaisesRegex(UserError, text):
                    ticket.service_record(*arguments)
            self.assertEqual(self.kinds(ticket), ["opened"])
            ticket.service_record("arrived", at="2026-03-02T10:30:00+01:00")
        row = ticket.service_event_ids.filtered(lambda row: row.kind == "arrived")
        self.assertMoment(row.at, "2026-03-02 09:30")

    def test_one_bad_ticket_among_good_ones(self):
        """A fact that is impossible for one ticket is written for none."""
        early = self._ticket("2026-03-02 09:00:00")
        late = self._ticket("2026-03-02 11:00:00")
        with freeze_time("2026-03-02 12:00:00"), self.assertRaises(ValidationError):
            (early | late).service_record("arrived", at="2026-03-02 10:00:00")
        self.assertEqual(self.kinds(early), ["opened"])

    def test_deadlines_set_by_hand(self):
        """SLA case 26: a deadline needs a reason, a future and something to set."""
        self._agreement(TARGET)
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 10:00:00"):
            for arguments, text in (
                (("resolution", "2026-03-04 12:00:00", ""), "Give the reason"),
                (("resolution", "2026-03-04 12:00:00", "  "), "Give the reason"),
                (("resolution", "2026-03-02 10:00:00", "Agreed"), "later than now"),
                (("resolution", "2026-02-30 10:00:00", "Agreed"), "takes a time as"),
                (("invented", "2026-03-04 12:00:00", "Agreed"), "metric takes one of"),
                (("arrival", "2026-03-04 12:00:00", "Agreed"), "no open target"),
            ):
                with self.subTest(arguments), self.assertRaisesRegex(UserError, text):
                    ticket.service_set_deadline(*arguments)
        with (
            freeze_time("2026-03-02 17:00:01"),
            self.assertRaisesRegex(UserError, "missed already"),
        ):
            ticket.invalidate_recordset()
            ticket.service_set_deadline("resolution", "2026-03-04 12:00:00", "Too late")
        self.assertEqual(self.kinds(ticket), ["opened"])

    def test_no_stage_to_move_to(self):
        """Without a stage for it the dialog says where to make one."""
        ticket = self._ticket("2026-03-02 09:00:00")
        stages = self.env["helpdesk.ticket.stage"].search([])
        stages.filtered(
            lambda stage: stage._service_phase() in ("resolved", "closed")
        ).active = False
        wizard = self.env["helpdesk.ticket.finish"].create({"ticket_id": ticket.id})
        with self.assertRaisesRegex(UserError, "Give one the service phase"):
            wizard.action_confirm()

    def test_slip_of_the_pen_in_the_year(self):
        """For a ticket of the year 1, two thousand years would be planned."""
        with self.assertRaisesRegex(ValidationError, "1990"):
            self._ticket(service_opened_at="0001-06-01 00:00:00")

    def test_columns_of_the_ledger_are_not_written_by_hand(self):
        ticket = self._ticket()
        for name, value in (
            ("service_deadline", "2026-03-02 09:00:00"),
            ("service_external_ref", "forged"),
            ("service_cycle", 7),
            ("service_revision", 7),
        ):
            with self.subTest(name), self.assertRaisesRegex(UserError, "by hand"):
                ticket[name] = value
            with self.subTest(name), self.assertRaisesRegex(UserError, "by hand"):
                self._ticket(**{name: value})
