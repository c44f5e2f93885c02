"""Cleans what people and programs enter as text."""

import re
import unicodedata

MOST_TEXT = 10_000

MOST_LINE = 200

MOST_IN_KEY = 255
MOST_IN_LINE = 1_000
MOST_IN_TEXT = 100_000
MOST_IN_HTML = 2_000_000
"""The most characters that another program sends as an identifier, which is in an
index, as a text of one line, as a longer one, and as one with markup, which may hold
pictures."""

MOST_SHOWN = 60
"""How many characters of a wrong value an error shows."""

UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""What no database keeps as text: the zero byte, and half of a pair of surrogates."""

UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff"
    "\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)
"""What steers a terminal, what is no character, and what turns the direction of all
that follows, so that a name is read backwards and with it our own words behind it.
Writing from right to left needs none of them."""


def clean_characters(text):
    """Return a text without characters that cannot be seen, stored or sent on.

    >>> clean_characters("One\\r\\ntwo\\x00\\x1b[0m\\ud800")
    'One\\ntwo[0m'
    >>> clean_characters("a\\u202egpj.exe"), clean_characters("\\u2067x\\u2069\\u2028y")
    ('agpj.exe', 'x\\ny')
    >>> clean_characters("\\u0645\\u200f\\u200d") == "\\u0645\\u200f\\u200d"
    True
    """
    return UNSEEN.sub("", re.sub("\r\n?|[\u2028\u2029]", "\n", text))


def without_controls(text):
    """Return what a program sent as text, without characters that cannot be seen.

    :raise ValueError: for what cannot be stored, as the text meant something else
    :raise TypeError: for what is no text

    >>> without_controls("One\\x07\\x1b[0m\\uffff two")
    'One[0m two'
    >>> without_controls("one\\0")
    Traceback (most recent call last):
    ...
    ValueError: not a text that can be stored
    """
    if UNSTORABLE.search(text):
        raise ValueError("not a text that can be stored")
    return clean_characters(text)


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
    text = clean_characters(value).strip()
    return text[:most], len(text)


LEAST_DIFFERENT = 4
"""Letters that a text has, as :func:`weigh` counts, which says anything at all."""


RUN = re.compile(r"(.)\1{2,}", re.DOTALL)
"""One letter three times and more; twice it stands in many words."""


def weigh(text, beyond=""):
    """Return how much a text says: its letters and digits, and no more.

    A Chinese, Japanese or Korean character stands for about two letters of an alphabet
    and counts as two. Blanks and punctuation say nothing. What was said already says
    nothing when it is said again: a run of one letter counts once, and a letter counts
    only where it did not follow the same two before, so that a group which is repeated
    counts once. With too few different letters only those count.

    :param beyond: what somebody else has said: it says nothing when it is said again

    >>> weigh("."), weigh(" – ok! "), weigh("Fan replaced"), weigh("已更换风扇。")
    (0, 2, 11, 10)
    >>> weigh("Ｆａｎ"), weigh(None), weigh("误报"), weigh("All was well.")
    (3, 0, 4, 10)
    >>> weigh("xxxxxxxxxxxx"), weigh(".x.x.x.x"), weigh("aAbBaAbB"), weigh("好好好好")
    (1, 1, 2, 2)
    >>> weigh("aaaabbbbccccdddd"), weigh("no no no no no"), weigh("done Done done")
    (4, 2, 6)
    >>> weigh("已经更换了机房的风扇"), weigh("今天修好了那台打印机")
    (20, 20)
    >>> weigh("No plan.", "No plan"), weigh("No plan x", "No plan")
    (0, 1)
    >>> weigh("No plan, as nobody made one", "No plan"), weigh("A till", "No plan")
    (15, 5)
    """
    said, known = _said(text), _said(beyond)
    different = sum(map(_weight, set(said)))
    if different < LEAST_DIFFERENT:
        return 0 if said in known else different
    said = RUN.sub(r"\1", said)
    begun = "" if said[:2] in known else said[:2]
    new = _threes(said) - _threes(RUN.sub(r"\1", known))
    return sum(map(_weight, begun)) + sum(_weight(three[2]) for three in new)


def _said(text):
    """Return the letters and digits of a text, capital or not."""
    return "".join(
        char
        for char in unicodedata.normalize("NFKC", text or "").casefold()
        if unicodedata.category(char)[0] in "LN"
    )


def _threes(said):
    return {said[at : at + 3] for at in range(len(said) - 2)}


def _weight(char):
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


LEADING_OUT = re.compile(r"(?<![^/\\])\.\.(?=[/\\]|$)|^(?=[/\\])|^[A-Za-z]:(?=[/\\])")
"""What leads out of the folder into which files are unpacked."""

ENDING = 20
"""Characters at the end of a name that is too long, as they say the kind of file."""


BLANK = re.compile(
    r"""
    # after a colon, or a word by itself at the end of a line
    [:\uff1a]\s* (?:\u2026+|\.{3,}|_{3,}) (?=$|[\s.,;\u3002\uff0c\uff1b])
    | (?:^|\s) (?:\u2026+|\.{3,}|_{3,}) [.\u3002]? \s* $
    """,
    re.VERBOSE,
)


def find_blank(text):
    """Return the first line in which a blank of a template was left, or "".

    A blank is an ellipsis or a line to write on: after a colon, or by itself at the
    end. An ellipsis that ends a word is prose.

    >>> find_blank("We are sorry.\\nThis is what happened: …\\nYours")
    'This is what happened: …'
    >>> find_blank("经查明：……"), find_blank("Cause ..."), find_blank("Name: ____, us")
    ('经查明：……', 'Cause ...', 'Name: ____, us')
    >>> find_blank("They waited… and left. Then [...] nothing: done.")
    ''
    """
    lines = (line.strip() for line in (text or "").splitlines())
    return next((line for line in lines if BLANK.search(line)), "")


def clean_line(value):
    """Return what was typed into a field of one line."""
    return clean_text(value, MOST_LINE)[0].replace("\n", " ")


def shown(value, most=MOST_SHOWN):
    """Return a wrong value as an error shows it, in characters of every protocol.

    >>> shown("\\ud800"), shown(["a" * 100], 5)
    ('\\\\ud800', "['aaa…")
    """
    text = str(value).replace("\0", "\\0").encode(errors="backslashreplace").decode()
    text = UNSEEN.sub("", text)
    return text if len(text) <= most else f"{text[:most]}…"


def clean_name(name):
    """Return the name of a file without what misleads who reads or unpacks it.

    >>> clean_name("a\\u202egpj.exe"), clean_name("../../etc/x\\0"), clean_name("\\n")
    ('agpj.exe', '_/_/etc/x', '_')
    >>> clean_name("INV/2026/1.pdf"), clean_name("a..b...pdf"), clean_name("/../x")
    ('INV/2026/1.pdf', 'a..b...pdf', '_/_/x')
    >>> len(clean_name("x" * 999 + ".pdf")), clean_name("x" * 999 + ".pdf")[-5:]
    (200, 'x.pdf')
    """
    name = clean_characters(name).replace("\n", " ").strip()
    name = LEADING_OUT.sub("_", name) or "_"
    if len(name) <= MOST_LINE:
        return name
    return name[: MOST_LINE - ENDING] + name[-ENDING:]
