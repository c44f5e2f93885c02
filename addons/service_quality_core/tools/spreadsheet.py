"""Keeps what people have typed a text in spreadsheets, never a formula or a link."""

import re

_FORMULA = re.compile(
    r"""
    [\t\r\n]                                       # some programs skip these
    | [\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*  # not seen, or skipped
      [=+\-@\uff1d\uff0b\uff0d\uff20]              # also in their full width
    """,
    re.VERBOSE,
)
_LIVE = re.compile(r"\{?=|(https?|ftps?)://|mailto:|(in|ex)ternal:", re.IGNORECASE)


def guard(value):
    """Return the value of a cell of a CSV file that no program takes for a formula.

    >>> guard("=1+1"), guard("\\t=1+1"), guard("\\uff1d1+1"), guard("@SUM(A1)")
    ("'=1+1", "'\\t=1+1", "'＝1+1", "'@SUM(A1)")
    >>> guard("a=b"), guard(-5), guard(None)
    ('a=b', -5, None)
    """
    if isinstance(value, str) and _FORMULA.match(value):
        return f"'{value}"
    return value


def still(value):
    """Return a text that a workbook's writer takes for neither formula nor link.

    >>> still('=HYPERLINK("http://example.invalid")'), still("Printer"), still(3)
    (' =HYPERLINK("http://example.invalid")', 'Printer', 3)
    """
    return f" {value}" if isinstance(value, str) and _LIVE.match(value) else value
