"""Post to an address that a user has entered, without lending them this machine.

Only public addresses over HTTPS are spoken to, redirections are not followed, and the
address that was looked at is the one that is connected to: a name server that answers
something else the second time is not asked a second time.
"""

import ipaddress
import socket

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPSConnectionPool
from urllib3.connection import HTTPSConnection

TIMEOUT = 10
"""Seconds to connect, and between the bytes of the reply."""

LONGEST_REPLY = 16_384

NAT64 = ipaddress.ip_network("64:ff9b::/96")


class NotPublic(Exception):
    """The address belongs to this machine or to its own network."""


def is_public(address):
    """Tell whether an IP address is one of the public internet.

    An address that wraps another one is as public as that.

    >>> is_public("93.184.216.34"), is_public("2606:2800:21f::1")
    (True, True)
    >>> [is_public(a) for a in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "::1")]
    [False, False, False, False]
    >>> is_public("::ffff:10.1.2.3"), is_public("64:ff9b::a01:203")
    (False, False)
    >>> is_public("2002:a01:203::1"), is_public("224.0.0.1"), is_public("0.0.0.0")
    (False, False, False)
    """
    found = ipaddress.ip_address(address.split("%")[0])
    if found.version == 6:
        inner = found.ipv4_mapped or found.sixtofour
        if found in NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner:
            found = inner
    return found.is_global and not found.is_multicast


class _PublicConnection(HTTPSConnection):
    def _new_conn(self):
        name = self.host
        found = socket.getaddrinfo(name, self.port, type=socket.SOCK_STREAM)
        addresses = [entry[4][0] for entry in found]
        if not all(map(is_public, addresses)):
            raise NotPublic()
        # the certificate is still compared with the name
        self._dns_host = addresses[0]
        try:
            return super()._new_conn()
        finally:
            self._dns_host = name


class _PublicPool(HTTPSConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicAdapter(HTTPAdapter):
    def init_poolmanager(self, connections, maxsize, block=False, **options):
        """Let connections be made by HTTPS, and to public addresses only."""
        result = super().init_poolmanager(connections, maxsize, block, **options)
        self.poolmanager.pool_classes_by_scheme = {"https": _PublicPool}
        return result


def post(url, body, headers, private=False):
    """Post bytes; return the status and the beginning of the reply as text.

    :param private: addresses of the own network, and such without HTTPS, are let pass
    :raise NotPublic: before anything was sent
    :raise requests.RequestException: when there is no reply
    """
    with requests.Session() as session:
        session.trust_env = private  # a proxy is an address of the own network
        if not private:
            session.adapters.clear()
            session.mount("https://", _PublicAdapter())
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
