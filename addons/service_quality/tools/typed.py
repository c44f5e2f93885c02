"""What strangers type into forms."""

import re
import unicodedata

MOST_TEXT = 10_000

MOST_LINE = 200


def clean_text(value, most=MOST_TEXT):
    """Return what was typed, without characters that cannot be seen or stored.

    :return: tuple of the text, cut to the most characters, and how many there were

    >>> clean_text(" One\\r\\ntwo\\x00\\x1b[0m ")
    ('One\\ntwo[0m', 10)
    >>> clean_text(b"a file in place of a text")
    ('', 0)
    >>> clean_text("many words", 4)
    ('many', 10)
    """
    if not isinstance(value, str):
        return "", 0
    text = re.sub("\r\n?", "\n", value)
    text = "".join(
        char
        for char in text
        if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs")
    ).strip()
    return text[:most], len(text)


def clean_line(value):
    """Return what was typed into a field of one line."""
    return clean_text(value, MOST_LINE)[0].replace("\n", " ")
