import base64
import errno
import resource
import socket
import subprocess
from datetime import date
from io import BytesIO
from pathlib import Path
from unittest.mock import MagicMock, patch

from freezegun import freeze_time
from openpyxl import load_workbook
from psycopg2 import IntegrityError
from PyPDF2 import PdfReader

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.service_quality_core.tools.chromium import find_chromium, print_pdf

from ..models import service_quality_report_page as page
from .report_common import ReportCase

FILESTORE = "odoo.addons.base.models.ir_attachment"


def full_disk(path, mode="r"):
    """Open a file on a disk that is full when half of it is written."""
    file = Path(path).open(mode)
    if "w" not in mode:
        return file

    def write_half(content):
        file.write(content[: len(content) // 2])
        file.close()
        raise OSError(errno.ENOSPC, "No space left on device")

    full = MagicMock()
    full.__enter__.return_value.write = write_half
    full.__exit__.return_value = False
    return full


@tagged("post_install", "-at_install")
class TestQualityReport(ReportCase):
    """The organisation's report is reviewed, sent, acknowledged, and revised."""

    def test_full_disk_leaves_it_sendable(self):
        """Half a file that the filestore is left with is no other file next time."""
        report = self._make().with_user(self.quality)
        with freeze_time("2026-04-02 08:00:00"):
            report.review()
            # the disk is full within the first file of the report
            with (
                patch(f"{FILESTORE}.open", full_disk, create=True),
                mute_logger(FILESTORE),
                self.assertRaisesRegex(UserError, "disk"),
                self.env.cr.savepoint(),
            ):
                report.send()
            report.invalidate_recordset()
            self.assertEqual(report.state, "reviewed")
            self.assertFalse(report.sudo().delivery_ids)
            report.send()
        self.assertEqual(report.state, "sent")
        page = base64.b64decode(report.with_context(bin_size=False).page_file)
        self.assertTrue(page.decode().strip().endswith("</div>"))
        self.assertTrue(report.sudo().delivery_ids.mail_id)

    def test_half_a_file_is_replaced(self):
        """What a full disk or a crash cut off is written whole the next time."""
        values = {"name": "page.html", "raw": self.acme.name.encode() * 5000}
        Attachment = self.env["ir.attachment"]
        with (
            patch(f"{FILESTORE}.open", full_disk, create=True),
            mute_logger(FILESTORE),
            self.assertRaisesRegex(UserError, "disk"),
            self.env.cr.savepoint(),
        ):
            Attachment.create(values)
        attachment = Attachment.create(values)
        attachment.invalidate_recordset()
        self.assertEqual(attachment.raw, values["raw"])

    # ------------------------------------------------------------------
    # What it says
    # ------------------------------------------------------------------

    def test_monthly_report(self):
        """Regulation A4.2.1: gathered monthly over all projects, and delivered."""
        ticket = self._handle("2026-03-02 09:00:00", "2026-03-02 10:00:00")
        report = self._make()
        self.assertEqual(report.period_label, "2026-03")
        self.assertFalse(report.is_provisional)
        names = report.project_line_ids.mapped("name")
        self.assertEqual(names, ["Acme service", "Silent service"])
        silent = report.project_line_ids[1]
        self.assertEqual((silent.ticket_count, silent.contribution), (0, "missing"))
        self.assertEqual(report.missing_count, 2)
        busy = report.project_line_ids[0]
        self.assertEqual((busy.ticket_count, busy.judged_count), (1, 1))
        for action in (busy.action_open_tickets(), busy.action_open_judged()):
            rows = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(rows.ticket_id, ticket)
        self._send(report)
        self.assertEqual(report.state, "sent")
        told = report.delivery_ids.user_id
        concerned = self.executive | self.quality | self.manager | self.centre
        self.assertEqual(concerned - told, self.env["res.users"])
        self.assertIn("Silent service", report.page)

    def test_contribution_is_there(self):
        """Regulation A4.2.1: a project whose report was reviewed is not missing."""
        project = self._make("project", self.project)
        with freeze_time("2026-04-01 08:00:00"):
            project.with_user(self.quality).review()
        lines = self._make().project_line_ids
        self.assertEqual(lines.mapped("contribution"), ["sent", "missing"])
        self.assertEqual(lines[0].contribution_id, project)

    def test_figures_are_compared(self):
        """Regulation A4.2.2: by stages, with the period before and a year before."""
        for day in ("2025-03-03", "2026-02-02", "2026-03-02"):
            self._handle(f"{day} 09:00:00", f"{day} 10:00:00")
        late = self._handle("2026-03-03 09:00:00", "2026-03-04 16:00:00")
        self.assertEqual(self.clock(late).verdict, "missed")
        self.agreement._write_as_step({"date_start": "2025-01-01"})
        Figure = self.env["service.quality.figure"]
        for month in ("2025-03-01", "2026-02-01"):
            Figure._take(self.env.company, self._period(month))
        line = self._line(self._make())
        self.assertEqual((line.numerator, line.denominator), (1, 2))
        self.assertEqual((line.has_previous, line.previous_value), (True, 100))
        self.assertEqual(len(line.trend), 12)
        self.assertEqual(line.trend[-2:], [["2026-02", 100.0], ["2026-03", 50.0]])

    def test_made_by_hand(self):
        """It has its figures at once, whoever may write it."""
        self._handle("2026-03-02 09:00:00", "2026-03-02 10:00:00")
        with freeze_time("2026-04-01 08:00:00"):
            report = self.env["service.quality.report"].with_user(self.quality)
            report = report.create({"date_from": "2026-03-01"})
        self.assertEqual(f"{report.due_date}", "2026-04-06")
        self.assertEqual(self._line(report).denominator, 1)
        report.review()

    def test_what_it_is_about_stays(self):
        """Deny: the figures of March under the name of February."""
        report = self._make("project", self.project).with_user(self.quality)
        for vals in (
            {"date_from": "2026-02-01"}, {"period_kind": "year"}, {"kind": "customer"},
            {"project_id": self.silent.id}, {"taken_at": "2026-01-01 00:00:00"},
        ):  # fmt: skip
            with (
                self.subTest(vals=vals),
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
            ):
                report.write(vals)

    def test_another_writer_gets_the_activity(self):
        with freeze_time("2026-04-01 03:00:00"):
            made = self.env["service.quality.report.creation"]._make_due(
                self.env.company
            )
        report = made.filtered(lambda one: one.project_id == self.project)[:1]
        self.assertEqual(report.activity_ids.user_id, self.manager)
        report.with_user(self.quality).user_id = self.centre
        self.assertEqual(report.activity_ids.user_id, self.centre)
        self.assertEqual(report.activity_ids.date_deadline, report.due_date)

    def test_another_day_moves_the_activity(self):
        """What is to be done by a day is asked for on the day that holds now."""
        with freeze_time("2026-04-01 03:00:00"):
            made = self.env["service.quality.report.creation"]._make_due(
                self.env.company
            )
        report = made.filtered(lambda one: one.project_id == self.project)[:1]
        own = report.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=date(2026, 4, 3),
            automated=False,
            user_id=self.quality.id,
        )
        asked = report.activity_ids - own
        report.user_id = self.manager
        with self.assertRaisesRegex(AccessError, "Move the Date"):
            report.with_user(self.quality).due_date = "2026-04-20"
        with freeze_time("2026-04-02 10:00:00"):
            report.with_user(self.quality)._move_due(date(2026, 4, 20), "Figures late")
        self.assertEqual(asked.date_deadline, date(2026, 4, 20))
        self.assertEqual(own.date_deadline, date(2026, 4, 3), "somebody's own plan")

    def test_closed_figures_stay(self):
        """A draft is filled in anew without a word being said of closed figures."""
        report = self._make()
        self.assertFalse(self._line(report).denominator)
        self._handle("2026-03-02 09:00:00", "2026-03-02 10:00:00")
        with freeze_time("2026-04-02 08:00:00"):
            report.with_user(self.quality).action_fill()
        self.assertFalse(self._line(report).denominator)
        self._send(report)
        with freeze_time("2026-04-03 08:00:00"):
            revision = report.browse(
                report.with_user(self.quality).revise("History was imported")
            )
        line = self._line(revision)
        self.assertEqual(line.denominator, 1)
        [correction] = line.figure_id.correction_ids
        self.assertIn("History was imported", correction.reason)
        self.assertEqual(correction.user_id, self.quality)

    def test_running_period(self):
        """What runs is taken once a day, and anew when somebody asks for it."""
        with freeze_time("2026-03-20 08:00:00"):
            made = self.env["service.quality.report"].make(
                "organisation", "month", "2026-03-01"
            )
            report = self.env["service.quality.report"].browse(made)
            self._handle("2026-03-02 09:00:00", "2026-03-02 10:00:00")
            report.unlink()
        with freeze_time("2026-03-20 09:00:00"):
            again = self.env["service.quality.report"].browse(
                self.env["service.quality.report"].make(
                    "organisation", "month", "2026-03-01"
                )
            )
            self.assertFalse(self._line(again).denominator)
            again.action_fill()
            self.assertEqual(self._line(again).denominator, 1)

    def test_five_figures_first(self):
        report = self._make()
        self.assertEqual(len(report.line_ids.filtered("is_headline")), 5)
        self.assertTrue(report.summary)

    def test_period_not_over(self):
        with freeze_time("2026-03-20 08:00:00"):
            made = self.env["service.quality.report"].make(
                "organisation", "month", "2026-03-01"
            )
            report = self.env["service.quality.report"].browse(made)
            self.assertTrue(report.is_provisional)
            self.assertIn("Provisional", report.page)

    def test_wrong_arguments(self):
        """What another program gives wrong is named; nothing is made."""
        Report = self.env["service.quality.report"].with_user(self.quality)
        month = ("organisation", "month", "2026-03-01")
        for wrong in (
            ("nonsense", *month[1:]), ("event", *month[1:]), (None, *month[1:]),
            ("organisation", "week", "2026-03-01"),
            ("organisation", None, "2026-03-01"),
            ("organisation", "month", "x"), ("organisation", "month", None),
            ("organisation", "month", "0001-01-01"),
            ("organisation", "year", "9999-01-01"),
            ("customer", "month", "2026-03-01", "x"),
            ("customer", "month", "2026-03-01", [1]),
            ("project", "month", "2026-03-01", 0),
        ):  # fmt: skip
            with (
                self.subTest(wrong=wrong),
                self.assertRaisesRegex(ValidationError, "takes"),
            ):
                Report.make(*wrong)
        with self.assertRaisesRegex(ValidationError, "1900"), self.env.cr.savepoint():
            Report.create({"date_from": "0001-01-01"})
        self.assertFalse(Report.search([("create_uid", "=", self.quality.id)]))

    @freeze_time("2026-03-31 18:00:00")
    def test_the_period_that_is_over_is_proposed(self):
        """A new report is about the newest period that is over where the company is."""
        Report = self.env["service.quality.report"].with_user(self.quality)
        with Form(Report) as form:
            self.assertEqual(str(form.date_from), "2026-02-01")
            form.period_kind = "quarter"
            self.assertEqual(str(form.date_from), "2025-10-01")
            form.period_kind = "month"
            form.date_from = date(2026, 1, 1)
            self.assertEqual(str(form.date_to), "2026-01-31")
        self.assertEqual(form.record.period_label, "2026-01")
        self.env.company.partner_id.tz = "Asia/Shanghai"  # April has begun there
        self.assertEqual(str(Report.new({}).date_from), "2026-03-01")

    @mute_logger("odoo.sql_db")
    def test_bad_period(self):
        """Reports do not overlap, nor is there one twice, nor of the future."""
        Report = self.env["service.quality.report"]
        with freeze_time("2026-04-01 08:00:00"):
            for day in ("2026-02-15", "2026-05-01"):
                with self.assertRaises(ValidationError), self.env.cr.savepoint():
                    Report.make("organisation", "month", day)
            Report.make("organisation", "month", "2026-03-01")
            with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                Report.make("organisation", "month", "2026-03-01")
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                Report.make("project", "month", "2026-03-01")

    # ------------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------------

    def test_sent_is_frozen(self):
        """What was sent nobody changes: fields, lines, deletion, by RPC too."""
        self._handle("2026-03-02 09:00:00", "2026-03-02 10:00:00")
        report = self._make()
        self._send(report)
        files = (report.page, report.pdf_file, report.xlsx_file)
        self.assertTrue(report.ledger_id)
        self.assertTrue(report.ledger_snapshot)
        report = report.with_user(self.quality)
        attempts = [
            lambda: report.write({"summary": "Better"}),
            lambda: report.write({"state": "draft"}),
            lambda: report.sudo().write({"date_from": "2026-02-01"}),
            lambda: report.line_ids[0].write({"action": "None"}),
            lambda: report.line_ids[0].sudo().write({"value": 100}),
            lambda: report.project_line_ids[0].sudo().unlink(),
            lambda: report.line_ids.sudo().create(
                {"report_id": report.id, "name": "More"}
            ),
            lambda: report.action_draft(),
            lambda: report.unlink(),
            lambda: report.create({"date_from": "2026-02-01", "state": "sent"}),
        ]
        for place, attempt in enumerate(attempts):
            with (
                self.subTest(attempt=place),
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
            ):
                attempt()
        report.action_fill()
        self.env.invalidate_all()
        self._handle("2026-03-05 09:00:00", "2026-03-06 16:00:00")
        self.assertEqual((report.page, report.pdf_file, report.xlsx_file), files)
        printed = base64.b64decode(report.export("pdf")["content"])
        self.assertEqual(printed, base64.b64decode(files[1]))

    def test_documents_that_prove_it(self):
        """Regulation A4.2.1: the report that was sent is handed over, no draft."""
        report, draft = self._make(), self._make(kind="project", subject=self.project)
        self._send(report)
        found = list(self.env["service.quality.evidence"]._documents(report | draft))
        self.assertEqual({record for record, _name, _content in found}, {report})
        files = {name.rsplit(".", 1)[1]: content for _one, name, content in found}
        self.assertEqual(files.keys(), {"html", "pdf", "xlsx", "csv"})
        self.assertEqual(files["pdf"], base64.b64decode(report.pdf_file))
        self.assertEqual(files["xlsx"], base64.b64decode(report.xlsx_file))
        self.assertIn(report.delivery_ids[0].name, files["csv"].decode("utf-8-sig"))

    def test_only_reviewed_is_sent(self):
        report = self._make()
        with self.assertRaisesRegex(UserError, "not reviewed"):
            report.with_user(self.quality).send()
        report.with_user(self.quality).review()
        with self.assertRaisesRegex(UserError, "back to draft"):
            report.with_user(self.quality).write({"summary": "Better"})
        with self.assertRaises(AccessError):
            report.with_user(self.staff).review()
        with self.assertRaises(AccessError):
            report.with_user(self.executive).send()

    def test_blanks_are_filled_in(self):
        """A text that says only where something is to be said is not reviewed."""
        report = self._make()
        for name in ("summary", "decisions", "analysis", "deviations", "actions"):
            report[name] = "Cause: …"
            with (
                self.subTest(name),
                self.assertRaisesRegex(ValidationError, "still has a blank"),
            ):
                report.with_user(self.quality).review()
            report[name] = "Cause: a fault… of the carrier"
        self._send(report)
        self.assertEqual(report.state, "sent")

    def test_annual_review(self):
        """Regulation A3.3.4: the technical service centre reviews annual reports."""
        with freeze_time("2026-04-01 08:00:00"):
            made = self.env["service.quality.report"].make(
                "customer", "year", "2025-01-01", self.agreement.id
            )
        report = self.env["service.quality.report"].browse(made)
        with self.assertRaisesRegex(AccessError, "technical service centre"):
            report.with_user(self.quality).review("Fine")
        with self.assertRaisesRegex(UserError, "result of the review"):
            report.with_user(self.centre).review()
        asked = report.with_user(self.centre).action_review()
        self._say(self.centre, asked, "Complete; two targets to be renewed")
        self.assertTrue(report.is_centre_reviewed)
        report.with_user(self.quality).send()
        self.assertIn("two targets to be renewed", report.page)

    def test_recipient_without_address(self):
        """It is recorded as failed, in the report and to whoever wrote it."""
        self.executive.partner_id.email = False
        nobody = self.env["res.partner"].create({"name": "Nowhere"})
        report = self._make()
        report.also_partner_ids = nobody
        self._send(report)
        by_partner = {one.partner_id: one for one in report.delivery_ids}
        failed = by_partner[nobody]
        self.assertEqual(failed.state, "failed")
        self.assertIn("no valid e-mail address", failed.failure)
        self.assertEqual(report.failed_count, 1)
        self.assertIn("Not delivered: Nowhere", report.activity_ids.mapped("summary"))
        self.assertEqual(by_partner[self.executive.partner_id].channel, "client")
        with self.assertRaisesRegex(UserError, "still has no e-mail"):
            failed.with_user(self.quality).action_send_again()
        nobody.email = "here@acme.example"
        failed.with_user(self.quality).action_send_again()
        self.assertEqual((failed.state, failed.address), ("sent", nobody.email))
        self.assertTrue(failed.mail_id)

    def test_mail_that_fails(self):
        report = self._make()
        self._send(report)
        delivery = report.delivery_ids.filtered("mail_id")[0]
        self.assertEqual(delivery.state, "sent")
        delivery.mail_id.state = "exception"
        self.assertEqual(delivery.state, "failed")
        found = delivery.search([("state", "=", "failed")])
        self.assertEqual(found, delivery)

    def test_one_mail_each(self):
        report = self._make()
        self._send(report)
        mailed = report.delivery_ids.filtered(lambda one: one.channel == "mail")
        self.assertEqual(len(mailed.mail_id), len(mailed))
        mail = mailed.mail_id[0]
        self.assertEqual(len(mail.recipient_ids), 1)
        self.assertEqual(mail.attachment_ids.raw, base64.b64decode(report.pdf_file))

    # ------------------------------------------------------------------
    # Reading it
    # ------------------------------------------------------------------

    def test_seen_in_the_client(self):
        report = self._make()
        self._send(report)
        delivery = report.delivery_ids.filtered(
            lambda one: one.user_id == self.executive
        )
        report.with_user(self.executive).web_read({"display_name": {}})
        self.assertFalse(delivery.seen_at)
        report.with_user(self.executive).web_read({"page": {}})
        self.assertEqual(delivery.state, "seen")
        others = report.delivery_ids - delivery
        self.assertFalse(any(others.mapped("seen_at")))

    def test_acknowledge_and_instruct(self):
        """Regulation A3.1.2: acknowledged, and instructions become actions."""
        report = self._make()
        self._send(report)
        delivery = report.delivery_ids.filtered(
            lambda one: one.user_id == self.executive
        )
        own = report.with_user(self.executive)
        self.assertTrue(own.is_mine_to_acknowledge)
        for user in (self.quality, self.staff):
            with self.assertRaises(AccessError):
                report.with_user(user).acknowledge()
        with freeze_time("2026-04-03 08:00:00"):
            own.acknowledge()
        self.assertEqual(delivery.state, "acknowledged")
        self.assertMoment(delivery.acknowledged_at, "2026-04-03 08:00")
        self.assertFalse(own.is_mine_to_acknowledge)
        Instruction = self.env["service.quality.report.instruction"]
        values = {
            "report_id": report.id,
            "text": "Have two more engineers at night",
            "user_id": self.manager.id,
            "deadline": "2026-05-01",
        }
        with self.assertRaises(AccessError):
            Instruction.with_user(self.quality).create(values)
        instruction = Instruction.with_user(self.executive).create(values)
        activity = instruction.sudo().activity_ids
        self.assertEqual(activity.user_id, self.manager)
        self.assertEqual(f"{activity.date_deadline}", "2026-05-01")
        owned = instruction.with_user(self.manager)
        with self.assertRaises(AccessError):
            instruction.with_user(self.quality).complete("Done")
        with self.assertRaises(UserError):
            owned.complete(" ")
        self._say(self.manager, owned.action_complete(), "Two hired")
        self.assertEqual((owned.state, owned.result), ("done", "Two hired"))
        self.assertFalse(instruction.sudo().activity_ids)
        with self.assertRaises(UserError):
            instruction.with_user(self.executive).unlink()

    # ------------------------------------------------------------------
    # Revising
    # ------------------------------------------------------------------

    def test_a_done_instruction_is_rectified(self):
        """Deny: an executive does not word it otherwise once it was reported done."""
        report = self._make()
        self._send(report)
        Instruction = self.env["service.quality.report.instruction"]
        instruction = Instruction.with_user(self.executive).create(
            {
                "report_id": report.id,
                "text": "One more engineer",
                "user_id": self.manager.id,
                "deadline": "2026-05-01",
            }
        )
        with freeze_time("2026-04-20 08:00:00"):
            instruction.with_user(self.manager).complete("Hired")
        for vals in ({"text": "Two more"}, {"deadline": "2026-06-01"}):
            with self.assertRaisesRegex(UserError, "Rectify"):
                instruction.with_user(self.executive).write(vals)
        given = instruction.with_user(self.executive)
        row = given._rectify("text", "One engineer more", "Plainer")
        self.assertEqual((row.old_text, row.state), ("One more engineer", "done"))
        row = given._rectify("deadline", "2026-06-01", "It was June")
        self.assertEqual((row.state, str(given.deadline)), ("pending", "2026-05-01"))
        row.with_user(self.quality).action_approve()
        self.assertEqual(str(instruction.deadline), "2026-06-01")

    def test_drafts_that_are_due_stay(self):
        """Deny: nobody deletes a draft that is due or was reviewed, or one's own."""
        report = self._make("project", self.project)
        with freeze_time("2026-04-02 08:00:00"):
            for user in (self.manager, self.quality, self.centre, self.staff):
                with self.assertRaises(UserError):
                    report.with_user(user).unlink()
        running = self._make("project", self.project, "2026-04-01")
        with freeze_time("2026-04-02 08:00:00"):
            with self.assertRaises(AccessError):
                running.with_user(self.manager).unlink()
            running._write_as_step({"was_reviewed": True})
            with self.assertRaisesRegex(UserError, "reviewed"):
                running.with_user(self.quality).unlink()
            running._write_as_step({"was_reviewed": False})
            running.with_user(self.quality).unlink()
        self.assertFalse(running.exists())

    def test_a_review_taken_back_is_remembered(self):
        """A report that was reviewed is none that goes, also as a draft again."""
        report = self._make()
        with freeze_time("2026-04-02 08:00:00"):
            report.with_user(self.quality).review()
            report.with_user(self.quality).action_draft()
        self.assertTrue(report.was_reviewed)

    def test_the_quality_department_discards(self):
        """A draft made by mistake goes with a reason; what it said is kept."""
        report = self._make()
        report.summary = "Nothing happened"
        for user in (self.manager, self.centre, self.executive):
            with self.assertRaises(AccessError):
                report.with_user(user).action_discard()
        action = report.with_user(self.quality).action_discard()
        self._say(self.quality, action, "Made twice")
        self.assertFalse(report.exists())
        row = self.env["service.quality.rectification"].search(
            [("res_model", "=", report._name), ("res_id", "=", report.id)]
        )
        self.assertEqual(
            (row.kind, row.reason, row.user_id),
            ("discarded", "Made twice", self.quality),
        )
        self.assertIn("Nothing happened", row.old_text)
        sent = self._make()
        self._send(sent)
        with self.assertRaisesRegex(UserError, "Only a draft"):
            sent.with_user(self.quality)._discard("Not wanted")

    def test_the_report_of_an_event_is_not_discarded_by_who_owes_it(self):
        """Regulation A4.2.1: what an event asked for is let go by somebody else."""
        report = self._make()
        triggers = report._fields["trigger"]._description_selection(self.env)
        trigger = triggers[0][0]
        report.sudo()._write_as_step({"trigger": trigger})
        with self.assertRaisesRegex(AccessError, "executive"):
            report.with_user(self.quality).action_discard()
        with self.assertRaisesRegex(AccessError, "executive"):
            report.with_user(self.quality)._discard(".")
        for user in (self.executive, self.centre):
            self.assertTrue(report.with_user(user).action_discard())
        report.with_user(self.executive)._discard("The event was none after all")
        self.assertFalse(report.exists())

    def test_revision(self):
        """A correction is the next revision; it lists what is different."""
        self._handle("2026-03-02 09:00:00", "2026-03-02 10:00:00")
        report = self._make()
        report.summary = "All was well."
        self._send(report)
        page = report.page
        self._handle("2026-03-03 09:00:00", "2026-03-04 16:00:00")
        with freeze_time("2026-04-10 08:00:00"):
            with self.assertRaises(UserError):
                report.with_user(self.quality).revise("")
            asked = report.with_user(self.quality).action_revise()
            opened = self._say(self.quality, asked, "A ticket came in late")
            revision = report.browse(opened["res_id"])
            self.assertEqual(revision.revision, 2)
            self.assertEqual(revision.previous_id, report)
            self.assertEqual(revision.summary, "All was well.")
            revision.with_user(self.quality).write({"summary": "One was late."})
            self._send(revision, "2026-04-11 08:00:00")
        changed = {change["what"]: change for change in revision.changes}
        self.assertEqual(changed["In Three Sentences"]["before"], "All was well.")
        self.assertIn("1 / 1", changed[self._line(revision).name]["before"])
        self.assertIn("1 / 2", changed[self._line(revision).name]["after"])
        self.assertIn("A ticket came in late", revision.page)
        self.assertEqual(report.page, page)
        with self.assertRaisesRegex(UserError, "has been revised"):
            report.with_user(self.quality).revise("Twice")

    # ------------------------------------------------------------------
    # Paper and workbook
    # ------------------------------------------------------------------

    def test_pdf(self):
        """A4, page numbers, text that can be selected, and Chinese."""
        self._handle("2026-03-02 09:00:00", "2026-03-02 10:00:00")
        self.project.name = "核心业务运维"
        report = self._make()
        report.decisions = "增加两名工程师"
        content = report._content("pdf")
        pdf = PdfReader(BytesIO(content))
        box = pdf.pages[0].mediabox
        self.assertEqual((round(box[2]), round(box[3])), (595, 842))
        text = self._text(content)
        self.assertRegex(text, rf"1 ?/ ?{len(pdf.pages)}\b")
        for words in ("增加两名工程师", "核心业务运维", "Monthly quality report"):
            self.assertIn(words, text)

    def test_pdf_in_a_worker(self):
        """A worker's limit of memory is Odoo's, not the printer's."""
        before = resource.getrlimit(resource.RLIMIT_AS)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_AS, before)
        report = self._make()
        resource.setrlimit(resource.RLIMIT_AS, (2560 << 20, before[1]))
        self.assertTrue(report._content("pdf").startswith(b"%PDF"))

    def test_nothing_is_loaded(self):
        """The page that is printed runs nothing, and asks nobody for anything."""
        listener = self.enterContext(socket.create_server(("127.0.0.1", 0)))
        listener.setblocking(False)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/x.png"
        report = self._make()
        report.analysis = f'<p>See <img src="{address}"/></p>'
        document = self.env["service.quality.report.page"]._render_document(report)
        self.assertIn(address, document)
        self.assertNotIn("<script", document)
        self.assertNotIn("<link", document)
        self.assertTrue(report._render("pdf").startswith(b"%PDF"))
        with self.assertRaises(BlockingIOError):
            listener.accept()

    def test_no_chromium(self):
        """Without any renderer the error says what to install; nothing is sent."""
        report = self._make()
        report.with_user(self.quality).review()
        Actions = type(self.env["ir.actions.report"])
        with (
            patch.object(page, "find_chromium", return_value=None),
            patch.object(Actions, "get_wkhtmltopdf_state", return_value="install"),
            self.assertRaisesRegex(UserError, "Install Chromium"),
            self.env.cr.savepoint(),
        ):
            report.with_user(self.quality).send()
        self.env.invalidate_all()
        self.assertEqual(report.state, "reviewed")

    def test_wkhtmltopdf_instead(self):
        """Where there is no Chromium Odoo's own way prints."""
        report = self._make()
        report.decisions = "增加两名工程师"
        with patch.object(page, "find_chromium", return_value=None):
            content = report._render("pdf")
        box = PdfReader(BytesIO(content)).pages[0].mediabox
        self.assertEqual((round(box[2]), round(box[3])), (595, 842))
        self.assertIn("Monthly quality report", self._text(content))
        self.assertIn("增加两名工程师", self._text(content))

    @mute_logger("odoo.addons.base.models.ir_actions_report")
    def test_printing_fetches_nothing(self):
        """Whoever writes a report's text cannot have this server fetch an address."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(0.2)
            address = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
            text = (
                f'<img src="{address}"/><p style="background: url({address})">Seen</p>'
                f'<iframe src="{address}"></iframe><img src="file:///etc/hostname"/>'
                f'<style>@import "{address}";</style>'
                f"<style>p {{ list-style: u\\72l({address}) }}</style>"
            )
            document = (
                f"<!DOCTYPE html><html><head><title>x</title></head>{text}</html>"
            )
            offline = self.env["ir.actions.report"].with_context(service_offline=True)
            for content in (
                self.env["service.quality.report.page"]._print_with_wkhtmltopdf(
                    document
                ),
                # by the proxy alone, without what is taken out of the page
                offline._run_wkhtmltopdf([document]),
                print_pdf(document, find_chromium()),
            ):
                self.assertIn("Seen", self._text(content))
                with self.assertRaises(TimeoutError):
                    listener.accept()

    def test_workbook(self):
        """A sheet for each table; numbers are numbers and dates are dates."""
        self._handle("2026-03-02 09:00:00", "2026-03-02 10:00:00")
        self.project.name = "=1+1"
        report = self._make()
        book = load_workbook(BytesIO(report._content("xlsx")))
        self.assertEqual(
            book.sheetnames[:4], ["Report", "Figures", "Trend", "Service Projects"]
        )
        contracts = book["Service targets by customer"]
        self.assertIn(
            self.agreement.display_name, [row[1].value for row in contracts.iter_rows()]
        )
        facts = {row[0].value: row[1] for row in book["Report"].iter_rows()}
        self.assertTrue(facts["From"].is_date)
        rows = {row[2].value: row for row in book["Figures"].iter_rows(min_row=2)}
        value = rows[self._line(report).name][3]
        self.assertEqual((value.data_type, value.value), ("n", 100))
        project = book["Service Projects"]["A2"]
        self.assertEqual((project.data_type, project.value), ("s", "=1+1"))

    def test_whole_numbers_are_shown_whole(self):
        """SLA case 36: 12 is shown as 12, and 12.5 as 12.5."""
        self._handle("2026-03-02 09:00:00", "2026-03-02 10:00:00")
        report = self._make()
        line = self._line(report)
        line._write_as_step({"numerator": 12, "denominator": 12.5})
        book = load_workbook(BytesIO(report._content("xlsx")))
        rows = {row[2].value: row for row in book["Figures"].iter_rows(min_row=2)}
        formats = [cell.number_format for cell in rows[line.name][4:6]]
        self.assertEqual(formats, ["#,##0", "#,##0.##"])

    def test_text_too_long_for_a_cell_says_so(self):
        """SLA case 36: what a cell does not hold is marked, with where the rest is."""
        report = self._make()
        report.analysis = "<p>%s</p>" % ("word " * 8_000)
        book = load_workbook(BytesIO(report._content("xlsx")))
        facts = {row[0].value: row[1] for row in book["Report"].iter_rows()}
        text = facts["Analysis"].value
        self.assertEqual(len(text), 32_767)
        self.assertTrue(text.endswith("the rest is in the PDF of the report]"))

    def _text(self, content):
        """Return the text of a PDF, as whoever selects it gets it."""
        return subprocess.run(
            ["pdftotext", "-layout", "-", "-"],
            input=content,
            capture_output=True,
            check=True,
        ).stdout.decode()
