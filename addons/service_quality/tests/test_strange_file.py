import base64
import io
import struct
import zlib

from PIL import Image

from odoo.tests import tagged

from ..controllers.guest import THROTTLES
from .test_hotline_page import HotlineCase
from .test_portal_complaint import PortalCase


def bomb(side=7_745):
    """Return a PNG of some 60 kB which is 60 million points."""

    def chunk(kind, body):
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes(side * (side + 1)), 9)
    parts = chunk(b"IHDR", head), chunk(b"IDAT", body), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def tree():
    """Return a document of 1 kB whose tree of pages has a million leaves."""
    kids = "{0} 0 obj << /Type /Pages /Count 9 /Kids [{1} 0 R {1} 0 R] >> endobj\n"
    nodes = [kids.format(number, number + 1) for number in range(2, 22)]
    return (
        "%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n"
        + "".join(nodes)
        + "22 0 obj << /Type /Page /MediaBox [0 0 9 9] >> endobj\n"
        + "trailer << /Size 23 /Root 1 0 R >>\nstartxref\n0\n%%EOF"
    ).encode()


BAD = {"too many pixels": bomb, "takes too much to read": tree}


@tagged("post_install", "-at_install", "browser")
class TestStrangeFileHotline(HotlineCase):
    """A stranger's file that is made to stop the server gets a sentence."""

    def test_refused_with_what_to_do(self):
        for said, make in BAD.items():
            with self.subTest(said):
                page, complaint = self.complain(files=[("files", ("a", make()))])
                self.assertEqual(page.status_code, 400)
                self.assertIn(said, self.words(page))
                self.assertFalse(complaint)


@tagged("post_install", "-at_install", "browser")
class TestStrangeFilePortal(PortalCase):
    """Customers send files, too: with a complaint, a ticket, and a message."""

    def test_refused_with_what_to_do(self):
        known = self.env["helpdesk.ticket"].search([])
        for said, make in BAD.items():
            with self.subTest(said):
                self.open("ann")
                page = self.visit(f"{self.path}/complain")
                files = [("files", ("a", make()))]
                page = self.submit(page, "/complain", {"text": "Slow"}, files=files)
                self.assertIn(said, self.words(page))
                self.assertEqual(self.env["helpdesk.ticket"].search([]), known)

    def test_limited_complaints(self):
        """A customer's complaints are limited as the hotline's are."""
        throttle = THROTTLES["report"]
        self.patch(throttle, "most", 2)
        self.open("ann")
        page = self.visit(f"{self.path}/complain")
        codes = [
            self.submit(page, "/complain", {"text": ""}).status_code for _time in "123"
        ]
        self.assertEqual(codes, [400, 400, 429])

    def test_with_a_ticket(self):
        """The form for tickets is not ours; its pictures are not opened either."""
        page = self.open("ann", "/new/ticket")
        files = [("attachment", ("a.png", bomb())), ("attachment", ("a.pdf", tree()))]
        self.submit(page, "/submitted/ticket", {"subject": "Bomb"}, files=files)
        ticket = self.env["helpdesk.ticket"].search([("name", "=", "Bomb")])
        kept = self.env["ir.attachment"].search(
            [("res_model", "=", "helpdesk.ticket"), ("res_id", "=", ticket.id)]
        )
        self.assertEqual(
            {(file.name, file.mimetype) for file in kept},
            {("a.png", "application/octet-stream"), ("a.pdf", "application/pdf")},
        )
        document = kept.filtered(lambda file: file.name == "a.pdf")
        response = self.url_open(f"/mail/attachment/pdf_first_page/{document.id}")
        self.assertIn(response.status_code, (404, 415))
        self.authenticate("admin", "admin")
        response = self.url_open(f"/mail/attachment/pdf_first_page/{document.id}")
        self.assertEqual(response.status_code, 415)

    def test_large_photo_is_drawn_smaller(self):
        """A photo of 48 million points is still a photo that is shown."""
        output = io.BytesIO()
        Image.new("L", (8000, 6000), 90).save(output, "JPEG")
        for content in (
            {"raw": output.getvalue()},
            {"datas": base64.b64encode(output.getvalue())},
        ):
            photo = self.env["ir.attachment"].create({"name": "a.jpg"} | content)
            self.assertEqual(photo.mimetype, "image/jpeg")
            self.assertLessEqual(max(Image.open(io.BytesIO(photo.raw)).size), 1920)
            photo.write({"raw": bomb()})
            self.assertEqual(photo.mimetype, "application/octet-stream")
