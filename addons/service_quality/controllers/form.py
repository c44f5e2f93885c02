"""What people send by a form: attachments, cleaned of who made them, and its key."""

import io
import secrets
from collections import namedtuple

from PIL import Image, ImageOps

from odoo.http import request
from odoo.tools.pdf import PdfFileReader, PdfFileWriter

Upload = namedtuple("Upload", "name content mimetype")

KEY_LENGTH = 32

MOST_FILES = 5

MOST_FILE_BYTES = 8 * 1024 * 1024

MOST_PIXELS = 60_000_000

IMAGES = {
    "JPEG": ("jpg", "image/jpeg"),
    "PNG": ("png", "image/png"),
    "GIF": ("gif", "image/gif"),
}

ABOUT_PAGES = frozenset(
    ("/Annots", "/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/AF", "/AA")
)
"""What stands at a page, or at what is on it, and may name somebody: also who
commented on it; and programs that run when it is opened."""

JPEG_KEPT = frozenset((0xE0, 0xE2, 0xEE))
"""Segments of applications that a JPEG needs to look the same: size and colours."""


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
    file.stream.seek(0)  # it has been read before where the request is tried again
    content = file.stream.read(MOST_FILE_BYTES + 1)
    if len(content) > MOST_FILE_BYTES:
        raise Refused("size")
    clean = _clean_document if content.startswith(b"%PDF-") else _clean_image
    try:
        cleaned, extension, mimetype = clean(io.BytesIO(content))
    except Refused:
        raise
    except Exception as error:  # a broken file raises anything
        raise Refused("type") from error
    return Upload(f"{number}.{extension}", cleaned, mimetype)


def _clean_image(content):
    """Draw an image anew, as it is seen, without anything that was said about it."""
    image = Image.open(content, formats=("JPEG", "PNG", "GIF"))
    if image.width * image.height > MOST_PIXELS:
        raise Refused("size")
    kind = "JPEG" if image.format == "MPO" else image.format
    image = ImageOps.exif_transpose(image)
    image.info = {}
    output = io.BytesIO()
    image.save(output, kind, **({"quality": 88} if kind == "JPEG" else {}))
    return output.getvalue(), *IMAGES[kind]


def _clean_document(content):
    """Keep the pages of a document, and nothing that was said about it."""
    writer = PdfFileWriter()
    for page in PdfFileReader(content, strict=False).pages:
        _clean_page(page)
        writer.add_page(page)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue(), "pdf", "application/pdf"


def _clean_page(page):
    """Take what was said about a page out of it, and out of the photos on it."""
    left, seen = [page], {}
    while left:
        part = left.pop().get_object()
        if id(part) in seen:
            continue
        seen[id(part)] = part  # kept, so that its id is nobody else's
        if isinstance(part, dict):
            for entry in ABOUT_PAGES & part.keys():
                del part[entry]
            _clean_photo(part)
            left += [part.raw_get(key) for key in part if key != "/Parent"]
        elif isinstance(part, list):
            left += list.__iter__(part)


def _clean_photo(part):
    """Clean what is a photo of a document; refuse one that cannot be.

    :param part: a dictionary of the document
    """
    filters = part.get("/Filter")
    if filters in ("/DCTDecode", ["/DCTDecode"]):
        part._data = _clean_jpeg(part._data)
    elif any(name in str(filters) for name in ("JPXDecode", "DCTDecode")):
        raise Refused("type")


def _clean_jpeg(content):
    """Return a JPEG without its comments and what cameras write into it."""
    kept, at = [content[:2]], 2
    while content[at : at + 1] == b"\xff" and content[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        kind = content[at + 1]
        if kind in JPEG_KEPT or not (0xE0 <= kind <= 0xEF or kind == 0xFE):
            kept.append(content[at:end])
        at = end
    # telephones hang more behind the end of the picture
    end = content.index(b"\xff\xd9", at) + 2
    return b"".join(kept) + content[at:end]


def take_uploads():
    """Return the attachments of the request, cleaned, and what is wrong with them.

    :return: tuple of a list of :class:`Upload` and a text, None if they are taken
    """
    _ = request.env._
    try:
        return read_uploads(request.httprequest.files.getlist("files")), None
    except Refused as error:
        refusals = {
            "count": _(
                "Attach at most %s files, please. Choose them anew.", MOST_FILES
            ),
            "size": _(
                "A file is too large: at most %s MB each. Choose them anew.",
                MOST_FILE_BYTES // 1024**2,
            ),
            "type": _(
                "A file cannot be read. Attach photos (JPEG, PNG, GIF) or "
                "PDF documents. Choose them anew."
            ),
        }
        return [], refusals[error.args[0]]


def files_hint():
    """Return what is said beside the field for attachments."""
    return request.env._(
        "At most %(count)s files of %(size)s MB each.",
        count=MOST_FILES,
        size=MOST_FILE_BYTES // 1024**2,
    )


def new_key():
    """Return a key for a form, by which it is known when it is sent twice."""
    return secrets.token_hex(KEY_LENGTH // 2)


def read_key(given):
    """Return the key of the form, None for one that is none of ours."""
    key = given.get("key")
    is_key = (
        isinstance(key, str)
        and len(key) == KEY_LENGTH
        and set(key) <= set("0123456789abcdef")
    )
    return key if is_key else None
