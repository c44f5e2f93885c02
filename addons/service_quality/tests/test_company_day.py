import ast
from datetime import date, datetime
from pathlib import Path

from freezegun import freeze_time

from odoo.tests import TransactionCase, tagged

from odoo.addons.service_quality_callback.tests.figure_common import CallFigureCase
from odoo.addons.service_quality_core.tests.common import ServiceQualityCase
from odoo.addons.service_quality_core.tools.period import Period

SOURCES = Path(__file__).parents[2]

OTHER_WAYS = {"context_today", "localize", "combine"}
"""Names by which sources find a zone or a day past the company's own."""

ZONES = {"pytz", "zoneinfo"}
"""Modules by which they do."""

CORE = "service_quality_core/models"

ONE_PLACE = {
    f"{CORE}/res_company.py": "the company's zone",
    f"{CORE}/res_partner.py": "a person's zone, else the company's",
    f"{CORE}/service_quality_agreement.py": "the zone of the agreement's calendar",
    f"{CORE}/service_quality_agreement_print_mixin.py": "that of a calendar",
    f"{CORE}/service_quality_calendar_change.py": "the zone of the calendar",
    f"{CORE}/service_quality_target.py": "the zone of a promise's calendar",
}
"""The sources that read a zone of Odoo's records, and which."""

OWN_DAYS = {
    f"{CORE}/arguments.py": "the day that a program names, as it names it",
    "service_quality_callback/models/res_partner.py": "the hours of a person's zone",
    "service_quality_callback/models/service_quality_callback_closed_days.py": (
        "until noon of a day of the company's"
    ),
    "service_quality_callback/tools/calling.py": "the hours of a person's zone",
    "service_quality_core/tools/period.py": "how a zone gives days and midnights",
    "service_quality_indicator/models/service_quality_figure.py": "a day on each side",
    "service_quality_report/models/service_quality_report.py": "the company's clock",
}
"""The sources that make days or use zones without ``period.py``, and what for."""


@tagged("post_install", "-at_install")
class TestOneWayToTheZone(TransactionCase):
    def test_sources_ask_the_company_for_its_day(self):
        """No source finds a zone or today's date by a way of its own."""
        found = [
            f"{path.relative_to(SOURCES)}:{line}: {name}"
            for folder in ("models", "wizards", "controllers", "tools")
            for path in sorted(SOURCES.glob(f"service_quality*/{folder}/**/*.py"))
            for line, name in self._other_ways(path)
        ]
        for path in ONE_PLACE | OWN_DAYS:
            self.assertTrue((SOURCES / path).exists(), path)
        self.assertFalse(found, "use _service_day() and _service_tz() of the company")

    def _other_ways(self, path):
        name = str(path.relative_to(SOURCES))
        own, days = name in ONE_PLACE, name in ONE_PLACE | OWN_DAYS
        for node in ast.walk(ast.parse(path.read_text())):
            if getattr(node, "module", None) in ZONES and not days:
                yield node.lineno, node.module
            if isinstance(node, ast.Call) and not days:
                if ast.unparse(node.func).endswith(".date") and not node.args:
                    yield node.lineno, ast.unparse(node)
            if not isinstance(node, ast.Attribute):
                continue
            owner = ast.unparse(node.value)
            if (
                (node.attr in OTHER_WAYS and not days)
                or (node.attr == "today" and owner.lower().endswith("date"))
                or (node.attr == "tz" and not own and owner != "as_of")
            ):
                yield node.lineno, f"{owner}.{node.attr}"


