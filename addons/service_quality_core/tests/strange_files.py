"""Files that are made to stop a server."""

import io
import struct
import zlib

from PIL import Image


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


def scans(count=3_000, side=4_000):
    """Return a photo of some 150 kB that is drawn over again, a minute long."""
    output = io.BytesIO()
    Image.new("L", (side, side), 90).save(output, "JPEG", progressive=True)
    content = output.getvalue()
    last = content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * count + content[-2:]


BAD = {"too many pixels": bomb, "takes too much to read": tree}
