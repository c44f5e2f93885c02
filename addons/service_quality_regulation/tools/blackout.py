"""Blacks out names in files that are text, or tables of text."""

import html
import io
import re
import zipfile

BLACK = "████"

SHORTEST = 2
"""A name of one sign would black out half of a text."""

TEXTS = (".csv", ".html", ".json", ".txt", ".xml")


def blackener(names):
    """Return a function that blacks out names in a text, the longest first.

    >>> blackener(["Ann", "Ann Lee", "A"])("Ann Lee told Ann & A")
    '████ told ████ & A'
    >>> blackener([])("Ann")
    'Ann'
    """
    known = {name.strip() for name in names if name and name.strip()}
    known |= {html.escape(name) for name in known}
    known = sorted((n for n in known if len(n) >= SHORTEST), key=len, reverse=True)
    if not known:
        return str
    pattern = re.compile("|".join(map(re.escape, known)))
    return lambda text: pattern.sub(BLACK, text)


def black_out(path, content, blacken):
    """Return a file with names blacked out, None for a kind that cannot be.

    >>> black_out("a.csv", b"by,Ann", blackener(["Ann"])).decode()
    'by,████'
    >>> black_out("signed.pdf", b"%PDF", blackener(["Ann"]))
    """
    name = path.lower()
    if name.endswith(TEXTS):
        return blacken(content.decode("utf-8", "replace")).encode()
    if name.endswith(".xlsx"):
        return _black_out_workbook(content, blacken)
    return None


def _black_out_workbook(content, blacken):
    """Return a workbook whose cells, a part in XML each, have no names."""
    stream = io.BytesIO()
    try:
        with (
            zipfile.ZipFile(io.BytesIO(content)) as old,
            zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
        ):
            for part in old.namelist():
                data = old.read(part)
                if part.endswith(".xml"):
                    data = blacken(data.decode()).encode()
                new.writestr(part, data)
    except (zipfile.BadZipFile, UnicodeDecodeError):
        return None
    return stream.getvalue()