@tagged("post_install", "-at_install")
class TestCompanyDay(ServiceQualityCase):
    """Figures, digests, messages and dates are of the company's own day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Half a Day Ahead"})
        cls.company.partner_id.tz = False
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"

    def test_a_calendar_gives_the_zone_where_the_contact_has_none(self):
        feedback = self.env["service.quality.complaint.feedback"]
        self.assertEqual(self.company._service_tz(), "Asia/Shanghai")
        self.assertEqual(
            feedback._bounds(self.company, date(2026, 3, 1)),
            tuple(
                map(
                    self.company._service_midnight, (date(2026, 3, 1), date(2026, 4, 1))
                )
            ),
        )
        self.company.partner_id.tz = "America/New_York"
        self.assertEqual(self.company._service_tz(), "America/New_York")

    def test_each_company_has_its_own_today(self):
        """SLA case 9: at 17:00 UTC the next day has begun in Shanghai."""
        plan = self._overdue_by_company()
        self.env.company.partner_id.tz = "UTC"
        with freeze_time("2026-03-02 17:00"):
            self.assertEqual(self.company._service_day(), date(2026, 3, 3))
            self.assertEqual(
                plan.search([("id", "in", plan.ids), ("is_overdue", "=", True)]),
                plan.filtered(lambda one: one.company_id == self.company),
            )

    def _overdue_by_company(self):
        """Return a report of each company that is due on 2 March."""
        return self.env["service.quality.report"].create(
            [
                {
                    "kind": "organisation",
                    "company_id": company.id,
                    "period_kind": "month",
                    "date_from": "2026-02-01",
                    "due_date": "2026-03-02",
                    "user_id": self.env.user.id,
                }
                for company in (self.env.company, self.company)
            ]
        )


@tagged("post_install", "-at_install")
class TestJobThatWasOff(CallFigureCase):
    """SLA case 42: all periods since the last one are caught up, each with its own."""

    def test_figures(self):
        """SLA case 42: figures of each month in which the job was off."""
        january = Period("month", date(2026, 1, 1))
        self._take("backlog", moment="2026-02-01 03:00", period=january)
        with freeze_time("2026-04-02 03:00"):
            months = [
                period.label
                for period in self.Figure._periods_to_take(self.company)
                if period.kind == "month"
            ]
        self.assertEqual(months, ["2026-02", "2026-03", "2026-04"])

    def test_reports(self):
        """SLA case 42: a draft for each month, of that month's figures."""
        self._ticket("2026-01-05 09:00")
        creation = self.env["service.quality.report.creation"]
        with freeze_time("2026-02-02 06:00"):
            creation._make_due(self.company)
        with freeze_time("2026-04-02 06:00"):
            made = creation._make_due(self.company)
            again = creation._make_due(self.company)
        months = made.filtered(
            lambda report: (
                report.kind == "organisation" and report.period_kind == "month"
            )
        )
        self.assertEqual(
            months.mapped("date_from"), [date(2026, 2, 1), date(2026, 3, 1)]
        )
        self.assertFalse(again)

    def test_what_was_made_by_hand_hides_no_gap(self):
        """SLA case 42: the scheduler says when the job ran last."""
        self._ticket("2026-01-05 09:00")
        Report = self.env["service.quality.report"]
        with freeze_time("2026-04-02 06:00"):
            Report.make("organisation", "month", "2026-03-01")
            company = self.company.with_context(lastcall=datetime(2026, 2, 10, 6))
            made = self.env["service.quality.report.creation"]._make_due(company)
        self.assertIn(date(2026, 2, 1), made.mapped("date_from"))

    def test_digests(self):
        """SLA case 42: the results of each week, told with a week to answer."""
        Digest = self.env["service.quality.callback.digest"]
        calls = [self._handled().service_callback_ids for _number in range(3)]
        days = ("2026-03-03", "2026-03-10", "2026-03-17")
        for call, day in zip(calls, days, strict=True):
            self._complete(call, f"{day} 09:00")
        with freeze_time("2026-03-09 05:00"):
            Digest._make(self.company, date(2026, 3, 9))
        with freeze_time("2026-03-30 05:00"):
            made = Digest._make(self.company, date(2026, 3, 30))
        self.assertEqual(
            sorted(made.mapped("date_from")), [date(2026, 3, 9), date(2026, 3, 16)]
        )
        self.assertEqual(set(made.mapped("due_date")), {date(2026, 4, 6)})

    def test_hotline_tests(self):
        """SLA case 42: a quarter without its test call is seen as overdue."""
        self.env["helpdesk.ticket.team"].search([]).service_hotline = False
        self.company.service_hotline = "12315"
        Test = self.env["service.quality.hotline.test"]
        for moment in ("2026-01-05 06:00", "2026-08-03 06:00", "2026-08-04 06:00"):
            with freeze_time(moment):
                Test._cron_plan_tests()
        tests = Test.search([("company_id", "=", self.company.id)])
        self.assertEqual(
            sorted(tests.mapped("quarter_start")),
            [date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1)],
        )

    def test_event_reports(self):
        """SLA case 42: what happened while the job was off is news when it runs."""
        complaint = self._ticket(
            "2026-03-02 09:00", service_is_complaint=True, service_severity="major"
        )
        creation = self.env["service.quality.report.creation"]
        with freeze_time("2026-04-02 06:00"):
            self.assertFalse(creation._major_complaints(self.company))
            off = creation.with_context(lastcall=datetime(2026, 3, 1, 6))
            [event] = off._major_complaints(self.company)
        self.assertEqual(event["event_ticket_id"], complaint.id)

    def test_patrols(self):
        """SLA case 42: a patrol that fell due meanwhile is reminded of, too."""
        project = self.env["service.quality.project"].create(
            {
                "name": "Patrolled",
                "partner_id": self.acme.id,
                "company_id": self.company.id,
                "user_id": self.caller.id,
                "date_start": "2026-01-01",
            }
        )
        with freeze_time("2026-03-02 06:00"):
            plan = self.env["service.quality.patrol.plan"].create(
                {
                    "name": "Server room",
                    "project_id": project.id,
                    "user_id": self.caller.id,
                    "date_start": "2026-03-20",
                }
            )
        with freeze_time("2026-03-30 06:00"):
            self.env["service.quality.patrol"]._remind()
        first = plan.patrol_ids.filtered(
            lambda patrol: patrol.date_planned == date(2026, 3, 20)
        )
        self.assertEqual(first.activity_ids.user_id, self.caller)
