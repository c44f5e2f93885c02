"""Keeps who opens the pages for guests out of the web server's log."""

import logging
import re
from urllib.parse import unquote

GUEST_PATH = re.compile("/service/", re.IGNORECASE)
"""All pages for guests are under this path, whatever stands before it."""

METHOD = re.compile(r"\b(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\b")

STATUS = re.compile(r'" (\d{3})\b')


class GuestLogFilter(logging.Filter):
    """Reduces lines about pages for guests to method and status.

    >>> log = logging.getLogger("doctest of guest_log")
    >>> log.addFilter(GuestLogFilter())
    >>> log.propagate = False
    >>> import sys
    >>> log.addHandler(logging.StreamHandler(sys.stdout))
    >>> def visit(target):
    ...     line = f"GET {target} HTTP/1.1"
    ...     log.warning('192.0.2.7 - - [now] "%s" %s %s', line, "200", 1024)
    >>> visit("/my/tickets")
    192.0.2.7 - - [now] "GET /my/tickets HTTP/1.1" 200 1024
    >>> visit("/service/hotline/J7K2?lang=zh_CN")
    "GET /service/…" 200
    >>> visit("/zh_CN//%73ervice/follow-up/secret-token")
    "GET /service/…" 200
    """

    def filter(self, record):
        """Keep every line, without what stands in a guest's address."""
        line = record.getMessage()
        if GUEST_PATH.search(re.sub("/+", "/", unquote(line))):
            found = METHOD.search(line), STATUS.search(line)
            record.msg = '"%s /service/…" %s'
            record.args = tuple(part[1] if part else "?" for part in found)
        return True
