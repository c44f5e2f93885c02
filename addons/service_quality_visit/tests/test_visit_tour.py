from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.base.models.ir_actions_report import IrActionsReport

from .test_visit import VisitCase


@tagged("post_install", "-at_install", "browser")
class TestVisitTour(VisitCase, HttpCase):
    browser_size = "390x844"
    touch_enabled = True

    def setUp(self):
        super().setUp()
        # a test prints HTML unless it is told to print a page
        render = IrActionsReport._render_qweb_pdf
        self.patch(
            IrActionsReport,
            "_render_qweb_pdf",
            lambda report, *args, **kwargs: render(
                report.with_context(force_report_rendering=True), *args, **kwargs
            ),
        )

    def test_an_engineer_arrives_works_and_has_the_sheet_signed(self):
        """Regulation A3.6.1: the journey of a visit, on a phone of 390 pixels."""
        self.acme.write({"street": "1 Main Street", "city": "Shanghai"})
        self.contact.phone = "+86 21 5550-1035"
        opened = fields.Datetime.now() - timedelta(hours=2)
        ticket = self._ticket(opened, name="Tour: no dial tone")
        ticket.user_id = self.engineer
        self.engineer.password = "engineer"
        self.start_tour(
            "/odoo/my-visits", "service_quality_visit_tour", login="engineer"
        )
        self.env.invalidate_all()
        visit = ticket.service_visit_ids
        self.assertEqual((visit.state, visit.user_id), ("signed", self.engineer))
        self.assertEqual(visit.work_done, "Line card replaced, dial tone is back")
        part = visit.part_ids
        self.assertEqual(
            (part.name, part.serial, part.place), ("Line card", "LC-77", "Van 3")
        )
        self.assertEqual(visit.photo_ids.mimetype, "image/jpeg")
        sheet = visit.sheet_id
        self.assertEqual(sheet.signed_name, "Ann Smith")
        self.assertTrue(sheet._content().startswith(b"%PDF-"), "a page, not its HTML")
        self.assertTrue(sheet.is_intact)
        self.assertAgrees(ticket)
