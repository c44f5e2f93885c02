import base64
import io
import zipfile
from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.service_quality_callback.tests.callback_common import CallbackCase
from odoo.addons.service_quality_core.models.evidence import Window
from odoo.addons.service_quality_core.tools.period import Period
from odoo.addons.service_quality_escalation.tests.reminder_common import Reminding
from odoo.addons.service_quality_regulation.tests.regulation_common import (
    RegulationCase,
)
from odoo.addons.service_quality_report.tests.report_common import ReportCase


@tagged("post_install", "-at_install")
class TestExample(Reminding, CallbackCase):
    """An addon adds one of everything by ``_inherit`` alone, and it works."""

    # ------------------------------------------------------------------
    # Core
    # ------------------------------------------------------------------

    def test_metric(self):
        """A metric, its house rule, the kind of row that stops it, and a column."""
        Target = self.env["service.quality.target"].with_context(active_test=False)
        rule = Target.search(
            [
                ("metric", "=", "workaround"),
                ("company_id", "=", self.env.company.id),
                ("agreement_id", "=", False),
            ]
        )
        self.assertEqual(
            (rule.duration, rule.always), (48, True), "came with the addon"
        )
        rule.active = True  # tests start without house rules
        ticket = self._ticket()
        clock = ticket.service_clock_ids.filtered(
            lambda clock: clock.metric == "workaround"
        )
        self.assertEqual((clock.target_id, clock.state), (rule, "running"))
        ticket.service_record("workaround")
        self.assertEqual((clock.state, clock.verdict), ("done", "met"))
        self.assertTrue(ticket.service_workaround_at)
        row = ticket.service_event_ids.filtered(lambda row: row.kind == "workaround")
        self.assertEqual(row.kind_name, "Workaround found")
        self.assertFalse(self.env["service.quality.ledger"]._differences(ticket.ids))

    def test_what_is_entered_after_its_deadline(self):
        """A miss of its metric is not taken back, by its kind of row nor by others."""
        self._agreement({"metric": "workaround", "duration": 1, "always": True})
        ticket = self._ticket("2026-03-02 09:00").with_user(self._user("d", "desk"))
        with freeze_time("2026-03-02 12:00"):
            ticket.service_record("responded", at="2026-03-02 09:30:00")
            with self.assertRaisesRegex(ValidationError, "does not take back"):
                ticket.service_record("workaround", at="2026-03-02 09:30:00")

    def test_metric_in_a_contract(self):
        """A contract says of the metric what its clock does."""
        agreement = self._agreement({"metric": "workaround", "duration": 4})
        [(label, clauses)] = agreement._print_clauses()
        self.assertEqual(label, "Workaround")
        self.assertIn("When a way around the trouble is found.", dict(clauses)["Stops"])

    def test_rectified(self):
        """A field of its own is locked when its record has ended."""
        borrower, quality = self._user("borrower", "desk"), self._user("q", "quality")
        loan = self.env["service.quality.example.loan"].create(
            {
                "name": "Phone",
                "company_id": self.env.company.id,
                "user_id": borrower.id,
                "condition": "New",
            }
        )
        loan.write({"state": "done", "back_at": "2026-03-02 10:00:00"})
        with self.assertRaisesRegex(UserError, "Rectify"):
            loan.condition = "Broken"
        loan.with_user(borrower)._rectify("condition", "Scratched", "Looked closer")
        row = loan.with_user(borrower)._rectify("user_id", quality.id, "Passed on")
        self.assertEqual((loan.condition, loan.user_id), ("Scratched", borrower))
        row.with_user(quality).action_approve()
        self.assertEqual(loan.user_id, quality)

    def test_purge(self):
        """What it says of staff is taken out of old tickets with the rest."""
        ticket = self._ticket(service_finder_id=self.env.uid)
        self.env["service.quality.purge"]._forget_staff(ticket.ids)
        self.assertFalse(ticket.service_finder_id)

    # ------------------------------------------------------------------
    # What stands on it
    # ------------------------------------------------------------------

    def _loan(self, **values):
        return self.env["service.quality.example.loan"].create(
            {
                "name": "Router",
                "company_id": self.env.company.id,
                "user_id": self.caller.id,
                "deadline": "2026-03-02",
                **values,
            }
        )

    def test_due_subject(self):
        """Rules may be about it, each company has the shipped one, and it reminds."""
        Rule = self.env["service.quality.escalation"]
        self.assertIn(("loan", "Loan"), Rule._subject_selection())
        companies = Rule.search([("name", "=", "Loans not brought back")]).company_id
        self.assertEqual(companies, self.env["res.company"].search([]))
        self._ship("loan")
        loan = self._loan()
        self.assertTrue(self._remind("2026-03-03 08:00:00", loan, "loan"))
        self.assertEqual(loan.activity_ids.user_id, self.caller)

    def test_action_and_recipient(self):
        """A step of a rule does what the addon says, for whom it says."""
        loan = self._loan(lender_id=self.caller.id)
        rule = self._ladder("loan", {"action": "note"}, {"recipient": "lender"})
        self.assertEqual(
            rule.step_ids.mapped("display_name"),
            [
                "day 1 after the due day · Note",
                "day 1 after the due day · Lender · Activity",
            ],
        )
        sent = self._remind("2026-03-03 08:00:00", loan, "loan")
        self.assertEqual(sent.user_ids, self.caller)
        self.assertEqual(loan.activity_ids.user_id, self.caller)
        self.assertIn("Router", loan.message_ids[0].body)
        self.assertEqual(sent.mapped("outcome"), ["done", "done"])

    def test_action_of_promises(self):
        """An alarm does it to the ticket."""
        self._ladder("promise", {"trigger": "after", "amount": 0, "action": "note"})
        self._agreement({"metric": "resolution", "duration": 1})
        ticket = self._ticket("2026-03-02 08:00")
        with freeze_time("2026-03-03 08:00"):
            self.env["service.quality.sweep"]._sweep(200)
        [alarm] = ticket.service_alarm_ids.filtered(lambda one: one.action == "note")
        self.assertIn(alarm.summary, ticket.message_ids[0].body)

    def test_evidence(self):
        """An obligation is proved by its records."""
        Evidence = self.env["service.quality.evidence"]
        self.assertEqual(Evidence._evidences()["loans"], "Loans brought back")
        day = date(2026, 3, 1)
        window = Window(self.env.company, day, date(2026, 4, 1), None, None, None)
        back, lent = self._loan(state="done"), self._loan()
        found = Evidence._find("loans", None, window)
        Loan = self.env[found.model]
        self.assertEqual(Loan.search(found.due), back | lent)
        self.assertEqual(Loan.search(found.done), back)

    def test_first_page_and_desk(self):
        """A tile on the first page and a block on the desk."""
        self._loan()
        page = self.env["service.quality.overview"].with_user(self.caller).read_tiles()
        tile = next(tile for tile in page["tiles"] if tile["key"] == "loans")
        self.assertEqual(tile["value"], "1")
        desk = self.env["service.quality.desk"].with_user(self.caller).overview()
        self.assertIn("loans", [block["key"] for block in desk["blocks"]])

    def test_indicator(self):
        """A formula that is counted, and declares how reports tell its indicators."""
        ticket = self._ticket("2026-03-02 08:00")
        with freeze_time("2026-03-02 09:00"):
            ticket.service_record("workaround")
        indicator = self.env["service.quality.indicator"].create(
            {
                "name": "Workarounds",
                "code": "workarounds",
                "formula": "workarounds",
                "sentence": "How many ways around a trouble were found?",
                "summary": "count",
                "unit": "count",
            }
        )
        told = ("section", "headline_sequence", "is_for_customers")
        self.assertEqual([indicator[name] for name in told], ["workaround", 35, True])
        line = self.env["service.quality.report.line"]
        self.assertIn(("workaround", "Workarounds"), line._section_selection())
        figures = self.env["service.quality.counting"]._count(
            indicator, self.env.company, Period("month", date(2026, 3, 1)), ("company",)
        )
        self.assertEqual([one["value"] for one in figures], [1])

    # ------------------------------------------------------------------
    # Calls
    # ------------------------------------------------------------------

    def test_disposition(self):
        """What came of a call is counted as what it says, and offered to the caller."""
        call = self._handled().service_callback_ids
        sheet = call.with_user(self.caller).call_sheet()
        self.assertIn("voicemail", [one["value"] for one in sheet["dispositions"]])
        self._save(call, "2026-03-02 10:30", "voicemail")
        attempt = call.attempt_ids
        self.assertEqual((attempt.outcome, attempt.aapor_code), ("unanswered", "3.14"))
        self.assertTrue(call.next_call_at)

    def test_disposition_that_ends_the_call(self):
        """Who was reached and answers nothing is not called again."""
        call = self._handled().service_callback_ids
        self._save(call, "2026-03-02 10:30", "hung_up")
        self.assertEqual((call.state, call.result), ("ended", "refused"))
        self.assertTrue(call.reached_at)


