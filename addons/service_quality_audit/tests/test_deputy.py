from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .audit_common import SAID
from .internal_audit_common import NOW, InternalAuditCase

LAST_DAY = "2026-06-30"


@tagged("post_install", "-at_install", "security")
class TestDeputy(InternalAuditCase):
    """A deputy without a role reads what they may decide on, for their days alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deputy = cls._user("deputy")
        with freeze_time(NOW):
            cls.records = cls._records()

    @classmethod
    def _records(cls):
        """Return what executives decide on, with its parts."""
        found = cls.env["mgmtsystem.nonconformity"]._service_raise(
            [
                {
                    "source": cls.acme,
                    "grade": "major",
                    "name": "Cables without labels",
                    "description": "Three racks of Acme have no labels at all",
                }
            ]
        )
        found._write_as_step(
            {
                "service_cause_ids": [Command.create({"answer": "No time"})],
                "service_check_ids": [Command.create({"look_at": SAID})],
            }
        )
        review = cls.env["mgmtsystem.review"].create(
            {
                "name": "Review",
                "date": NOW,
                "line_ids": [Command.create({"name": "Hire somebody"})],
            }
        )
        plan = cls.env["service.quality.improvement.plan"].create({})
        plan.line_ids = [Command.create({"name": "Parts come late"})]
        audit = cls._audit()
        return (
            cls._measure(),
            found, found.service_cause_ids, found.service_check_ids,
            review, review.line_ids, review.service_input_ids,
            plan, plan.line_ids,
            audit, audit.line_ids, audit.service_member_ids,
        )  # fmt: skip

    def _name(self, moment=NOW, **values):
        with freeze_time(moment):
            return (
                self.env["service.quality.deputy"]
                .with_user(self.boss)
                .create(
                    {
                        "role": "executive",
                        "user_id": self.deputy.id,
                        "date_to": LAST_DAY,
                        "reason": "All of us are away at the fair",
                        **values,
                    }
                )
            )

    def _read(self, moment=NOW):
        """Return the models of which the deputy reads and finds the records."""
        self.env.invalidate_all()
        read = set()
        with freeze_time(moment):
            for records in self.records:
                own = records.with_env(self.env(user=self.deputy))
                found = own.search([("id", "in", own.ids)])
                try:
                    own.read(["display_name"])
                except AccessError:
                    self.assertFalse(found, own._name)
                else:
                    self.assertEqual(found, own)
                    read.add(own._name)
        return read

    def test_they_read_in_their_days(self):
        """What they may decide on, from the first day until the last, no longer."""
        self.assertFalse(self._read(), "nobody has named them")
        self._name(date_from="2026-06-20")
        everything = {records._name for records in self.records}
        self.assertFalse(self._read(), "it has not begun")
        self.assertEqual(self._read("2026-06-20 09:00:00"), everything)
        self.assertEqual(self._read(f"{LAST_DAY} 09:00:00"), everything)
        self.assertFalse(self._read("2026-07-01 09:00:00"), "it is over")

    def test_what_is_ended_is_read_no_more(self):
        deputy = self._name()
        self.assertTrue(self._read())
        with freeze_time(NOW):
            deputy.action_end()
        self.assertFalse(self._read())

    def test_other_roles_and_companies_are_not_read(self):
        """Deny: who stands in for the sales, or for an executive elsewhere."""
        self._name(role="sales")
        self.assertFalse(self._read())
        other = self.env["res.company"].create({"name": "Elsewhere"})
        (self.deputy | self.boss).company_ids |= other
        self.boss.company_id = other
        self._name(company_id=other.id)
        self.assertFalse(self._read())

    def test_reading_is_all(self):
        """Deny: deputies change nothing by hand, create nothing, delete nothing."""
        self._name()
        with freeze_time(NOW):
            for records in self.records:
                own = records.with_env(self.env(user=self.deputy))[:1]
                with self.subTest(own._name):
                    if own._name != "service.quality.audit.member":
                        self.assertFalse(own.has_access("write"))
                    self.assertFalse(own.has_access("unlink"))
            member = self.records[-1].with_user(self.deputy)
            with self.assertRaises(AccessError):
                member.competence = "None at all"

    def test_they_decide(self):
        """An executive's own case: the deputy opens it, reads it and decides."""
        others = self.company._service_role_users("executive") - self.boss
        others.active = False
        self._name()
        audit = self._audit()
        member = audit.service_member_ids
        member.user_id = self.boss
        self.team.user_ids |= self.boss
        measure = self._measure(user=self.boss, type_action="improvement")
        self.env.invalidate_all()
        with freeze_time(NOW):
            own = member.with_user(self.deputy)
            self.assertTrue(own.conflict)
            self.assertTrue(own.may_decide)
            own.override_reason = "Nobody else knows the network"
            own.action_override()
            self.assertFalse(member.has_conflict)
            measure.with_user(self.deputy).action_approve()
        self.assertIn("deputy", member.decided_as)
        self.assertEqual(measure.service_approved_by_id, self.deputy)
