import io
import logging
import statistics
import time
from pathlib import Path
from unittest.mock import patch

from PIL import Image, MpoImagePlugin

from odoo import http
from odoo.tests import tagged
from odoo.tools import SQL, config

from odoo.addons.service_quality_core.controllers.limits import THROTTLES
from odoo.addons.service_quality_core.tools.form_text import MOST_TEXT
from odoo.addons.service_quality_guest.controllers.form import MOST_FILE_BYTES
from odoo.addons.service_quality_guest.tests.guest_common import (
    ADDRESS,
    BROWSER,
    GuestCase,
)

from ..controllers.hotline import HotlineController
from .complaint_common import ComplaintCase

HOTLINE = "/service/hotline"
STATUS = "/service/hotline/receipt"
SCRIPT = "<script>alert('seen')</script>"

THROUGH_PROXY = {"X-Forwarded-For": ADDRESS, "X-Forwarded-Host": "127.0.0.1"}


def photo(size=(40, 30), kind="JPEG", camera="SpyCam 9000"):
    """Return an image that says with what it was taken, lying on its side."""
    exif = Image.Exif()
    exif[0x0110] = camera
    exif[0x0112] = 6
    content = io.BytesIO()
    Image.new("RGB", size, "#336699").save(content, kind, exif=exif)
    return content.getvalue()


