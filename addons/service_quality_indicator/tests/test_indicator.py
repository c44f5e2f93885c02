from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.service_quality_indicator.models.service_quality_indicator import (
    DEFINES,
)

from .figure_common import MARCH, FigureCase


@tagged("post_install", "-at_install")
class TestIndicator(FigureCase):
    """An indicator starts with what its formula declares, and outlives it."""

    @classmethod
    def _own(cls, **values):
        """Create an indicator of the company's own."""
        return cls.env["service.quality.indicator"].create(
            {
                "code": "own",
                "name": "Own",
                "sentence": "What we look at.",
                "company_id": cls.company.id,
                **values,
            }
        )

    def _told(self, indicator):
        return (
            indicator.section,
            indicator.headline_sequence,
            indicator.is_for_customers,
        )

    # ------------------------------------------------------------------
    # What a formula declares
    # ------------------------------------------------------------------

    def test_own_indicator_takes_over_what_its_formula_declares(self):
        own = self._own(formula="opened")
        self.assertEqual(self._told(own), ("volume", 0, True))
        own.formula = "wall_time"
        self.assertEqual(self._told(own), ("figure", 0, False))
        own.write({"source": "measured", "formula": False})
        self.assertEqual(self._told(own), ("measured", 0, True))

    def test_customers_are_told_what_was_promised_to_them(self):
        """They are not told what the house or its teams promise themselves."""
        for kind, told in (
            (False, True),
            ("sla", True),
            ("house", False),
            ("ola", False),
            ("uc", False),
        ):
            own = self._own(code=f"own_{kind}", formula="attainment", clock_kind=kind)
            with self.subTest(kind=kind):
                self.assertEqual(self._told(own), ("figure", 10, told))

    def test_values_given_at_creation_stay(self):
        own = self._own(
            formula="opened",
            section="figure",
            headline_sequence=5,
            is_for_customers=False,
        )
        self.assertEqual(self._told(own), ("figure", 5, False))

    def test_quality_department_changes_it(self):
        own = self._own(formula="opened")
        companies = {"company_id": self.company.id, "company_ids": self.company.ids}
        staff = self._user("told_staff", "staff", **companies)
        with self.assertRaises(AccessError):
            own.with_user(staff).is_for_customers = False
        quality = self._user("told_quality", "quality", **companies)
        own.with_user(quality).write(
            {"section": "figure", "headline_sequence": 1, "is_for_customers": False}
        )
        own.with_user(quality).name = "Opened by us"
        self.assertEqual(self._told(own), ("figure", 1, False))

    def test_what_is_judged_is_not_turned_round(self):
        """Deny: the department that is measured does not say what is good, alone."""
        companies = {"company_id": self.company.id, "company_ids": self.company.ids}
        quality = self._user("turn_quality", "quality", **companies)
        both = self._user("turn_both", "quality", "executive", **companies)
        new = self._own(formula="opened")
        new.with_user(quality).direction = "lower"  # nothing was judged yet
        self._take("sla_resolution")
        used = self._indicator("sla_resolution")
        for vals in (
            {"direction": "lower"},
            {"cadence": "year"},
            {"metric": "update"},
            {"metric": False},
            {"clock_kind": "house"},
            {"recipient": "assignee"},
            {"summary": "count"},
            {"unit": "count"},
            {"formula": "opened"},
            {"source": "measured", "formula": False},
            {"company_id": self.company.id},
        ):
            with self.subTest(vals):
                with self.assertRaisesRegex(UserError, "executive"):
                    used.with_user(quality).write(vals)
                used.with_user(both).write(vals)
        used.with_user(quality).write(
            {"direction": "lower", "company_id": self.company.id, "name": "Same"}
        )
        for name in (*DEFINES, "active"):
            self.assertTrue(used._fields[name].tracking, name)

    def test_choices_are_those_of_the_formula(self):
        """What is left of another formula chooses nothing."""
        own = self._own(formula="attainment", clock_kind="ola", metric="update")
        self.assertEqual((own.asks_metric, own.asks_recipient), (True, False))
        self.assertEqual(own._chosen("metric"), "update")
        own.formula = "opened"
        self.assertEqual((own.asks_metric, own.asks_clock_kind), (False, False))
        self.assertFalse(own._chosen("metric"))
        self.assertTrue(own.is_for_customers)
        same = self._own(code="same", formula="opened")
        self.assertEqual(self.Counting._same_rows(own), self.Counting._same_rows(same))

    def test_misses_of_which_formulas_are_excluded(self):
        codes = self.env["service.quality.formula"]._codes_with("is_excludable")
        self.assertIn("attainment", codes)
        self.assertNotIn("clock_time", codes)

    # ------------------------------------------------------------------
    # What an addon leaves
    # ------------------------------------------------------------------

    def _orphan(self):
        """Return an indicator whose formula and section are not declared any more."""
        self._ticket("2026-03-02 08:00")
        own = self._own(formula="opened", summary="count", unit="count")
        self.Figure._take(self.company, MARCH, own)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE service_quality_indicator SET formula = 'gone', section = 'left',"
            " metric = 'past' WHERE id = %s",
            [own.id],
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        return own

    def test_unknown_formula_shows_its_code(self):
        own = self._orphan()
        shown = own.fields_get(["formula", "section", "metric"])
        self.assertIn(("past", "past"), shown["metric"]["selection"])
        self.assertIn(("gone", "gone"), shown["formula"]["selection"])
        self.assertIn(("left", "left"), shown["section"]["selection"])
        self.assertEqual(own.read(["formula"])[0]["formula"], "gone")
        own.name = "Left"

    def test_unknown_formula_keeps_its_figures(self):
        own = self._orphan()
        figure = own.figure_ids.filtered(lambda one: one.scope == "company")
        kept = figure.value
        self.Figure._take(self.company, MARCH, reason="The test asks for it")
        self.Figure._take(self.company, MARCH, own, reason="The test asks for it")
        self.env.invalidate_all()
        self.assertEqual((figure.value, figure.has_value), (kept, True))
        for action in (figure.action_open_rows, figure.action_count_again):
            with self.assertRaisesRegex(UserError, "gone, which is not installed"):
                action()
