from freezegun import freeze_time
from lxml import html

from odoo.tests import tagged

from .report_common import ReportCase


@tagged("post_install", "-at_install")
class TestReportPage(ReportCase):
    """A manager reads the report on paper, from the first line to the last."""

    def _parts(self, report):
        """Return the first page of a report and what follows, as HTML elements."""
        report.invalidate_recordset(["page"])
        page = html.fromstring(report.page)
        [first] = page.find_class("o_sq_report_first")
        [body] = page.find_class("o_sq_report_body")
        return first, body

    def _text(self, element):
        return " ".join(element.text_content().split())

    def _under(self, element, heading):
        """Return the element that follows a heading."""
        [found] = [one for one in element.iter("h2") if self._text(one) == heading]
        return found.getnext()

    # ------------------------------------------------------------------
    # What people decide, plan and sign
    # ------------------------------------------------------------------

    def test_decisions_stand_on_the_first_page(self):
        """Each line is a decision of its own; the customer reads none of them."""
        report = self._make()
        first, _body = self._parts(report)
        self.assertIn("Decisions wanted None.", self._text(first))
        report.decisions = "A second shift, from Ms He until May\n\nA spare switch"
        first, body = self._parts(report)
        decisions = self._under(first, "Decisions wanted")
        self.assertEqual(
            [self._text(one) for one in decisions],
            ["A second shift, from Ms He until May", "A spare switch"],
        )
        self.assertNotIn("A second shift", self._text(body))
        customer = self._make("customer", self.agreement)
        customer.decisions = "A higher price"
        self._parts(customer)  # read anew
        self.assertNotIn("A higher price", customer.page)
        self.assertNotIn("Decisions wanted", customer.page)

    def test_the_plan_is_for_the_next_period(self):
        """It stands after what was done; that there is none is said, to us."""
        report = self._make()
        _first, body = self._parts(report)
        self.assertIn("Plan for the next period Nothing was written.", self._text(body))
        report.actions = "<p>Stock two switches</p>"
        report.plan = "<p>Move the branch offices</p>"
        first, body = self._parts(report)
        plan = self._under(body, "Plan for the next period")
        self.assertEqual(self._text(plan), "Move the branch offices")
        text = self._text(body)
        self.assertLess(text.index("Stock two"), text.index("Move the branch"))
        self.assertNotIn("Move the branch", self._text(first))
        customer = self._make("customer", self.agreement)
        self.assertNotIn("Plan for the next period", customer.page)
        customer.plan = "<p>Replace the router</p>"
        _first, body = self._parts(customer)
        self.assertIn("Replace the router", self._text(body))

    def test_who_wrote_reviewed_and_approved_it_signs(self):
        """编制, 审核, 批准: each with the name, and when it was done."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env.company.partner_id.lang = "zh_CN"
        report = self._make()
        with freeze_time("2026-04-01 09:00:00"):
            report.with_user(self.quality).summary = "A quiet month, all in all."

        def signed():
            first, _body = self._parts(report)
            [table] = first.find_class("o_sq_signed")
            return [self._text(cell) for cell in table.iter("td")]

        writer = self.quality.name
        self.assertEqual(signed(), [f"编制 {writer}", "审核", "批准"])
        with freeze_time("2026-04-02 08:00:00"):
            report.with_user(self.centre).review()
        reviewed = f"审核 {self.centre.name} 2026-04-02 08:00"
        self.assertEqual(signed(), [f"编制 {writer}", reviewed, "批准"])
        with freeze_time("2026-04-03 09:30:00"):
            report.with_user(self.quality).send()
        approved = f"批准 {writer} 2026-04-03 09:30"
        self.assertEqual(signed(), [f"编制 {writer}", reviewed, approved])

    def test_customers_sign_nothing_on_the_first_page(self):
        report = self._make("customer", self.agreement)
        first, _body = self._parts(report)
        self.assertFalse(first.find_class("o_sq_signed"))

    # ------------------------------------------------------------------
    # How it reads
    # ------------------------------------------------------------------

    def test_the_customer_is_named(self):
        first, _body = self._parts(self._make("customer", self.agreement))
        subject = f"{self.acme.name} · {self.agreement.display_name}"
        self.assertIn(subject, self._text(first))

    def test_noughts_are_not_told(self):
        """What is open stands at the figure where there is any."""
        self._handle("2026-03-03 09:00:00", "2026-03-03 10:00:00")
        report = self._make("project", self.project)
        self.assertTrue(self._line(report).has_value)
        for words in ("still open: 0", "in all: 0", "not yet due: 0"):
            self.assertNotIn(words, report.page)

    def test_contracts_are_no_departments(self):
        """It cannot be said of a department that no contract was in force."""
        self._handle("2026-03-03 09:00:00", "2026-03-03 10:00:00")
        report = self._make("department", self.team)
        self.assertNotIn("No contract was in force.", report.page)
        self.assertNotIn("contracts", [one["code"] for one in report.sudo().told])

    def test_no_change_has_no_sign(self):
        """What is too small to be shown is no change."""
        indicator = self.env.ref("service_quality_indicator.indicator_sla_attainment")
        self.assertEqual(indicator._format_change(99.71, 99.74), "±0.0 pts")
        self.assertEqual(indicator._format_change(99.74, 99.71), "±0.0 pts")
        self.assertEqual(indicator._format_change(99.7, 99.8), "+0.1 pts")

    def test_many_are_counted_in_thousands(self):
        """A million is no ``1e+06``."""
        content = self.env["service.quality.report.content"]
        self.assertEqual(content._count_text(1234567.0), "1,234,567")
        self.assertEqual(content._count_text(0), "")

    def test_it_says_how_the_figures_are_to_be_read(self):
        """In Chinese each sentence ends as one does there."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env.company.partner_id.lang = "zh_CN"
        _first, body = self._parts(self._make())
        [notes] = body.find_class("o_sq_notes")
        text = self._text(notes)
        self.assertIn("UTC。", text)
        self.assertNotRegex(text, r"[.:;]( |$)")
