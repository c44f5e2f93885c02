from datetime import datetime

from freezegun import freeze_time
from lxml import html

from odoo.tests import tagged

from .common import ServiceQualityCase

READER = "service_quality_core.report_agreement"
CUSTOMER = "service_quality_core.report_agreement_customer"


@tagged("post_install", "-at_install")
class TestAgreementPrint(ServiceQualityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hours = cls._define_calendar("Bridge", [(8, 12), (12, 16)], days=(0, 1, 3))
        cls.env["resource.calendar.leaves"].create(
            [
                {
                    "name": f"Founding Day {year}",
                    "calendar_id": cls.hours.id,
                    "date_from": datetime(year, 6, 1),
                    "date_to": datetime(year, 6, 2, 23, 59),
                }
                for year in (2025, 2026, 2027)
            ]
        )
        cls.agreement = cls._agreement(
            {"metric": "first_response", "duration": 30, "unit": "minute"},
            {"metric": "resolution", "duration": 4, "priority": "3"},
            {
                "metric": "resolution",
                "duration": 8,
                "goal_percent": 90,
                "pause_on": "both",
            },
            name="Bridge support",
            number="SLA-7",
            calendar_id=cls.hours.id,
        )
        for code, date_format in (("en_US", "%m/%d/%Y"), ("zh_CN", "%Y年%m月%d日")):
            lang = cls.env["res.lang"]._activate_lang(code)
            lang.date_format = date_format

    @freeze_time("2026-03-02 10:00:00")
    def _print(self, report=READER, agreement=None, lang="en_US"):
        agreement = agreement or self.agreement
        content, _type = (
            self.env["ir.actions.report"]
            .with_context(lang=lang)
            ._render_qweb_html(report, agreement.ids)
        )
        return html.fromstring(content)

    def _text(self, node):
        return " ".join(node.text_content().split())

    def test_matrix_has_a_row_for_each_condition(self):
        (table,) = self._print().xpath("//table[contains(@class, 'o_service_matrix')]")
        rows = [
            [self._text(cell) for cell in row.xpath("th|td")]
            for row in table.xpath(".//tr")
        ]
        self.assertEqual(
            rows,
            [
                ["Applies to", "First response", "Resolution"],
                ["Any", "30 min · Bridge · ≥ 95 %", "8 h · Bridge · ≥ 90 %"],
                ["Very High", "–", "4 h · Bridge · ≥ 95 %"],
            ],
        )

    def test_matrix_follows_the_readers_language(self):
        targets = self.agreement.target_ids.with_context(lang="zh_CN")
        label = targets._metrics()["resolution"]
        self.assertRegex(label, "[\u4e00-\u9fff]")
        self.assertIn("Resolution", self.agreement.matrix)
        self.assertIn(label, self.agreement.with_context(lang="zh_CN").matrix)
        self.assertNotIn(label, self.agreement.matrix)

    def test_matrix_follows_its_targets(self):
        draft = self._agreement({"metric": "resolution", "duration": 4}, sign=False)
        self.assertIn("4 h", draft.matrix)
        draft.target_ids.duration = 6
        self.assertIn("6 h", draft.matrix)
        draft.target_ids.priority = "3"
        self.assertIn("Very High", draft.matrix)

    def test_parties_validity_and_signatures(self):
        text = self._text(self._print())
        for part in ("SLA-7", "Acme", "01/01/2026", "time zone UTC", "Us", "Them"):
            self.assertIn(part, text)
        self.assertNotIn("Draft, not signed", text)
        draft = self._agreement({"duration": 4}, sign=False)
        self.assertIn("Draft, not signed", self._text(self._print(agreement=draft)))

    def test_metrics_are_defined_in_plain_words(self):
        text = self._text(self._print())
        self.assertIn("automatic answers and internal notes do not count.", text)
        self.assertIn("Waiting for customer; Waiting for either", text)
        self.assertNotIn("arrives on site. Paused", text, "no visit is promised")

    def test_working_time_joins_equal_days(self):
        ((calendar, week),) = self.agreement._print_hours()
        self.assertEqual(calendar, self.hours)
        self.assertEqual(
            week, [("Monday – Tuesday", "08:00–16:00"), ("Thursday", "08:00–16:00")]
        )

    def test_holidays_of_the_coming_year(self):
        text = self._text(self._print())
        self.assertIn("Founding Day 2026 06/01/2026 – 06/02/2026", text)
        self.assertNotIn("Founding Day 2025", text)
        self.assertNotIn("Founding Day 2027", text)

    def test_customers_language(self):
        """The other side's print follows its language, the reader's does not."""
        self.acme.lang = "zh_CN"
        self.assertIn("2026年01月01日", self._text(self._print(CUSTOMER)))
        self.assertIn("01/01/2026", self._text(self._print(READER)))

    def test_agreement_between_teams_says_what_it_sums_up(self):
        inner = self._agreement(
            {"metric": "resolution", "duration": 5},
            kind="ola",
            partner_ids=False,
            team_ids=self.team.ids,
        )
        text = self._text(self._print(agreement=inner))
        self.assertIn("the times are summed up", text)
        self.assertIn("Team: First line", text)
