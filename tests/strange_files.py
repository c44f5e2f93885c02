"""Files that are made to take a reader's time or memory, and some that are honest."""

import io
import struct
import zlib
from itertools import accumulate

from PIL import Image

PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 10 10] /Contents 4 0 R >>"


def pdf(*objects, trailer=b""):
    """Return a document of these objects, numbered from 1, the first its catalogue."""
    head = b"%PDF-1.5\n"
    bodies = [b"%d 0 obj\n%s\nendobj\n" % each for each in enumerate(objects, 1)]
    places = list(accumulate(map(len, bodies), initial=len(head)))
    table = b"xref\n0 %d\n0000000000 65535 f \n" % len(places)
    table += b"".join(b"%010d 00000 n \n" % place for place in places[:-1])
    trailer = trailer.replace(b"@", b"%d" % places[-1])
    return b"".join((head, *bodies, table)) + (
        b"trailer << /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n"
        % (len(places), trailer, places[-1])
    )


def zeros(megabytes):
    """Return zeros, compressed a thousand times, without having them all."""
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(bytes(1024**2)) + packer.flush(zlib.Z_FULL_FLUSH)
    check = (megabytes * 1024**2 % 65521) << 16 | 1
    return b"\x78\xda" + block * megabytes + b"\x03\0" + struct.pack(">I", check)


def stream(data, entries=b"/Filter /FlateDecode"):
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), entries, data)


def one_page(*more, contents=b"0 0 m", entries=b""):
    """Return a document of one page."""
    page = PAGE.replace(b">>", entries + b">>")
    tree = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    catalogue = b"<< /Type /Catalog /Pages 2 0 R >>"
    return pdf(catalogue, tree, page, stream(contents, b""), *more)


def endless_history():
    """Its table of objects says that the table before it is itself."""
    tree = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    catalogue = b"<< /Type /Catalog /Pages 2 0 R >>"
    return pdf(catalogue, tree, PAGE, stream(b"", b""), trailer=b"/Prev @")


def growing_tree(levels=20, kids=2):
    """Each node of its page tree has the next one twice."""
    nodes = [
        b"<< /Type /Pages /Count 9 /Kids [%s] >>" % (b"%d 0 R " % (n + 1) * kids)
        for n in range(2, levels + 2)
    ]
    last = b"<< /Type /Page /MediaBox [0 0 9 9] >>"
    return pdf(b"<< /Type /Catalog /Pages 2 0 R >>", *nodes, last)


def tree_of_itself():
    tree = b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"
    return pdf(b"<< /Type /Catalog /Pages 2 0 R >>", tree)


def deep_arrays(depth=13_000):
    """27 kB of brackets."""
    return one_page(b"[" * depth + b"]" * depth, entries=b"/Resources 5 0 R ")


def inflating_page(megabytes=300):
    """What is on its page is a thousand times longer than it looks."""
    return page_of(zeros(megabytes), b"/Filter /FlateDecode")


def page_of(data, entries):
    """Return a document with this on its page."""
    data = stream(data, entries)
    catalogue = b"<< /Type /Catalog /Pages 2 0 R >>"
    tree = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return pdf(catalogue, tree, PAGE, data)


def inflating_objects(megabytes=2_000):
    """Its own list of objects is compressed, and never ends."""
    entries = b"/Type /XRef /Size 9 /W [1 4 2] /Root 1 0 R /Filter /FlateDecode"
    content = b"%PDF-1.5\n1 0 obj\n" + stream(zeros(megabytes), entries) + b"\nendobj\n"
    return content + b"startxref\n9\n%%EOF\n"


def packed_twice(megabytes=2_000):
    """A few kB, compressed twice."""
    data = zlib.compress(zeros(megabytes), 9)
    return page_of(data, b"/Filter [/FlateDecode /FlateDecode]")


def many_objects(count=60_000):
    return one_page(*[b"null"] * count)


def many_pages(count=5_000):
    kids = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b"3 0 R " * count, count)
    catalogue = b"<< /Type /Catalog /Pages 2 0 R >>"
    return pdf(catalogue, kids, PAGE, stream(b"", b""))


def locked():
    """A document that asks for a password."""
    import pypdf

    writer, output = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(10, 10)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(output)
    return output.getvalue()


