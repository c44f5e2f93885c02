import io
import zipfile
from unittest.mock import patch

from freezegun import freeze_time
from lxml import html
from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import service_quality_report_page
from .report_common import TARGET, ReportCase


@tagged("post_install", "-at_install")
class TestQualityReportKinds(ReportCase):
    """Reports are made for customers, of projects and departments, and on events."""

    # ------------------------------------------------------------------
    # Customers
    # ------------------------------------------------------------------

    def test_customer_report(self):
        """Regulation A4.3.3: attainment in detail, each miss with its reason."""
        self._handle(
            "2026-03-02 09:00:00", "2026-03-02 10:00:00", type_id=self.change.id
        )
        late = self._handle(
            "2026-03-03 09:00:00", "2026-03-04 16:00:00", type_id=self.incident.id
        )
        report = self._make("customer", self.agreement)
        self.assertEqual(report.partner_id, self.acme)
        lines = report.line_ids.filtered(lambda line: line.section == "target")
        by_process = {line.process_id: line for line in lines}
        line = by_process[self.incident]
        self.assertEqual(line.target_id, self.agreement.target_ids)
        self.assertEqual((line.numerator, line.denominator, line.goal), (0, 1, 95))
        self.assertEqual(line.goal_state, "beyond")
        self.assertEqual(sum(lines.mapped("denominator")), 2)
        miss = report.miss_ids
        self.assertEqual(miss.ticket_id, late)
        self.assertEqual(miss.over_seconds, 7 * 3600 + 4 * 3600)
        with self.assertRaisesRegex(UserError, late.number):
            report.with_user(self.quality).review()
        miss.with_user(self.quality).reason = "A part came late"
        self._send(report)
        self.assertIn("A part came late", report.page)
        self.assertIn(self.contact, report.delivery_ids.partner_id)

    def test_targets_open_what_they_count(self):
        """Regulation A4.3.3: each target of each process, its rows and its course."""
        change, incident = {"type_id": self.change.id}, {"type_id": self.incident.id}
        self.agreement._write_as_step({"date_start": "2025-01-01"})
        self.agreement._enter_terms()
        self._handle("2025-03-03 09:00:00", "2025-03-05 16:00:00", **change)
        self._handle("2025-12-01 09:00:00", "2025-12-03 16:00:00", **change)
        self._handle("2026-02-02 09:00:00", "2026-02-02 10:00:00", **change)
        late = self._ticket("2026-03-30 09:00:00", **change)
        kept = self._handle("2026-03-02 09:00:00", "2026-03-02 10:00:00", **change)
        self._ticket("2026-03-31 17:30:00", **change)  # neither over nor due
        self._handle("2026-03-03 09:00:00", "2026-03-03 10:00:00", **incident)
        for kind, subject in (("customer", self.agreement), ("project", self.project)):
            report = self._make(kind, subject)
            lines = report.line_ids.filtered(lambda line: line.section == "target")
            line = lines.filtered(lambda one: one.process_id == self.change)
            self.assertEqual((line.numerator, line.denominator), (1, 2))
            self.assertEqual((line.open_count, line.missed_open_count), (1, 1))
            self.assertEqual((line.has_previous, line.previous_value), (True, 100))
            self.assertEqual((line.has_last_year, line.last_year_value), (True, 0))
            course = dict(line.trend)
            self.assertEqual(len(course), 12)
            self.assertEqual(
                {month: value for month, value in course.items() if value is not None},
                {"2025-12": 0, "2026-02": 100, "2026-03": 50},
            )
            action = line.with_user(self.quality).action_open_rows()
            clocks = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(clocks.ticket_id, late | kept)
            self.assertEqual(report.miss_ids.ticket_id, late)
            self.assertIn(self.change.name, report.page)

    def test_lists_agree_with_closed_figures(self):
        """What came in later is neither in the figure nor in the lists beside it."""
        late = self._handle("2026-03-03 09:00:00", "2026-03-04 16:00:00")
        with freeze_time("2026-04-01 00:30:00"):
            self.env["service.quality.figure"]._take(
                self.env.company, self._period("2026-03-01")
            )
        self._handle("2026-03-05 09:00:00", "2026-03-06 16:00:00")
        report = self._make("customer", self.agreement)
        target = report.line_ids.filtered(lambda line: line.section == "target")
        self.assertEqual(self._line(report).denominator, 1)
        self.assertEqual(target.denominator, 1)
        self.assertEqual(report.miss_ids.ticket_id, late)

    def test_figures_and_misses_agree(self):
        """What is listed as missed is what the figure counts as missed."""
        for day in range(2, 7):
            self._handle(f"2026-03-0{day} 09:00:00", f"2026-03-0{day} 10:00:00")
        for day in (9, 10):
            self._handle(f"2026-03-{day:02} 09:00:00", f"2026-03-{day + 1} 16:00:00")
        self._ticket("2026-03-30 09:00:00")  # open, and late at the end
        report = self._make("customer", self.agreement)
        line = self._line(report)
        self.assertEqual(line.denominator - line.numerator, 3)
        self.assertEqual(len(report.miss_ids), 3)
        self.assertEqual(line.missed_open_count, 1)
        open_one = report.miss_ids.filtered(lambda miss: not miss.done_at)
        self.assertEqual(len(open_one), 1)

    def test_a_long_list_is_cut_on_the_page(self):
        """The page shows the worst, and says how many are in the workbook alone."""
        self.patch(service_quality_report_page, "MOST_PRINTED", 3)
        for hour in range(9, 14):
            self._handle(f"2026-03-09 {hour:02}:00:00", "2026-03-10 16:00:00")
        report = self._make("customer", self.agreement)
        numbers = report.miss_ids.mapped("number")
        self.assertEqual(len(numbers), 5)
        over = report.miss_ids.mapped("over_seconds")
        self.assertEqual(over, sorted(over, reverse=True))
        page = html.fromstring(report.page)
        [table] = [
            one for one in page.iter("table") if "Over by" in one.xpath(".//th/text()")
        ]
        shown = [row.xpath("string(td[1]/span/text())") for row in table.iter("tr")]
        self.assertEqual([one for one in shown if one], numbers[:3])
        self.assertIn("2 more: see the workbook (XLSX)", page.text_content())
        book = load_workbook(io.BytesIO(report._content("xlsx")))
        rows = list(book["Missed Targets"].values)
        self.assertEqual([row[0] for row in rows[1:]], numbers)
        line = self._line(report)
        self.assertEqual((line.numerator, line.denominator), (0, 5))

    def test_customers_are_not_told_all(self):
        """Nothing of our own house, between teams, or of warnings to each other."""
        self._house_rule(metric="first_response", duration=1)
        self._handle("2026-03-02 09:00:00", "2026-03-02 10:00:00")
        report = self._make("customer", self.agreement)
        formulas = set(report.line_ids.indicator_id.mapped("formula"))
        self.assertFalse(formulas & {"escalations", "voids", "wall_time"})
        kinds = set(report.line_ids.indicator_id.mapped("clock_kind"))
        self.assertLessEqual(kinds, {False, "sla"})

    def test_measured_of_the_project(self):
        """What was measured of the service project stands in the customer's report."""
        indicator = self.env["service.quality.indicator"].create(
            {
                "code": "TEST_AVAILABILITY",
                "name": "Availability of the core",
                "sentence": "The share of time in which it was there.",
                "source": "measured",
                "summary": "mean",
            }
        )
        self.env["service.quality.measurement"].create(
            {
                "indicator_id": indicator.id,
                "project_id": self.project.id,
                "date_from": "2026-03-01",
                "date_to": "2026-03-31",
                "value": 99.5,
                "evidence": "Monitoring, export of 1 April",
            }
        )
        report = self._make("customer", self.agreement)
        line = report.line_ids.filtered(lambda one: one.section == "measured")
        line = line.filtered(lambda one: one.indicator_id == indicator)
        self.assertEqual(line.value, 99.5)

    def test_engineers_are_not_named(self):
        """Engineers' names only where the company says so."""
        engineer = self._user("engineer", "staff", name="Karl Engineer")
        self._handle("2026-03-03 09:00:00", "2026-03-04 16:00:00", user_id=engineer.id)
        report = self._make("customer", self.agreement)
        self.assertEqual(report.miss_ids.engineer, "Karl Engineer")
        self.assertNotIn("Karl Engineer", report.page)
        self.assertNotIn(b"Karl Engineer", self._shared_strings(report))
        report.company_id.service_name_engineers = True
        self.env.invalidate_all()
        self.assertIn("Karl Engineer", report.page)
        self.assertIn(b"Karl Engineer", self._shared_strings(report))

    def _shared_strings(self, report):
        with zipfile.ZipFile(io.BytesIO(report._content("xlsx"))) as book:
            return book.read("xl/sharedStrings.xml")

    def test_cadence_of_the_agreement(self):
        """Regulation A4.3.3: as the contract asks, one for all its versions."""
        with freeze_time("2026-03-10 08:00:00"):
            following = self.agreement.browse(self.agreement.action_amend()["res_id"])
            following.write(
                {
                    "date_start": "2026-03-15",
                    "signed_by_us": "Us",
                    "signed_by_us_on": "2026-03-10",
                    "signed_by_customer": "Them",
                    "signed_by_customer_on": "2026-03-10",
                }
            )
            following.action_sign()
        quarterly = self._agreement(
            TARGET,
            partner_ids=[Command.set(self.globex.ids)],
            report_cadence="quarter",
        )
        with self.assertRaisesRegex(UserError, "signed"):  # it is in the contract
            quarterly.report_cadence = "none"
        self._agreement(
            TARGET,
            partner_ids=[Command.set(self.supplier.ids)],
            report_cadence="none",
        )
        self._handle("2026-03-03 09:00:00", "2026-03-04 16:00:00")
        self._handle("2026-03-17 09:00:00", "2026-03-17 10:00:00")
        made = self._make_due().filtered(lambda report: report.kind == "customer")
        ours = following | quarterly | self.agreement
        made = made.filtered(lambda report: report.agreement_id in ours)
        monthly = made.filtered(lambda report: report.period_kind == "month")
        self.assertEqual(monthly.agreement_id, following)
        self.assertEqual(len(monthly.miss_ids), 1, "of the version before")
        others = made - monthly
        self.assertEqual(others.agreement_id, quarterly)
        self.assertEqual(others.period_label, "2026-Q1")

    # ------------------------------------------------------------------
    # Projects
    # ------------------------------------------------------------------

    def test_project_report(self):
        """Regulation A4.3.4: not sent while a missed target has no action."""
        self._handle("2026-03-03 09:00:00", "2026-03-04 16:00:00")
        report = self._make("project", self.project)
        own = report.with_user(self.manager)
        silent = report.line_ids.filtered(lambda line: not line.is_answered)
        self.assertTrue(silent)
        self.assertIn("beyond", silent.mapped("goal_state"))
        with self.assertRaisesRegex(UserError, silent[0].name.split("·")[0]):
            report.with_user(self.quality).review()
        lines = own.line_ids.filtered(lambda line: not line.is_answered)
        lines.action = "Two more engineers from May on"
        self._send(report)
        self.assertIn("Two more engineers from May on", report.page)

    def test_why_there_is_no_action(self):
        """Regulation A4.3.4: an action, or the reason why there is none."""
        self._handle("2026-03-03 09:00:00", "2026-03-04 16:00:00")
        report = self._make("project", self.project)
        lines = report.with_user(self.manager).line_ids
        lines = lines.filtered(lambda line: not line.is_answered)
        lines.no_action_reason = "A storm, which nobody could foresee"
        self._send(report)
        self.assertIn("A storm", report.page)

    def test_answers_of_deviations(self):
        """What the deviation of a figure says is taken over."""
        self._handle("2026-03-03 09:00:00", "2026-03-04 16:00:00")
        report = self._make("project", self.project)
        lines = report.line_ids.filtered(
            lambda line: not line.is_answered and line.figure_id
        )
        Deviation = self.env["service.quality.deviation"]
        figures = lines.figure_id
        for figure in figures - Deviation.search([]).figure_id:
            Deviation._create_as_step(
                [
                    {
                        "figure_id": figure.id,
                        "owner_id": self.manager.id,
                        "deadline": "2026-04-10",
                    }
                ]
            )
        Deviation.search([("figure_id", "in", figures.ids)])._write_as_step(
            {"action": "Train the night shift", "answered_at": "2026-04-02 08:00:00"}
        )
        report.line_ids._take_over_answers()
        self.assertEqual(set(lines.mapped("action")), {"Train the night shift"})

    def test_project_manager_sends_own(self):
        report = self._make("project", self.silent)
        with freeze_time("2026-04-02 08:00:00"):
            report.with_user(self.quality).review()
            report.with_user(self.manager).send()
        self.assertEqual(report.sent_by_id, self.manager)
        other = self._user("other_manager", "project_manager")
        with self.assertRaises(AccessError):
            report.with_user(other).read(["summary"])

    # ------------------------------------------------------------------
    # Departments
    # ------------------------------------------------------------------

    def test_department_report(self):
        """Regulation A3.4.5: the department's summary report, by its leader."""
        self.team.user_id = self.staff
        report = self._make("department", self.team)
        own = report.with_user(self.staff)
        with freeze_time("2026-04-01 09:00:00"):
            report._propose_owner()
        report.sudo().user_id = self.staff
        own.write({"analysis": "<p>The second week was hard</p>"})
        self._send(report)
        self.assertIn("The second week was hard", report.page)

    def test_who_writes_it_is_asked_for_what_they_may_do(self):
        """Who may not send a report is not asked to, and finds no button for it."""
        self.team.user_id = self.manager
        self._handle("2026-03-02 09:00:00", "2026-03-02 10:00:00")
        made = self._make_due().filtered(
            lambda one: one.user_id == self.manager and one.kind != "customer"
        )
        asked = {one.kind: one.activity_ids.summary for one in made}
        self.assertIn("have reviewed and send", asked["project"])
        self.assertIn("have it reviewed and sent", asked["department"])
        department = made.filtered(lambda one: one.kind == "department")
        with self.assertRaisesRegex(AccessError, "of a department, the service desk"):
            department.with_user(self.manager).send()
        for user, may in (
            (self.manager, {"project"}),
            (self._user("statistician", "desk"), {"department"}),
            (self.centre, {"project", "department"}),
        ):
            with self.subTest(user.login):
                found = made.with_user(user).filtered("may_send")
                self.assertEqual(set(found.mapped("kind")), may)

    def test_statistics_reach_departments(self):
        """Regulation A3.5.5: service statistics, sent to the departments concerned."""
        member = self._user("member", "staff", email="member@us.example")
        self.team.user_ids = member
        self._handle("2026-03-02 09:00:00", "2026-03-02 10:00:00")
        report = self._make_due().filtered(lambda one: one.team_id == self.team)
        self.assertEqual(report.kind, "department")
        opened = self._line(report, "opened")
        self.assertEqual(opened.value, 1)
        self._send(report)
        delivery = report.delivery_ids.filtered(lambda one: one.user_id == member)
        self.assertEqual(delivery.address, "member@us.example")
        self.assertIn("2026-03", report.with_user(member).page)

    # ------------------------------------------------------------------
    # By themselves
    # ------------------------------------------------------------------

    def _make_due(self, moment="2026-04-01 03:00:00"):
        with freeze_time(moment):
            return self.env["service.quality.report.creation"]._make_due(
                self.env.company
            )

    def test_drafts_make_themselves(self):
        """Regulation A3.3.2: monthly, quarterly and yearly, without being asked."""
        self._handle("2026-03-02 09:00:00", "2026-03-02 10:00:00")
        made = self._make_due()
        organisation = made.filtered(lambda report: report.kind == "organisation")
        self.assertEqual(
            set(organisation.mapped("period_label")), {"2026-03", "2026-Q1"}
        )
        projects = made.filtered(lambda report: report.kind == "project").project_id
        self.assertIn(self.project, projects)
        self.assertNotIn(self.silent, projects, "it had nothing to do")
        self.assertEqual(set(made.mapped("state")), {"draft"})
        self.assertEqual(len(made.activity_ids), len(made))
        self.assertFalse(self._make_due("2026-04-02 03:00:00"), "once")
        monthly = organisation.filtered(lambda one: one.period_kind == "month")
        self.assertEqual(f"{monthly.due_date}", "2026-04-06")

    def test_as_regulations_ask(self):
        """Monthly where no regulation asks; else what it asks for, and no more."""
        company = self.env.company
        creation = self.env["service.quality.report.creation"]
        month, quarter = (
            self._period("2026-03-01"),
            self._period("2026-01-01", "quarter"),
        )

        def due(cadence, asked):
            company.service_report_project_cadence = cadence
            with patch.object(
                type(company),
                "_service_due_days",
                lambda self, what, kind: asked.get(kind),
            ):
                return [
                    one.kind
                    for one in (month, quarter)
                    if creation._is_due(company, "project", one)
                ]

        self.assertEqual(
            company.default_get(["service_report_project_cadence"]),
            {"service_report_project_cadence": "asked"},
        )
        self.assertEqual(due("asked", {}), ["month"])
        self.assertEqual(due("asked", {"quarter": 15}), ["quarter"])
        self.assertEqual(
            due("asked", {"month": 0, "quarter": 15}), ["month", "quarter"]
        )
        self.assertEqual(due("month", {"quarter": 15}), ["month", "quarter"])
        self.assertEqual(due("none", {"quarter": 15}), ["quarter"])
        self.assertEqual(due("none", {}), [])

    def test_no_report_is_missing_that_is_not_due(self):
        """The monthly report names no contribution missing that comes quarterly."""
        self._handle("2026-03-02 09:00:00", "2026-03-02 10:00:00")
        company = self.env.company
        for cadence, contribution in (("month", "missing"), ("none", "none")):
            with (
                self.subTest(cadence),
                patch.object(
                    type(company), "_service_due_days", lambda self, what, kind: None
                ),
            ):
                company.service_report_project_cadence = cadence
                report = self._make()
                line = report.project_line_ids.filtered(
                    lambda line: line.project_id == self.project
                )
                self.assertEqual(line.contribution, contribution)
                self.assertEqual(bool(report.missing_count), cadence == "month")
                report.sudo().unlink()

    def test_scheduler_makes_them(self):
        self._handle("2026-03-02 09:00:00", "2026-03-02 10:00:00")
        cron = self.env.ref("service_quality_report.ir_cron_make_reports")
        with (
            freeze_time("2026-04-01 03:00:00"),
            self.enter_registry_test_mode(),
        ):
            cron.method_direct_trigger()
        found = self.env["service.quality.report"].search(
            [("project_id", "=", self.project.id), ("kind", "=", "project")]
        )
        self.assertEqual(found.period_label, "2026-03")

    @mute_logger("odoo.addons.service_quality_core.tools.isolation")
    def test_trouble_of_one_company_is_its_own(self):
        """A zone that the system does not know keeps no other company from its own."""
        self._handle("2026-03-02 09:00:00", "2026-03-02 10:00:00")
        broken = self.env["res.company"].create({"name": "Broken", "sequence": -1})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET tz = 'No/Where' WHERE id = %s",
            [broken.partner_id.id],
        )
        self.env.invalidate_all()
        for addon, job, model in (
            ("indicator", "take_figures", "figure"),
            ("report", "make_reports", "report"),
        ):
            cron = self.env.ref(f"service_quality_{addon}.ir_cron_{job}")
            with freeze_time("2026-04-01 03:00:00"), self.enter_registry_test_mode():
                cron.method_direct_trigger()
            found = self.env[f"service.quality.{model}"].search(
                [("period_kind", "=", "month"), ("date_from", "=", "2026-03-01")]
            )
            self.assertIn(self.env.company, found.company_id, model)
            self.assertNotIn(broken, found.company_id, model)

    def test_not_before_there_was_service(self):
        company = self.env["res.company"].create({"name": "Founded today"})
        creation = self.env["service.quality.report.creation"].with_company(company)
        with freeze_time("2026-04-01 03:00:00"):
            self.assertFalse(creation._make_due(company))

    def test_event_reports(self):
        """Regulation A4.2.1: on an event: a major complaint, many missed in a day."""
        self.env.company.service_report_missed_a_day = 2
        with freeze_time("2026-03-09 12:00:00"):
            complaint = self._ticket(
                service_is_complaint=True, service_severity="major"
            )
        for hour in (9, 10):
            self._handle(f"2026-03-09 {hour}:00:00", "2026-03-10 16:00:00")
        creation = self.env["service.quality.report.creation"]
        with freeze_time("2026-03-10 20:00:00"):
            made = creation._make_events(self.env.company)
            again = creation._make_events(self.env.company)
        by_trigger = made.grouped("trigger")
        report = by_trigger["complaint"].filtered(
            lambda one: one.event_ticket_id == complaint
        )
        self.assertIn(complaint.number, report.display_name)
        days = by_trigger["missed"].mapped("event_text")
        self.assertIn("2 targets missed on 2026-03-09", days)
        self.assertFalse(again)
        self.assertTrue(all(made.mapped("is_provisional")))

    def test_indicator_beyond_tolerance(self):
        """Regulation A4.2.1: an indicator beyond its tolerance is reported at once."""
        for day in range(2, 7):
            for minute in range(7):
                self._handle(
                    f"2026-03-0{day} 09:{minute:02}:00",
                    f"2026-03-1{day} 10:00:00",
                )
        # the demo has approved goals of its own for those that are shipped
        indicator = self.env["service.quality.indicator"].create(
            {
                "code": "TEST_KEPT",
                "name": "Kept in the test",
                "sentence": "The share of promises that were kept.",
                "formula": "attainment",
            }
        )
        target = self.env["service.quality.indicator.target"].create(
            {
                "indicator_id": indicator.id,
                "company_id": self.env.company.id,
                "scope": "company",
                "date_from": "2026-01-01",
                "goal": 95,
                "tolerance": 1,
            }
        )
        with freeze_time("2026-01-01 08:00:00"):
            target.with_user(self.executive).action_approve()
        creation = self.env["service.quality.report.creation"]
        with freeze_time("2026-03-20 08:00:00"):
            self.env["service.quality.figure"]._take(
                self.env.company, self._period("2026-03-01")
            )
            made = creation._make_events(self.env.company)
        found = made.filtered(lambda report: report.trigger == "indicator")
        texts = [text for text in found.mapped("event_text") if indicator.name in text]
        self.assertEqual(len(texts), 1)
