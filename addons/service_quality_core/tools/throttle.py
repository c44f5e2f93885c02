"""Limits how often a visitor may do something, without remembering who it was.

Nothing here knows of Odoo, and nothing is written anywhere: the counts are in the
memory of one process and lost with it. With several worker processes each one counts
by itself.
"""

import hmac
import math
import secrets
import threading
import time
from ipaddress import ip_address, ip_network

DAY = 24 * 3600

MOST_KEYS = 50_000
"""So many are remembered at most, about 10 MB; the memory is not for an attacker."""


LEAST_WAIT = 1e-6
"""Less is the rounding of floating point."""


class Throttle:
    """Allows a number of tries at once, and as many again over some seconds.

    A visitor is known by an HMAC with a random key that lives for a day: what is in
    memory cannot be turned back into an address, nor be compared from day to day.

    >>> moment = [0]
    >>> throttle = Throttle(2, 60, now=lambda: moment[0])
    >>> [throttle.seconds_to_wait("192.0.2.7") for _try in range(3)]
    [0, 0, 30]

    Others are not held up by it, and waiting helps:

    >>> throttle.seconds_to_wait("192.0.2.8")
    0
    >>> moment[0] = 30
    >>> [throttle.seconds_to_wait("192.0.2.7") for _try in range(2)]
    [0, 30]

    The addresses of one line of the newer internet are one:

    >>> [throttle.seconds_to_wait(f"2001:db8::{end}") for end in "123"]
    [0, 0, 30]
    """

    def __init__(self, most, seconds, now=time.monotonic):
        self.most = most
        self.seconds = seconds
        self._now = now
        self._lock = threading.Lock()
        self.forget()

    def forget(self):
        """Forget all counts, and take a new key."""
        self._key = secrets.token_bytes(32)
        self._renew_at = self._now() + DAY
        self._full_until = {}

    def seconds_to_wait(self, address):
        """Count a try and return 0, or how long to wait before the next is allowed."""
        with self._lock:
            now = self._now()
            if now >= self._renew_at:
                self.forget()
            elif len(self._full_until) >= MOST_KEYS:
                self._make_room(now)
            key = self._pseudonym(address)
            # the time at which all that was used up is there again
            until = max(self._full_until.get(key, now), now) + self.seconds / self.most
            wait = until - now - self.seconds
            if wait > LEAST_WAIT:
                return math.ceil(wait - LEAST_WAIT)
            self._full_until[key] = until
            return 0

    def _pseudonym(self, address):
        return hmac.digest(self._key, network(address).encode(), "sha256")

    def _make_room(self, now):
        self._full_until = {
            key: until for key, until in self._full_until.items() if until > now
        }
        if len(self._full_until) >= MOST_KEYS:
            self.forget()


def network(address):
    """Return what stands for the line that an address belongs to.

    >>> network("192.0.2.7"), network("::ffff:192.0.2.7")
    ('192.0.2.7', '192.0.2.7')
    >>> network("2001:db8:1:2:3:4:5:6")
    '2001:db8:1:2::/64'
    >>> network("no address"), network(None)
    ('', '')
    """
    try:
        found = ip_address(address or "")
    except ValueError:
        return ""
    if found.version == 4:
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ip_network((int(found), 64), strict=False))
