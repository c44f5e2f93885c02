from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.service_quality_core.tests.role_common import RoleMixin

from .nonconformity_common import CORRECTION, NonconformityCase

READERS = ("executive", "quality", "technical_centre", "service_manager")


@tagged("post_install", "-at_install", "security")
class TestNonconformitySecurity(RoleMixin, NonconformityCase):
    """Who reads nonconformities, who handles them, and what nobody writes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_users("nc")
        cls.record = cls._raise()

    def test_reading(self):
        """Roles of the management system read all, others their own."""
        self.assertMay(self.record, "read", *READERS)
        for name in ("user_id", "responsible_user_id"):
            mine = self._raise(source=self.other_team)
            mine.sudo().write({name: self.users["staff"].id})
            self.assertTrue(self.may("staff", mine, "read"), name)
        project = self.env["service.quality.project"].create(
            {
                "name": "Own",
                "partner_id": self.acme.id,
                "user_id": self.users["project_manager"].id,
            }
        )
        mine = self._raise(source=self.acme, project=project, team=None)
        self.assertTrue(self.may("project_manager", mine, "read"))
        self.assertFalse(self.may("desk", mine, "read"))

    def test_nobody_deletes(self):
        self.assertMay(self.record, "unlink")

    def test_parts(self):
        """Who does not read a nonconformity reads nothing of it."""
        self._until(self.record, "submitted")
        for parts in (self.record.service_cause_ids, self.record.service_check_ids):
            self.assertMay(parts[:1], "read", *READERS)
        self.assertMay(self.record.signature_ids[:1], "read", *READERS)
        self.assertMay(self.record.signature_ids[:1], "write")
        self.assertMay(self.record.signature_ids[:1], "create")

    def test_steps_are_refused(self):
        """No role takes a step that is not its own."""
        self.record.sudo().service_correction = CORRECTION
        steps = (
            "action_correct", "action_analysed", "action_submit", "action_approve",
            "action_report_done",
        )  # fmt: skip
        for step in steps:
            self.assertRefused(
                [role for role in self.users if role not in READERS],
                lambda role, step=step: self.call(
                    role, "mgmtsystem.nonconformity", step, self.record.ids
                ),
            )
        self.assertRefused(
            ("executive", "technical_centre", "service_manager"),
            lambda role: self.call(
                role, "mgmtsystem.nonconformity", "action_correct", self.record.ids
            ),
        )
        self.assertAllowed(
            ("quality",),
            lambda role: self.call(
                role, "mgmtsystem.nonconformity", "action_correct", self.record.ids
            ),
        )

    def test_what_steps_write_is_written_by_no_role(self):
        values = {
            "stage_id": self.env.ref("mgmtsystem_nonconformity.stage_done").id,
            "service_approved_by_id": self.env.uid,
            "service_submitted_at": "2026-03-10 09:00:00",
            "service_round": 7,
            "service_level": 7,
            "service_due_on": "2027-01-01",
            "service_key": "x",
        }
        for name, value in values.items():
            self.assertRefused(
                self.users,
                lambda role, name=name, value=value: self.call(
                    role,
                    "mgmtsystem.nonconformity",
                    "write",
                    self.record.ids,
                    {name: value},
                ),
            )

    def test_approval_is_for_the_second_person(self):
        self._until(self.record, "submitted")
        self.assertRefused(
            self.others(),
            lambda role: self.call(
                role, "mgmtsystem.nonconformity", "action_approve", self.record.ids
            ),
        )
        with freeze_time("2026-03-11 09:00"):
            self.record.with_user(self.head).action_approve()

    def test_companies(self):
        """Who works in one company sees nothing of another, in lists and in numbers."""
        other = self.env["res.company"].create({"name": "Sister"})
        sister = self._user("sister", "quality")
        sister.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self._until(self.record, "submitted")
        own = self.env(user=sister, context={"allowed_company_ids": other.ids})
        for model in (
            "mgmtsystem.nonconformity",
            "service.quality.cause.line",
            "service.quality.effect.check",
            "service.quality.signature",
        ):
            self.assertFalse(own[model].search([]), model)
        with self.assertRaises(AccessError):
            self.record.with_env(own).read(["name"])

    def test_a_list_is_read_with_the_same_queries(self):
        """One or many: the list of nonconformities asks the same number of times."""
        more = self._raise(source=self.acme) | self._raise(source=self.globex)
        many = self.record | more | self._raise(source=self.other_team)
        names = [
            "ref", "name", "severity_id", "service_team_id", "responsible_user_id",
            "service_repeat_count", "service_due_on", "stage_id", "is_overdue",
            "service_awaits_approval", "service_cost",
        ]  # fmt: skip
        self.assertReadAlike(many.with_user(self.users["quality"]), names)
