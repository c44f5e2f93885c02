from lxml import html

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.service_quality_visit.tests.test_visit import VisitCase

REPORT = "service_quality_visit.service_quality_visit_report"


@tagged("post_install", "-at_install", "security")
class TestVisitComplaint(VisitCase):
    """Visits of complaints are hidden with them, and sheets print the hotline."""

    def _words(self, visit):
        report = self.env["ir.actions.report"].with_user(self.desk)
        content, _type = report._render_qweb_html(REPORT, visit.ids)
        return " ".join(html.fromstring(content).text_content().split())

    def test_the_hotline_of_the_team_or_company(self):
        """Regulation C2.3: the supervision hotline stands on the sheet."""
        visit = self._arrive()
        self.ticket.company_id.service_hotline = False
        self.assertNotIn("hotline", self._words(visit))
        self.ticket.company_id.service_hotline = "400-800-1234"
        self.assertIn("400-800-1234", self._words(visit))
        self.team.service_hotline = "400-800-5678"
        self.assertIn("400-800-5678", self._words(visit))

    def test_whom_a_complaint_is_about_sees_nothing_of_its_visits(self):
        """Regulation C2.3: a report about somebody stays hidden from them."""
        visit = self._arrive()
        self.as_(self.engineer, visit).save_work("Fan", [{"name": "Fan"}])
        sheet = self._sign(visit)
        person = self._user("visit_quality", "quality")
        records = (visit, visit.part_ids, sheet)
        self.assertTrue(all(r.with_user(person).has_access("read") for r in records))
        self.ticket.write(
            {"service_is_complaint": True, "service_about_user_id": person.id}
        )
        self.env.invalidate_all()
        for record in records:
            own = record.with_user(person)
            self.assertFalse(own.has_access("read"), record._name)
            self.assertFalse(own.search([("id", "in", record.ids)]), record._name)
        with self.assertRaises(ValidationError):
            self.visits.create({"ticket_id": self.ticket.id, "user_id": person.id})
