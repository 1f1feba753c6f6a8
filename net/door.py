"""The one outbound door. No other module may open a client session, or a socket.

`Guard` decides where it may lead: scheme and port by rule; every resolved address of a name must be public, or that
host and port be listed by the operator; each socket is checked once more as it is made. So nothing between check
and connect (another DNS answer, a literal address, a redirect inside a library) can lead elsewhere. Redirects are
off unless asked for, and each hop is checked anew. No cookies, no proxies from the environment, no netrc.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self

import aiohttp
import structlog
from aiohttp import ClientMiddlewareType, ClientSession, ClientTimeout

from domain.clock import Clock
from domain.errors import ChannelError, OutcomeUnknown, Unreachable
from net.address import AllowList
from net.answer import Answer, problem, publish_problem, raise_for, says_gone
from net.exchange import Once, headers_of, mark_connected, never_again, read_body, unconnected, why
from net.guard import Guard, Lookup, OpenSocket
from net.stream import Lines, Stream, WebSocket
from net.wire import SAFE_METHODS, Params, Wire, build, next_hop

__all__ = ["AllowList", "Answer", "Door", "Lines", "WebSocket", "problem", "publish_problem", "raise_for", "says_gone"]

USER_AGENT = "Earshot/0.1 (+self-hosted; {contact})"
MAX_BYTES = 4 * 1024 * 1024
_CONNECT_S = 10.0  # per address, so that a dead first address leaves time for the next
_log = structlog.get_logger()


class Door:
    """Sends requests for the whole product. Use as `async with Door(clock) as door`, or call `close()`.

    `lookup` and `open_socket` stand in for the system's name look-up and sockets.
    """

    def __init__(
        self,
        clock: Clock,
        allow: AllowList | None = None,
        *,
        contact: str = "social listening desk",
        lookup: Lookup | None = None,
        open_socket: OpenSocket | None = None,
    ) -> None:
        self._clock = clock
        self._guard = Guard(allow or AllowList(), lookup, open_socket)
        self._user_agent = USER_AGENT.format(contact=contact)
        self._kept: ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes all kept connections. The door can be used again afterwards."""
        if self._kept is not None:
            await self._kept.close()
            self._kept = None
        await self._guard.close()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Params | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout_s: float = 20.0,
        max_bytes: int = MAX_BYTES,
        redirects: int = 0,
        purpose: str = "",
    ) -> Answer:
        """One request for reading, or for signing in. `timeout_s` bounds the whole of it, redirects included.

        Raises Unreachable, Undecodable (larger than `max_bytes`, also when unpacked) or Refused (an address we may
        not use). Any status is an Answer: see `raise_for`. Only GET and HEAD use kept connections, follow
        redirects and may be repeated by aiohttp (once, when a kept connection turns out to be dead).
        """
        wire = build(method, url, headers, params, json, form, body)
        try:
            async with asyncio.timeout(timeout_s):
                return await self._follow(wire, redirects, max_bytes, purpose)
        except ChannelError:
            raise
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unreachable(f"{wire.host}: {why(error, timeout_s)}") from error

    async def send_once(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Params | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout_s: float = 30.0,
        max_bytes: int = MAX_BYTES,
        purpose: str = "",
    ) -> Answer:
        """A request that publishes: at most one on the wire, on a fresh connection, never repeated or redirected.

        Raises Unreachable or Refused when it was certainly not sent: no connection (with TLS) came about.
        From the moment there is one, every fault is OutcomeUnknown. Any status is an Answer: see `publish_problem`.
        """
        wire = build(method, url, headers, params, json, form, body)
        self._guard.check(wire.url)
        connected = asyncio.Event()
        try:
            async with asyncio.timeout(timeout_s), self._fresh(connected) as session:
                return await self._exchange(session, wire, max_bytes, purpose)
        except Exception as error:
            if connected.is_set():
                raise OutcomeUnknown(f"{wire.host}: {why(error, timeout_s)}") from error
            if isinstance(error, ChannelError):
                raise
            raise Unreachable(f"{wire.host}: {why(error, timeout_s)}") from error

    async def connect(
        self, host: str, port: int, *, kind: str, ports: Collection[int], timeout_s: float = 10.0
    ) -> socket.socket:
        """A connected, non-blocking socket for a protocol that is not HTTP ("mail"), which the caller closes.

        The rules of addresses are those of every other way out; `ports` are the usual ones of that `kind`. Raises
        Unreachable, or Refused for an address we may not use.
        """
        try:
            async with asyncio.timeout(timeout_s):
                return await self._guard.connect(host, port, kind, ports)
        except (OSError, ValueError) as error:
            raise Unreachable(f"{host}: {unconnected(error, timeout_s)}") from error

    @asynccontextmanager
    async def websocket(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Params | None = None,
        max_bytes: int = 1024 * 1024,
        timeout_s: float = 20.0,
        idle_s: float = 60.0,
    ) -> AsyncIterator[WebSocket]:
        """An open stream (ws, wss) of messages up to `max_bytes`. `timeout_s` bounds the opening.

        Raises Unreachable when it cannot be opened, breaks, or brings nothing for `idle_s`; SignInFailed,
        RateLimited and the like when the server refuses the handshake so.
        """
        wire = build("GET", url, headers, params, None, None, None)
        self._guard.check(wire.url)
        async with self._fresh(asyncio.Event()) as session:
            stream = await self._open_stream(session, wire, max_bytes, timeout_s, idle_s)
            try:
                yield WebSocket(stream, wire.host, idle_s)
            finally:
                await stream.close()

    @asynccontextmanager
    async def lines(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Params | None = None,
        max_bytes: int = 1024 * 1024,
        timeout_s: float = 20.0,
        idle_s: float = 60.0,
    ) -> AsyncIterator[Lines]:
        """The answer to a GET that goes on for ever, line by line (JSON lines, server-sent events).

        `timeout_s` bounds the opening, `max_bytes` a line. Any status is there as `Lines.answer`, with its body when
        it is not 2xx. Raises Unreachable when it cannot be opened, breaks, or brings no byte for `idle_s`.
        """
        # A compressed stream would hold lines back until a block is full.
        wire = build("GET", url, {"accept-encoding": "identity", **(headers or {})}, params, None, None, None)
        self._guard.check(wire.url)
        async with self._fresh(asyncio.Event()) as session:
            lines = await self._open_lines(session, wire, max_bytes, timeout_s, idle_s)
            try:
                yield lines
            finally:
                lines.close()

    async def _follow(self, wire: Wire, redirects: int, max_bytes: int, purpose: str) -> Answer:
        while True:
            self._guard.check(wire.url)
            answer = await self._ask(wire, max_bytes, purpose)
            hop = next_hop(wire, answer.status, answer.headers.get("location", "")) if redirects else None
            if hop is None:
                return answer
            wire, redirects = hop, redirects - 1

    async def _ask(self, wire: Wire, max_bytes: int, purpose: str) -> Answer:
        if wire.method in SAFE_METHODS:
            return await self._exchange(self._keeping(), wire, max_bytes, purpose)
        async with self._fresh(asyncio.Event()) as session:
            return await self._exchange(session, wire, max_bytes, purpose)

    async def _exchange(self, session: ClientSession, wire: Wire, max_bytes: int, purpose: str) -> Answer:
        """One request, one answer read to its end."""
        began = self._clock.monotonic()
        async with session.request(
            wire.method, wire.url, headers=wire.headers, data=wire.body, allow_redirects=False
        ) as response:
            body = await read_body(response, max_bytes)
            headers = headers_of(response)
        seconds = round(self._clock.monotonic() - began, 3)
        _log.debug("answered", purpose=purpose, host=wire.host, status=response.status, size=len(body), seconds=seconds)
        return Answer(response.status, headers, body, str(wire.url))

    async def _open_stream(
        self, session: ClientSession, wire: Wire, max_bytes: int, timeout_s: float, idle_s: float
    ) -> Stream:
        limits = aiohttp.ClientWSTimeout(ws_receive=idle_s, ws_close=0.5)
        try:
            async with asyncio.timeout(timeout_s):
                return await session.ws_connect(
                    wire.url,
                    headers=wire.headers,
                    timeout=limits,
                    heartbeat=30,
                    max_msg_size=max_bytes,
                    decode_text=False,
                )
        except aiohttp.WSServerHandshakeError as error:
            told = problem(error.status, dict(error.headers or {}), b"", self._clock.now(), expects_json=False)
            raise told or Unreachable(f"{wire.host}: HTTP {error.status} in place of a stream") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unreachable(f"{wire.host}: {why(error, timeout_s)}") from error

    async def _open_lines(
        self, session: ClientSession, wire: Wire, max_bytes: int, timeout_s: float, idle_s: float
    ) -> Lines:
        try:
            async with asyncio.timeout(timeout_s):
                response = await session.request(wire.method, wire.url, headers=wire.headers, allow_redirects=False)
                body = b"" if response.status // 100 == 2 else await read_body(response, max_bytes)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unreachable(f"{wire.host}: {why(error, timeout_s)}") from error
        return Lines(Answer(response.status, headers_of(response), body, str(wire.url)), response, idle_s, max_bytes)

    def _keeping(self) -> ClientSession:
        if self._kept is None:
            self._kept = self._session(limit=100, limit_per_host=8, ttl_dns_cache=60)
        return self._kept

    def _fresh(self, connected: asyncio.Event) -> ClientSession:
        """A session for one request on a connection of its own; `connected` is set before its first byte."""
        return self._session((Once(), never_again), [mark_connected(connected)], force_close=True, limit=1)

    def _session(
        self,
        middlewares: tuple[ClientMiddlewareType, ...] = (),
        traces: list[aiohttp.TraceConfig] | None = None,
        **connector: Any,
    ) -> ClientSession:
        return ClientSession(
            connector=aiohttp.TCPConnector(resolver=self._guard, socket_factory=self._guard.socket, **connector),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._user_agent, "Accept-Encoding": "gzip, deflate"},
            timeout=ClientTimeout(total=None, sock_connect=_CONNECT_S),
            middlewares=middlewares,
            trace_configs=traces,
            trust_env=False,
        )
