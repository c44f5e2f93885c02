"""Takes out of a page that is printed what it would fetch from an address."""

import re

from lxml import html

FETCHING = ("iframe", "frame", "object", "embed", "link", "base", "script", "meta")
"""Elements that are there to fetch something, or to lead to it; of ``meta`` those
that do more than to name the page's encoding."""

ADDRESSES = ("src", "srcset", "background", "poster", "data", "lowsrc", "xlink:href")

FETCHED = re.compile(r"@import|url\(\s*['\"]?\s*(?!data:)", re.IGNORECASE)


def without_addresses(page):
    """Return a page with nothing in it that a program would fetch to print it.

    Links stay: they are followed by people.

    >>> print(without_addresses(
    ...     "<html><head><meta charset='utf-8'><link href='//a.example/s.css'></head>"
    ...     "<body style='background: url(//a.example)'><img src='http://a.example/i'>"
    ...     "<img src='data:image/gif;base64,R0'><a href='http://b.example'>b</a></body>"
    ...     "</html>"
    ... ))
    <!DOCTYPE html>
    <html><head><meta charset="utf-8"></head><body><img><img \
src="data:image/gif;base64,R0"><a href="http://b.example">b</a></body></html>
    """
    root = html.document_fromstring(str(page))
    for element in list(root.iter(*FETCHING)):
        if element.tag != "meta" or element.get("http-equiv"):
            element.drop_tree()
    for element in root.iter(html.etree.Element):
        for name in ADDRESSES:
            if not element.get(name, "data:").strip().lower().startswith("data:"):
                del element.attrib[name]
        if element.tag in ("image", "use", "feImage"):
            element.attrib.pop("href", None)
        if FETCHED.search(_plain(element.get("style", ""))):
            del element.attrib["style"]
        if element.tag == "style" and FETCHED.search(_plain(element.text or "")):
            element.text = ""
    return html.tostring(root, encoding="unicode", doctype="<!DOCTYPE html>")


def _plain(style):
    """Return a style without comments and escapes, behind which words may hide.

    >>> _plain("u/**/r\\\\6c (x)")
    'url(x)'
    """
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    return re.sub(
        r"\\([0-9a-fA-F]{1,6})\s?|\\(.)",
        lambda found: chr(min(int(found[1], 16), 0xFFFF)) if found[1] else found[2],
        style,
    )
