"""Read the lines of an export, whatever program has written the file.

Plain Python without Odoo. What cannot be read is a ``ValueError`` of one sentence.
"""

import csv
import gzip
import io
import re
import zlib
from pathlib import Path

MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
"""A mark at the beginning says how the file is encoded, whatever was declared."""

DELIMITERS = ",;\t|"
LONGEST_CELL = 64 * 2**20


class Line(dict):
    """The cells of one line by the name of their column, and where it begins."""

    number = 0


def read_lines(path, encoding, delimiter, findings):
    """Return the lines of a CSV file, plain or .gz.

    Lines that are none, an empty one or the header once more, are left out and counted.

    :param delimiter: None: the one that the header has most of
    :return: (names of the columns, list of :class:`Line`)
    """
    text = _decode(path, _bytes(path), encoding)
    skipped = 0
    first, _end, rest = text.partition("\n")
    declared = re.fullmatch(r"\"?sep=(.)\"?", first.strip("\r"))
    if declared:
        delimiter, text, skipped = declared[1], rest, 1
        findings.note("line that names the separator: no incident", "1")
    header = text.partition("\n")[0]
    delimiter = delimiter or max(DELIMITERS, key=header.count)
    names, *rows = _parse(path, text, delimiter, skipped) or [(1, [])]
    names = [name.strip() for name in names[1]]
    found = []
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if [cell.strip() for cell in cells] == names:
            findings.note("line that repeats the header: no incident", str(number))
            continue
        found.append(_line(number, names, cells, findings))
    return names, found


def _line(number, names, cells, findings):
    if len(cells) < len(names):
        findings.note("line with too few cells: the rest is empty", str(number))
    elif len(cells) > len(names):
        findings.note("line with too many cells: the rest is not read", str(number))
    line = Line(zip(names, cells, strict=False))
    line.number = number
    return line


def _bytes(path):
    """Return what is in a file, unpacked."""
    content = Path(path).read_bytes()
    if content.startswith(b"\x1f\x8b"):
        try:
            content = gzip.decompress(content)
        except (EOFError, OSError, zlib.error) as error:
            raise ValueError(
                f"{path}: the archive is cut off or damaged; fetch it again"
            ) from error
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise ValueError(f"{path} is a workbook: save it as CSV (UTF-8)")
    if content.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
        raise ValueError(f"{path} is a web page: log in and fetch the export again")
    return content


def _decode(path, content, encoding):
    for mark, its_encoding in MARKS:
        if content.startswith(mark):
            encoding = its_encoding
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ValueError(
            f"{path} is not {encoding}, see line {line}: name its encoding in [file]"
        ) from error
    if "\0" in text:
        raise ValueError(f"{path} is no text: it has characters in it that none has")
    return text


def _parse(path, text, delimiter, skipped):
    """Return ``[(number of the line where a row begins, cells)]``.

    Most programs double a quote inside a quoted cell; some put a backslash before it.
    """
    csv.field_size_limit(LONGEST_CELL)
    try:
        return list(_rows(path, text, delimiter, skipped))
    except ValueError:
        if '\\"' not in text:
            raise
        return list(_rows(path, text, delimiter, skipped, escapechar="\\"))


def _rows(path, text, delimiter, skipped, **dialect):
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter, strict=True, **dialect)
    while True:
        begin = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            what = f"cannot be read ({error})"
            if "unexpected end" in str(error):
                what = "has a quote that is never closed"
            raise ValueError(f"{path}: line {begin + skipped} {what}") from error
        yield begin + skipped, cells
