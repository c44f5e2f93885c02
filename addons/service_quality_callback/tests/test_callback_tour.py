from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .callback_common import CallbackCase


@tagged("post_install", "-at_install", "browser")
class TestNextCallTour(CallbackCase, HttpCase):
    def test_ten_customers_by_keyboard(self):
        """Regulation A3.5.2: the desk calls back ten customers, without the mouse."""
        self.env.company.write({"service_call_from": 0, "service_call_to": 24})
        self.rule._enter_house_rules(fields.Datetime.now() - timedelta(days=30))
        now = fields.Datetime.now()
        customers = self.env["res.partner"].create(
            [
                {"name": f"Tour {number:02}", "phone": f"+49 30 {number:02}"}
                for number in range(1, 11)
            ]
        )
        calls = self.env["service.quality.callback"]
        for number, customer in enumerate(customers):
            handled = now - timedelta(hours=12) + timedelta(minutes=number)
            ticket = self._handled(handled, partner_id=customer.id)
            calls += ticket.service_callback_ids
        second = self._handled(
            now - timedelta(hours=11), partner_id=customers[8].id, name="Printer"
        ).service_callback_ids
        customers[9].phone = False  # taken out since
        self._user("tour_caller", "desk", password="tour_caller", tz="UTC")
        self.start_tour(
            "/odoo/next-call", "service_quality_next_call_tour", login="tour_caller"
        )
        self.env.invalidate_all()
        self.assertEqual(
            calls.mapped("result"),
            ["completed"] * 4 + ["refused", False] + ["completed"] * 3 + [False],
        )
        self.assertEqual(
            calls.mapped("satisfaction"),
            ["5", "4", "1", "4", False, False, "5", "3", "5", False],
        )
        self.assertEqual(second.result, "completed", "asked about in the same call")
        self.assertEqual(calls[2].ticket_id.stage_id._service_phase(), "active")
        self.assertEqual(calls[2].comment, "Dead again at noon")
        self.assertIn("follow up", calls[3].ticket_id.activity_ids.mapped("summary")[0])
        self.assertEqual(customers[6].phone, "+49 30 777")
        self.assertEqual(calls[6].attempt_count, 2)
        self.assertEqual(calls[9].attempt_ids.mapped("number"), ["+49 30 1010"])
        self.assertEqual(customers[9].phone, "+49 30 1010", "kept at the contact")
        self.assertTrue(calls[7].wants_manager)
        self.assertTrue(calls[5].next_call_at > now, "tried again later")
        self.assertConsistent(calls.ticket_id)
