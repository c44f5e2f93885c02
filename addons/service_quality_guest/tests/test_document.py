import io

from PIL import Image
from werkzeug.datastructures import FileStorage

from odoo.tests import TransactionCase, tagged
from odoo.tools.pdf import DictionaryObject, NameObject, PdfFileReader, PdfFileWriter

from ..controllers.form import Refused, read_uploads


@tagged("post_install", "-at_install")
class TestDocument(TransactionCase):
    """Anonymous means anonymous, also inside of a document that is attached."""

    def photo(self):
        """Return a JPEG that says which camera took it, and who holds it."""
        exif = Image.Exif()
        exif[0x010F] = "Zebedee's camera"
        content = io.BytesIO()
        Image.new("RGB", (40, 30), "red").save(
            content, "JPEG", exif=exif, comment=b"By Zebedee"
        )
        return content.getvalue() + b"Zebedee behind the end"

    def document(self, filters="/DCTDecode"):
        """Return a PDF of one page with that photo on it, as it came."""
        content = io.BytesIO()
        Image.new("RGB", (40, 30), "red").save(content, "PDF")
        page = PdfFileReader(content).pages[0]
        said = DictionaryObject({NameObject("/Zebedee"): NameObject("/Quill")})
        image = page["/Resources"]["/XObject"]["/image"].get_object()
        image._data = self.photo()
        image[NameObject("/Filter")] = NameObject(filters)
        image[NameObject("/PieceInfo")] = said
        page[NameObject("/AA")] = said
        writer, output = PdfFileWriter(), io.BytesIO()
        writer.add_page(page)
        writer.write(output)
        return output.getvalue()

    def upload(self, content):
        file = FileStorage(io.BytesIO(content), filename="zebedee.pdf")
        [upload] = read_uploads([file])
        return upload.content

    def test_photo_in_a_document(self):
        """Camera, place and programs go, at the page and at the photo; it is seen."""
        given = self.document()
        self.assertEqual(given.count(b"Zebedee"), 5)
        content = self.upload(given)
        self.assertNotIn(b"Zebedee", content)
        [page] = PdfFileReader(io.BytesIO(content)).pages
        image = page["/Resources"]["/XObject"]["/image"].get_object()
        photo = Image.open(io.BytesIO(image._data))
        self.assertEqual((photo.size, photo.getpixel((1, 1))), ((40, 30), (254, 0, 0)))

    def test_photo_that_cannot_be_cleaned(self):
        """What we cannot look into is refused, not kept as it is."""
        with self.assertRaises(Refused):
            self.upload(self.document("/JPXDecode"))