class HotlineCase(ComplaintCase, GuestCase):
    """Somebody complains at the supervision hotline, and reads the answer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.path = f"{HOTLINE}/{cls.outlet.service_hotline_code}"
        cls.known = cls.env["helpdesk.ticket"].search([])

    def complain(self, text="The soup was cold", files=None, path=None, **values):
        """Send the form and return the page that comes, and the complaint, if any."""
        page = self.visit(path or self.path)
        done = self.send(page, {"text": text, **values}, files=files)
        return done, self.complaints()

    def complaints(self):
        return self.env["helpdesk.ticket"].search([]) - self.known

    def receipt(self, page):
        """Return what is typed in to look the answer up."""
        return {
            name: page.tree.get_element_by_id(name).text_content()
            for name in ("receipt", "secret")
        }

    def look_up(self, receipt):
        return self.send(self.visit(STATUS), receipt)


@tagged("post_install", "-at_install", "browser")
class TestHotlinePage(HotlineCase):
    """Regulation C2.3: everybody can reach the supervision hotline."""

    def test_complaint_about_an_outlet(self):
        """Regulation C2.3: each complaint goes at once to who answers for the place."""
        page, complaint = self.complain(about="place")
        self.assertEqual(self.title(page), "Thank you, we have it")
        self.assertEqual(len(complaint), 1)
        self.assertTrue(complaint.service_is_complaint)
        self.assertTrue(complaint.service_is_anonymous)
        self.assertTrue(complaint.service_is_report)
        self.assertEqual(complaint.service_about_team_id, self.outlet)
        self.assertEqual(complaint.service_complaint_state, "registered")
        self.assertIn("The soup was cold", complaint.description)
        self.assertFalse(complaint.partner_id)
        # those who work there are not to see it
        self.assertFalse(complaint.with_user(self.clerk).has_access("read"))

    def test_about_a_product(self):
        _page, complaint = self.complain(about="product", which="Soup")
        self.assertEqual(complaint.service_about_product, "Soup")

    def test_about_a_ticket(self):
        """Whether there is such a ticket is not told."""
        ticket = self._ticket()
        self.known |= ticket
        page, complaint = self.complain(about="ticket", which=ticket.number.lower())
        self.assertEqual(complaint.service_about_ticket_id, ticket)
        self.known |= complaint
        other, complaint = self.complain(about="ticket", which="%")
        self.assertFalse(complaint.service_about_ticket_id)
        self.assertIn("%", complaint.description)
        self.assertEqual(self.title(page), self.title(other))

    def test_about_a_person(self):
        """A report about a person is never seen by that person."""
        self.clerk.name = "Zebedee Quill"
        company = f"{HOTLINE}/{self.company.service_hotline_code}"
        _page, complaint = self.complain(
            path=company, about="person", which="Mr zebedee quill, at the desk"
        )
        self.assertEqual(complaint.service_about_user_id, self.clerk)
        self.assertFalse(complaint.with_user(self.clerk).has_access("read"))

    def test_about_a_person_whom_two_may_be(self):
        self.clerk.name = self.head.name = "Zebedee Quill"
        _page, complaint = self.complain(about="person", which="Zebedee Quill")
        self.assertFalse(complaint.service_about_user_id)
        self.assertIn("Zebedee Quill", complaint.description)

    def test_general_page(self):
        """Without a code it is the company's; an outlet that is named is found."""
        _page, complaint = self.complain(path=HOTLINE, about="place", which="outlet")
        self.assertEqual(complaint.company_id, self.company)
        self.assertEqual(complaint.service_about_team_id, self.outlet)

    def test_with_a_name(self):
        page, complaint = self.complain(
            anonymous="0", name="Eve", email="eve@else.example", phone="0123"
        )
        self.assertEqual(self.title(page), "Thank you, we have it")
        self.assertFalse(complaint.service_is_anonymous)
        self.assertEqual(
            (complaint.partner_name, complaint.partner_email, complaint.service_phone),
            ("Eve", "eve@else.example", "0123"),
        )

    def test_with_a_name_there_is_a_way_to_answer(self):
        for values in (
            {"name": "Eve"},
            {"email": "eve at else"},
            {"email": "x", "phone": "1"},
        ):
            with self.subTest(values):
                page, complaint = self.complain(anonymous="0", **values)
                self.assertEqual(page.status_code, 400)
                self.assertFalse(complaint)
                # the form comes back as it was
                form = dict(page.tree.forms[-1].form_values())
                self.assertEqual(form["anonymous"], "0")
                self.assertEqual(form["text"], "The soup was cold")

    def test_who_is_anonymous_is_so_whatever_was_typed(self):
        _page, complaint = self.complain(
            anonymous="1", name="Eve", email="eve@else.example", phone="0123"
        )
        self.assertFalse(
            complaint.partner_name or complaint.partner_email or complaint.service_phone
        )

    def test_hotline_number_on_form_and_receipt(self):
        """Regulation C2.3: the number is printed on every form and receipt."""
        self.head_office.service_hotline = "8800"
        self.assertIn("8800", self.words(self.visit(self.path)))
        page, _complaint = self.complain()
        self.assertIn("8800", self.words(page))

    def test_pressed_twice(self):
        """One form is one complaint, and its receipt is not lost."""
        form = self.visit(self.path)
        pages = [self.send(form, {"text": "Cold soup"}) for _time in range(2)]
        self.assertEqual(len(self.complaints()), 1)
        self.assertEqual(*map(self.receipt, pages))
        # another form is another complaint
        self.complain("Cold soup")
        self.assertEqual(len(self.complaints()), 2)

    def test_script_is_text(self):
        page, complaint = self.complain(SCRIPT, about="person", which=SCRIPT)
        self.assertNotIn("<script", complaint.description)
        self.assertIn("&lt;script&gt;", complaint.description)
        page = self.send(self.visit(self.path), {"text": SCRIPT, "csrf_token": ""})
        self.assertEqual(page.tree.get_element_by_id("text").text, SCRIPT)
        self.assertFalse(page.tree.xpath("//script"))

    # ------------------------------------------------------------------
    # Who should not get in
    # ------------------------------------------------------------------

    def test_nothing_to_say(self):
        page, complaint = self.complain(" \x00 ")
        self.assertEqual(page.status_code, 400)
        self.assertFalse(complaint)

    def test_forged(self):
        form = self.visit(self.path)
        for token in (None, "", "0o0", "x" * 60):
            page = self.send(form, {"text": "Cold", "csrf_token": token})
            self.assertEqual(page.status_code, 400)
        file = [("csrf_token", ("a", b"0"))]
        page = self.send(form, {"text": "Cold", "csrf_token": None}, files=file)
        self.assertEqual(page.status_code, 400)
        self.assertFalse(self.complaints())
        self.assertEqual(page.tree.get_element_by_id("text").text, "Cold")
        self.send(page, {})
        self.assertEqual(len(self.complaints()), 1, "nothing was lost")

    def test_machine(self):
        page, complaint = self.complain(website="https://spam.example")
        self.assertEqual(page.status_code, 400)
        self.assertFalse(complaint)

    def test_unknown_place(self):
        for code in ("XXXXXXXXXX", "1", "%", "%00", "_________", self.outlet.id):
            page = self.visit(f"{HOTLINE}/{code}")
            self.assertEqual(page.status_code, 404)
            self.assertNotIn("Outlet", page.text)

    def test_renewed_code(self):
        old = self.path
        self.outlet.with_user(self.chief).action_service_hotline_renew()
        self.assertEqual(self.visit(old).status_code, 404)
        new = f"{HOTLINE}/{self.outlet.service_hotline_code.lower()}"
        self.assertEqual(self.visit(new).status_code, 200)

    def test_limit(self):
        form = self.visit(self.path)
        with patch.object(THROTTLES["report"], "most", 3):
            codes = [
                self.send(form, {"text": "Cold", "key": f"{n:032x}"}).status_code
                for n in range(4)
            ]
        self.assertEqual(codes, [200, 200, 200, 429])
        self.assertEqual(len(self.complaints()), 3)

    def test_a_megabyte_of_text(self):
        page, complaint = self.complain("x" * 1_000_000)
        self.assertEqual(page.status_code, 400)
        self.assertFalse(complaint)
        self.assertIn("too long", self.words(page))
        self.assertEqual(len(page.tree.get_element_by_id("text").text), MOST_TEXT)

    def test_keys_are_ours(self):
        """A form cannot bring a receipt along that somebody else chose."""
        page, _complaint = self.complain(key="1")
        other, _complaint = self.complain(key="1")
        self.assertNotEqual(self.receipt(page), self.receipt(other))

    # ------------------------------------------------------------------
    # Attachments
    # ------------------------------------------------------------------

    def test_photo_is_cleaned(self):
        """Anonymous: a photo does not say with what, when and where it was taken."""
        raw = photo()
        self.assertIn(b"SpyCam", raw)
        _page, complaint = self.complain(
            files=[("files", ("of Zebedee.jpg", raw, "image/jpeg"))]
        )
        attachment = self.attachments(complaint)
        self.assertNotIn(b"SpyCam", attachment.raw)
        self.assertNotIn("Zebedee", attachment.name)
        image = Image.open(io.BytesIO(attachment.raw))
        self.assertFalse(image.getexif())
        self.assertEqual(image.size, (30, 40), "it stands upright")
        self.assertEqual(attachment.create_uid, self.env.ref("base.public_user"))

    def attachments(self, complaint):
        return self.env["ir.attachment"].search(
            [("res_model", "=", complaint._name), ("res_id", "in", complaint.ids)]
        )

    def test_all_kinds(self):
        kinds = ("JPEG", "PNG", "GIF")
        _page, complaint = self.complain(
            files=[("files", (kind, photo(kind=kind), "image/jpeg")) for kind in kinds]
        )
        self.assertEqual(
            set(self.attachments(complaint).mapped("mimetype")),
            {"image/jpeg", "image/png", "image/gif"},
        )

    def test_two_photos_in_one(self):
        """Some telephones put a second photo into the file; the first one is kept."""
        content = io.BytesIO()
        second = Image.new("RGB", (40, 30), "#993366")
        Image.new("RGB", (40, 30)).save(
            content,
            MpoImagePlugin.MpoImageFile.format,
            save_all=True,
            append_images=[second],
        )
        self.assertEqual(Image.open(content).format, "MPO")
        _page, complaint = self.complain(
            files=[("files", ("photo.jpg", content.getvalue(), "image/jpeg"))]
        )
        attachment = self.attachments(complaint)
        self.assertEqual(attachment.mimetype, "image/jpeg")
        self.assertEqual(Image.open(io.BytesIO(attachment.raw)).format, "JPEG")

    def test_a_hundred_attachments(self):
        page, complaint = self.complain(
            files=[("files", (f"{n}.jpg", b"x", "image/jpeg")) for n in range(100)]
        )
        self.assertEqual(page.status_code, 400)
        self.assertIn("at most 5 files", self.words(page))
        self.assertFalse(complaint)

    def test_what_is_no_photo(self):
        """It is what is in a file that counts, not what it is called."""
        page = "<html>" + SCRIPT
        svg = f"<svg xmlns='http://www.w3.org/2000/svg'>{SCRIPT}</svg>"
        for content in (page, svg, "MZ\x90", "%PDF-1.7 broken", "", "\xff\xd8\xff\xe0"):
            with self.subTest(content):
                page, complaint = self.complain(
                    files=[("files", ("photo.jpg", content, "image/jpeg"))]
                )
                self.assertEqual(page.status_code, 400)
                self.assertIn("cannot be read", self.words(page))
                self.assertFalse(complaint)

    def test_too_large(self):
        page, complaint = self.complain(
            files=[("files", ("a.jpg", b"x" * (MOST_FILE_BYTES + 1), "image/jpeg"))]
        )
        self.assertEqual(page.status_code, 400)
        self.assertIn("too large", self.words(page))
        self.assertFalse(complaint)

    def test_document_is_cleaned(self):
        """The pages of a document stay, not who wrote it."""
        content = io.BytesIO()
        Image.new("RGB", (40, 30)).save(content, "PDF", author="Zebedee Quill")
        self.assertIn("Zebedee".encode("utf-16-be"), content.getvalue())
        _page, complaint = self.complain(
            files=[("files", ("a.pdf", content.getvalue(), "application/pdf"))]
        )
        attachment = self.attachments(complaint)
        self.assertEqual(attachment.mimetype, "application/pdf")
        self.assertNotIn("Zebedee".encode("utf-16-be"), attachment.raw)
        self.assertNotIn(b"Author", attachment.raw)


