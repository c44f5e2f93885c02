"""Cleans a file of a stranger: the pages of a document, or a picture, and no more.

It is a program of its own, which :mod:`sandbox` runs: a file may be made so that
reading it never ends, or takes all memory. What is said in a file about who made it,
when, where and with what is left out; so is all that runs when it is opened.

It is given what to do and the modules' search path as arguments, and the file as its
standard input. To *clean* it writes the kind of the file, the end of a line, and
what may be kept of the file. To *look* it writes nothing, and refuses an empty page.
Its exit code is the index of a reason in ``REASONS``, and 0 if the file is taken.
"""

import io
import resource
import sys
import zlib

REASONS = (
    None, "python", "type", "size", "pixels", "pages", "inflated", "locked", "nothing",
)  # fmt: skip
"""Why a file is refused; 1 is the exit code of a program that failed itself."""

MOST_SECONDS = 2
"""Of the processor, after the libraries have been loaded."""

MOST_MEMORY = 256 * 1024**2

MOST_BYTES = 16 * 1024**2
"""Of what is kept."""

MOST_PIXELS = 25_000_000

MOST_PHOTO_PIXELS = 220_000_000
"""Of a JPEG, which can be read at a fraction of its size."""

MOST_DRAWN_PIXELS = 16_000_000
"""A photo with more is read at a half, a quarter or an eighth of its size."""

MOST_PAGES = 300

MOST_OBJECTS = 50_000

MOST_INFLATED = 256 * 1024**2
"""What the compressed streams of a document may come to, together."""

SHORT = {"/Fl": "/FlateDecode", "/LZW": "/LZWDecode", "/RL": "/RunLengthDecode"}
"""Names of filters that programs take for the long ones."""

MOST_TIMES = {"/LZWDecode": 1_280, "/RunLengthDecode": 64}
"""How many times longer a stream may become, where it is not looked into."""

CHUNK = 1024**2

IMAGES = ("JPEG", "PNG", "GIF")

LOOKED_AT = (*IMAGES, "BMP", "TIFF", "WEBP")
"""Kinds of pictures that show a paper."""

MOST_LOOKED_AT = 100_000_000
"""Bytes of a picture in memory, but for a JPEG, which is read at a fraction."""

LEAST_SIDE = 200
"""Points on the shorter side of a picture on which anything can be read."""

LEAST_CONTRAST = 16
"""Of 255, between the lightest and the darkest point."""

LEAST_SIGNS = 20
"""Bytes of text that are drawn on a page which says anything."""

MOST_NESTED = 5
"""Forms of a document inside each other that are looked into."""

PAGE_KEPT = frozenset(
    ("/Type", "/Contents", "/Resources", "/MediaBox", "/CropBox")
    + ("/Rotate", "/UserUnit", "/Group", "/Parent")
)
"""What a page looks like; not its comments, actions, attached files and the rest."""

ABOUT_PAGES = frozenset(
    ("/Annots", "/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/AF", "/AA")
)
"""What is said about a thing on a page and may name a person, or run."""

ELSEWHERE = frozenset(("/F", "/FFilter", "/FDecodeParms", "/Ref", "/OPI"))
"""Where a stream says that its content is in another file."""

JPEG_KEPT = frozenset((0xE0, 0xE2, 0xEE))
"""Segments of applications that a JPEG needs to look the same: size and colours."""


class Refused(Exception):
    """Says that a file is not taken; the argument is one of ``REASONS``."""


def clean(content, most_pages=MOST_PAGES):
    """Return the kind of a file, and what may be kept of it.

    :raise Refused: for a file that is not taken
    """
    cleaner = clean_document if content.startswith(b"%PDF-") else clean_image
    kind, kept = _read(cleaner, content, most_pages)
    if len(kept) > MOST_BYTES:
        raise Refused("size")
    return kind, kept


def look(content):
    """Refuse a file that shows nothing.

    A document shows something with a page on which text or a picture is, and a picture
    with enough points and more than one colour.

    :raise Refused: *nothing*, or why it cannot be looked at
    """
    is_document = content.startswith(b"%PDF-")
    if not _read(document_shows if is_document else image_shows, content):
        raise Refused("nothing")


