from odoo.tests import tagged

from .report_common import ReportCase


@tagged("post_install", "-at_install")
class TestReportIndicator(ReportCase):
    """Section, first page and customers of an indicator are as it says itself."""

    def setUp(self):
        super().setUp()
        self._handle("2026-03-02 09:00:00", "2026-03-02 10:00:00")

    def _own(self, **values):
        return self.env["service.quality.indicator"].create(
            {
                "code": "own",
                "name": "Own",
                "sentence": "What we look at.",
                "company_id": self.env.company.id,
                "summary": "count",
                "unit": "count",
                "formula": "opened",
                **values,
            }
        )

    def _lines_of(self, report, indicator):
        return report.line_ids.filtered(lambda line: line.indicator_id == indicator)

    def test_indicator_of_the_company(self):
        """It stands where its formula belongs, also in the customer's report."""
        own = self._own()
        line = self._lines_of(self._make("customer", self.agreement), own)
        self.assertEqual((line.section, line.value), ("volume", 1))

    def test_what_is_not_for_customers(self):
        """Deny: it never reaches the report of a customer, and stays in ours."""
        shipped = self.env.ref("service_quality_indicator.indicator_opened")
        shipped.is_for_customers = False
        own = self._own(is_for_customers=False)
        measured = self._own(
            code="measured", source="measured", formula=False, is_for_customers=False
        )
        self.env["service.quality.measurement"].create(
            {
                "indicator_id": measured.id,
                "project_id": self.project.id,
                "date_from": "2026-03-01",
                "date_to": "2026-03-31",
                "value": 99.5,
                "evidence": "Monitoring",
            }
        )
        customer = self._make("customer", self.agreement)
        project = self._make("project", self.project)
        for indicator in (shipped, own, measured):
            self.assertFalse(self._lines_of(customer, indicator))
            self.assertTrue(self._lines_of(project, indicator))

    def test_what_customers_are_told_as_well(self):
        own = self._own(formula="wall_time", is_for_customers=True, section="volume")
        line = self._lines_of(self._make("customer", self.agreement), own)
        self.assertEqual(line.section, "volume")
        again = self._own(code="again", formula="wall_time")
        self.assertFalse(again.is_for_customers)

    def test_first_page(self):
        """By rank one of each formula, then those that have a goal."""
        ranks = {"opened": 0, "attained": 10, "again": 10, "first": 1, "goal": 0}
        indicators = [
            self._own(
                code=code,
                formula="attainment" if code in ("attained", "again") else "opened",
                headline_sequence=rank,
            )
            for code, rank in ranks.items()
        ]
        lines = [
            {
                "indicator_id": one.id,
                "has_goal": one.code == "goal",
                "has_value": True,
            }
            for one in indicators
        ]
        first = self.env["service.quality.report.content"]._headlines(lines)
        found = [
            self.env["service.quality.indicator"].browse(one["indicator_id"]).code
            for one in first
        ]
        self.assertEqual(found, ["first", "attained", "goal", "opened", "again"])

    def test_formula_of_an_addon_that_is_gone(self):
        """What was counted by it stays in the report, and nothing more is counted."""
        own = self._own(headline_sequence=1)
        kept = self._lines_of(self._make("project", self.project), own)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE service_quality_indicator SET formula = 'gone' WHERE id = %s",
            [own.id],
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        line = self._lines_of(self._make("customer", self.agreement), own)
        self.assertEqual((line.value, line.section), (kept.value, "volume"))
        self.assertTrue(line.is_headline)
        report = line.report_id
        report.action_fill()
        self.assertEqual(self._lines_of(report, own).value, kept.value)

    def test_section_of_an_addon_that_is_gone(self):
        """It is shown by its code, after the others, and the report is made."""
        report = self._make()
        line = report.line_ids[:1]
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE service_quality_report_line SET section = 'gone' WHERE id = %s",
            [line.id],
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        page = self.env["service.quality.report.page"]
        self.assertEqual(page._prepare_sections(report)[-1], ("gone", line))
        self.assertTrue(report._content("xlsx"))