@tagged("post_install", "-at_install")
class TestExampleObligation(RegulationCase):
    """An obligation of a company's own is proved by records of the addon."""

    def test_documents(self):
        """The document of a record is in the evidence pack."""
        values = {"name": "Loans back", "rule": "every", "evidence": "loans"}
        regulation = self._own(values | {"period": "month"})
        self._in_force(regulation)
        loan = self.env["service.quality.example.loan"].create(
            {
                "name": "Router",
                "company_id": self.company.id,
                "user_id": self.caller.id,
                "deadline": "2026-03-02",
                "state": "done",
            }
        )
        Pack = self.env["service.quality.evidence.pack"]
        days = {"date_from": "2026-03-01", "date_to": "2026-03-31"}
        with (
            freeze_time("2026-03-05"),
            patch.object(type(Pack), "_print_index", lambda pack: b""),
            self.enter_registry_test_mode(),
        ):
            pack = Pack.create(days | {"regulation_id": regulation.id})
            self.env.ref(
                "service_quality_regulation.ir_cron_make_packs"
            ).method_direct_trigger()
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(pack.file))) as archive:
            [path] = [one for one in archive.namelist() if "documents/" in one]
            self.assertTrue(path.endswith(f"{loan.id}/receipt.txt"))
            self.assertEqual(archive.read(path), b"Router")


