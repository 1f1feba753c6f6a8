"""Which addresses Earshot may connect to. Pure rules.

Allowed is what is global AND not multicast AND not written in a transition form. Python's `is_global` alone is
not enough: 3.11 calls ::127.0.0.1, 64:ff9b::a9fe:a9fe (NAT64 of a cloud's metadata address) and
2002:a9fe:a9fe:: global. Everything else is reached only when the operator listed that host and port.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from domain.errors import BadInput

Address = IPv4Address | IPv6Address

PUBLIC_PORTS = frozenset({80, 443, 8080, 8443})

_CLOSED = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT; also some clouds' metadata
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # IETF protocol assignments; 192.0.0.192 is a cloud's metadata
        "192.0.2.0/24",
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # automatic multicast tunnelling
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
        "::/8",  # unspecified, loopback, IPv4-compatible and -mapped, NAT64 (64:ff9b::/96 and 64:ff9b:1::/48)
        "100::/64",  # discard
        "2001::/23",  # IETF: Teredo 2001::/32, benchmarking, ORCHID
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fc00::/7",
        "fe80::/9",  # link-local fe80::/10 and old site-local fec0::/10 are in fe80::/9
        "ff00::/8",
    )
)
_GLOBAL_UNICAST_6 = ip_network("2000::/3")


def is_public(address: str | Address) -> bool:
    """Whether this address is an ordinary public one. Text that is no address, or has a zone, is not."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and (ip.scope_id or ip not in _GLOBAL_UNICAST_6):
        return False
    closed = any(ip.version == block.version and ip in block for block in _CLOSED)
    return ip.is_global and not ip.is_multicast and not closed


@dataclass(frozen=True, slots=True)
class AllowList:
    """Hosts with ports that the operator opened by hand, though they are not public (an own server, a sandbox)."""

    entries: frozenset[tuple[str, int]] = frozenset()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> AllowList:
        """From "host:port" or "[v6]:port". Raises BadInput naming the entry."""
        return cls(frozenset(_entry(text) for text in entries))

    def permits(self, host: str, port: int) -> bool:
        """Whether exactly this host, as written in the address, is open on this port."""
        return (_plain(host), port) in self.entries


def may_use_port(port: int) -> bool:
    """Ports of public hosts that web servers use. Others only by the allow-list: 25 or 6379 are not for us."""
    return port in PUBLIC_PORTS


def _plain(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()


def _entry(text: str) -> tuple[str, int]:
    host, colon, port = text.strip().rpartition(":")
    if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65536 or "/" in host or "*" in host:
        raise BadInput(f'"{text}" is not an allowed address: write host:port, for example 127.0.0.1:8080')
    return _plain(host), int(port)
