"""Limits how much strangers and customers may send, and how often."""

from werkzeug.exceptions import TooManyRequests

from odoo.http import request

from ..tools.throttle import Throttle

THROTTLES = {
    # what is allowed at once, and again over this number of seconds
    "read": Throttle(300, 600),
    # by a link that cannot be guessed; a whole company may have one address
    "answer": Throttle(120, 600),
    "report": Throttle(30, 3600),
    "secret": Throttle(15, 900),
}

MOST_BYTES = 26 * 1024 * 1024
"""Of a whole request; what is longer is not read at all."""


def count_request(kind):
    """Count a request against a limit.

    :param kind: a key of :data:`THROTTLES`
    :raise TooManyRequests: when it is one too many
    """
    wait = THROTTLES[kind].seconds_to_wait(request.httprequest.remote_addr)
    if wait:
        raise TooManyRequests(retry_after=wait)
