from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..guest.guest_common import GuestCase
from .complaint_common import ComplaintCase
from .test_hotline_page import photo

SCRIPT = "<script>alert('seen')</script>"

CONTENT = {"solved": "yes", "satisfaction": "4"}


class PortalCase(ComplaintCase, GuestCase):
    """Ann of Acme had a ticket; Bob works at Acme too, Eve elsewhere."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact.name = "Ann of Acme"
        cls.ann = cls._portal_user("ann", cls.contact)
        cls.bob, cls.eve = cls.env["res.partner"].create(
            [
                {"name": "Bob", "parent_id": cls.acme.id, "email": "bob@acme.example"},
                {
                    "name": "Eve",
                    "parent_id": cls.globex.id,
                    "email": "eve@globex.example",
                },
            ]
        )
        cls._portal_user("bob", cls.bob)
        cls._portal_user("eve", cls.eve)
        cls.ticket = cls._ticket(
            service_opened_at=fields.Datetime.now() - timedelta(hours=2),
            team_id=cls.outlet.id,
        )
        cls.path = f"/my/ticket/{cls.ticket.id}"

    @classmethod
    def _portal_user(cls, login, partner):
        return cls.env["res.users"].create(
            {
                "login": login,
                "password": login,
                "partner_id": partner.id,
                "group_ids": cls.env.ref("base.group_portal").ids,
            }
        )

    def open(self, login=None, path=None):
        """Open the page of the ticket, as somebody or as nobody."""
        self.authenticate(login, login)
        return self.visit(path or self.path)

    def form(self, page, end):
        """Return the form of a page that is sent to an address with this end."""
        found = [form for form in page.tree.forms if form.action.endswith(end)]
        return found[0] if found else None

    def submit(self, page, end, values, **options):
        form = self.form(page, end)
        data = dict(form.form_values()) | values
        return self.visit(form.action, data=data, **options)

    def forge(self, path, login, **values):
        """Send a form that the page does not show, with a good token."""
        page = self.open(login, "/my/tickets")
        token = page.tree.xpath("//input[@name='csrf_token']/@value")[0]
        return self.visit(path, data=values | {"csrf_token": token})


@tagged("post_install", "-at_install", "browser")
class TestPortalFollowUp(PortalCase):
    """Regulation A5.1.2: the customer can also answer in the portal."""

    def setUp(self):
        super().setUp()
        self.ticket.stage_id = self.stages["resolved"]
        self.call = self.ticket.service_callback_ids

    def test_answers(self):
        page = self.open("ann")
        done = self.submit(page, "follow-up#service_follow_up", CONTENT)
        answer = self.call.answer_ids
        self.assertEqual((answer.solved, answer.channel), ("yes", "portal"))
        self.assertIn("Thank you for your answer", self.words(done))
        self.assertFalse(self.form(done, "follow-up#service_follow_up"))

    def test_with_the_link_to_the_ticket(self):
        token = self.ticket._portal_ensure_token()
        page = self.open(None, f"{self.path}?access_token={token}")
        self.submit(page, "follow-up#service_follow_up", CONTENT)
        self.assertEqual(self.call.answer_ids.channel, "portal")

    def test_incomplete(self):
        page = self.submit(
            self.open("ann"), "follow-up#service_follow_up", {"comment": "Hm"}
        )
        self.assertEqual(page.status_code, 400)
        self.assertIn("whether it was solved", self.words(page))
        self.assertEqual(page.tree.get_element_by_id("service_comment").text, "Hm")

    # ------------------------------------------------------------------
    # Who should not get in
    # ------------------------------------------------------------------

    def test_others_are_not_asked(self):
        for login in ("bob", "eve"):
            with self.subTest(login):
                page = self.open(login)
                self.assertFalse(self.form(page, "follow-up#service_follow_up"))
                self.forge(f"{self.path}/follow-up", login, **CONTENT)
                self.assertFalse(self.call.answer_ids)

    def test_nobody(self):
        self.authenticate(None, None)
        login = self.visit("/web/login")
        token = login.tree.xpath("//input[@name='csrf_token']/@value")[0]
        for access in ({}, {"access_token": "x"}, {"access_token": ""}):
            data = CONTENT | access | {"csrf_token": token}
            self.visit(f"{self.path}/follow-up", data=data)
        self.assertFalse(self.call.answer_ids)

    @mute_logger("odoo.http")
    def test_forged(self):
        self.open("ann")
        page = self.visit(f"{self.path}/follow-up", data=CONTENT)
        self.assertEqual(page.status_code, 400)
        self.assertFalse(self.call.answer_ids)

    def test_once(self):
        page = self.open("ann")
        self.submit(page, "follow-up#service_follow_up", CONTENT)
        self.submit(
            page, "follow-up#service_follow_up", {"solved": "no", "satisfaction": "1"}
        )
        self.assertEqual(self.call.answer_ids.solved, "yes")

    def test_not_for_ever(self):
        with freeze_time(fields.Datetime.now() + timedelta(days=31)):
            self.assertFalse(self.ticket._service_portal_call(self.contact))
        self.assertEqual(self.ticket._service_portal_call(self.contact), self.call)


@tagged("post_install", "-at_install", "browser")
class TestPortalComplaint(PortalCase):
    """Complain about one's own ticket, see what becomes of it, take the answer."""

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
