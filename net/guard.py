"""Watches over where the door leads: checks the address as written, each name's answers, and each socket."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from domain.errors import Refused
from net.address import AllowList, is_public, may_use_port

AddressInfo = tuple[int, int, int, str, tuple[object, ...]]
Lookup = Callable[[str, int], Awaitable[list[str]]]
Socket = socket.socket
OpenSocket = Callable[[AddressInfo], Socket]

SCHEMES = frozenset({"http", "https", "ws", "wss"})


class Guard(AbstractResolver):
    """The rules of `net.address` applied three times. Raises Refused("address", what, why and the way out)."""

    def __init__(self, allow: AllowList, lookup: Lookup | None = None, open_socket: OpenSocket | None = None) -> None:
        self._allow = allow
        self._threads: ThreadPoolExecutor | None = None
        self._lookup = lookup or self._ask_system
        self._open_socket = open_socket or _open_socket
        # Addresses of listed names, noted when the name was resolved: these sockets may lead inside.
        self._listed: set[tuple[str, int]] = set()

    def check(self, url: URL) -> None:
        """First: the address as written."""
        host, port = url.raw_host, url.port
        if url.scheme not in SCHEMES or not host or not port:
            raise Refused("address", f"{url.scheme or 'no scheme'}: only http and https addresses with a host are used")
        if url.raw_user is not None or url.raw_password is not None:
            raise Refused("address", f"{host}: a name or password inside an address is not accepted")
        self._check_place(host, port, "web", usual=may_use_port(port))

    def _check_place(self, host: str, port: int, kind: str, *, usual: bool) -> None:
        if self._allow.permits(host, port):
            return
        if _is_literal(host) and not is_public(host):
            raise _inside(host, port, host)
        if not usual:
            raise Refused(
                "address", f"{host}:{port}: this port is not used for {kind} servers; list {host}:{port} if it is"
            )

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Second: every address the name has now. One that leads inside closes the whole name."""
        found = list(dict.fromkeys(await self._lookup(host, port)))
        if not found:
            raise OSError(errno.ENOENT, "the name has no address")
        if self._allow.permits(host, port):
            self._listed.update((address, port) for address in found)
        elif inside := next((address for address in found if not is_public(address)), None):
            raise _inside(host, port, inside)
        return [_result(host, address, port) for address in found]

    def socket(self, info: AddressInfo) -> socket.socket:
        """Third: the address this very socket is for. Catches whatever went round the first two."""
        address, port = str(info[4][0]), int(str(info[4][1]))
        if not (is_public(address) or (address, port) in self._listed or self._allow.permits(address, port)):
            raise _inside(address, port, address)
        return self._open_socket(info)

    async def connect(self, host: str, port: int, kind: str, ports: Collection[int]) -> Socket:
        """A connected, non-blocking socket under the same three rules, for what is not HTTP. `ports` are those on which
        public servers of this kind listen. Raises OSError when no address takes us."""
        self._check_place(host, port, kind, usual=port in ports)
        failed = OSError(errno.ENOENT, "the name has no address")
        for found in await self.resolve(host, port):
            sock = self.socket((found["family"], socket.SOCK_STREAM, 0, "", (found["host"], port)))
            try:
                sock.setblocking(False)
                await asyncio.get_running_loop().sock_connect(sock, (found["host"], port))
                return sock
            except BaseException as error:
                sock.close()
                if not isinstance(error, OSError):
                    raise
                failed = error
        raise failed

    async def close(self) -> None:
        """Ends the look-up threads without waiting for a slow name server."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None

    async def _ask_system(self, host: str, port: int) -> list[str]:
        # Own threads: a dead name server must not use up the pool that hashes passwords and reads feeds.
        if self._threads is None:
            self._threads = ThreadPoolExecutor(4, thread_name_prefix="names")
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        return [str(info[4][0]) for info in found]


def _is_literal(host: str) -> bool:
    """Whether this is an address and no name: "127.1" and "2130706433" count, the system would take them as such."""
    return ":" in host or host.replace(".", "").isdigit()


def _inside(host: str, port: int, address: str) -> Refused:
    where = f"{host} is {address}, which" if address != host else host
    entry = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return Refused("address", f"{where} is not a public address; list {entry} if it is a server of yours")


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=flags)


def _open_socket(info: AddressInfo) -> socket.socket:
    return socket.socket(info[0], info[1], info[2])
