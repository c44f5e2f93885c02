"""Strangers attach files that are made to stop the server: none is read in it.

Each file here once took a web worker's memory, or a processor for good.
"""

import contextlib
import io
import os
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pypdf
import pytest
import strange_files as files
from PIL import Image
from service_quality_core.tools import sandbox, sanitizer

pytestmark = pytest.mark.plain

BAD = {
    "growing tree": files.growing_tree,
    "wide tree": lambda: files.growing_tree(6, 30),
    "tree of itself": files.tree_of_itself,
    "deep arrays": files.deep_arrays,
    "300 MB on a page": files.inflating_page,
    "2 GB of objects": files.inflating_objects,
    "packed twice": files.packed_twice,
    "packed otherwise": lambda: files.page_of(
        b"\x81\0" * 4_500_000, b"/Filter /RunLengthDecode"
    ),
    "packed in old style": lambda: files.page_of(bytes(300_000), b"/Filter /LZWDecode"),
    "packed in two ways": lambda: files.page_of(
        zlib.compress(b"\x81\0" * 1_000_000), b"/Filter [/FlateDecode /RunLengthDecode]"
    ),
    "packed by a short name": lambda: files.page_of(files.zeros(300), b"/Filter /Fl"),
    "many objects": files.many_objects,
    "many pages": files.many_pages,
    "locked": files.locked,
    "large PNG": files.large_png,
    "PNG that says it is large": lambda: files.png(60_000, 60_000, b""),
    "large GIF": files.large_gif,
    "large JPEG": files.large_jpeg,
    "JPEG of many scans": files.many_scans,
    "GIF of one long comment": files.long_comment,
    "TIFF": lambda: files.picture("TIFF"),
    "WebP": lambda: files.picture("WEBP"),
    "BMP": lambda: files.picture("BMP"),
    "ICO": lambda: files.picture("ICO"),
    "EPS": lambda: files.picture("EPS"),
    "SVG": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "zip": lambda: b"PK\x03\x04" + bytes(100),
    "empty": lambda: b"",
    "no document": lambda: b"%PDF-",
}


@pytest.mark.parametrize("name", BAD)
def test_refused(name):
    """Refused, soon, and by a process that had 256 MB and 2 s of a processor."""
    content = BAD[name]()
    before = os.times()
    with pytest.raises(sanitizer.Refused):
        sandbox.clean(content)
    after = os.times()
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    assert used < sanitizer.MOST_SECONDS + 1.5  # the libraries are loaded before


@pytest.mark.parametrize("name", ["growing tree", "300 MB on a page", "large PNG"])
def test_looking_takes_no_more(name):
    """A paper is looked at within the same limits."""
    content = BAD[name]()
    started = time.monotonic()
    with pytest.raises(sanitizer.Refused):
        sandbox.look(content)
    assert time.monotonic() - started < sandbox.MOST_SECONDS + 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"])
def test_looking_at_pictures(kind):
    """Deny: a picture of one colour, or too small to read anything."""
    image = Image.new("L", (400, 300), 255)
    assert looked_at(image, kind) == looked_at(image.resize((900, 199)), kind)
    assert looked_at(image, kind) == "nothing"
    image.paste(0, (20, 20, 90, 40))
    assert looked_at(image, kind) is None
    assert looked_at(image.convert("1"), kind) is None if kind == "TIFF" else True


def looked_at(image, kind):
    output = io.BytesIO()
    image.save(output, kind)
    try:
        sandbox.look(output.getvalue())
    except sanitizer.Refused as error:
        return error.args[0]
    return None


def test_looking_at_pages():
    """A scan shows something; a page that draws nothing and a locked one do not."""
    sandbox.look(files.scan(1))
    writer, output = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(595, 842)
    writer.write(output)
    for content, why in (
        (output.getvalue(), "nothing"),
        (files.flat_scan(1), "nothing"),  # it has a picture and draws none
        (files.locked(), "locked"),
        (b"%PDF-1.4\n" + b"x" * 600, "type"),
    ):
        with pytest.raises(sanitizer.Refused) as error:
            sandbox.look(content)
        assert error.value.args[0] == why


def test_history_that_ends_nowhere():
    """A table of objects that names itself as the one before is read once."""
    assert sandbox.clean(files.endless_history()).extension == "pdf"


def test_each_reason_is_named():
    """Who sends a file that is not taken reads what to do about it."""
    reasons = {name: reason(BAD[name]()) for name in ("locked", "large PNG", "zip")}
    assert reasons == {"locked": "locked", "large PNG": "pixels", "zip": "type"}
    assert reason(files.many_objects()) == reason(files.many_pages()) == "pages"
    assert reason(files.large_jpeg()) == reason(files.large_gif()) == "pixels"
    assert reason(files.inflating_page()) == "inflated"


