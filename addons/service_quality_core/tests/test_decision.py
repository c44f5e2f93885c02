from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import PAPER, ServiceQualityCase


@tagged("post_install", "-at_install", "security")
@freeze_time("2026-03-02 10:00:00")
class TestDecision(ServiceQualityCase):
    """Two sides of an act are two persons, whatever roles they hold."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # nobody but the people of the test holds a role
        cls.company = cls.env["res.company"].create({"name": "Eight people"})
        in_it = {
            "company_id": cls.company.id,
            "company_ids": [Command.set(cls.company.ids)],
        }
        cls.manager = cls._user("two_manager", "service_manager", **in_it)
        cls.boss = cls._user("two_boss", "executive", **in_it)
        cls.clerk = cls._user("two_clerk", "desk", **in_it)

    def _draft(self, user=None, **values):
        user = user or self.manager
        agreement = (
            self.env["service.quality.agreement"]
            .with_user(user)
            .create(
                {
                    "name": "Support",
                    "company_id": self.company.id,
                    "date_start": "2026-01-01",
                    "signed_by_us": "Us",
                    "signed_by_us_on": "2025-12-01",
                    "signed_by_customer": "Them",
                    "signed_by_customer_on": "2025-12-01",
                    "target_ids": [
                        Command.create({"metric": "resolution", "duration": 8})
                    ],
                    **values,
                }
            )
        )
        return agreement

    def _deputy(self, user, **values):
        return (
            self.env["service.quality.deputy"]
            .with_user(self.boss)
            .create(
                {
                    "role": "service_manager",
                    "user_id": user.id,
                    "company_id": self.company.id,
                    "date_from": "2026-03-02",
                    "date_to": "2026-03-31",
                    "reason": "There is one manager",
                    **values,
                }
            )
        )

    def _paper(self):
        return (
            self.env["ir.attachment"]
            .with_user(self.boss)
            .create({"name": "signed.pdf", "raw": PAPER})
        )

    def test_who_drafts_does_not_sign(self):
        """Who wrote it does not put it in force; another holder of the role does."""
        second = self._user(
            "two_second",
            "service_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        agreement = self._draft()
        self.assertFalse(agreement.may_decide)
        with self.assertRaisesRegex(AccessError, "two persons.*two_second"):
            agreement.action_sign()
        with self.assertRaises(AccessError):  # a manager is there
            agreement.with_user(self.boss).action_sign()
        agreement.with_user(second).action_sign()
        self.assertEqual(agreement.state, "signed")
        decision = agreement.sudo().decision_ids
        self.assertEqual(decision.capacity, "role")
        self.assertEqual(decision.author_ids, self.manager)
        self.assertRegex(agreement.decided_as, "two_second.*, Service Manager")

    def test_who_wrote_a_line_is_an_author(self):
        """Everyone who has written in it is an author, also of one line, also once."""
        agreement = self._draft()
        boss_who_manages = self._user(
            "two_both",
            "service_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        agreement.with_user(boss_who_manages).target_ids.duration = 4
        agreement.target_ids.duration = 6  # the last one to write is another
        self.assertEqual(agreement.author_ids, self.manager | boss_who_manages)
        with self.assertRaises(AccessError):
            agreement.with_user(boss_who_manages).action_sign()

    def test_executive_where_nobody_else_holds_the_role(self):
        agreement = self._draft()
        with self.assertRaises(AccessError):
            agreement.action_sign()
        with self.assertRaisesRegex(AccessError, "Only a service manager"):
            agreement.with_user(self.clerk).action_sign()
        agreement.with_user(self.boss).action_sign()
        self.assertIn("as executive", agreement.decided_as)

    def test_deputy_where_no_executive_is_left(self):
        """A deputy decides on the days for which an executive has named one."""
        self.boss.group_ids += self.manager.group_ids
        self.manager.active = False
        agreement = self._draft(self.boss)
        with self.assertRaises(AccessError):
            agreement.with_user(self.clerk).action_sign()
        deputy = self._deputy(self.clerk)
        agreement.with_user(self.clerk).action_sign()
        self.assertRegex(
            agreement.with_user(self.boss).decided_as,
            "two_clerk.*, as deputy of Service Manager, named by two_boss.* until "
            "2026-03-31",
        )
        deputy.action_end()
        with self.assertRaises(AccessError):
            self._draft(self.boss).with_user(self.clerk).action_sign()
        self._deputy(self.clerk)
        with freeze_time("2026-04-01 10:00:00"), self.assertRaises(AccessError):
            self._draft(self.boss).with_user(self.clerk).action_sign()

    def test_who_wrote_the_source_wrote_the_copy(self):
        """Deny: a colleague copies it, and its author signs the copy."""
        second = self._user(
            "two_copying",
            "service_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        copied = self._draft().with_user(second).copy()
        self.assertEqual(copied.sudo().author_ids, self.manager | second)
        with self.assertRaises(AccessError):
            copied.with_user(self.manager).action_sign()

    def test_paper_of_an_outsider_where_nobody_is_left(self):
        self.boss.group_ids += self.manager.group_ids
        self.manager.active = False
        agreement = self._draft(self.boss)
        with self.assertRaisesRegex(AccessError, "outside the company"):
            agreement.action_sign()
        Paper = self.env["service.quality.outsider.paper"].with_user(self.boss)
        values = {
            "res_model": agreement._name,
            "res_id": agreement.id,
            "name": "Dr. Lee",
            "organisation": "Auditors Ltd",
            "signed_on": "2026-03-01",
        }
        with self.assertRaises(ValidationError):  # nothing attached
            Paper.create(values)
        papers = {"document_ids": [Command.set(self._paper().ids)]}
        for wrong in ({"name": "."}, {"organisation": "–"}):
            with self.assertRaisesRegex(ValidationError, "too little"):
                Paper.create(values | papers | wrong)
        note = self._paper()
        note.write({"raw": b"I agree", "name": "signed.txt", "mimetype": "text/plain"})
        wrong = {"document_ids": [Command.set(note.ids)]}
        with self.assertRaisesRegex(ValidationError, "neither a PDF"):
            Paper.create(values | wrong)
        # a type is soon given; what it is follows from what is in it
        note.write({"raw": b"I agree", "mimetype": "application/pdf"})
        with self.assertRaisesRegex(ValidationError, "neither a PDF"):
            Paper.create(values | wrong)
        note.raw = PAPER[:100]
        with self.assertRaisesRegex(ValidationError, "100 bytes"):
            Paper.create(values | wrong)
        Paper.create(values | papers)
        agreement.action_sign()
        self.assertIn("Dr. Lee, Auditors Ltd, outside", agreement.decided_as)
        other = self._draft(self.boss)
        with self.assertRaises(AccessError):  # a paper is of one record
            other.action_sign()
        # nor does the same content, attached anew, prove what else is decided
        again = {"document_ids": [Command.set(self._paper().ids)]}
        for about in (agreement, other):
            with self.assertRaisesRegex(ValidationError, "for another decision"):
                Paper.create(values | again | {"res_id": about.id})

    def test_document_of_the_customer_is_an_outsiders_paper(self):
        self.boss.group_ids += self.manager.group_ids
        self.manager.active = False
        agreement = self._draft(
            self.boss, document_ids=[Command.set(self._paper().ids)]
        )
        agreement.action_sign()
        self.assertIn("Them", agreement.decided_as)

    def test_deputy_is_named_by_an_executive(self):
        """A deputy is named from today on, by an executive, and never of oneself."""
        with self.assertRaises(AccessError):
            self._deputy(self.clerk).with_user(self.manager).create(
                {
                    "role": "quality",
                    "user_id": self.clerk.id,
                    "company_id": self.company.id,
                    "date_to": "2026-03-31",
                    "reason": "Mine",
                }
            )
        with self.assertRaisesRegex(ValidationError, "not the deputy"):
            self._deputy(self.boss)
        with self.assertRaisesRegex(ValidationError, "not for the past"):
            self._deputy(self.clerk, date_from="2026-03-01")
        deputy = self._deputy(self.clerk)
        with self.assertRaises(UserError):
            deputy.date_to = "2026-12-31"
        with self.assertRaises(UserError):
            deputy.unlink()
        with self.assertRaises(AccessError):
            deputy.with_user(self.manager).action_end()

    def test_who_recorded_a_row_does_not_void_it(self):
        second = self._user("two_voider", "service_manager")
        recorder = self._user("two_recorder", "service_manager")
        ticket = self._ticket().with_user(recorder)
        ticket.stage_id = self.stages["resolved"]
        row = ticket.service_event_ids.filtered(lambda one: one.kind == "phase")
        with self.assertRaisesRegex(AccessError, "two persons"):
            row._void("Slip of the hand")
        row.with_user(second)._void("Slip of the hand")
        self.assertTrue(row.is_voided)
        self.assertEqual(row.sudo().decision_ids.user_id, second)
