"""Compares telephone numbers, however people write them."""

import re
import unicodedata

LEAST_LOCAL = 6
"""A number within a town has so many digits at least."""


EXTENSION = re.compile(
    r"\s*(?:;?ext(?:ension|n)?|x|[#,;]|转|轉|分机|分機)\D*\d*\s*$", re.IGNORECASE
)
"""What is dialled within a house, once somebody has answered."""


def plain_number(text):
    """Return the digits by which a telephone number is compared with others.

    A plus sign, the zeros that stand for it or that begin a call within the country,
    what is written for the eye and an extension are left out.

    >>> [plain_number(text) for text in ("+86 10 6000-1234", "0086 10 60001234")]
    ['861060001234', '861060001234']
    >>> plain_number("010 6000 1234 ext. 8"), plain_number("（010）６０００1234转8")
    ('1060001234', '1060001234')
    >>> plain_number("+49 (0)30 1234 #5"), plain_number("none"), plain_number(None)
    ('49301234', '', '')
    """
    number = unicodedata.normalize("NFKC", text or "").replace("(0)", "")
    number = EXTENSION.sub("", number)
    digits = (unicodedata.digit(char) for char in number if char.isdigit())
    return "".join(map(str, digits)).lstrip("0")


def tails(text):
    """Return what a telephone number may be written as, the longest first.

    A row that keeps one of them as its plain number is of the same telephone; so is one
    of which the plain number ends with the first.

    >>> tails("+49 30 1234"), tails("8001"), tails("-")
    (['49301234', '9301234', '301234'], ['8001'], [])
    """
    plain = plain_number(text)
    shorter = range(1, len(plain) - LEAST_LOCAL + 1)
    return [plain, *(plain[start:] for start in shorter)] if plain else []


def same_number(one, other):
    """Return True if two texts are the same telephone number.

    One may lack the codes of the country and the town.

    >>> same_number("+49 30 1234", "030/1234"), same_number("12-34-56", "+4930123456")
    (True, True)
    >>> same_number("000", "+86 10 6000"), same_number("8001", "8001")
    (False, True)
    >>> same_number("", None)
    False
    """
    short, long = sorted((plain_number(one), plain_number(other)), key=len)
    if len(short) < LEAST_LOCAL:
        return bool(short) and short == long
    return long.endswith(short)
