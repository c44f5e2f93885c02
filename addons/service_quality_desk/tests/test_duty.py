from datetime import datetime

import psycopg2
from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_quality_core.tests.common import ServiceQualityCase
from odoo.addons.service_quality_core.tests.role_common import INSIDERS, RoleMixin


@tagged("post_install", "-at_install")
class TestDuty(ServiceQualityCase):
    """The roster: who looks after a team's tickets from when to when."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann, cls.ben = (cls._user(f"duty_{name}", "desk") for name in ("a", "b"))

    def _shift(self, user, start, end, team=None):
        return self.env["service.quality.duty"].create(
            {
                "team_id": (team or self.team).id,
                "user_id": user.id,
                "date_from": f"2026-03-02 {start}:00",
                "date_to": f"2026-03-02 {end}:00",
            }
        )

    def _on_duty(self, hour, minute=0):
        moment = datetime(2026, 3, 2, hour, minute)
        teams = self.team | self.other_team
        return self.env["service.quality.duty"]._on_duty(teams, moment)

    def test_shifts_follow_each_other(self):
        """A shift begins when it begins and is over when it ends."""
        self._shift(self.ann, "08:00", "16:00")
        self._shift(self.ben, "16:00", "23:00")
        self._shift(self.ben, "08:00", "16:00", self.other_team)
        self.assertEqual(self._on_duty(7, 59), {})
        found = self._on_duty(8)
        self.assertEqual(found[self.team.id], self.ann)
        self.assertEqual(found[self.other_team.id], self.ben)
        self.assertEqual(self._on_duty(16), {self.team.id: self.ben})

    def test_two_people_at_once(self):
        """Shifts overlap while one is handed over; who came first is first."""
        self._shift(self.ben, "15:00", "23:00")
        self._shift(self.ann, "08:00", "16:00")
        self.assertEqual(self._on_duty(15, 30)[self.team.id].ids, [
            self.ann.id, self.ben.id,
        ])  # fmt: skip

    def test_one_person_twice(self):
        """The database refuses to have one person on duty twice for a team."""
        self._shift(self.ann, "08:00", "16:00")
        self._shift(self.ann, "08:00", "16:00", self.other_team)
        self._shift(self.ann, "16:00", "17:00")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.ExclusionViolation),
            self.env.cr.savepoint(),
        ):
            self._shift(self.ann, "15:00", "18:00")

    def test_the_refusal_says_what_to_do(self):
        """Over RPC, as in the client, a double shift is refused in words."""
        self._shift(self.ann, "08:00", "16:00")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.IntegrityError) as caught,
            self.env.cr.savepoint(),
        ):
            self._shift(self.ann, "09:00", "10:00")
        said = self.env["service.quality.duty"]._sql_error_to_message(caught.exception)
        self.assertIn("on duty for the team at that time already", said)

    def test_a_shift_takes_time(self):
        """A shift does not end before it begins."""
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.IntegrityError),
            self.env.cr.savepoint(),
        ):
            self._shift(self.ann, "16:00", "08:00")

    def test_a_shift_ends_within_a_day(self):
        """Regulation A3.5.1: no shift is moved so far that it is never handed over."""
        shift = self._shift(self.ann, "08:00", "16:00")
        for end in ("2099-01-01 00:00:00", "2026-03-03 08:00:01"):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.IntegrityError) as caught,
                self.env.cr.savepoint(),
            ):
                shift.date_to = end
                shift.flush_recordset()
            self.env.invalidate_all(flush=False)
        self.assertIn("24 hours", shift._sql_error_to_message(caught.exception))
        shift.date_to = "2026-03-03 08:00:00"

    def test_changes_of_a_shift_are_told(self):
        """Regulation A3.5.1: who moves a shift, or gives it to another, is seen."""
        told = {"tracking_disable": False, "mail_notrack": False}
        shift = self._shift(self.ann, "08:00", "16:00").with_context(**told)
        self.env.flush_all()
        self.env.cr.precommit.run()  # of what is new nothing is told
        shift.write(
            {
                "user_id": self.ben.id,
                "team_id": self.other_team.id,
                "date_from": "2026-03-02 09:00:00",
                "date_to": "2026-03-02 17:00:00",
            }
        )
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env.invalidate_all()
        tracked = shift.message_ids.tracking_value_ids.field_id
        self.assertEqual(
            set(tracked.mapped("name")), {"user_id", "team_id", "date_from", "date_to"}
        )
        self.assertNotIn(self.ben.partner_id, shift.message_partner_ids)

    def test_who_has_left_is_not_on_duty(self):
        """The shift of a user who is archived counts no more."""
        self._shift(self.ann, "08:00", "16:00")
        self.ann.active = False
        self.assertEqual(self._on_duty(9), {})

    def test_now(self):
        """The list of who is on duty now can be searched."""
        shift = self._shift(self.ann, "08:00", "16:00")
        Duty = self.env["service.quality.duty"]
        for moment, found in (
            ("2026-03-02 08:00:00", shift),
            ("2026-03-02 16:00:00", Duty),
        ):
            with freeze_time(moment):
                shift.invalidate_recordset(["is_now"])
                self.assertEqual(shift.is_now, bool(found))
                self.assertEqual(Duty.search([("is_now", "=", True)]), found)
                self.assertNotIn(shift, Duty.search([("is_now", "=", False)]) & found)


@tagged("post_install", "-at_install", "security")
class TestDutySecurity(RoleMixin, ServiceQualityCase):
    """Who reads and who makes the roster."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_users("duty")
        cls.shift = cls.env["service.quality.duty"].create(
            {
                "team_id": cls.team.id,
                "user_id": cls.users["desk"].id,
                "date_from": "2026-03-02 08:00:00",
                "date_to": "2026-03-02 16:00:00",
            }
        )

    def test_roster(self):
        """The desk and service managers make the roster."""
        self.assertMay(self.shift, "read", *INSIDERS, "staff")
        for operation in ("write", "create", "unlink"):
            self.assertMay(self.shift, operation, "desk", "service_manager")

    def test_a_shift_that_has_begun(self):
        """Regulation A3.5.1: what handovers are counted by is not rewritten after."""
        self.env.cr.execute(
            "UPDATE service_quality_duty SET create_date = %s WHERE id = %s",
            ("2026-03-01 08:00:00", self.shift.id),
        )
        self.shift.invalidate_recordset()
        other = self.users["service_manager"]
        for role in ("desk", "service_manager"):
            shift = self.shift.with_user(self.users[role])
            for moment in ("2026-03-02 09:00:00", "2026-03-03 09:00:00"):
                with freeze_time(moment), self.subTest(role=role, moment=moment):
                    for vals in (
                        {"user_id": other.id},
                        {"date_from": "2026-03-02 10:00:00"},
                        {"team_id": self.other_team.id},
                        {"date_to": "2026-03-02 08:30:00"},
                    ):
                        with self.assertRaises(UserError):
                            shift.write(vals)
                    with self.assertRaises(UserError):
                        shift.unlink()
        with freeze_time("2026-03-03 09:00:00"), self.assertRaises(UserError):
            shift.date_to = "2026-03-09 16:00:00"
        with freeze_time("2026-03-02 09:00:00"):
            shift.date_to = "2026-03-02 17:00:00"
        with freeze_time("2026-03-01 09:00:00"):
            shift.user_id = other
            shift.unlink()

    def test_a_slip_just_entered(self):
        """Who has just entered a shift corrects it, also where it has begun."""
        Duty = self.env["service.quality.duty"].with_user(self.users["desk"])
        shift = Duty.create(
            {
                "team_id": self.team.id,
                "date_from": "2026-02-02 08:00:00",
                "date_to": "2026-02-02 16:00:00",
            }
        )
        shift.date_to = "2026-02-02 15:00:00"
        with self.assertRaises(UserError):
            shift.with_user(self.users["service_manager"]).unlink()
        shift.unlink()

    def test_other_companies(self):
        """The roster of another company is not read."""
        there = self.env["res.company"].create({"name": "There"})
        stranger = self._user(
            "duty_there", "service_manager", company_id=there.id, company_ids=there.ids
        )
        self.assertFalse(self.shift.with_user(stranger).has_access("read"))
