from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.service_quality_core.tests.role_common import ROLES

from .figure_common import FigureCase

ALL = ("service_manager", "quality", "technical_centre", "executive")


@tagged("post_install", "-at_install", "security")
class TestFigureSecurity(FigureCase):
    """Each role reads its figures, and none writes them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        companies = {
            "company_id": cls.company.id,
            "company_ids": [Command.set(cls.company.ids)],
        }
        cls.users = {role: cls._user(role, role, **companies) for role in ROLES}
        cls.colleague = cls._user("colleague", "staff", **companies)
        cls.team.user_ids = cls.users["staff"]
        cls.company.service_engineer_figures = True
        cls.own, cls.foreign = cls.env["service.quality.project"].create(
            [
                {"name": name, "partner_id": partner.id, "user_id": user.id}
                for name, partner, user in (
                    ("Own", cls.acme, cls.users["project_manager"]),
                    ("Foreign", cls.globex, cls.users["quality"]),
                )
            ]
        )
        for project in cls.own | cls.foreign:
            cls._agreement(
                {"metric": "resolution", "duration": 8},
                project_id=project.id,
                partner_ids=[Command.set(project.partner_id.ids)],
            )
        for partner, team, user in (
            (cls.contact, cls.team, cls.users["staff"]),
            (cls.globex, cls.other_team, cls.colleague),
        ):
            ticket = cls._ticket(
                "2026-03-02 09:00",
                partner_id=partner.id,
                team_id=team.id,
                user_id=user.id,
            )
            cls._move(ticket, "resolved", "2026-03-02 12:00")
        cls.figures = cls._take("sla_resolution")

    def _seen(self, role):
        """Return what a role reads: a set of (scope, name)."""
        figures = self.Figure.with_user(self.users[role]).search(
            [("company_id", "=", self.company.id)]
        )
        return {(one.scope, one.scope_id) for one in figures}

    def test_who_answers_for_quality_reads_all(self):
        everything = {(one.scope, one.scope_id) for one in self.figures}
        for role in ALL:
            self.assertEqual(self._seen(role), everything, role)

    def test_staff_reads_own_department_and_own_figures(self):
        self.assertEqual(
            self._seen("staff"),
            {
                ("company", self.company.id),
                ("department", self.team.id),
                ("engineer", self.users["staff"].id),
            },
        )
        self.assertEqual(self._seen("desk"), {("company", self.company.id)})

    def test_project_manager_reads_own_projects(self):
        agreement = self.own.agreement_ids
        self.assertEqual(
            self._seen("project_manager"),
            {
                ("company", self.company.id),
                ("project", self.own.id),
                ("agreement", agreement.id),
                ("target", agreement.target_ids.id),
            },
        )

    def test_sales_reads_no_persons(self):
        scopes = {scope for scope, _record in self._seen("sales")}
        self.assertEqual(scopes, {"company", "agreement", "customer", "target"})

    def test_nobody_else_reads(self):
        portal = new_test_user(self.env, "guest", groups="base.group_portal")
        internal = new_test_user(self.env, "clerk", groups="base.group_user")
        for user in (portal, internal):
            for model in (
                "service.quality.figure",
                "service.quality.indicator",
                "service.quality.indicator.target",
                "service.quality.exclusion",
                "service.quality.exclusion.ground",
                "service.quality.clock.change",
            ):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
            with self.assertRaises(AccessError):
                self.figures[:1].with_user(user).action_open_rows()

    def test_nobody_writes(self):
        figure = self.figures[:1]
        for user in self.users.values():
            for attempt in (
                lambda one: one.write({"value": 100}),
                lambda one: one.unlink(),
                lambda one: one.create({}),
            ):
                with self.assertRaises(AccessError):
                    attempt(figure.with_user(user))

    def test_foreign_figure_opens_no_rows(self):
        figure = self._figure("sla_resolution", "department", self.other_team)
        with self.assertRaises(AccessError):
            figure.with_user(self.users["staff"]).action_open_rows()

    def test_other_company_reads_nothing(self):
        stranger = self._user(
            "stranger",
            "quality",
            company_id=self.env.ref("base.main_company").id,
            company_ids=[Command.set(self.env.ref("base.main_company").ids)],
        )
        Figure = self.Figure.with_user(stranger).with_context(
            allowed_company_ids=self.env.ref("base.main_company").ids
        )
        self.assertFalse(Figure.search([("company_id", "=", self.company.id)]))
        with self.assertRaises(AccessError):
            self.figures[:1].with_env(Figure.env).action_open_rows()

    def test_only_quality_defines_indicators(self):
        indicator = self._indicator("sla_resolution")
        for role, user in self.users.items():
            own = indicator.with_user(user)
            if role == "quality":
                own.sentence = "Better said"
                continue
            with self.assertRaises(AccessError):
                own.sentence = "Worse said"

    def test_drafts_of_targets_are_for_those_who_decide(self):
        target = self.env["service.quality.indicator.target"].create(
            {"indicator_id": self._indicator("opened").id, "goal": 10}
        )
        for role, user in self.users.items():
            found = target.with_user(user).search([("id", "=", target.id)])
            self.assertEqual(bool(found), role in ALL, role)
