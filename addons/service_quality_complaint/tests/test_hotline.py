import base64
import io

from PIL import Image

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .complaint_common import ComplaintCase

KEY = "0123456789abcdef0123456789abcdef"


@tagged("post_install", "-at_install")
class TestHotline(ComplaintCase):
    """Regulation C2.3: each company and outlet has a hotline of its own."""

    def place(self, code):
        return self.env["service.quality.hotline"]._service_hotline_place(code)

    def test_code_leads_to_its_place(self):
        self.assertEqual(self.place(self.outlet.service_hotline_code), self.outlet)
        self.assertEqual(self.place(self.company.service_hotline_code), self.company)
        self.assertIn(self.outlet.service_hotline_code, self.outlet.service_hotline_url)

    def test_other_codes_lead_nowhere(self):
        self.centre.active = False
        gone = self.centre.service_hotline_code
        for code in (gone, "", None, False, 0, "%", "__________", self.outlet.name):
            with self.subTest(code):
                self.assertFalse(self.place(code))

    def test_codes_are_drawn(self):
        """A code says nothing of how many there are, and is no one else's."""
        places = self.outlet | self.head_office | self.centre | self.outlet.copy()
        codes = places.mapped("service_hotline_code")
        self.assertEqual(len(set(codes)), 4)
        self.assertEqual({len(code) for code in codes}, {10})

    def test_code_stays(self):
        code = self.outlet.service_hotline_code
        self.outlet.name = "Outlet on the corner"
        self.env.flush_all()
        self.assertEqual(self.outlet.service_hotline_code, code)

    def test_who_renews_the_code(self):
        """Old notices lead nowhere then, so that it is not for everybody."""
        code = self.outlet.service_hotline_code
        for user in (self.clerk, self.head, self.expert):
            with self.assertRaises(AccessError):
                self.outlet.with_user(user).action_service_hotline_renew()
        self.assertEqual(self.outlet.service_hotline_code, code)
        self.outlet.with_user(self.inspector).action_service_hotline_renew()
        self.assertNotEqual(self.outlet.service_hotline_code, code)
        self.assertFalse(self.place(code))

    def test_picture_of_the_code(self):
        content = base64.b64decode(self.outlet.service_hotline_qr)
        image = Image.open(io.BytesIO(content))
        self.assertEqual(image.format, "PNG")
        self.assertGreaterEqual(image.width, 200)

    def test_nearest_number(self):
        self.company.service_hotline = "12315"
        self.head_office.service_hotline = "8800"
        self.assertEqual(self.outlet._service_hotline_number(), "8800")
        self.assertEqual(self.centre._service_hotline_number(), "12315")
        self.assertEqual(self.company._service_hotline_number(), "12315")
        self.company.service_hotline = False
        self.assertEqual(self.centre._service_hotline_number(), "")

    def test_notice(self):
        """The notice that hangs in the outlet has number, code and address."""
        self.company.service_hotline = "12315"
        for place in (self.outlet, self.company):
            action = place.action_service_hotline_notice()
            html, _type = self.env["ir.actions.report"]._render_qweb_html(
                action["report_name"], place.ids
            )
            text = html.decode()
            self.assertIn(place.name, text)
            self.assertIn("12315", text)
            self.assertIn(place.service_hotline_url, text)
            self.assertIn("data:image/png;base64,", text)

    # ------------------------------------------------------------------
    # Receipt
    # ------------------------------------------------------------------

    def test_receipt_comes_from_the_form(self):
        """The same form has the same receipt, and nothing of it is guessed."""
        Ticket = self.env["helpdesk.ticket"]
        receipt = Ticket._service_receipt_of_form(KEY)
        self.assertEqual(Ticket._service_receipt_of_form(KEY), receipt)
        self.assertEqual((len(receipt["receipt"]), len(receipt["secret"])), (8, 12))
        other = Ticket._service_receipt_of_form(KEY[:-1] + "0")
        self.assertFalse(set(receipt.values()) & set(other.values()))
        self.env["ir.config_parameter"].set_param("database.secret", "another")
        self.assertNotEqual(Ticket._service_receipt_of_form(KEY), receipt)

    def test_secret_is_not_stored(self):
        Ticket = self.env["helpdesk.ticket"]
        receipt = Ticket._service_submit_form({"subject": "Rude"}, [], KEY)
        complaint = Ticket._service_complaint_by_receipt(**receipt)
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT helpdesk_ticket::text FROM helpdesk_ticket WHERE id = %s",
            [complaint.id],
        )
        row = self.env.cr.fetchone()[0]
        self.assertIn(receipt["receipt"], row)
        self.assertNotIn(receipt["secret"], row)
        self.assertNotIn(KEY, row)

    # ------------------------------------------------------------------
    # Whom it is about
    # ------------------------------------------------------------------

    def about(self, place, about, which):
        given = {"about": about, "which": which}
        company = self.company
        tickets = self.env["helpdesk.ticket"]
        return tickets._service_hotline_about(place, company, given)

    def test_the_longest_name_counts(self):
        self.head.name, self.clerk.name = "Li Na", "Li Na Zhang"
        found = self.about(self.company, "person", "I mean li na zhang!")
        self.assertEqual(found, {"about_user_id": self.clerk.id, "unclear": True})

    def test_customers_are_not_looked_for(self):
        found = self.about(self.company, "person", self.contact.name)
        self.assertEqual(found, {"about_user_id": False, "unclear": True})

    def test_a_letter_is_no_name(self):
        self.head.name = "Y"
        found = self.about(self.company, "person", "Yesterday")
        self.assertEqual(found, {"about_user_id": False, "unclear": True})

    def test_tickets_of_others_are_not_found(self):
        other = self.env["res.company"].create({"name": "Other"})
        ticket = self._ticket(company_id=other.id, team_id=False)
        self.assertEqual(ticket.company_id, other)
        found = self.about(self.company, "ticket", ticket.number)
        self.assertEqual(found, {"unclear": True})
