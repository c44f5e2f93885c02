from base64 import b64encode
from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import format_date

from odoo.addons.service_quality_core.models.period_list import Measure, PeriodList, Row
from odoo.addons.service_quality_core.tests.common import PAPER

from .report_common import ReportCase


@tagged("post_install", "-at_install")
class TestReportContent(ReportCase):
    """A manager hands the report over: what is red, why, and what is done about it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.told = type(cls.env["service.quality.period.list"])

    def _miss(self, count, first=2):
        """Miss a target on each of some days of March."""
        for day in range(first, first + count):
            self._handle(f"2026-03-{day:02} 09:00:00", f"2026-03-{day + 1:02} 17:00:00")

    def _list(self, report, code):
        return next(one for one in report.sudo().told if one["code"] == code)

    def _row(self, report):
        """Return the row of the agreement among the contracts."""
        [row] = [
            row
            for row in self._list(report, "contracts")["rows"]
            if row["cells"][1] == self.agreement.display_name
        ]
        return row

    # ------------------------------------------------------------------
    # First page
    # ------------------------------------------------------------------

    def test_red_contracts_stand_first(self):
        """The company may be green: the contract that is not kept is named."""
        self._miss(1)
        report = self._make()
        row = self._row(report)
        # of one case a percentage says nothing, but its interval is below 95 %
        self.assertEqual(row["cells"][3:6], ["0 / 1", "–", 1])
        self.assertEqual(row["state"], "beyond")
        first, _rest = report.page.split("o_sq_report_body")
        self.assertIn("Contracts below what was promised", first)
        self.assertIn(self.agreement.display_name, first)
        self.assertIn(self.agreement.display_name, report.summary)

    def test_few_are_counted_and_not_compared(self):
        """One of five was missed: that is no red contract, and no percentage."""
        self._miss(1)
        for day in range(9, 13):
            self._handle(f"2026-03-{day:02} 09:00:00", f"2026-03-{day:02} 10:00:00")
        self._handle("2026-02-02 09:00:00", "2026-02-02 10:00:00")
        report = self._make("project", self.project)
        row = self._row(report)
        self.assertEqual((row["cells"][3], row["state"]), ("4 / 5", "few"))
        line = self._line(report)
        self.assertEqual((line.value_text, line.previous_text), ("4 / 5", "1 / 1"))
        self.assertEqual(line._change_text("previous"), "–")
        self.assertNotIn("Contracts below what was promised", report.page)

    def test_what_was_brought_in_afterwards_is_told(self):
        """Regulation A4.2.1: a figure says beside it how many came in by import."""
        self._miss(1)
        with freeze_time("2026-03-30 11:00:00"):
            self.env["helpdesk.ticket"].service_import(
                [
                    {
                        "external_ref": f"g{number}",
                        "name": "Invented",
                        "partner": self.contact.id,
                        "team": self.team.id,
                        "opened_at": "2026-03-20 09:00:00",
                        "events": [
                            {
                                "at": "2026-03-20 09:10:00",
                                "kind": "phase",
                                "phase": "resolved",
                            }
                        ],
                    }
                    for number in range(2)
                ]
            )
        report = self._make("project", self.project)
        self.assertEqual(self._line(report).rests_text, "2 brought in afterwards")
        self.assertIn("2 brought in afterwards", report.page)

    def test_changes_are_signed(self):
        """Against the month before and the same month of last year."""
        for month, count in (("2025-03", 10), ("2026-02", 10), ("2026-03", 12)):
            for _place in range(count):
                self._handle(f"{month}-02 09:00:00", f"{month}-02 10:00:00")
        opened = self._line(self._make("department", self.team), "opened")
        for name in ("previous", "last_year"):
            self.assertEqual(opened._change_text(name), "+2 (+20 %)")
        indicator = self.env.ref("service_quality_indicator.indicator_sla_resolution")
        self.assertEqual(indicator._format_change(80, 90), "+10.0 pts")
        self.assertEqual(indicator._format_change(90, 88.5), "−1.5 pts")

    def test_late_and_open_in_all(self):
        """What is late and open counts, whenever it fell due."""
        self._ticket("2026-02-02 09:00:00")
        self._ticket("2026-03-02 09:00:00")
        report = self._make("project", self.project)
        line = self._line(report)
        self.assertEqual((line.missed_open_count, line.late_open_count), (1, 2))
        self.assertIn("late and open in all: 2", report.page)

    def test_a_rate_of_few_is_counted(self):
        """Of two complaints among fifty tickets how many there were is told."""
        indicator = self.env["service.quality.indicator"].new(
            {"summary": "per_thousand", "unit": "per_thousand"}
        )
        line = self.env["service.quality.report.line"].new(
            {
                "indicator_id": indicator,
                "has_value": True,
                "value": 40,
                "numerator": 2,
                "denominator": 50,
                "has_previous": True,
                "previous_value": 20,
                "previous_hits": 1,
                "previous_count": 50,
            }
        )
        self.assertTrue(line._is_few())
        self.assertEqual(line._change_text("previous"), "–")
        line.numerator = line.previous_hits = 10
        self.assertFalse(line._is_few())
        self.assertEqual(line._change_text("previous"), "+20.0 per 1,000")

    def test_what_nobody_has_rewritten_follows_the_figures(self):
        """The sentences to begin with are those of the figures that stand there."""
        report = self._make("project", self.project)
        before = report.summary
        self._miss(2)
        self.env.flush_all()
        self.env.cr.execute("UPDATE service_quality_figure SET is_provisional = TRUE")
        self.env.invalidate_all()
        with freeze_time("2026-04-01 09:00:00"):
            report.action_fill()
            self.assertNotEqual(report.summary, before)
            report.summary = "Two parts came late."
            report.action_fill()
        self.assertEqual(report.summary, "Two parts came late.")

    def test_what_never_happened_is_one_line(self):
        """Figures of nought without a goal, now and before, are named in one line."""
        report = self._make()
        nothing = report.line_ids.filtered(lambda line: line._is_nothing())
        self.assertTrue(nothing)
        values = self.env["service.quality.report.page"]._prepare(report)
        self.assertIn(nothing[0].name, values["nothing"])
        for _label, lines in values["annex"]:
            self.assertFalse(lines & nothing)

    def test_times_are_said_as_people_do(self):
        """0.2 working hours are 12 minutes, and which time it is, is named."""
        indicator = self.env["service.quality.indicator"].create(
            {
                "code": "time",
                "name": "Time",
                "sentence": "How long it took.",
                "formula": "clock_time",
                "summary": "median",
                "unit": "working_hours",
            }
        )
        self.assertEqual(indicator._format(0.2), "12 min (working time)")
        indicator.unit = "hours"
        self.assertEqual(indicator._format(2.25), "2 h 15 min")
        self.assertEqual(indicator._format_change(2, 1.5), "−30 min")

    # ------------------------------------------------------------------
    # What other addons tell
    # ------------------------------------------------------------------

    def _tell(self, lists=(), measures=()):
        """Have an addon tell lists and measures, which knows nothing of reports."""
        self.patch(self.told, "_lists", lambda told, about: list(lists))
        self.patch(self.told, "_measures", lambda told, about: list(measures))

    def test_what_other_addons_tell(self):
        ticket = self._ticket("2026-03-02 09:00")
        row = Row(("Router", date(2026, 3, 4)), ticket.id)
        self._tell(
            [
                PeriodList("a", 200, "Losses", ("What", "When"), [row]),
                PeriodList("b", 210, "Thefts", ("What",), [], "Nothing was stolen."),
                PeriodList("c", 220, "Fires", ("What",), []),
            ],
            [Measure("Router", "Buy a second one", "Ann", date(2026, 5, 1), "open")],
        )
        page = self._make().page
        for text in ("<h2>Losses</h2>", "Router", "2026-03-04", "Nothing was stolen."):
            self.assertIn(text, page)
        self.assertNotIn("Fires", page)  # without anything it says nothing
        for text in ("Buy a second one", "2026-05-01", "the period before</h2>"):
            self.assertIn(text, page)

    def test_what_is_kept_from_some_is_counted_and_not_listed(self):
        """Deny: all readers read one page, also those whom a ticket is kept from."""
        ticket = self._ticket("2026-03-02 09:00", name="About the boss")
        rows = [Row(("Router",), ticket.id), Row(("Switch",))]
        self._tell([PeriodList("a", 200, "Losses", ("What",), rows)])
        report = self._make()
        self.assertIn("Router", report.page)
        tickets = type(self.env["helpdesk.ticket"])
        self.patch(tickets, "_service_about", lambda one: (one == ticket,))
        report.invalidate_recordset(["page"])
        self.assertNotIn("Router", report.page)
        self.assertIn("1 more are kept confidential", report.page)
        self.assertIn("Switch", report.page)

    def test_customers_are_told_none_of_it(self):
        self._tell([PeriodList("a", 200, "Losses", ("What",), [Row(("Router",))])])
        report = self._make("customer", self.agreement)
        self.assertFalse(report.sudo().told)
        self.assertNotIn("Router", report.page)

    def test_categories_have_their_rank_of_the_period_before(self):
        printers, phones = self.env["helpdesk.ticket.category"].create(
            [{"name": "Printers of the test"}, {"name": "Phones of the test"}]
        )
        for month, counts in (("2026-02", (1, 2)), ("2026-03", (3, 2))):
            for category, count in zip((printers, phones), counts, strict=True):
                for _place in range(count):
                    self._ticket(f"{month}-02 09:00", category_id=category.id)
        report = self._make("department", self.team)
        rows = [row["cells"] for row in self._list(report, "categories")["rows"]]
        self.assertEqual(
            rows,
            [[1, printers.display_name, 3, 2], [2, phones.display_name, 2, 1]],
        )

    def test_instructions_that_are_open(self):
        report = self._make()
        self._send(report)
        instructions = self.env["service.quality.report.instruction"]
        with freeze_time("2026-04-05 08:00:00"):
            instructions.with_user(self.executive).create(
                {
                    "report_id": report.id,
                    "text": "Buy a second router",
                    "user_id": self.manager.id,
                    "deadline": "2026-04-20",
                }
            )
        with freeze_time("2026-05-02 08:00:00"):
            made = report.with_user(self.quality).make(
                "organisation", "month", "2026-04-01"
            )
        [row] = [
            row["cells"]
            for row in self._list(report.browse(made), "instructions")["rows"]
            if row["cells"][0] == "Buy a second router"
        ]
        self.assertEqual(row[2:], [self.manager.name, "2026-04-20", "overdue"])

    def test_instructions_of_another_period(self):
        """What was asked for later is in no old report, and what was open then is."""
        report = self._make()
        self._send(report)
        instructions = self.env["service.quality.report.instruction"]
        with freeze_time("2026-04-05 08:00:00"):
            instruction = instructions.with_user(self.executive).create(
                {
                    "report_id": report.id,
                    "text": "Buy a second router",
                    "user_id": self.manager.id,
                    "deadline": "2026-04-20",
                }
            )
        with freeze_time("2026-05-03 08:00:00"):
            instruction.with_user(self.manager).complete("Bought, and built in")
        told = {}
        with freeze_time("2026-05-06 08:00:00"):
            Report = report.with_user(self.quality)
            for month in ("02", "04", "05"):
                made = Report.make("organisation", "month", f"2026-{month}-01")
                rows = self._list(report.browse(made), "instructions")["rows"]
                told[month] = [row["cells"] for row in rows]
        named = {month: [row[0] for row in rows] for month, rows in told.items()}
        self.assertNotIn("Buy a second router", named["02"] + named["05"])
        [row] = [row for row in told["04"] if row[0] == "Buy a second router"]
        self.assertEqual(row[-1], "done on 2026-05-03")

    # ------------------------------------------------------------------
    # Who wrote and judged it
    # ------------------------------------------------------------------

    def test_nobody_judges_what_one_wrote(self):
        """Whoever wrote in it is its author, and another one has to review it."""
        report = self._make()
        report.line_ids[:1].with_user(self.centre).action = "Buy a second router"
        self.assertIn(self.centre, report._authors())
        second = self._user("second_reader", "service_manager")
        with freeze_time("2026-04-02 08:00:00"):
            report.with_user(self.centre).review()
            self.assertFalse(report.is_reviewed_by_other)
            report.with_user(second).action_draft()
            report.with_user(second).review()
        self.assertTrue(report.is_reviewed_by_other)

    def test_what_is_asked_for_is_written(self):
        """A summary; of each goal that was missed why, and what is done."""
        self._miss(1)
        report = self._make("project", self.project)
        missed = report.line_ids.filtered(lambda line: not line._is_explained())
        self.assertTrue(missed)
        with freeze_time("2026-04-02 08:00:00"):
            missed.write({"action": "Stock the part"})
            report.with_user(self.centre).review()
            self.assertFalse(report.is_complete)
            report.with_user(self.centre).action_draft()
            # a full stop says nothing
            for wrong in ({"cause": "."}, {"action": "–", "cause": "Came late"}):
                missed.write({"action": "Stock the part"} | wrong)
                self.assertTrue(report.missing_texts)
            missed.write({"action": "Stock the part", "cause": "The part came late"})
            for name in ("summary", "analysis"):
                before, report[name] = report[name], "."
                self.assertIn(report._fields[name].string, report.missing_texts)
                report[name] = before
            self.assertFalse(report.missing_texts)
            report.with_user(self.centre).review()
        self.assertTrue(report.is_complete)
        self.assertIn("The part came late", report.page)

    def test_it_has_a_number_and_a_revision_keeps_it(self):
        report = self._make()
        self.assertTrue(report.number)
        self._send(report)
        with freeze_time("2026-04-03 08:00:00"):
            revision = report.browse(report.with_user(self.quality).revise("Wrong"))
        self.assertEqual(revision.number, report.number)
        self.assertIn(report.number, revision.page)

    def test_who_gets_it_stands_in_it(self):
        page = self._make().page
        _before, readers = page.split("Distribution")
        self.assertIn(self.executive.name, readers)

    # ------------------------------------------------------------------
    # Whether it arrived
    # ------------------------------------------------------------------

    def _delivery(self, report, user):
        return report.delivery_ids.filtered(lambda one: one.user_id == user)

    def test_a_mail_that_left_and_stays_out_was_delivered(self):
        """Not at once, and not where nobody reads what comes back."""
        report = self._make()
        self._send(report)
        delivery = self._delivery(report, self.executive)
        with freeze_time("2026-04-02 09:00:00"):
            delivery.mail_id._postprocess_sent_message([], [])
        company, domain = self.env.company, delivery._delivered_domain
        with freeze_time("2026-04-04 09:00:00"):
            self.env["fetchmail.server"].search([]).state = "draft"
            self.assertFalse(delivery.filtered_domain(domain(company)))
            self.env["fetchmail.server"].create(
                {"name": "In", "server_type": "imap", "state": "done"}
            )
            company.alias_domain_id = self.env["mail.alias.domain"].create(
                {"name": "us.example", "bounce_alias": "came-back"}
            )
            self.assertTrue(delivery.filtered_domain(domain(company)))
            delivery.invalidate_recordset(["state"])
            self.assertEqual(delivery.state, "delivered")
            found = delivery.search([("state", "in", ["delivered"])])
            self.assertIn(delivery, found)
        with freeze_time("2026-04-02 10:00:00"):
            self.assertFalse(delivery.filtered_domain(domain(company)))

    def test_where_nobody_opened_it_is_said(self):
        """Sent is not delivered: how many may not have it, and what to do."""
        report = self._make("customer", self.agreement)
        self._send(report)
        count = len(report.delivery_ids)
        self.assertEqual(report.unknown_count, count)
        labels = dict(report.delivery_ids._fields["state"].selection)
        self.assertIn("not known whether it arrived", labels["sent"])
        report.delivery_ids[0]._note_seen()
        report.invalidate_recordset()
        self.assertEqual(report.unknown_count, count - 1)

    def test_a_delivery_says_what_is_missing(self):
        """What has to happen, and until when, where nobody has the report yet."""
        report = self._make("customer", self.agreement)
        self._send(report)
        delivery = report.delivery_ids.filtered(lambda one: one.channel == "mail")[:1]
        due = format_date(self.env, report.due_date)

        def missing(moment):
            delivery.invalidate_recordset(["state", "missing_text"])
            with freeze_time(moment):
                return delivery.missing_text

        early, late = "2026-04-02 09:00:00", "2026-04-20 09:00:00"
        self.assertRegex(missing(early), f"opened by the recipient.*due on {due}")
        self.assertRegex(missing(late), f"was due on {due} and is overdue")
        self.patch(type(delivery), "_reads_bounces", lambda *args: True)
        self.assertIn("has not left yet", missing(early))
        delivery.sudo().left_at = "2026-04-02 08:30:00"
        self.assertRegex(missing(early), "from 04/03/2026.* does not come back")
        self.assertFalse(missing(late), "it has arrived")
        delivery.sudo().write({"left_at": False, "failure": "Mailbox is gone"})
        self.assertIn("press Send Again", missing(early))
        delivery._note_seen()
        self.assertFalse(missing(early))
        own = self._make()
        self._send(own)
        delivery = self._delivery(own, self.executive)
        delivery._note_seen()
        self.assertIn("acknowledged until", missing(early))
        with freeze_time(early):
            own.with_user(self.executive).acknowledge()
        self.assertFalse(missing(early))

    def test_a_mail_that_failed_or_came_back_is_not_delivered(self):
        """All had failed, and the register was green: that is shown, and told."""
        report = self._make()
        self._send(report)
        delivery = self._delivery(report, self.executive)
        with freeze_time("2026-04-02 09:00:00"):
            delivery.mail_id._postprocess_sent_message(
                [], [], "Mailbox is gone", "mail_smtp"
            )
        self.assertEqual(
            (delivery.state, delivery.failure), ("failed", "Mailbox is gone")
        )
        self.assertTrue(report.failed_count)
        self.assertIn(delivery.name, "".join(report.activity_ids.mapped("summary")))
        other = self._delivery(report, self.quality)
        bounced = {
            "bounced_message": other.mail_id.mail_message_id,
            "bounced_email": False,
            "bounced_partner": other.partner_id,
            "bounced_msg_ids": [],
            "email_from": "mailer@us.example",
            "to": "us@us.example",
            "message_id": "1",
        }
        self.env["mail.thread"]._routing_handle_bounce(None, bounced)
        self.assertEqual(other.state, "failed")

    def test_paper_is_delivered_with_the_signed_copy(self):
        report = self._make()
        self._send(report)
        delivery = self._delivery(report, self.executive)
        with self.assertRaises(AccessError):
            delivery.with_user(self.staff).action_hand_over()
        asked = delivery.with_user(self.quality).action_hand_over()
        Dialog = self.env[asked["res_model"]].with_user(self.quality)
        with self.assertRaisesRegex(UserError, "signed"):
            Dialog.with_context(**asked["context"]).create({}).action_say()
        second = self._user("second", "quality", email="second@us.example")

        def hand_over(user, content):
            signed = {"copy_file": b64encode(content), "copy_name": "signed.pdf"}
            Says = Dialog.with_user(user).with_context(**asked["context"])
            Says.create(signed).action_say()

        for content, words in ((b"x", "neither a PDF"), (PAPER[:100], "100 bytes")):
            with self.assertRaisesRegex(ValidationError, words):
                hand_over(second, content)
        with self.assertRaisesRegex(AccessError, "Somebody else"):
            hand_over(self.quality, PAPER)
        taker = self._user("taker", "quality", "executive", email="t@us.example")
        delivery.sudo().user_id, receiver = taker, delivery.user_id
        with self.assertRaisesRegex(AccessError, "went to you"):
            hand_over(taker, PAPER)
        delivery.sudo().user_id = receiver
        hand_over(second, PAPER)
        other = self._make(day="2026-02-01")
        self._send(other)
        asked = self._delivery(other, self.executive)
        asked = asked.with_user(second).action_hand_over()
        with self.assertRaisesRegex(ValidationError, "proves something else already"):
            hand_over(second, PAPER)
        self.assertEqual(delivery.state, "handed_over")
        self.assertEqual(delivery.handed_by_id, second)
        found = {
            one.name: one.content
            for one in self.env["service.quality.evidence"]._documents(report)
        }
        self.assertEqual(found["signed.pdf"], PAPER)
        self.assertIn(second.name, found["deliveries.csv"].decode("utf-8-sig"))

    # ------------------------------------------------------------------
    # Scope
    # ------------------------------------------------------------------

    def test_departments_without_service_write_no_report(self):
        """Sixty teams that anybody may use, and nobody did, are no department."""
        idle = self.env["helpdesk.ticket.team"].create(
            {"name": "Group of the test", "company_id": False}
        )
        self._handle("2026-03-02 09:00:00", "2026-03-02 10:00:00")
        creation = self.env["service.quality.report.creation"]
        with freeze_time("2026-04-01 03:00:00"):
            found = creation._departments(self.env.company, self._period("2026-03-01"))
        self.assertIn(self.team, found)
        self.assertNotIn(idle, found)

    def test_projects_without_service_write_no_report(self):
        """Regulation A4.3.4: at work, or promised; the register asks for the same."""
        creation = self.env["service.quality.report.creation"]
        days = self._period("2026-03-01")

        def found():
            with freeze_time("2026-04-01 03:00:00"):
                return creation._projects(self.env.company, days)

        self.agreement._write_as_step({"report_cadence": "none"})
        self.assertFalse(found() & (self.project | self.silent))
        self._handle("2026-03-02 09:00:00", "2026-03-02 10:00:00")
        self.assertIn(self.project, found())
        self.assertNotIn(self.silent, found())

    def test_what_was_promised_is_due_in_a_quiet_month(self):
        """Regulation A4.3.3: a report as the contract asks, with or without tickets."""
        creation = self.env["service.quality.report.creation"]
        self.agreement._write_as_step({"report_cadence": "month"})
        period = self._period("2026-03-01")
        with freeze_time("2026-04-01 03:00:00"):
            due = creation._agreements_to_report(self.env.company, period)
            projects = creation._projects(self.env.company, period)
        self.assertIn(self.agreement, due)
        self.assertIn(self.project, projects)

    # ------------------------------------------------------------------
    # Events
    # ------------------------------------------------------------------

    def _complain(self, **values):
        with freeze_time("2026-03-09 12:00:00"):
            return self._ticket(
                service_is_complaint=True, service_severity="major", **values
            )

    def _events_of(self, complaints):
        """Have event reports made, and return those of some complaints."""
        creation = self.env["service.quality.report.creation"]
        with freeze_time("2026-03-10 20:00:00"):
            made = creation._make_events(self.env.company)
        return made.filtered(lambda one: one.event_ticket_id in complaints)

    def test_an_event_report_is_about_its_event(self):
        complaint = self._complain(name="Cold line", partner_id=self.contact.id)
        report = self._events_of(complaint)
        for text in (complaint.number, "Cold line", self.acme.name, "2026-03-09 12:00"):
            self.assertIn(text, report.page)
        sections = report.line_ids.mapped("section")
        self.assertNotIn("volume", sections, "figures that it does not concern")

    def test_it_is_of_the_month_of_its_event(self):
        """What happened on the last evening of March is reported with its figures."""
        with freeze_time("2026-03-31 22:00:00"):
            complaint = self._ticket(
                service_is_complaint=True, service_severity="major"
            )
        with freeze_time("2026-04-01 03:00:00"):
            creation = self.env["service.quality.report.creation"]
            made = creation._make_events(self.env.company)
        report = made.filtered(lambda one: one.event_ticket_id == complaint)
        self.assertEqual(report.period_label, "2026-03")
        self.assertEqual(str(report.due_date), "2026-04-06")

    def test_a_day_of_misses_is_told_by_its_tickets(self):
        self.env.company.service_report_missed_a_day = 2
        late = self.env["helpdesk.ticket"]
        for hour in (9, 10):
            late |= self._handle(f"2026-03-09 {hour}:00:00", "2026-03-10 16:00:00")
        creation = self.env["service.quality.report.creation"]
        with freeze_time("2026-03-10 20:00:00"):
            made = creation._make_events(self.env.company)
        report = made.filtered(lambda one: one.event_key == "missed:2026-03-09")
        for ticket in late:
            self.assertIn(ticket.number, report.page)

    def test_one_draft_for_each_story(self):
        """Two complaints that are one and the same are one story."""
        first, second = self._complain(), self._complain()
        second.duplicate_id = first
        self.assertEqual(len(self._events_of(first | second)), 1)

    def test_it_is_titled_in_the_language_of_the_company(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(
            ["service_quality_report"], ["zh_CN"]
        )
        self.env.company.partner_id.lang = "zh_CN"
        self.assertNotIn("Major", self._events_of(self._complain()).event_text)
