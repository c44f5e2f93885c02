from freezegun import freeze_time

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
        self.assertEqual(
            page._prepare_sections(report, report.line_ids)[-1], ("gone", line)
        )
        self.assertTrue(report._content("xlsx"))

    # ------------------------------------------------------------------
    # The past
    # ------------------------------------------------------------------

    def test_the_past_is_there_whatever_was_clicked(self):
        """A trend has every month that there was service, a year ago included."""
        for day in ("2025-03-03", "2026-01-05", "2026-02-02"):
            self._handle(f"{day} 09:00:00", f"{day} 10:00:00")
        report = self._make("project", self.project)
        line = self._line(report)
        found = [label for label, value in line.trend if value is not None]
        self.assertEqual(found, ["2026-01", "2026-02", "2026-03"])
        self.assertEqual(line.has_previous, True)
        opened = self._line(self._make("department", self.team), "opened")
        self.assertEqual((opened.has_last_year, opened.last_year_value), (True, 1))

    def test_nobody_is_asked_why_goals_were_missed_long_ago(self):
        self._handle("2026-01-05 09:00:00", "2026-01-09 09:00:00")
        self._make()
        raised = self.env["service.quality.deviation"].search(
            [("company_id", "=", self.env.company.id)]
        )
        self.assertNotIn("2026-01", raised.mapped("period"))

    def test_imported_history_is_counted(self):
        """History that came in after a month was closed is in the next report."""
        self._handle("2026-02-02 09:00:00", "2026-02-02 10:00:00")
        report = self._make("department", self.team)
        counted = self._line(report, "opened").previous_value
        record = {
            "external_ref": "OLD-1",
            "name": "No dial tone",
            "opened_at": "2026-02-03 09:00:00",
            "partner": self.contact.id,
            "team": self.team.name,
            "events": [
                {"at": "2026-02-03 10:00:00", "kind": "phase", "phase": "resolved"}
            ],
        }
        with freeze_time("2026-04-03 08:00:00"):
            [result] = self.env["helpdesk.ticket"].service_import([record])
            self.assertEqual(result["outcome"], "created", result["reason"])
            report.action_fill()
        opened = self._line(report, "opened")
        self.assertEqual(opened.previous_value, counted + 1)
        corrected = self.env["service.quality.figure.correction"].search(
            [("figure_id.indicator_id", "=", opened.indicator_id.id)]
        )
        self.assertIn("imported", corrected[:1].reason)

    def test_the_past_is_taken_once(self):
        """The second report counts nothing of it again."""
        self._handle("2026-02-02 09:00:00", "2026-02-02 10:00:00")
        self._make()
        period, figures = self._period("2026-03-01"), self.env["service.quality.figure"]
        content = self.env["service.quality.report.content"]
        self.env.flush_all()
        with freeze_time("2026-04-02 08:00:00"):
            before = self.env.cr.sql_log_count
            content._take_past(self.env.company, period)
            self.assertLess(self.env.cr.sql_log_count - before, 12)
        taken = figures.search([("date_from", "=", "2026-02-01")])
        self.assertEqual(set(taken.mapped("is_provisional")), {False})