def reason(content):
    with pytest.raises(sanitizer.Refused) as error:
        sandbox.clean(content)
    return error.value.args[0]


def test_what_runs_is_left_out():
    """Programs, links, comments and files within a document are not kept."""
    content = files.lively()
    assert content.count(b"Zebedee") > 5
    kept = sandbox.clean(content)
    assert b"Zebedee" not in kept.content
    assert b"JavaScript" not in kept.content
    assert len(pypdf.PdfReader(io.BytesIO(kept.content)).pages) == 1


def test_one_frame_of_many():
    content = files.many_frames()
    kept = sandbox.clean(content)
    assert Image.open(io.BytesIO(kept.content)).n_frames == 1


@pytest.mark.parametrize("size", [(4032, 3024), (8160, 6120), (12000, 9000)])
def test_photo_of_a_telephone(size):
    """A photo of 12, 50 or 108 million points is taken, and stands upright."""
    content = files.phone_photo(size)
    assert len(content) > 1_000_000
    kept = sandbox.clean(content)
    width, height = Image.open(io.BytesIO(kept.content)).size
    assert (width < height, kept.mimetype) == (True, "image/jpeg")
    assert width * height > 6_000_000


def test_progressive_photo():
    kept = sandbox.clean(files.phone_photo(progressive=True))
    assert kept.extension == "jpg"


def test_screenshot():
    kept = sandbox.clean(files.picture("PNG", (5120, 2880)))
    assert Image.open(io.BytesIO(kept.content)).size == (5120, 2880)


def test_scan():
    """A scanned contract of almost 10 MB is taken, page by page."""
    content = files.scan()
    assert 8_000_000 < len(content) < 10 * 1024**2
    kept = sandbox.clean(content)
    assert len(pypdf.PdfReader(io.BytesIO(kept.content)).pages) == 12


@pytest.mark.parametrize("make", [files.flat_scan, files.drawing])
def test_other_documents(make):
    kept = sandbox.clean(make())
    assert pypdf.PdfReader(io.BytesIO(kept.content)).pages


def test_first_page_alone():
    """A picture of a document needs its first page only."""
    kept = sandbox.clean(files.scan(3, (100, 100)), most_pages=1)
    assert len(pypdf.PdfReader(io.BytesIO(kept.content)).pages) == 1


def test_few_at_once():
    """Many files at once wait for one another: the machine stays usable."""
    content, most = files.growing_tree(40, 3), 0
    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(reason, content) for _file in range(4)]
        while not all(future.done() for future in running):
            most = max(most, len(readers()))
            time.sleep(0.01)
        assert all(future.result() for future in running)
    assert 1 <= most <= sandbox.MOST_AT_ONCE


def readers():
    """Return the entries in /proc of the processes that read files for this one."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            is_reader = b"sanitizer.py" in (entry / "cmdline").read_bytes()
            parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
        except (OSError, IndexError):
            continue
        if is_reader and int(parent) == os.getpid():
            found.append(entry)
    return found


def test_what_is_large_is_known_by_its_head():
    """The server asks only what a picture says of its size."""
    large = files.large_png(), files.large_gif(), files.large_jpeg()
    assert [sandbox.is_large(content) for content in large] == [True] * 3
    for kind in ("PNG", "GIF", "JPEG", "BMP", "PPM", "ICO", "WEBP"):
        assert not sandbox.is_large(files.picture(kind)), kind


@pytest.mark.parametrize("make", [files.many_scans, files.long_comment])
def test_what_is_slow_is_known_soon(make):
    """The server does not take a minute to find out that it would take one."""
    content = make()
    before = time.process_time()
    assert sandbox.is_large(content)
    assert time.process_time() - before < 1


@pytest.mark.parametrize("make", [files.phone_photo, files.scan])
def test_what_is_honest_is_shown(make):
    assert not sandbox.is_large(make())
    assert not sandbox.is_large(files.phone_photo(progressive=True))


def test_no_passwords():
    """The process that reads a file does not know what the server knows."""
    os.environ["SERVICE_QUALITY_PASSWORD"] = "zebedee"
    content, seen = files.growing_tree(40, 3), set()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(reason, content)
        while not running.done():
            for reader in readers():
                with contextlib.suppress(OSError):
                    seen.add((reader / "environ").read_bytes())
    del os.environ["SERVICE_QUALITY_PASSWORD"]
    assert seen
    assert not any(b"zebedee" in environment for environment in seen)


def test_limits_of_the_server_do_not_matter():
    """Odoo limits its own memory: the process that reads has its own limit."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (8 * 1024**3, hard))
    try:
        assert sandbox.clean(files.picture("PNG")).extension == "png"
        assert reason(files.inflating_objects()) in ("type", "inflated", "effort")
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
