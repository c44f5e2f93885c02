from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .import_common import ImportCase


@tagged("post_install", "-at_install")
class TestImportAfterStart(ImportCase):
    """A person who answers for the desk brings a history, and betters no present."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Works since March"})
        inside = {
            "company_id": cls.company.id,
            "company_ids": [Command.set(cls.company.ids)],
        }
        cls.manager = cls._user("start_manager", "service_manager", **inside)
        cls.program = cls._user("start_program", "integration", **inside)

    def _as(self, user):
        return self.env["helpdesk.ticket"].with_user(user)

    def _result_of(self, user, opened, ref):
        record = {"external_ref": ref, "name": "Printer", "opened_at": opened}
        with freeze_time("2026-03-20 12:00:00"):
            [result] = self._as(user).service_import([record])
        return result["reason"]["what"] if result["reason"] else result["outcome"]

    def test_what_was_opened_since_comes_from_programs_alone(self):
        self.assertEqual(
            self._result_of(self.manager, "2026-03-10 09:00:00", "A"), "created"
        )
        with freeze_time("2026-03-05 09:00:00"):
            self._as(self.manager).create({"name": "Live", "description": "Now"})
        for user, opened, expected in (
            (self.manager, "2026-03-10 09:00:00", "after_start"),
            (self.manager, "2026-03-04 09:00:00", "created"),
            (self.program, "2026-03-10 09:00:00", "created"),
        ):
            with self.subTest(user=user.login, opened=opened):
                ref = f"{user.login} {opened}"
                self.assertEqual(self._result_of(user, opened, ref), expected)

    def test_a_form_brings_no_past_either(self):
        with freeze_time("2026-03-05 09:00:00"):
            self._as(self.manager).create({"name": "Live", "description": "Now"})
        past = {
            "name": "Invented",
            "description": "And kept",
            "service_opened_at": "2026-03-10 09:00:00",
            "service_first_answered_at": "2026-03-10 09:05:00",
        }
        with freeze_time("2026-03-20 12:00:00"), self.assertRaises(AccessError):
            self._as(self.manager).create(past)

    def test_rows_that_follow_take_no_miss_back(self):
        """Deny: what a program imports later does not turn a miss into a success."""
        with freeze_time("2026-01-01"):
            self._house_rule(
                metric="first_response", duration=1, company_id=self.company.id
            )
        with freeze_time("2026-03-05 09:00:00"):
            self._as(self.manager).create({"name": "Live", "description": "Now"})
        for now, opened, is_ours, expected in (
            ("2026-03-10 12:00:00", "2026-03-10 09:00:00", True, "afterwards"),
            ("2026-03-10 10:20:00", "2026-03-10 09:00:00", True, "updated"),
            # the other system keeps the record of it
            ("2026-03-10 13:00:00", "2026-03-10 09:00:00", False, "updated"),
            # a history of before
            ("2026-03-20 12:00:00", "2026-03-04 09:00:00", True, "updated"),
        ):
            with self.subTest(now=now, opened=opened):
                record = {"external_ref": now, "name": "Router", "opened_at": opened}
                with freeze_time("2026-03-10 09:01:00"):
                    [made] = self._as(self.program).service_import([record])
                    if is_ours:
                        ticket = self._as(self.manager).browse(made["ticket_id"])
                        ticket.service_record("noted")
                events = [{"kind": "responded", "at": opened[:11] + "09:30:00"}]
                with freeze_time(now):
                    [result] = self._as(self.program).service_import(
                        [record | {"events": events}]
                    )
                said = result["reason"]["what"] if result["reason"] else ""
                self.assertEqual(said or result["outcome"], expected)
