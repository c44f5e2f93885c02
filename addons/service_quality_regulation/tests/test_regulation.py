from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import convert_file

from .regulation_common import RegulationCase


@tagged("post_install", "-at_install")
class TestRegulation(RegulationCase):
    """Writing, copying and putting in force."""

    def test_shipped(self):
        """Every sub-clause of the three regulations is there, with what it asks for."""
        for code, count in (("a", 40), ("b", 8), ("c", 6)):
            regulation = self.env.ref(f"service_quality_regulation.regulation_{code}")
            self.assertFalse(regulation.company_id)
            with self.subTest(code):
                self.assertGreaterEqual(len(regulation.clause_ids), count - 3)
                for clause in regulation.clause_ids:
                    self.assertTrue(clause.obligation_ids, clause.code)
                    self.assertTrue(clause.text and clause.chapter, clause.code)

    def test_shipped_stays(self):
        clause = self.regulation.clause_ids[0].with_user(self.inspector)
        for record, vals in (
            (self.regulation.with_user(self.inspector), {"name": "Ours"}),
            (clause, {"text": "Less"}),
            (clause.obligation_ids[0], {"grace_days": 90}),
        ):
            with self.subTest(record), self.assertRaises(UserError):
                record.write(vals)

    def test_texts_that_were_edited_survive_an_update(self):
        """An update writes what comes with the product, but what people changed."""
        edited, left = self.env["service.quality.obligation"].search(
            [("regulation_id.company_id", "=", False)], limit=2
        )
        edited.name = "As our company says it"
        shipped = left.name
        # as if an earlier release had said it in other words
        self.env.cr.execute(
            "UPDATE service_quality_obligation SET name = %s WHERE id = %s",
            ['{"en_US": "In other words"}', left.id],
        )
        self.env.invalidate_all()
        name = "data/service.quality.obligation.csv"
        convert_file(self.env, "service_quality_regulation", name, {}, mode="update")
        self.env.invalidate_all()
        self.assertEqual(edited.name, "As our company says it")
        self.assertEqual(left.name, shipped)

    def test_parts_of_what_is_locked(self):
        """Nothing is added to what is locked, moved into it or taken out."""
        clause = self.regulation.clause_ids[0].with_user(self.inspector)
        mine = self.regulation.with_user(self.inspector).copy().clause_ids[0]
        for part, own, into in (
            (clause, mine, {"regulation_id": self.regulation.id, "code": "9.9.9"}),
            (
                clause.obligation_ids[0],
                mine.obligation_ids[0],
                {"clause_id": clause.id},
            ),
        ):
            for step, act in (
                ("add", lambda part=part, into=into: part.copy(into)),
                ("move", lambda own=own, into=into: own.write(into)),
                ("delete", part.unlink),
            ):
                with (
                    self.subTest(f"{part._name}: {step}"),
                    self.assertRaisesRegex(UserError, "stays as it is"),
                    self.env.cr.savepoint(),
                ):
                    act()
                self.env.invalidate_all(flush=False)

    def test_versions(self):
        """A copy is one's own next version; in force it is locked."""
        self.company = self.env["res.company"].create({"name": "A new company"})
        self.inspector.write(
            {"company_ids": self.company.ids, "company_id": self.company.id}
        )
        first = self.env["service.quality.regulation.term"].create(
            {
                "regulation_id": self.regulation.id,
                "company_id": self.company.id,
                "date_start": "2026-01-01",
            }
        )
        mine = self.regulation.with_user(self.inspector).copy()
        self.assertEqual(mine.version, 2)
        self.assertEqual(mine.previous_id, self.regulation)
        self.assertEqual(mine.company_id, self.company)
        self.assertEqual(len(mine.clause_ids), len(self.regulation.clause_ids))
        self.assertEqual(len(mine.obligation_ids), len(self.regulation.obligation_ids))
        mine.name = "Our regulation"
        mine.obligation_ids[0].grace_days = 3
        with freeze_time("2026-03-10"):
            mine.put_in_force()
        self.assertEqual(first.date_end, date(2026, 3, 10))
        with freeze_time("2026-03-10"):
            self.env.invalidate_all()
            self.assertTrue(mine.is_in_force)
            shipped = self.regulation.with_user(self.inspector)
            self.assertFalse(shipped.is_in_force)
        with self.assertRaises(UserError):
            mine.name = "Another name"
        with self.assertRaises(UserError):
            mine.obligation_ids[0].grace_days = 30
        third = mine.copy()
        self.assertEqual((third.version, third.previous_id), (3, mine))
        third.name = "A third one"
        with freeze_time("2026-03-20"):
            mine.end_force()
            self.assertFalse(mine.is_in_force)
            with self.assertRaises(UserError):
                mine.end_force()

    def test_one_version_at_a_time(self):
        mine = self.regulation.copy()
        with self.assertRaises(ValidationError):
            self._in_force(mine, "2025-06-01", date_end="2026-02-01")

    def test_terms_stay(self):
        term = self.regulation.term_ids.with_user(self.inspector)
        with self.assertRaises(UserError):
            term.date_start = "2025-01-01"
        with self.assertRaises(UserError):
            term.unlink()

    def test_who_decides(self):
        for user in (self.chief, self.boss, self.caller, self.expert):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.regulation.with_user(user).put_in_force("2026-05-01")

    def test_what_it_asks(self):
        """Other addons ask by a word whether a regulation in force asks for it."""
        asks = self.company._service_regulation_asks
        self.assertFalse(asks("pass_on_complaints"))
        self._in_force(
            self.env.ref("service_quality_regulation.regulation_c"), "2026-03-01"
        )
        with freeze_time("2026-03-02"):
            self.assertTrue(asks("pass_on_complaints"))
            self.assertFalse(asks("what nobody knows"))

    # ------------------------------------------------------------------
    # Menus
    # ------------------------------------------------------------------

    def menus(self, company, user=None):
        Menu = self.env["ir.ui.menu"].with_user(user or self.inspector)
        Menu = Menu.with_context(allowed_company_ids=company.ids)
        return {
            menu["xmlid"]
            for key, menu in Menu.load_menus(False).items()
            if key != "root"
        }

    def test_menus_of_what_is_in_force(self):
        """A company that uses only B or C sees no agreement menus."""
        agreements = "service_quality_core.service_quality_agreement_menu"
        tickets = "helpdesk_mgmt.helpdesk_ticket_main_menu"
        self.regulation.term_ids.date_start = "2026-01-01"
        other = self.env["res.company"].create({"name": "Corner shop"})
        self.inspector.company_ids += other
        with freeze_time("2026-03-02"):
            self.assertIn(agreements, self.menus(self.company))
            self.assertIn(agreements, self.menus(other), "nothing is decided yet")
            self.env["service.quality.regulation.term"].create(
                {
                    "regulation_id": self.env.ref(
                        "service_quality_regulation.regulation_c"
                    ).id,
                    "company_id": other.id,
                    "date_start": "2026-03-01",
                }
            )
            self.assertNotIn(agreements, self.menus(other))
            self.assertIn(tickets, self.menus(other))
            self.assertIn(agreements, self.menus(self.company))
            self.assertIn(agreements, self.menus(self.company | other))
            shown = self.env["ir.ui.menu"].with_user(self.inspector)
            shown = shown.with_context(allowed_company_ids=other.ids)
            tree = shown.load_menus(False)
            for menu in tree.values():
                self.assertLessEqual(set(menu["children"]), tree.keys())
        # other programs see what access rights allow
        self.env["service.quality.agreement"].with_user(self.inspector).search([])

    def test_menus_follow_the_days(self):
        agreements = "service_quality_core.service_quality_agreement_menu"
        self.regulation.term_ids.date_end = "2026-04-01"
        self._in_force(
            self.env.ref("service_quality_regulation.regulation_b"), "2026-01-01"
        )
        with freeze_time("2026-03-31"):
            self.assertIn(agreements, self.menus(self.company))
        with freeze_time("2026-04-01"):
            self.assertNotIn(agreements, self.menus(self.company))