def lively():
    """A document with programs, links, comments and a file within."""
    import pypdf

    writer, output = pypdf.PdfWriter(), io.BytesIO()
    page = writer.add_blank_page(10, 10)
    writer.add_attachment("zebedee.exe", b"MZ Zebedee")
    action = pypdf.generic.DictionaryObject(
        {
            pypdf.generic.NameObject("/S"): pypdf.generic.NameObject("/JavaScript"),
            pypdf.generic.NameObject("/JS"): pypdf.generic.TextStringObject("Zebedee"),
        }
    )
    for entry in ("/AA", "/Annots", "/PieceInfo", "/Said"):
        page[pypdf.generic.NameObject(entry)] = action
    writer._root_object[pypdf.generic.NameObject("/OpenAction")] = action
    writer.write(output)
    return output.getvalue()


# ----------------------------------------------------------------------
# Pictures


def large_png(side=7_745):
    """60 million points in 233 kB."""
    lines = zlib.compressobj(9)
    line = b"\0" + bytes(side * 4)
    data = b"".join(lines.compress(line) for _line in range(side)) + lines.flush()
    return png(side, side, data)


def png(width, height, data):
    """Return a picture that says that it is so large, with this as its points."""

    def chunk(kind, body):
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", data)
        + chunk(b"IEND", b"")
    )


def picture(kind, size=(40, 30), **options):
    output = io.BytesIO()
    Image.new("RGB", size, "#336699").save(output, kind, **options)
    return output.getvalue()


def many_frames(count=3_000):
    frames = [Image.new("P", (300, 300), number % 256) for number in range(2)]
    output = io.BytesIO()
    frames[0].save(
        output, "GIF", save_all=True, append_images=frames * (count // 2), loop=0
    )
    return output.getvalue()


def large_gif(side=60_000):
    """Return a picture that says in 40 bytes that it has 3.6 milliard points."""
    size = struct.pack("<HH", side, side)
    return (
        b"GIF89a" + size + b"\x80\0\0" + bytes(6)
        + b"," + bytes(4) + size + b"\0" + b"\x02\x02D\x01\0;"
    )  # fmt: skip


def large_jpeg(side=65_000):
    """Return a photo that says of itself that it is that large."""
    content = picture("JPEG")
    at = content.index(b"\xff\xc0") + 5
    return content[:at] + struct.pack(">HH", side, side) + content[at + 4 :]


def many_scans(count=3_000, side=4_000):
    """Return a photo of 150 kB that is drawn over again, a minute long."""
    content = picture("JPEG", (side, side), progressive=True)
    last = content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * count + content[-2:]


def long_comment(blocks=40_000):
    """Return a picture that tells 10 MB before it says how large it is drawn."""
    told = b"\x21\xfe" + (b"\xff" + b"a" * 255) * blocks + b"\0"
    point = b"," + struct.pack("<HHHH", 0, 0, 1, 1) + b"\0\x02\x02D\x01\0;"
    return b"GIF89a\x01\0\x01\0\x80\0\0" + bytes(6) + told + point


# ----------------------------------------------------------------------
# Honest ones


def phone_photo(size=(4032, 3024), progressive=False):
    """Return a photo as a telephone makes it, lying on its side, some MB."""
    small = Image.effect_noise((size[0] // 16, size[1] // 16), 90).convert("RGB")
    image = small.resize(size)
    exif = Image.Exif()
    exif[0x0112] = 6
    output = io.BytesIO()
    image.save(output, "JPEG", quality=93, exif=exif, progressive=progressive)
    return output.getvalue()


def scan(pages=12, size=(1654, 2339)):
    """Return a document of photographed pages of almost 10 MB."""
    page = Image.effect_noise(size, 60).convert("RGB")
    output = io.BytesIO()
    page.save(
        output, "PDF", save_all=True, append_images=[page] * (pages - 1), quality=18
    )
    return output.getvalue()


def flat_scan(pages=3):
    """Return a document of pages kept as points, not as photos."""
    import pypdf

    writer, output = pypdf.PdfWriter(), io.BytesIO()
    data = zeros(25)  # 2480 × 3508 points in three colours
    for _page in range(pages):
        page = writer.add_blank_page(595, 842)
        image = pypdf.generic.StreamObject()
        image._data = data
        name = pypdf.generic.NameObject
        image[name("/Filter")] = name("/FlateDecode")
        images = pypdf.generic.DictionaryObject({name("/I"): writer._add_object(image)})
        page[name("/Resources")] = pypdf.generic.DictionaryObject(
            {name("/XObject"): images}
        )
    writer.write(output)
    return output.getvalue()


def drawing(objects=10_000):
    """Return a document of many small objects, as drawing programs make it."""
    parts = [b"<< /Type /ExtGState /LW %d >>" % number for number in range(objects)]
    names = b" ".join(b"/G%d %d 0 R" % (n, n + 6) for n in range(objects))
    resources = b"<< /ExtGState << %s >> >>" % names
    return one_page(resources, *parts, entries=b"/Resources 5 0 R ")
