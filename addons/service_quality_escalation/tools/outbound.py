"""Posts to an address that a user has entered, without lending them this machine.

Only public addresses over HTTPS are spoken to, redirections are not followed, and the
address that was looked at is the one that is connected to: a name server that answers
something else the second time is not asked a second time.
"""

import ipaddress
import socket
import threading
from contextlib import suppress

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

TIMEOUT = 10
"""Seconds to connect, and between the bytes of the reply."""

MOST_SECONDS = 15
"""From the first byte that is sent to the last that is read."""

LONGEST_REPLY = 16_384

GLOBAL = ipaddress.ip_network("2000::/3")
"""All that is public of the newer internet, so far; not what stands for an older
address, for a site or for one network's translation."""

NAT64 = ipaddress.ip_network("64:ff9b::/96")

DOCUMENTATION = ipaddress.ip_network("3fff::/20")
"""Newer than the tables of some Pythons."""


class NotPublic(Exception):
    """The address belongs to this machine or to its own network."""


def is_public(address):
    """Return True if an IP address is one of the public internet.

    An address that wraps another one is as public as that.

    >>> is_public("93.184.216.34"), is_public("2606:2800:21f::1")
    (True, True)
    >>> [is_public(a) for a in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "::1")]
    [False, False, False, False]
    >>> is_public("::ffff:10.1.2.3"), is_public("64:ff9b::a01:203")
    (False, False)
    >>> is_public("64:ff9b::5db8:d822"), is_public("2002:5db8:d822::1")
    (True, True)
    >>> is_public("2002:a01:203::1"), is_public("224.0.0.1"), is_public("0.0.0.0")
    (False, False, False)
    >>> [is_public(a) for a in ("64:ff9b:1::1:203", "fec0::1", "::10.1.2.3", "fd00::")]
    [False, False, False, False]
    >>> [is_public(a) for a in ("::ffff:0:10.1.2.3", "2001:0:a01:203::1", "5f00::1")]
    [False, False, False]
    >>> [is_public(a) for a in ("203.0.113.7", "2001:db8::1", "3fff::1", "198.18.0.1")]
    [False, False, False, False]
    """
    found = ipaddress.ip_address(address.split("%")[0])
    if found.version == 6:
        inner = found.ipv4_mapped or found.sixtofour
        if found in NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner:
            found = inner
        elif found not in GLOBAL or found in DOCUMENTATION:
            return False
    return found.is_global and not found.is_multicast


class Deadline:
    """Ends the connections of one delivery when its time is up, whatever they do.

    The limits of a socket count from byte to byte: who sends one now and then would
    hold a connection for ever.
    """

    def __init__(self, seconds):
        self.is_over = False
        self._lock = threading.Lock()
        self._connections = []
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self):
        self._timer.start()
        return self

    def __exit__(self, *_error):
        self._timer.cancel()
        for connection in self._connections:
            connection.close()

    def watch(self, connection):
        """End a connection with the others.

        It is watched by a copy: encryption takes the connection itself away.
        """
        with self._lock:
            self._connections.append(connection.dup())
        if self.is_over:
            self._end()

    def _end(self):
        self.is_over = True
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


def _pools(deadline, private):
    """Return the kinds of connections of one delivery, by the scheme of an address."""

    class Plain(HTTPConnection):
        def _new_conn(self):
            connection = super()._new_conn()
            deadline.watch(connection)
            return connection

    class Encrypted(HTTPSConnection):
        def _new_conn(self):
            connection = super()._new_conn() if private else _connect(self)
            deadline.watch(connection)
            return connection

    pools = {
        "https": type("Pool", (HTTPSConnectionPool,), {"ConnectionCls": Encrypted})
    }
    if private:
        pools["http"] = type("Pool", (HTTPConnectionPool,), {"ConnectionCls": Plain})
    return pools


def _connect(connection):
    """Connect to a public address, the one that was looked at."""
    name = connection.host
    found = socket.getaddrinfo(name, connection.port, type=socket.SOCK_STREAM)
    addresses = [entry[4][0] for entry in found]
    if not all(map(is_public, addresses)):
        raise NotPublic()
    # the certificate is still compared with the name
    connection._dns_host = addresses[0]
    try:
        return HTTPSConnection._new_conn(connection)
    finally:
        connection._dns_host = name


class _Adapter(HTTPAdapter):
    """Connects by the connection pools of one delivery."""

    def __init__(self, pools):
        self._pools = pools
        super().__init__()

    def init_poolmanager(self, connections, maxsize, block=False, **options):
        """Let connections be of our kinds."""
        result = super().init_poolmanager(connections, maxsize, block, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools
        return result

    def proxy_manager_for(self, *arguments, **options):
        """Let connections to a proxy be of our kinds, too."""
        manager = super().proxy_manager_for(*arguments, **options)
        manager.pool_classes_by_scheme = self._pools
        return manager


def post(url, body, headers, private=False, seconds=MOST_SECONDS):
    """Post bytes; return the status and the beginning of the reply as text.

    :param private: addresses of the own network, and such without HTTPS, are let pass
    :param seconds: for all of it
    :raise NotPublic: before anything was sent
    :raise requests.RequestException: when there is no reply
    """
    with Deadline(seconds) as deadline, requests.Session() as session:
        session.trust_env = private  # a proxy is an address of the own network
        session.adapters.clear()
        for scheme in ("https://", "http://") if private else ("https://",):
            session.mount(scheme, _Adapter(_pools(deadline, private)))
        try:
            status, text = _post(session, url, body, headers)
        except requests.RequestException as error:
            if deadline.is_over:
                raise requests.exceptions.Timeout() from error
            raise
        if deadline.is_over:  # what was read may look whole
            raise requests.exceptions.Timeout()
        return status, text


def _post(session, url, body, headers):
    with session.post(
        url,
        data=body,
        headers=headers,
        timeout=TIMEOUT,
        allow_redirects=False,
        stream=True,
    ) as reply:
        text = next(reply.iter_content(LONGEST_REPLY), b"")
        return reply.status_code, text.decode("utf-8", "replace")