@tagged("post_install", "-at_install", "browser")
class TestHotlineAnonymous(HotlineCase):
    """Anonymous means anonymous: after a real request there is nothing to find."""

    def setUp(self):
        super().setUp()
        self.startPatch(config.options, "proxy_mode", True)
        self.opener.headers.update(THROUGH_PROXY)
        self.lines = []
        handler = logging.Handler(logging.DEBUG)
        handler.emit = lambda record: self.lines.append(record.getMessage())
        logging.getLogger().addHandler(handler)
        self.addCleanup(logging.getLogger().removeHandler, handler)

    def startPatch(self, values, key, value):
        patcher = patch.dict(values, {key: value})
        patcher.start()
        self.addCleanup(patcher.stop)

    def test_the_address_counts(self):
        """The control: this is the address that we see."""
        seen = []
        count = HotlineController._count

        def spy(controller, kind):
            seen.append(http.request.httprequest.remote_addr)
            return count(controller, kind)

        with patch.object(HotlineController, "_count", spy):
            self.visit(self.path)
        self.assertEqual(seen, [ADDRESS])

    def test_nothing_in_the_database_says_who_it_was(self):
        watched = self._user("watched", "desk", name="Watched Person")
        self.authenticate("watched", "watched")
        self.opener.headers.update(THROUGH_PROXY | {"User-Agent": BROWSER})
        page, complaint = self.complain("Cold soup", anonymous="1")
        self.send(self.visit(STATUS), self.receipt(page) | {"action": None})
        self.env.flush_all()
        self.assertTrue(self._tables_with("Cold soup"), "the control")
        for trace in (ADDRESS, "GuestBrowser", self.receipt(page)["secret"]):
            self.assertEqual(self._tables_with(trace), [], trace)
        for record in (complaint, *complaint.message_ids):
            people = record.create_uid | record.write_uid
            self.assertNotIn(watched, people)
        self.assertNotIn(watched, complaint.service_event_ids.user_id)
        self.assertNotIn(watched.partner_id, complaint.message_partner_ids)

    def _tables_with(self, text):
        """Return the tables in which a text stands anywhere."""
        found = []
        tables = self.env.execute_query(
            SQL(
                "SELECT table_name FROM information_schema.tables "
                "WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            )
        )
        for (table,) in tables:
            row = SQL.identifier(table)
            [[count]] = self.env.execute_query(
                SQL(
                    "SELECT count(*) FROM %s WHERE %s::text LIKE %s",
                    row,
                    row,
                    f"%{text}%",
                )
            )
            if count:
                found.append(table)
        return found

    def test_nothing_in_sessions_says_who_it_was(self):
        started = time.time() - 1
        self.complain()
        for file in Path(http.root.session_store.path).rglob("*"):
            if file.is_file() and file.stat().st_mtime >= started:
                content = file.read_text(errors="replace")
                self.assertNotIn(ADDRESS, content)
                self.assertNotIn("GuestBrowser", content)

    def test_nothing_in_the_log_says_who_it_was(self):
        page, _complaint = self.complain()
        self.look_up(self.receipt(page))
        self.visit(f"{self.path}?lang=en_US&from=poster")
        self.visit("/service/hotline/")
        self.send(self.visit(self.path), {"text": "x", "csrf_token": "0"})
        self.url_open("/web/health")
        log = "\n".join(self.lines)
        self.assertIn("GET /web/health", log, "the control")
        self.assertIn('"POST /service/…" 200', log)
        told = [line for line in self.lines if "/web/health" not in line]
        for trace in (
            ADDRESS,
            "GuestBrowser",
            "poster",
            self.outlet.service_hotline_code,
            self.receipt(page)["receipt"],
        ):
            self.assertFalse([line for line in told if trace in line], trace)


@tagged("post_install", "-at_install", "browser")
class TestHotlineStatus(HotlineCase):
    """The complainant looks the answer up, and says whether it will do."""

    def setUp(self):
        super().setUp()
        page, self.complaint = self.complain()
        self.given = self.receipt(page)

    def answer(self):
        self.complaint.service_complaint_answer(
            f"<p>We warm it now</p>{SCRIPT}", "published"
        )

    def test_reads_the_answer(self):
        """Regulation C2.3: each one is answered, also where nobody knows to whom."""
        page = self.look_up(self.given)
        self.assertEqual(self.title(page), "Registered")
        self.assertIn("There is no answer yet", self.words(page))
        self.answer()
        page = self.look_up(self.given)
        self.assertEqual(self.title(page), "Answered")
        self.assertIn("We warm it now", self.words(page))
        self.assertNotIn("<script", page.text)

    def test_however_it_is_typed(self):
        typed = {name: f" {text.lower()} " for name, text in self.given.items()}
        self.assertEqual(self.title(self.look_up(typed)), "Registered")

    def test_accepts(self):
        self.answer()
        page = self.look_up(self.given)
        page = self.send_form(page, 0, {"action": "accept"})
        self.assertIn("You have accepted this answer", self.words(page))
        self.assertEqual(self.complaint.service_answer_verdict, "accepted")
        self.assertFalse(page.tree.xpath("//button[@value='accept']"))

    def test_refuses(self):
        self.answer()
        page = self.look_up(self.given)
        page = self.send_form(page, 1, {"action": "refuse", "words": " "})
        self.assertIn("write why", self.words(page))
        self.assertFalse(self.complaint.service_answer_verdict)
        page = self.send_form(page, 1, {"action": "refuse", "words": "Still cold"})
        self.assertEqual(self.complaint.service_complaint_state, "investigating")
        self.assertEqual(self.complaint.service_refusal, "Still cold")
        self.assertIn("not accept", self.words(page))

    def test_what_is_not_followed_up(self):
        """Nobody waits for an answer that will not come."""
        other = self._complaint(
            "2026-01-05 09:00:00",
            partner_id=False,  # of nobody known either
        )
        self.complaint.duplicate_id = other
        page = self.look_up(self.given)
        self.assertEqual(self.title(page), "Ended")
        self.assertIn("together with another report", self.words(page))
        self.assertNotIn(other.number, page.text)
        self.complaint.duplicate_id = False
        self.complaint.write(
            {
                "stage_id": self.stages["cancelled"].id,
                "service_cancel_reason": "Nothing in it",
            }
        )
        page = self.look_up(self.given)
        self.assertIn("We do not follow it up", self.words(page))
        self.assertNotIn("Nothing in it", page.text)

    def test_another_answer_follows(self):
        self.answer()
        self.complaint.service_complaint_refused("Still cold")
        words = self.words(self.look_up(self.given))
        self.assertIn("You will get another answer", words)
        self.assertNotIn("We warm it now", words)

    def test_adds_something(self):
        page = self.look_up(self.given)
        page = self.send_form(page, -1, {"action": "message", "words": SCRIPT})
        self.assertIn("Your message has reached us", self.words(page))
        message = self.complaint.message_ids[:1]
        self.assertIn("&lt;script&gt;", message.body)
        public = self.env.ref("base.public_user")
        self.assertEqual(message.author_id, public.partner_id)
        self.assertEqual(message.create_uid, public)

    def send_form(self, page, index, values):
        form = page.tree.forms[index]
        data = dict(form.form_values()) | values
        return self.visit(form.action, data=data)

    def test_nothing_to_accept_yet(self):
        data = self.given | {"action": "accept"}
        self.send(self.visit(STATUS), data)
        self.assertFalse(self.complaint.service_answer_verdict)

    # ------------------------------------------------------------------
    # Who should not get in
    # ------------------------------------------------------------------

    def test_wrong_receipts_look_alike(self):
        wrong = (
            {"receipt": self.given["receipt"], "secret": "AAAA-AAAA-AAAA"},
            {"receipt": "AAAA-AAAA", "secret": self.given["secret"]},
            {"receipt": "AAAA-AAAA", "secret": "AAAA-AAAA-AAAA"},
            {"receipt": self.complaint.number, "secret": self.given["secret"]},
            {"receipt": "%", "secret": "%"},
            {"receipt": "", "secret": ""},
            {"receipt": None, "secret": None},
        )
        pages = [self.look_up(given) for given in wrong]
        self.assertEqual({page.status_code for page in pages}, {403})
        self.assertEqual(len({self.words(page) for page in pages}), 1)

    def test_numbers_are_not_told_apart_by_time(self):
        """A number that is known takes as long as one that is not."""
        page = self.visit(STATUS)
        known = {"receipt": self.given["receipt"], "secret": "AAAA-AAAA-AAAA"}
        unknown = {"receipt": "AAAA-AAAA", "secret": "AAAA-AAAA-AAAA"}
        times = {"known": [], "unknown": []}
        with patch.object(THROTTLES["secret"], "most", 1000):
            for _round in range(30):
                for name, given in (("known", known), ("unknown", unknown)):
                    begin = time.perf_counter()
                    self.send(page, given)
                    times[name].append(time.perf_counter() - begin)
        medians = {name: statistics.median(taken) for name, taken in times.items()}
        spread = statistics.quantiles(times["unknown"], n=4)
        self.assertLess(
            abs(medians["known"] - medians["unknown"]),
            max(0.002, spread[2] - spread[0]),
        )

    def test_limited_tries(self):
        page = self.visit(STATUS)
        wrong = {"receipt": "AAAA-AAAA", "secret": "AAAA-AAAA-AAAA"}
        most = THROTTLES["secret"].most
        codes = [self.send(page, wrong).status_code for _try in range(most + 1)]
        self.assertEqual(codes, [403] * most + [429])
        self.assertEqual(self.send(page, self.given).status_code, 429)

    def test_forged(self):
        page = self.send(self.visit(STATUS), self.given | {"csrf_token": "0"})
        self.assertEqual(page.status_code, 400)
        self.assertNotIn("Registered", self.words(page))

    def test_by_address_alone(self):
        page = self.visit(
            f"{STATUS}?{'&'.join(f'{k}={v}' for k, v in self.given.items())}"
        )
        self.assertEqual(self.title(page), "Read the answer")
        self.assertNotIn("Registered", self.words(page))

    def test_long_message(self):
        data = self.given | {"action": "message", "words": "x" * 1_000_000}
        before = self.complaint.message_ids
        page = self.send(self.visit(STATUS), data)
        self.assertIn("too long", self.words(page))
        self.assertEqual(self.complaint.message_ids, before)