@tagged("post_install", "-at_install")
class TestExampleReport(ReportCase):
    """An addon adds to reports a section of figures, a list, measures and events."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["service.quality.indicator"].create(
            {
                "name": "Ways around",
                "code": "workarounds",
                "formula": "workarounds",
                "sentence": "How many ways around a trouble were found?",
                "summary": "count",
                "unit": "count",
            }
        )
        cls.env["service.quality.example.loan"].create(
            {
                "name": "Router",
                "company_id": cls.env.company.id,
                "user_id": cls.manager.id,
            }
        )
        ticket = cls._ticket("2026-03-02 08:00")
        with freeze_time("2026-03-02 09:00"):
            ticket.service_record("workaround")

    def _rows(self, report):
        return self.env["service.quality.example.row"]._of(report)

    def _sheets(self, report):
        """Return the rows of each sheet below its heads, by the sheet's name."""
        with zipfile.ZipFile(io.BytesIO(report._content("xlsx"))) as book:
            names = book.read("xl/workbook.xml").decode()
            return names, book.read("xl/sharedStrings.xml").decode()

    def test_section_list_and_measures(self):
        """They are on the page and in the workbook."""
        report = self._make()
        line = report.line_ids.filtered(lambda one: one.section == "workaround")
        self.assertEqual((line.name, line.value), ("Ways around", 1))
        page, (sheets, texts) = report.page, self._sheets(report)
        for heading in ("<h3>Workarounds</h3>", "<h2>Loans</h2>", "<h2>Measures</h2>"):
            self.assertIn(heading, page)
        for name in ("Loans", "Measures"):
            self.assertIn(f'name="{name}"', sheets)
        for text in ("Ways around", "Router", "Remind"):
            self.assertIn(text, page)
            self.assertIn(text, texts)

    def test_locked_after_the_review(self):
        """Deny: what was reviewed is neither written nor filled in again."""
        report = self._make()
        row = self._rows(report)
        row.note = "Lent until June"
        report.action_fill()
        self.assertEqual(self._rows(report).note, "Lent until June")
        with freeze_time("2026-04-02 08:00:00"):
            report.with_user(self.quality).review()
        row = self._rows(report)
        with self.assertRaisesRegex(UserError, "was reviewed as it is"):
            row.note = "Back"
        row.invalidate_recordset()
        self.env["service.quality.example.loan"].search([]).name = "Switch"
        report.action_fill()
        self.assertEqual((row.name, row.note), ("Router", "Lent until June"))
        self.assertEqual(report.measures[-1]["action"], "Remind")

    def test_revision_lists_its_measures(self):
        report = self._make()
        self._send(report)
        Report = type(self.env["service.quality.report"])
        with patch.object(Report, "_measures", lambda report, period: []):
            with freeze_time("2026-04-03 08:00:00"):
                revision = report.with_user(self.quality).revise("Not done")
            revision = report.browse(revision)
            self._send(revision, "2026-04-04 08:00:00")
        change = {"what": "Loans", "before": "Remind", "after": "–"}
        self.assertIn(change, revision.changes)

    def test_event(self):
        """What brings about a report of its own, once."""
        creation = self.env["service.quality.report.creation"]
        with freeze_time("2026-03-10 20:00:00"):
            made = creation._make_events(self.env.company)
            self.assertFalse(creation._make_events(self.env.company))
        made = made.filtered(lambda one: one.trigger == "loan")
        self.assertEqual(made.event_text, "Late")
        self.assertIn(("loan", "A loan that is late"), creation._trigger_selection())
