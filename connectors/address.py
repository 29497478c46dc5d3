"""Which addresses a connection may speak to: the configured ones, over TLS, nothing inner (S-10).

A name is judged when it is configured; what it resolves to is judged on the
open socket, before a byte is sent, so that a name cannot change its mind in
between (DNS rebinding).
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from connectors.contract import Refused
from connectors.deadline import BoundedAnswer

METADATA = frozenset(
    map(ip_address, ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"))
)
"""Where clouds hand a machine's own credentials to whoever asks from inside it."""


def origin(url: str) -> str:
    """`scheme://host:port` of an address we may speak to.

    Raises   Refused: not https (loopback may be http), a login inside, or an inner address
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _refused("an address cannot be read") from None
    if not host:
        raise _refused("an address has no host; write it like https://tool.example")
    if parts.username or parts.password:
        raise _refused(f"the address of {host} holds a login; give it as a credential")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise _refused(f"the address of {host} does not begin with https://")
    literal = _literal(host)
    if literal is not None and _is_inner(literal):
        raise _refused(f"{host} is an inner address of this machine or its cloud")
    return f"{parts.scheme}://{host}:{port or (443 if parts.scheme == 'https' else 80)}"


def is_loopback(host: str) -> bool:
    """Said to be this machine, by number or as `localhost`; what another name resolves to does not count."""
    literal = _literal(host)
    return literal.is_loopback if literal else host.lower() == "localhost"


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_inner(address: IPv4Address | IPv6Address) -> bool:
    inner = address.is_link_local or address.is_multicast or address.is_unspecified or address in METADATA
    return inner or (address.is_reserved and not address.is_loopback)


def _refused(what: str) -> Refused:
    return Refused(
        f"Daybook does not connect: {what}. Nothing was sent. Correct the connection in the configuration.",
        whose="connection",
    )


class _Judged:
    """A connection that looks where it ended before it speaks."""

    host: str

    def _new_conn(self) -> socket.socket:
        opened: socket.socket = super()._new_conn()  # type: ignore[misc]
        reached = _literal(opened.getpeername()[0])
        if reached is None or _is_inner(reached) or (reached.is_loopback and not is_loopback(self.host)):
            opened.close()
            raise _refused(f"{self.host} resolves to an inner address of this machine or its cloud")
        return opened


class _JudgedHTTP(_Judged, HTTPConnection):
    response_class = BoundedAnswer


class _JudgedHTTPS(_Judged, HTTPSConnection):
    response_class = BoundedAnswer


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _JudgedHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _JudgedHTTPS


class JudgedAdapter(HTTPAdapter):
    """Opens only sockets that end where they may, and gives up answers that only trickle in.

    Through a proxy it is the proxy that resolves.
    """

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
