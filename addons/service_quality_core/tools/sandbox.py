"""Reads files of strangers in a process of its own, which may not take much.

Nothing here knows of Odoo. The web server is never the one that opens such a file.
"""

import io
import subprocess
import sys
import threading
import warnings
from collections import namedtuple
from pathlib import Path

from PIL import Image

from .sanitizer import MOST_BYTES, MOST_DRAWN_PIXELS, MOST_PAGES, REASONS, Refused

Cleaned = namedtuple("Cleaned", "content extension mimetype")

KINDS = {
    "PDF": ("pdf", "application/pdf"),
    "JPEG": ("jpg", "image/jpeg"),
    "PNG": ("png", "image/png"),
    "GIF": ("gif", "image/gif"),
}

PICTURES = ("JPEG", "PNG", "GIF", "BMP", "PPM")
"""What Odoo opens, beside icons."""

ICON = b"\0\0\1\0"

MOST_ICON_BYTES = 100_000

SIGNATURES = (b"\xff\xd8", b"\x89PNG", b"GIF8", b"BM") + tuple(
    b"P%c%c" % (kind, blank) for kind in b"1234567fFyY" for blank in b" \t\n\r"
)
"""Of what Odoo opens."""

MOST_HEAD = 512 * 1024
"""In which a picture says its size. What is told before, millions of comments for
instance, is read slowly."""

START_OF_SCAN = b"\xff\xda"

MOST_SCANS = 100
"""Times that a JPEG is drawn over; those of cameras and programs are so ten times."""

MOST_AT_ONCE = 2
"""Processes of one server process that read files at the same time."""

MOST_SECONDS_WAITING = 10

MOST_SECONDS = 10
"""By the clock. The processor's time is what ends a bad file, much earlier; this ends
one that is read on a machine which has no processor to spare."""

_PLACES = threading.BoundedSemaphore(MOST_AT_ONCE)


def clean(content, most_pages=MOST_PAGES):
    """Return what may be kept of a file of a stranger, as :class:`Cleaned`.

    :param most_pages: how many pages of a document are read
    :raise Refused: with the reason: one of ``REASONS``, *effort* for a file that takes
        too much to read, or *busy* where too many others are being read
    """
    kind, _end, kept = _run(content, most_pages).partition(b"\n")
    return Cleaned(kept, *KINDS[kind.decode()])


def look(content):
    """Refuse a document without text and pictures, and a picture that shows nothing.

    :raise Refused: with the reason: *nothing*, or why it could not be looked at, as
        for :func:`clean`
    """
    _run(content, "look")


def is_large(content):
    """Return True if a file is a picture that takes much to open.

    Of the picture itself nothing is read here, only what it says of its size. Icons
    say little of theirs: those of honest people are small files.

    >>> is_large(b"%PDF-1.7"), is_large("text"), is_large(ICON + bytes(MOST_ICON_BYTES))
    (False, False, True)
    >>> is_large(b"GIF89a" + bytes(MOST_BYTES)), is_large(b"%PDF-" + bytes(MOST_BYTES))
    (True, False)
    """
    if not isinstance(content, bytes):
        return False
    if content.startswith(ICON):
        return len(content) > MOST_ICON_BYTES
    if not content.startswith(SIGNATURES):
        return False
    if len(content) > MOST_BYTES or content.count(START_OF_SCAN) > MOST_SCANS:
        return True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content[:MOST_HEAD]), formats=PICTURES)
    except Image.DecompressionBombError:
        return True
    except Exception:  # a broken file raises anything
        return len(content) > MOST_HEAD
    return image.width * image.height > MOST_DRAWN_PIXELS


def _run(content, task):
    if not _PLACES.acquire(timeout=MOST_SECONDS_WAITING):
        raise Refused("busy")
    try:
        return _run_now(content, task)
    finally:
        _PLACES.release()


def _run_now(content, task):
    program = Path(__file__).with_name("sanitizer.py")
    command = [sys.executable, "-I", "-S", str(program), str(task), *sys.path]
    try:
        done = subprocess.run(
            command,
            input=content,
            capture_output=True,
            timeout=MOST_SECONDS,
            env={},  # passwords of the server are none of a file's business
        )
    except subprocess.TimeoutExpired:
        raise Refused("effort") from None
    if done.returncode == REASONS.index("python"):
        raise RuntimeError(done.stderr.decode(errors="replace")[-2000:])
    if done.returncode < 0:  # killed: it is over a limit
        raise Refused("effort")
    if done.returncode:
        raise Refused(REASONS[done.returncode])
    return done.stdout
