"""What visitors attach: checked by its content, and cleaned of who made it."""

import io
from collections import namedtuple

from PIL import Image, ImageOps

from odoo.tools.pdf import PdfFileReader, PdfFileWriter

Upload = namedtuple("Upload", "name content mimetype")

MOST_FILES = 5

MOST_FILE_BYTES = 8 * 1024 * 1024

MOST_PIXELS = 60_000_000

IMAGE_FORMATS = {
    "JPEG": ("jpg", "image/jpeg"),
    "MPO": ("jpg", "image/jpeg"),  # what some telephones call theirs
    "PNG": ("png", "image/png"),
    "GIF": ("gif", "image/gif"),
}

ABOUT_PAGES = ("/Annots", "/Metadata", "/PieceInfo", "/LastModified")
"""What stands at a page and may name somebody: also who commented on it."""

PHOTOS = ("JPEG", "MPO")


class Refused(Exception):
    """A file that is not taken; the argument says why: count, size or type."""


def read_uploads(files):
    """Return the files of a form that may be kept.

    Images are drawn anew and of documents only the pages are kept: neither says any
    more where, when, with what and by whom it was made. Nor do their names.

    :param files: of werkzeug
    :return: list of :class:`Upload`
    :raise Refused: for the first one that is not taken
    """
    files = [file for file in files if file.filename]
    if len(files) > MOST_FILES:
        raise Refused("count")
    return [_clean(file, number) for number, file in enumerate(files, 1)]


def _clean(file, number):
    content = file.stream.read(MOST_FILE_BYTES + 1)
    if len(content) > MOST_FILE_BYTES:
        raise Refused("size")
    if content.startswith(b"%PDF-"):
        return Upload(f"{number}.pdf", _clean_document(content), "application/pdf")
    cleaned, kind = _clean_image(content)
    extension, mimetype = IMAGE_FORMATS[kind]
    return Upload(f"{number}.{extension}", cleaned, mimetype)


def _clean_image(content):
    """Draw an image anew, as it is seen, without anything that was said about it."""
    try:
        image = Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "GIF"))
        if image.width * image.height > MOST_PIXELS:
            raise Refused("size")
        kind = image.format
        save = {"format": "JPEG", "quality": 88} if kind in PHOTOS else {"format": kind}
        image = ImageOps.exif_transpose(image)
        image.info = {}
        output = io.BytesIO()
        image.save(output, **save)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Refused("type") from error
    return output.getvalue(), kind


def _clean_document(content):
    """Keep the pages of a document, and nothing that was said about it."""
    try:
        reader = PdfFileReader(io.BytesIO(content), strict=False)
        writer = PdfFileWriter()
        for page in reader.pages:
            for entry in ABOUT_PAGES:
                page.pop(entry, None)
            writer.add_page(page)
        output = io.BytesIO()
        writer.write(output)
    except Exception as error:  # a broken document raises anything
        raise Refused("type") from error
    return output.getvalue()