def _read(reader, content, *args):
    try:
        return reader(io.BytesIO(content), *args)
    except Refused:
        raise
    except (MemoryError, RecursionError):
        raise Refused("inflated") from None
    except Exception as error:  # a broken file raises anything
        raise Refused("type") from error


# ----------------------------------------------------------------------
# Pictures


def clean_image(file, _most_pages):
    """Draw an image again, as it is seen, without anything that was said about it."""
    from PIL import Image, ImageOps  # not loaded for a document

    Image.MAX_IMAGE_PIXELS = None  # counted here, by kinds
    image = Image.open(file, formats=IMAGES)
    kind = "JPEG" if image.format == "MPO" else image.format
    most = MOST_PHOTO_PIXELS if kind == "JPEG" else MOST_PIXELS
    if image.width * image.height > most:
        raise Refused("pixels")
    part = 1
    while image.width * image.height > MOST_DRAWN_PIXELS * part**2:
        part *= 2
    if kind == "JPEG" and part > 1:
        image.draft(None, (image.width // part, image.height // part))
        if image.width * image.height > MOST_DRAWN_PIXELS:
            raise Refused("pixels")
    image = ImageOps.exif_transpose(image)
    image.info = {}
    output = io.BytesIO()
    image.save(output, kind, **({"quality": 88} if kind == "JPEG" else {}))
    return kind, output.getvalue()


def image_shows(file):
    """Return True for a picture that is large enough and not of one colour."""
    from PIL import Image  # not loaded for a document

    Image.MAX_IMAGE_PIXELS = None  # counted here, by kinds
    image = Image.open(file, formats=LOOKED_AT)
    if min(image.size) < LEAST_SIDE:
        return False
    if image.format in ("JPEG", "MPO"):
        image.draft(None, (5 * LEAST_SIDE, 5 * LEAST_SIDE))
    if image.width * image.height * len(image.getbands()) > MOST_LOOKED_AT:
        raise Refused("pixels")
    if image.mode in ("P", "PA"):  # a number of a colour is no colour
        image = image.convert("RGB")
    ranges = [band.getextrema() for band in image.split()]
    return any(
        high - low >= LEAST_CONTRAST
        for name, (low, high) in zip(image.getbands(), ranges, strict=True)
        if name != "A"
    )


# ----------------------------------------------------------------------
# Documents


def clean_document(file, most_pages):
    """Keep the pages of a document, and nothing that was said about it."""
    import pypdf  # not loaded for a picture

    try:
        return "PDF", _keep_pages(pypdf, file, most_pages)
    except pypdf.errors.LimitReachedError:
        raise Refused("pages") from None


def _keep_pages(pypdf, file, most_pages):
    reader = pypdf.PdfReader(file)
    if reader.is_encrypted:
        raise Refused("locked")
    if sum(map(len, reader.xref.values())) + len(reader.xref_objStm) > MOST_OBJECTS:
        raise Refused("pages")
    pages = reader.pages
    if most_pages == MOST_PAGES < len(pages):
        raise Refused("pages")
    cleaner, writer = DocumentCleaner(), pypdf.PdfWriter()
    for page in pages[:most_pages]:
        cleaner.clean_page(page)
        writer.add_page(page)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def document_shows(file):
    """Return True for a document with a page on which text or a picture is."""
    import pypdf  # not loaded for a picture

    reader = pypdf.PdfReader(file)
    if reader.is_encrypted and not reader.decrypt(""):
        raise Refused("locked")
    for number, page in enumerate(reader.pages):
        if number >= MOST_PAGES:
            break
        shown = _shown(pypdf.generic, reader, page.get_contents(), page, MOST_NESTED)
        if shown >= 1:
            return True
    return False


def _shown(generic, reader, content, owner, nested):
    """Return how much is drawn, by parts of what says anything.

    Some scanners cut a page into strips, so that the points of pictures are added up.
    """
    if content is None:
        return 0
    shown = 0
    resources = owner.get("/Resources") or {}
    things = resources.get_object().get("/XObject") if resources else None
    for operands, operator in generic.ContentStream(content, reader).operations:
        if operator in (b"Tj", b"'", b'"', b"TJ"):
            shown += _signs(operands) / LEAST_SIGNS
        elif operator == b"INLINE IMAGE":
            shown += _points(operands["settings"], ("/W", "/H"))
        elif operator == b"Do" and things:
            thing = things.get_object()[operands[0]].get_object()
            if thing.get("/Subtype") == "/Image":
                shown += _points(thing)
            elif nested:
                shown += _shown(generic, reader, thing, thing, nested - 1)
        if shown >= 1:
            break
    return shown


def _signs(operands):
    """Return how many bytes of text are drawn, without blanks."""
    parts = operands[0] if isinstance(operands[0], list) else operands
    return sum(len(part.strip()) for part in parts if isinstance(part, (str, bytes)))


def _points(picture, short=("/Width", "/Height")):
    sides = [
        int(picture.get(long) or picture.get(name) or 0)
        for long, name in zip(("/Width", "/Height"), short, strict=True)
    ]
    return sides[0] * sides[1] / LEAST_SIDE**2


class DocumentCleaner:
    """Cleans the pages of one document, and counts what is in its streams."""

    def __init__(self):
        self.seen = {}
        self.inflated = 0

    def clean_page(self, page):
        """Take what was said about a page out of it, and out of what is on it."""
        for entry in page.keys() - PAGE_KEPT:
            del page[entry]
        left = [page]
        while left:
            part = left.pop().get_object()
            if id(part) in self.seen:
                continue
            self.seen[id(part)] = part  # kept, so that its id is not given again
            if isinstance(part, dict):
                self._clean_dictionary(part)
                left += [part.raw_get(key) for key in part if key != "/Parent"]
            elif isinstance(part, list):
                left += list.__iter__(part)

    def _clean_dictionary(self, part):
        is_stream = hasattr(part, "_data")
        for entry in (ABOUT_PAGES | (ELSEWHERE if is_stream else set())) & part.keys():
            del part[entry]
        if is_stream:
            self._clean_stream(part)

    def _clean_stream(self, part):
        """Clean what is a photo; refuse a stream that cannot be looked into."""
        filters = part["/Filter"] if "/Filter" in part else []
        if not isinstance(filters, list):
            filters = [filters]
        filters = [str(name.get_object()) for name in list.__iter__(filters)]
        filters = [SHORT.get(name, name) for name in filters]
        if filters == ["/DCTDecode"]:
            part._data = clean_jpeg(part._data)
        elif {"/DCTDecode", "/DCT", "/JPXDecode"} & set(filters):
            raise Refused("type")
        elif {"/FlateDecode", *MOST_TIMES} & set(filters[1:]):
            raise Refused("inflated")  # compressed twice, as only bombs are
        elif "/FlateDecode" in filters[:1]:
            self._count_inflated(part._data)
        elif filters:
            self.inflated += len(part._data) * MOST_TIMES.get(filters[0], 1)
        if self.inflated > MOST_INFLATED:
            raise Refused("inflated")

    def _count_inflated(self, data):
        inflating, left = zlib.decompressobj(), data
        while left and not inflating.eof:
            try:
                self.inflated += len(inflating.decompress(left, CHUNK))
            except zlib.error:  # a reader makes of it what it can
                return
            left = inflating.unconsumed_tail
            if self.inflated > MOST_INFLATED:
                return


def clean_jpeg(content):
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


# ----------------------------------------------------------------------
# The program


def limit():
    """Limit what this process may take from here on."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(usage.ru_utime + usage.ru_stime) + MOST_SECONDS
    for kind, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def main(task, *path):
    """Look at the standard input, or clean it to the standard output.

    :param task: *look*, or how many pages of a document are cleaned
    :return: the exit code
    """
    sys.path[:] = path
    import logging

    logging.disable()  # what a library says about a file is not read by anybody
    content = sys.stdin.buffer.read()
    if content.startswith(b"%PDF-"):
        import pypdf  # noqa: F401
    else:
        from PIL import GifImagePlugin, JpegImagePlugin, PngImagePlugin  # noqa: F401

        if task == "look":
            from PIL import BmpImagePlugin, TiffImagePlugin, WebPImagePlugin  # noqa: F401
    limit()
    try:
        if task == "look":
            look(content)
        else:
            kind, kept = clean(content, int(task))
            sys.stdout.buffer.write(kind.encode() + b"\n" + kept)
    except Refused as error:
        return REASONS.index(error.args[0])
    except MemoryError:
        return REASONS.index("inflated")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
