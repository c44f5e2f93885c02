import base64
import io
import threading
from datetime import datetime

from freezegun import freeze_time
from PIL import Image, ImageDraw

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.service_quality_core.tests.common import ServiceQualityCase

OPENED = "2026-03-02 09:00:00"
ARRIVED = "2026-03-02 10:00:00"
LEFT = "2026-03-02 11:30:00"


def drawn_signature():
    """Return a signature as the phone draws it: blue strokes on nothing, as PNG."""
    image = Image.new("RGBA", (300, 100), (255, 255, 255, 0))
    ImageDraw.Draw(image).line(
        [(20, 80), (90, 15), (160, 85), (280, 30)], "darkblue", 4
    )
    return as_png(image)


def as_png(image):
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


class VisitCase(ServiceQualityCase):
    """Two engineers of a team, a ticket of the first, a desk and a service manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.engineer = cls._user("engineer", "staff", name="Erin Engineer")
        cls.colleague = cls._user("colleague", "staff", name="Carl Colleague")
        cls.desk = cls._user("visit_desk", "desk")
        cls.manager = cls._user("visit_manager", "service_manager")
        cls.team.user_ids = cls.engineer | cls.colleague
        cls.ticket = cls._ticket(OPENED, user_id=cls.engineer.id)
        cls.visits = cls.env["service.quality.visit"]

    def as_(self, user, records=None):
        return (self.visits if records is None else records).with_user(user)

    def _arrive(self, ticket=None, user=None, moment=ARRIVED, **values):
        ticket = ticket or self.ticket
        with freeze_time(moment):
            visit_id = self.as_(user or self.engineer).record_arrival(
                ticket.id, **values
            )
        return self.visits.browse(visit_id)

    def _leave(self, visit, moment=LEFT, user=None, **values):
        with freeze_time(moment):
            self.as_(user or visit.user_id, visit).record_departure(**values)

    def _sign(self, visit, moment=LEFT, user=None, **values):
        arguments = {"signed_name": "Ann", "signature": drawn_signature(), **values}
        arguments.setdefault("work", {"work_done": "Fan replaced"})
        with freeze_time(moment):
            sheet_id = self.as_(user or visit.user_id, visit).sign(**arguments)
        return self.env["service.quality.visit.sheet"].browse(sheet_id)

    def _rows(self, ticket=None):
        """Return kind and time of the rows about visits, without voided ones."""
        rows = (ticket or self.ticket).service_event_ids.filtered(
            lambda row: row.kind in ("arrived", "departed") and not row.is_voided
        )
        return [(row.kind, str(row.at)) for row in rows.sorted("at")]

    def assertAgrees(self, tickets):
        """Assert that each visit says what the rows that name it say, and no other."""
        said = {}
        for row in tickets.service_event_ids.filtered(lambda row: not row.is_voided):
            if row.kind in ("arrived", "departed"):
                self.assertTrue(row.value.get("visit"), "a row about no visit")
                said.setdefault(row.value["visit"], {})[row.kind] = row.at
        made = tickets.with_context(active_test=False).service_visit_ids
        for visit in made:
            times = said.pop(visit.id, {})
            self.assertEqual(visit.arrived_at, times.get("arrived", False))
            self.assertEqual(visit.left_at, times.get("departed", False))
        self.assertFalse(said, "rows about visits of other tickets")
        self.assertConsistent(tickets)


@tagged("post_install", "-at_install")
class TestVisit(VisitCase):
    def test_arriving_and_leaving_are_rows_that_the_visit_follows(self):
        """Regulation A3.6.1: arriving and leaving leave a record, once."""
        self._agreement({"metric": "arrival", "duration": 2})
        self.ticket = self._ticket(OPENED, user_id=self.engineer.id)
        visit = self._arrive()
        self.assertEqual(visit.state, "on_site")
        self.assertEqual(visit.user_id, self.engineer)
        self.assertTrue(self.ticket.service_on_site)
        self.assertEqual(self.clock(self.ticket, "arrival").verdict, "met")
        self._leave(visit)
        self.assertEqual(visit.state, "left")
        self.assertEqual(visit.seconds_on_site, 90 * 60)
        self.assertFalse(self.ticket.service_on_site)
        self.assertEqual(self._rows(), [("arrived", ARRIVED), ("departed", LEFT)])
        self.assertAgrees(self.ticket)

    def test_the_ledger_names_the_engineer(self):
        visit = self._arrive()
        row = self.ticket.service_event_ids.filtered(lambda row: row.kind == "arrived")
        self.assertEqual(row.value, {"visit": visit.id, "user": self.engineer.id})
        self.assertEqual(row.summary, "Erin Engineer")

    def test_other_programs_record_the_same_visit(self):
        """Recording over RPC makes, and ends, a visit of whoever has the ticket."""
        with freeze_time(ARRIVED):
            self.ticket.with_user(self.desk).service_record("arrived")
        visit = self.ticket.service_visit_ids
        self.assertEqual((visit.user_id, visit.state), (self.engineer, "on_site"))
        with freeze_time(LEFT):
            self.ticket.with_user(self.desk).service_record("departed")
        self.assertEqual(visit.state, "left")
        self.assertAgrees(self.ticket)

    def test_a_planned_visit_is_the_one_that_begins(self):
        planned = self.as_(self.desk).create(
            {
                "ticket_id": self.ticket.id,
                "user_id": self.engineer.id,
                "planned_at": "2026-03-02 10:00:00",
            }
        )
        self.assertEqual((planned.state, planned.number), ("planned", False))
        self.assertEqual(self._arrive(), planned)
        self.assertTrue(planned.number)

    def test_staff_record_for_themselves(self):
        """Two engineers of a ticket have a visit each, whoever has the ticket."""
        self.ticket.user_id = False
        for user in (self.engineer, self.colleague):
            with freeze_time(ARRIVED):
                self.ticket.with_user(user).service_record("arrived")
        self.assertEqual(
            self.ticket.service_visit_ids.user_id, self.engineer | self.colleague
        )
        with freeze_time(LEFT):
            self.ticket.with_user(self.colleague).service_record("departed")
        self.assertTrue(self.ticket.service_on_site, "one of them is still there")
        states = {v.user_id: v.state for v in self.ticket.service_visit_ids}
        self.assertEqual(states, {self.engineer: "on_site", self.colleague: "left"})
        self.assertAgrees(self.ticket)

    def test_times_are_entered_later_by_the_rules_of_the_ledger(self):
        visit = self._arrive(moment=LEFT, at="2026-03-02 10:05:00")
        self.assertMoment(visit.arrived_at, "2026-03-02 10:05")
        for wrong in ("2026-03-02 08:00:00", "2026-03-02 13:00:00", "10 o'clock"):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self._leave(visit, moment="2026-03-02 12:00:00", at=wrong)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self._leave(visit, moment="2026-03-02 12:00:00", at="2026-03-02 10:00:00")
        self.assertEqual(visit.state, "on_site")

    def test_a_phone_tells_how_long_ago_it_was(self):
        """Whatever its clock says, what waited for a connection keeps its time."""
        visit = self._arrive(moment="2026-03-02 10:30:00", seconds_ago=1800)
        self.assertMoment(visit.arrived_at, "2026-03-02 10:00")
        self._leave(visit, moment="2026-03-02 12:00:00", seconds_ago=-50)
        self.assertMoment(visit.left_at, "2026-03-02 12:00")
        with self.assertRaises(ValidationError):
            self.as_(self.engineer)._moment(seconds_ago="soon")

    def test_what_waited_for_a_connection_is_marked(self):
        """What a phone noted is told apart from what a person enters afterwards."""
        visit = self._arrive(moment="2026-03-02 10:30:00", seconds_ago=1800)
        self._leave(visit, moment="2026-03-02 12:00:00", at="2026-03-02 11:00:00")
        self._arrive(moment="2026-03-02 12:30:00", seconds_ago=60)
        rows = self.ticket.service_event_ids.filtered(
            lambda row: row.kind in ("arrived", "departed")
        ).sorted("id")
        self.assertEqual(rows.mapped("origin"), ["offline", "user", "user"])
        self.assertTrue(visit.noted_offline)

    def _origin(self, visit, kind="arrived"):
        rows = visit.ticket_id.service_event_ids.filtered(
            lambda row: row.kind == kind and row.value["visit"] == visit.id
        )
        return rows.origin

    def test_what_was_longer_ago_waited_for_no_connection(self):
        """Deny: what is told of the day before is entered by a person."""
        day = 24 * 3600
        visit = self._arrive(moment="2026-03-03 10:00:00", seconds_ago=day)
        self.assertEqual(self._origin(visit), "offline")
        late = self._arrive(
            self._ticket(OPENED, user_id=self.engineer.id),
            moment="2026-03-03 10:00:01",
            seconds_ago=day + 1,
        )
        self.assertEqual(self._origin(late), "user")
        self.assertFalse(late.noted_offline)

    def test_what_could_have_been_sent_waited_for_no_connection(self):
        """Deny: who has entered something since then was connected."""
        other = self._ticket(OPENED, user_id=self.engineer.id)
        self._arrive(moment="2026-03-02 12:00:00")
        visit = self._arrive(other, moment="2026-03-02 12:30:00", seconds_ago=3600)
        self.assertEqual(self._origin(visit), "user")

    def test_a_program_waited_for_no_connection(self):
        """Deny: who calls as another program is no phone, and was connected."""
        thread = threading.current_thread()
        self.addCleanup(setattr, thread, "url", getattr(thread, "url", None))
        thread.url = "http://localhost/xmlrpc/2/object"
        visit = self._arrive(moment="2026-03-02 12:30:00", seconds_ago=3600)
        self.assertEqual(self._origin(visit), "rpc")
        self.assertFalse(visit.noted_offline)

    def test_who_has_logged_in_since_was_connected(self):
        """Deny: a login in between; the one by which the phone sends is none."""
        login = self.env["res.users.log"].with_user(self.engineer).sudo().create({})
        for moment, origin in (("12:25:00", "offline"), ("12:10:00", "user")):
            self.env.cr.execute(
                "UPDATE res_users_log SET create_date = %s WHERE id = %s",
                [f"2026-03-02 {moment}", login.id],
            )
            visit = self._arrive(
                self._ticket(OPENED, user_id=self.engineer.id),
                moment="2026-03-02 12:30:00",
                seconds_ago=3600,
            )
            self.assertEqual(self._origin(visit), origin)

    def test_no_miss_is_taken_back_as_if_by_a_phone(self):
        """Deny: a client says much later that it had no connection then."""
        self._agreement({"metric": "arrival", "duration": 1})
        ticket = self._ticket(OPENED, user_id=self.engineer.id)
        self._arrive(moment="2026-03-02 12:00:00")
        with (
            self.assertRaisesRegex(ValidationError, "does not take back"),
            self.env.cr.savepoint(),
        ):
            self._arrive(ticket, moment="2026-03-02 12:30:00", seconds_ago=3 * 3600)

    def test_no_full_stop_is_a_reason(self):
        """Deny: why nobody signed, and why a time is corrected, is said in words."""
        visit = self._arrive()
        for reason in (".", "...", "a b"):
            with self.assertRaisesRegex(ValidationError, "too little"):
                visit.with_user(self.engineer).save_work(unsigned_reason=reason)
        wizard = self.env["service.quality.visit.correct"].with_user(self.manager)
        wizard = wizard.create({"visit_id": visit.id, "reason": "."})
        wizard.arrived_at = "2026-03-02 09:30:00"
        with self.assertRaisesRegex(ValidationError, "too little"):
            wizard.action_confirm()

    def test_what_is_sent_twice_is_recorded_once(self):
        """A phone that lost the answer sends again, with the same key."""
        visit = self._arrive(external_ref="tap-1")
        self.assertEqual(self._arrive(moment=LEFT, external_ref="tap-1"), visit)
        self._leave(visit, external_ref="tap-2")
        self._leave(visit, moment="2026-03-02 12:00:00", external_ref="tap-2")
        self.assertEqual(self._rows(), [("arrived", ARRIVED), ("departed", LEFT)])

    def test_leaving_without_arriving(self):
        with self.assertRaisesRegex(UserError, "Record the arrival first"):
            self.ticket.with_user(self.engineer).action_service_left()
        visit = self.as_(self.engineer).create({"ticket_id": self.ticket.id})
        with self.assertRaisesRegex(UserError, "has not arrived yet"):
            visit.action_leave()

    def test_arriving_twice(self):
        visit = self._arrive()
        with self.assertRaisesRegex(UserError, "has arrived already"):
            self._arrive(moment=LEFT)
        self._leave(visit)
        with self.assertRaisesRegex(UserError, "has left already"):
            self._leave(visit)
        again = self._arrive(moment="2026-03-03 09:00:00")
        self.assertNotEqual(again, visit, "coming again is a visit of its own")

    def test_two_open_visits_of_one_engineer_are_warned_about(self):
        other = self._ticket(OPENED, user_id=self.engineer.id)
        first, second = self._arrive(), self._arrive(other)
        self.assertIn(other.number, first.warning)
        self.assertIn(self.ticket.number, second.warning)
        self._leave(first, moment="2026-03-02 10:00:00")
        self.env.invalidate_all()
        self.assertFalse(second.warning, "one ended as the other began")

    def test_a_warning_names_no_colleagues_time(self):
        self.ticket.user_id = False
        first = self._arrive()
        self._arrive(self._ticket(OPENED, user_id=False), user=self.colleague)
        self.assertFalse(first.warning)

    def test_voiding_takes_the_arrival_back(self):
        visit = self._arrive()
        [row] = visit._events()
        row.with_user(self.manager)._void("Wrong ticket")
        self.assertEqual((visit.state, visit.arrived_at), ("planned", False))
        self.assertAgrees(self.ticket)
        self.assertTrue(self._arrive(moment=LEFT) == visit, "to be made after all")

    def test_an_arrival_is_not_voided_before_the_departure(self):
        visit = self._arrive()
        self._leave(visit)
        arrival = visit._events().filtered(lambda row: row.kind == "arrived")
        with self.assertRaisesRegex(ValidationError, "Void the departure first"):
            arrival.with_user(self.manager)._void("Wrong")

    def test_correcting_times_voids_and_records_anew(self):
        self._agreement({"metric": "arrival", "duration": 1})
        self.ticket = self._ticket(OPENED, user_id=self.engineer.id)
        visit = self._arrive(moment="2026-03-02 10:30:00")
        self._leave(visit)
        self.assertEqual(self.clock(self.ticket, "arrival").verdict, "missed")
        with freeze_time("2026-03-02 15:00:00"):
            wizard = (
                self.env["service.quality.visit.correct"]
                .with_user(self.manager)
                .create({"visit_id": visit.id, "reason": "Tapped too late"})
            )
            self.assertEqual(wizard.left_at, visit.left_at)
            wizard.arrived_at = datetime(2026, 3, 2, 9, 45)
            with (
                self.assertRaisesRegex(ValidationError, "does not take back"),
                self.env.cr.savepoint(),
            ):
                wizard.action_confirm()
            wizard.arrived_at = datetime(2026, 3, 2, 10, 15)
            wizard.action_confirm()
        self.assertMoment(visit.arrived_at, "2026-03-02 10:15")
        self.assertEqual(self.clock(self.ticket, "arrival").verdict, "missed")
        voided = self.ticket.service_event_ids.filtered("is_voided")
        self.assertEqual(voided.mapped("kind"), ["arrived"])
        self.assertAgrees(self.ticket)

    def test_a_correction_keeps_the_order(self):
        visit = self._arrive()
        self._leave(visit)
        values = {"visit_id": visit.id, "reason": "Wrong"}
        wizard = self.env["service.quality.visit.correct"].with_user(self.manager)
        with freeze_time("2026-03-02 15:00:00"):
            for wrong in (
                {"arrived_at": "2026-03-02 12:00:00"},
                {"arrived_at": False},
                {"left_at": "2026-03-02 16:00:00"},
                {"arrived_at": "2026-03-02 08:00:00"},
            ):
                with (
                    self.subTest(wrong),
                    self.assertRaises(ValidationError),
                    self.env.cr.savepoint(),
                ):
                    wizard.create(values | wrong).action_confirm()
            with self.assertRaisesRegex(UserError, "as before"):
                wizard.create(values).action_confirm()

    def test_what_the_ledger_says_is_not_written(self):
        visit = self._arrive()
        for values in (
            {"arrived_at": LEFT},
            {"left_at": LEFT},
            {"state": "signed"},
            {"number": "FS/1"},
            {"sheet_id": 1},
            {"sheet_ids": [Command.create({})]},
            {"revision_reason": "None"},
        ):
            with self.subTest(values), self.assertRaises(UserError):
                visit.write(values)
            with self.subTest(values), self.assertRaises(UserError):
                self.visits.create({"ticket_id": self.ticket.id, **values})

    def test_who_went_where_stays_from_the_arrival_on(self):
        visit = self._arrive()
        other = self._ticket(OPENED)
        for values in (
            {"user_id": self.colleague.id},
            {"ticket_id": other.id},
            {"active": False},
        ):
            with self.subTest(values), self.assertRaises(UserError):
                visit.write(values)
        with self.assertRaises(UserError):
            visit.unlink()

    def test_what_was_only_planned_is_deleted(self):
        visit = self.visits.create({"ticket_id": self.ticket.id})
        visit.unlink()
        self.assertFalse(visit.exists())

    def test_a_visit_is_made_by_one_of_us(self):
        portal = self.env["res.users"].search([("share", "=", True)], limit=1)
        with self.assertRaises(ValidationError):
            self.visits.create({"ticket_id": self.ticket.id, "user_id": portal.id})

    def test_history_that_is_brought_along_is_no_visit_of_ours(self):
        [result] = self.env["helpdesk.ticket"].service_import(
            [
                {
                    "external_ref": "old-1",
                    "name": "Old",
                    "opened_at": "2026-02-02 09:00:00",
                    "events": [{"kind": "arrived", "at": "2026-02-02 10:00:00"}],
                }
            ]
        )
        ticket = self.env["helpdesk.ticket"].browse(result["ticket_id"])
        self.assertIn("arrived", self.kinds(ticket))
        self.assertFalse(ticket.service_visit_ids)
        self.assertFalse(ticket.service_on_site)


@tagged("post_install", "-at_install")
class TestVisitPurge(VisitCase):
    def test_engineers_age_out_with_the_ledger(self):
        """Who went where is personal data, and leaves visits as it leaves rows."""
        visit = self._arrive()
        self._leave(visit)
        self._move(self.ticket, "closed", "2026-03-02 12:00:00")
        self.ticket.company_id.service_staff_retention_months = 12
        with freeze_time("2027-06-01 12:00:00"):
            self.env["service.quality.purge"]._gc_staff()
        self.assertFalse(visit.user_id)
        self.assertMoment(visit.left_at, LEFT)
        self.assertAgrees(self.ticket)
