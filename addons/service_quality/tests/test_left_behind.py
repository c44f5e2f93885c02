import io
import zipfile

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.service_quality_callback.tests.callback_common import CallbackCase


@tagged("post_install", "-at_install")
class TestLeftBehind(CallbackCase):
    """Codes of an addon that is gone are shown as they are, and break nothing."""

    def _leave(self, records, field, code):
        """Write a code as the addon did that knew it."""
        records.flush_recordset()
        self.env.cr.execute(
            f"UPDATE {records._table} SET {field} = %s WHERE id = ANY(%s)",
            [code, records.ids],
        )
        records.invalidate_recordset()
        self.env.registry.clear_all_caches()

    def _show(self, record):
        """Return what the form of a record reads."""
        views = record.get_views([(False, "form"), (False, "list")])
        fields = views["models"][record._name]["fields"]
        names = {name: {} for name in fields if name in record._fields}
        return fields, record.web_read(names)[0]

    def test_metric(self):
        """An unknown metric is shown by its code; its clocks stay as they are."""
        agreement = self._agreement(
            {"metric": "resolution", "duration": 8},
            {"metric": "first_response", "duration": 1},
        )
        ticket = self._ticket("2026-03-02 08:00")
        target = agreement.target_ids.filtered(lambda one: one.metric != "resolution")
        ticket.service_record("responded", "2026-03-02 08:30:00")
        clock = self.clock(ticket, "first_response")
        self._leave(target, "metric", "gone")
        self._leave(clock, "metric", "gone")
        fields, shown = self._show(target)
        self.assertIn(("gone", "gone"), fields["metric"]["selection"])
        self.assertEqual((shown["metric"], target._label("metric")), ("gone", "gone"))
        self.assertIn("gone", agreement.matrix)
        self.assertTrue(agreement._print_clauses())
        self.assertFalse(self.env["service.quality.ledger"]._differences(ticket.ids))
        self._move(ticket, "resolved", "2026-03-02 09:00")
        self.assertEqual((clock.state, clock.verdict), ("done", "met"))
        self.assertEqual(self.clock(ticket).verdict, "met")

    def test_kind_of_row(self):
        """A row of an unknown kind is shown by its code, in lists and in groups."""
        ticket = self._ticket("2026-03-02 08:00")
        ticket.service_record("noted")
        row = ticket.service_event_ids.filtered(lambda one: one.kind == "noted")
        row._unlock_ledger()
        self._leave(row, "kind", "gone")
        row._lock_ledger()
        _fields, shown = self._show(row)
        self.assertEqual(shown["kind_name"], "gone")
        events = self.env["service.quality.ticket.strip"]._events(ticket)
        self.assertIn("gone", [event["label"] for event in events])
        groups = row.formatted_read_group([("id", "=", row.id)], ["kind"], ["__count"])
        self.assertEqual([group["kind"] for group in groups], ["gone"])
        self.assertFalse(self.env["service.quality.ledger"]._differences(ticket.ids))

    def test_disposition(self):
        """What an unknown disposition meant is not known, and the call goes on."""
        call = self._handled().service_callback_ids
        self._save(call, "2026-03-02 10:30", "busy")
        self._leave(call.attempt_ids, "disposition", "gone")
        fields, shown = self._show(call.attempt_ids)
        self.assertIn(("gone", "gone"), fields["disposition"]["selection"])
        self.assertEqual(shown["disposition"], "gone")
        self.assertFalse(call.attempt_ids.outcome)
        [attempt] = call.with_user(self.caller).call_sheet()["attempts"]
        self.assertEqual(attempt["disposition"], "gone")

    def test_section_and_trigger_of_a_report(self):
        """Figures stand under the code of their section; what began it is shown so."""
        self._ticket("2026-03-02 08:00")
        with freeze_time("2026-04-01 08:00:00"):
            Report = self.env["service.quality.report"]
            report = Report.browse(Report.make("organisation", "month", "2026-03-01"))
        line = report.line_ids[0]
        self._leave(line, "section", "gone")
        self._leave(report, "trigger", "gone")
        fields, shown = self._show(report)
        self.assertIn(("gone", "gone"), fields["trigger"]["selection"])
        self.assertEqual(shown["trigger"], "gone")
        self.assertIn(">gone</h3>", report.page)
        with zipfile.ZipFile(io.BytesIO(report._content("xlsx"))) as book:
            self.assertIn(b">gone<", book.read("xl/sharedStrings.xml"))
        self.env.add_to_compute(line._fields["section_rank"], line)
        self.assertEqual(line.section_rank, max(report.line_ids.mapped("section_rank")))

    def test_subject(self):
        """A rule about what is unknown shows its code; reminders say what it was."""
        rule = self.env["service.quality.escalation"].search(
            [("subject", "=", "report")], limit=1
        )
        Reminder = self.env["service.quality.escalation.reminder"]
        step = rule.step_ids[0]
        reminder = Reminder.create(
            {
                "subject": "report",
                "res_model": "service.quality.report",
                "res_id": 1,
                "name": "Report of March",
                "due_date": "2026-04-10",
                "company_id": rule.company_id.id,
                "step_id": step.id,
                "recipient": step.recipient,
                "action": step.action,
                "fired_at": "2026-04-11 08:00:00",
                "outcome": "nobody",
            }
        )
        self._leave(rule, "subject", "gone")
        self._leave(reminder, "subject", "gone")
        self._leave(reminder, "res_model", "gone.model")
        fields, shown = self._show(rule)
        self.assertIn(("gone", "gone"), fields["subject"]["selection"])
        self.assertEqual(shown["subject"], "gone")
        rule.write({"sequence": 90, "subject": "gone"})
        _fields, shown = self._show(reminder)
        self.assertEqual(shown["subject"], "gone")
        self.assertEqual(shown["summary"], "Report of March")
        with self.assertRaisesRegex(UserError, "was deleted since"):
            reminder.action_open_record()

    def test_step(self):
        """A step of what is unknown shows its codes, and can be changed."""
        Rule = self.env["service.quality.escalation"]
        rule = Rule.search([("subject", "=", "promise")], limit=1)
        step, *others = rule.step_ids
        for name in ("trigger", "recipient", "action"):
            self._leave(step, name, "gone")
        fields, shown = self._show(step)
        for name in ("trigger", "recipient", "action"):
            self.assertIn(("gone", "gone"), fields[name]["selection"])
            self.assertEqual(shown[name], "gone")
        self.assertEqual(step.display_name, " · ".join(["gone"]))
        rule.subject = "promise"
        step.write({"sequence": 99, "active": False})
        self.assertTrue(others)
        step.action = "activity"
        self.assertEqual(step.display_name, "gone · Activity")
