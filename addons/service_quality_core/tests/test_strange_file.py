import base64
import io

from PIL import Image

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..controllers.limits import THROTTLES
from .portal_common import PortalCase
from .strange_files import bomb, scans, tree


@tagged("post_install", "-at_install", "browser")
class TestStrangeFilePortal(PortalCase):
    """Customers send files, too: with a ticket, and a message."""

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

    def upload(self, **files):
        """Return what is said to a customer who attaches files to a message."""
        data = {"thread_id": self.ticket.id, "thread_model": "helpdesk.ticket"}
        return self.url_open(
            "/mail/attachment/upload",
            data=data | {"csrf_token": self.token},
            files=files,
        ).status_code

    def test_limited_messages(self):
        """Files with messages are as long and as many as those of other forms."""
        page = self.open("ann", "/my/tickets")
        self.token = page.tree.xpath("//input[@name='csrf_token']/@value")[0]
        self.patch(THROTTLES["answer"], "most", 2)
        self.assertEqual(self.upload(ufile=("a.txt", b"text")), 200)
        self.assertEqual(self.upload(ufile=("a.txt", bytes(27 * 1024**2))), 413)
        self.assertEqual(self.upload(ufil=("a.txt", b"text")), 400)
        self.assertEqual(self.upload(ufile=("a.txt", b"text")), 200)
        self.assertEqual(self.upload(ufile=("a.txt", b"text")), 429)

    def test_not_drawn_for_anybody(self):
        """Whoever asks for what is no picture any more in a size gets it as it is."""
        kept = self.env["ir.attachment"].create({"name": "a.png", "raw": bomb()})
        self.authenticate("admin", "admin")
        for size in ("?width=9", "/9x9?crop=1", "?height=9"):
            page = self.url_open(f"/web/image/{kept.id}{size}")
            self.assertEqual(page.content, kept.raw)

    def test_picture_of_oneself(self):
        """A customer's picture of themselves is not opened in the server either."""
        ann = self.ann.with_user(self.ann)
        for person in (ann, ann.partner_id.sudo()):
            with self.assertRaisesRegex(UserError, "takes too much"):
                person.write({"image_1920": base64.b64encode(scans())})
        output = io.BytesIO()
        Image.new("L", (8000, 6000), 90).save(output, "JPEG")
        ann.image_1920 = base64.b64encode(output.getvalue())
        drawn = Image.open(io.BytesIO(base64.b64decode(self.ann.image_1920)))
        self.assertLess(max(drawn.size), 8000)

    def test_name(self):
        """A name does not read backwards, break the request, or leave its folder."""
        for name, kept in (
            ("a\u202egpj.exe", "agpj.exe"),
            ("a\x00.txt", "a.txt"),
            ("../../a.txt", "_/_/a.txt"),
        ):
            file = self.env["ir.attachment"].create({"name": name, "raw": b"text"})
            self.assertEqual(file.name, kept)

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
