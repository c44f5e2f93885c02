from odoo.tests import tagged

from odoo.addons.service_quality_core.tests.common import ServiceQualityCase

FIRST = {
    "attainment": 10,
    "call_attempted": 20,
    "call_grade": 30,
    "complaints": 40,
    "first_contact": 50,
}
"""The formulas on the first page of a report, by their rank."""

SECTIONS = {
    "callback": {
        "call_attempted", "call_reached", "call_solved", "call_grade", "exemptions",
        "call_within_day", "declined", "call_cancelled", "call_in_doubt", "own_calls",
    },
    "complaint": {"complaints"},
    "improvement": {
        "nonconformities", "nonconformity_time", "nonconformity_plan_time",
        "nonconformity_approval_time", "nonconformity_action_time",
        "effective_at_first", "effect_overruled", "repeated_causes", "actions_overdue",
    },
    "volume": {"opened", "handled", "backlog"},
    "record": {
        "late_entries", "late_imports", "late_phones", "silent_pauses", "reopenings",
        "cancelled_worked",
    },
}  # fmt: skip
"""The formulas that are not among the figures like all others."""

NOT_FOR_CUSTOMERS = {
    "call_cancelled", "call_in_doubt", "declined", "escalations", "exemptions",
    "no_agreement", "own_calls", "voids",
    "wall_time", "working_time", *SECTIONS["record"], *SECTIONS["improvement"],
}  # fmt: skip

PERSONAL = {"late_entries", "own_calls"}
"""The formulas that tell how people work."""


@tagged("post_install", "-at_install")
class TestReportOfIndicators(ServiceQualityCase):
    """The indicators that come with the product are told as each addon declares."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        records = cls.env["ir.model.data"].search(
            [
                ("module", "=like", "service_quality%"),
                ("model", "=", "service.quality.indicator"),
            ]
        )
        ids = records.mapped("res_id")
        cls.shipped = cls.env["service.quality.indicator"].browse(ids)

    def test_first_page(self):
        for indicator in self.shipped:
            with self.subTest(indicator.code):
                rank = FIRST.get(indicator.formula, 0)
                self.assertEqual(indicator.headline_sequence, rank)

    def test_sections(self):
        for indicator in self.shipped:
            found = [
                code for code, some in SECTIONS.items() if indicator.formula in some
            ]
            with self.subTest(indicator.code):
                other = "measured" if indicator.source == "measured" else "figure"
                self.assertEqual([indicator.section], found or [other])

    def test_customers(self):
        """Deny: customers are not told of our house, our teams, or our warnings."""
        for indicator in self.shipped:
            told = (
                indicator.formula not in NOT_FOR_CUSTOMERS
                and indicator.clock_kind in (False, "sla")
            )
            with self.subTest(indicator.code):
                self.assertEqual(indicator.is_for_customers, told)

    def test_exclusions(self):
        codes = self.env["service.quality.formula"]._codes_with("is_excludable")
        self.assertEqual(set(codes), {"attainment", "call_attempted", "call_reached"})

    def test_personal(self):
        codes = self.env["service.quality.formula"]._codes_with("is_personal")
        self.assertEqual(set(codes), PERSONAL)
