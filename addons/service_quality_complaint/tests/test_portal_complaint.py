from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_quality_core.tests.portal_common import PortalCase

from .complaint_common import ComplaintCase
from .test_hotline_page import photo

SCRIPT = "<script>alert('seen')</script>"


class PortalComplaintCase(ComplaintCase, PortalCase):
    """Ann's ticket was handled by the outlet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket.team_id = cls.outlet


@tagged("post_install", "-at_install", "browser")
class TestPortalComplaint(PortalComplaintCase):
    """Customers complain about their own tickets, and see what becomes of it."""

    def setUp(self):
        super().setUp()
        self.known = self.env["helpdesk.ticket"].search([])

    def complaints(self):
        return self.env["helpdesk.ticket"].search([]) - self.known

    def complain(self, login="ann", text="Nobody came", **options):
        page = self.open(login)
        href = page.tree.xpath("//a[contains(., 'Complain about this')]/@href")[0]
        page = self.visit(href)
        done = self.submit(page, "/complain", {"text": text}, **options)
        return done, self.complaints()

    def test_complains(self):
        """Regulation C2.3: a complaint that is born in the portal."""
        page, complaint = self.complain()
        self.assertTrue(complaint.service_is_complaint)
        self.assertEqual(complaint.partner_id, self.contact)
        self.assertEqual(complaint.service_about_ticket_id, self.ticket)
        self.assertIn("Nobody came", complaint.description)
        self.assertIn(self.contact, complaint.message_partner_ids)
        self.assertTrue(complaint.service_notice_ids or complaint.team_id)
        # the page of the complaint, and the way to it
        self.assertIn(f"/my/ticket/{complaint.id}", page.url)
        self.assertIn("There is no answer yet", self.words(page))
        self.assertIn(
            f"Your complaint {complaint.number}", self.words(self.open("ann"))
        )
        self.assertNotIn("Complain about this", self.words(page))

    def test_pressed_twice(self):
        self.open("ann")
        page = self.visit(f"{self.path}/complain")
        pages = [self.submit(page, "/complain", {"text": "Slow"}) for _time in range(2)]
        self.assertEqual(len(self.complaints()), 1)
        self.assertEqual(pages[0].url, pages[1].url)

    def test_with_a_photo(self):
        _page, complaint = self.complain(
            files=[("files", ("hole.jpg", photo(), "image/jpeg"))]
        )
        self.assertEqual(len(complaint.attachment_ids), 1)

    def test_answer_is_read_and_accepted(self):
        _page, complaint = self.complain()
        complaint.service_complaint_answer(f"<p>Sorry</p>{SCRIPT}")
        page = self.open("ann", f"/my/ticket/{complaint.id}")
        self.assertIn("Sorry", self.words(page))
        self.assertNotIn("alert('seen')", page.text)
        page = self.submit(
            page, "complaint/reply#service_complaint", {"action": "accept"}
        )
        self.assertIn("You have accepted this answer", self.words(page))
        self.assertEqual(complaint.service_answer_verdict, "accepted")

    def test_answer_is_refused(self):
        _page, complaint = self.complain()
        complaint.service_complaint_answer("<p>Sorry</p>")
        page = self.open("ann", f"/my/ticket/{complaint.id}")
        end = "complaint/reply#service_complaint"
        page = self.submit(page, end, {"action": "refuse", "words": " "})
        self.assertEqual(page.status_code, 400)
        self.assertIn("write why", self.words(page))
        page = self.submit(page, end, {"action": "refuse", "words": "Not so"})
        self.assertEqual(complaint.service_refusal, "Not so")
        self.assertEqual(complaint.service_complaint_state, "investigating")
        self.assertIn("You have not accepted our answer", self.words(page))

    def test_what_is_shown(self):
        """No names, no severity, no words of the house."""
        _page, complaint = self.complain()
        complaint.write(
            {
                "service_root_cause": "Nobody was on duty",
                "service_handling": "Spoke to the head",
                "user_id": False,
            }
        )
        complaint.service_complaint_investigate()
        page = self.open("ann", f"/my/ticket/{complaint.id}")
        step = page.tree.xpath("//li[@aria-current]")[0]
        self.assertEqual(step.text_content().strip(), "Investigating")
        for hidden in ("on duty", "Spoke", self.head.name, "Minor"):
            self.assertNotIn(hidden, self.words(page))

    # ------------------------------------------------------------------
    # Who should not get in
    # ------------------------------------------------------------------

    def test_the_list_is_there(self):
        """Customers may not ask by the fields that hide complaints from staff."""
        page = self.open("ann", "/my/tickets")
        self.assertIn(self.ticket.number, page.text)
        self.assertNotIn(self.ticket.number, self.open("eve", "/my/tickets").text)

    def test_strangers(self):
        for path in (self.path, f"{self.path}/complain"):
            page = self.open("eve", path)
            self.assertTrue(page.url.endswith("/my") or page.url.endswith("/my/home"))
        self.forge(f"{self.path}/complain", "eve", text="Spite")
        self.assertFalse(self.complaints())

    def test_nobody(self):
        page = self.open(None, f"{self.path}/complain")
        self.assertIn("/web/login", page.url)
        # with the link to the ticket there is the hotline
        token = self.ticket._portal_ensure_token()
        page = self.open(None, f"{self.path}?access_token={token}")
        [href] = page.tree.xpath("//a[contains(., 'Complain about this')]/@href")
        self.assertEqual(self.visit(href).status_code, 200)

    @mute_logger("odoo.http")
    def test_forged(self):
        self.open("ann")
        page = self.visit(f"{self.path}/complain", data={"text": "Slow"})
        self.assertEqual(page.status_code, 400)
        self.assertFalse(self.complaints())

    def test_another_does_not_accept_it(self):
        _page, complaint = self.complain()
        complaint.service_complaint_answer("<p>Sorry</p>")
        path = f"/my/ticket/{complaint.id}"
        page = self.open("bob", path)
        self.assertIn("Sorry", self.words(page), "a colleague may read it")
        self.assertFalse(self.form(page, "complaint/reply#service_complaint"))
        for login in ("bob", "eve"):
            self.forge(f"{path}/complaint/reply", login, action="accept")
            self.assertFalse(complaint.service_answer_verdict)

    def test_nothing_to_accept_yet(self):
        _page, complaint = self.complain()
        path = f"/my/ticket/{complaint.id}/complaint/reply"
        self.forge(path, "ann", action="accept")
        self.forge(f"{self.path}/complaint/reply", "ann", action="accept")
        self.assertFalse(complaint.service_answer_verdict)

    def test_limits(self):
        photos = [("files", (f"{n}.jpg", b"x", "image/jpeg")) for n in range(100)]
        for options, said in (
            ({"text": "x" * 1_000_000}, "too long"),
            ({"text": " "}, "write what happened"),
            ({"files": photos}, "at most 5 files"),
            ({"files": [("files", ("a.jpg", SCRIPT))]}, "cannot be read"),
        ):
            with self.subTest(said):
                page, complaint = self.complain(**options)
                self.assertEqual(page.status_code, 400)
                self.assertIn(said, self.words(page))
                self.assertFalse(complaint)

    def test_script_is_text(self):
        page, complaint = self.complain(text=SCRIPT)
        self.assertIn("&lt;script&gt;", complaint.description)
        self.assertIn(SCRIPT, self.words(page))
