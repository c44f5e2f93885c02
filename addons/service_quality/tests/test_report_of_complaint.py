import io
import zipfile

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.service_quality_report.tests.report_common import ReportCase


@tagged("post_install", "-at_install")
class TestReportOfComplaint(ReportCase):
    """What a report says of a complaint that is hidden from some of its readers."""

    def test_a_confidential_complaint_is_counted_and_not_listed(self):
        """Whom a complaint is about reads the same page as everybody."""
        late = self._ticket(
            "2026-03-03 09:00:00", type_id=self.incident.id, service_is_complaint=True
        )
        report = self._make("customer", self.agreement)
        self.assertIn(late.number, report.page)
        late.service_about_user_id = self.quality
        report.invalidate_recordset()
        for reader in (self.env.user, self.quality):
            seen = report.with_user(reader)
            self.assertNotIn(late.number, seen.page)
            with zipfile.ZipFile(io.BytesIO(seen._content("xlsx"))) as book:
                texts = b"".join(map(book.read, book.namelist()))
            self.assertNotIn(late.number.encode(), texts)
        line = report.line_ids.filtered(lambda line: line.section == "target")
        self.assertEqual(sum(line.mapped("denominator")), 1)

    def test_complaints_and_bad_calls_are_listed(self):
        """Each addon tells its own; a complaint that is kept from some is counted."""
        ticket = self._handle("2026-03-03 09:00:00", "2026-03-03 10:00:00")
        call = self.env["service.quality.callback"].search(
            [("ticket_id", "=", ticket.id)]
        )
        with freeze_time("2026-03-03 12:00:00"):
            call.save_call(
                "completed",
                [
                    {
                        "callback_id": call.id,
                        "solved": "partly",
                        "satisfaction": "3",
                        "comment": "It is worse",
                        "reopen": True,
                    }
                ],
                number="+86 21 5555 0100",
                note="Of the reception",
            )
        with freeze_time("2026-03-04 09:00:00"):
            open_one, hidden = (
                self._ticket(
                    service_is_complaint=True,
                    service_severity="important",
                    partner_id=self.contact.id,
                )
                for _place in range(2)
            )
        hidden.service_about_user_id = self.staff
        report = self._make()
        page = report.page
        for text in (open_one.number, self.acme.name, "It is worse", ticket.number):
            self.assertIn(text, page)
        self.assertNotIn(hidden.number, page)
        self.assertIn("kept confidential", page)
