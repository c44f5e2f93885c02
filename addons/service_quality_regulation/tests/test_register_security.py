from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .regulation_common import RegulationCase


@tagged("post_install", "-at_install", "security")
class TestRegisterSecurity(RegulationCase):
    MODELS = (
        "service.quality.compliance",
        "service.quality.judgement",
        "service.quality.waiver",
        "service.quality.policy.review",
        "service.quality.evidence.pack",
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-03-05"):
            cls.regulation.obligation_ids._judge(cls.company)

    def test_nobody_writes_how_it_stands(self):
        cell = self.env["service.quality.compliance"].search([], limit=1)
        for user in (self.inspector, self.boss, self.expert, self.chief, self.caller):
            with self.subTest(user.login), self.assertRaises(AccessError):
                cell.with_user(user).write({"state": "fulfilled"})
            with self.assertRaises(AccessError):
                cell.judgement_ids.with_user(user).create({"label": "2026-03"})

    def test_roles_see_their_own(self):
        for role in ("staff", "project_manager", "desk", "sales"):
            user = self._user(f"one_{role}", role)
            for name in ("compliance", "judgement"):
                found = self.env[f"service.quality.{name}"].with_user(user).search([])
                with self.subTest(role=role, model=name):
                    self.assertLessEqual(set(found.mapped("role")), {role})

    def test_those_who_answer_see_all(self):
        count = self.env["service.quality.compliance"].search_count([])
        for user in (self.inspector, self.boss, self.expert, self.chief):
            Cell = self.env["service.quality.compliance"].with_user(user)
            with self.subTest(user.login):
                self.assertEqual(Cell.search_count([]), count)

    def test_others_see_nothing(self):
        portal = self._portal()
        employee = self._user("employee")
        public = self.env.ref("base.public_user")
        for user in (portal, employee, public):
            for model in (
                *self.MODELS,
                "service.quality.regulation",
                "service.quality.clause",
                "service.quality.obligation",
                "service.quality.regulation.term",
                "service.quality.policy",
                "service.quality.service",
                "service.quality.evidence.pack.part",
            ):
                with self.subTest(user=user.login, model=model):
                    with self.assertRaises(AccessError):
                        self.env[model].with_user(user).search([])
            with self.assertRaises(AccessError):
                self.env["service.quality.register"].with_user(user).matrix()

    def _portal(self):
        return new_test_user(self.env, login="guest", groups="base.group_portal")

    def test_reviews_and_packs_are_for_those_who_answer(self):
        for role in ("staff", "project_manager", "desk", "sales"):
            user = self._user(f"two_{role}", role)
            for model in ("service.quality.waiver", *self.MODELS[3:]):
                with self.subTest(role=role, model=model):
                    with self.assertRaises(AccessError):
                        self.env[model].with_user(user).search([])

    def test_a_judgement_asked_for_is_not_a_way_in(self):
        """Judging now is for who sees the cell."""
        cell = self.cell(self._obligation("a4_2_1_1"), "2026-02")
        with self.assertRaises(AccessError):
            cell.with_user(self.caller).action_judge()
        with self.assertRaises(AccessError):
            cell.with_user(self.caller).action_open_evidence()
        cell.with_user(self.inspector).action_judge()

    def test_own_regulation_of_another_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = self.env["service.quality.regulation"].create(
            {
                "name": "Theirs",
                "code": "T",
                "company_id": other.id,
                "clause_ids": [Command.create({"code": "1", "name": "One"})],
            }
        )
        for record in (theirs, theirs.clause_ids):
            with self.assertRaises(AccessError):
                record.with_user(self.inspector).read(["name"])
