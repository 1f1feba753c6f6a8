"""The one outbound HTTP door. No other module may open a client session.

Guards, in order: scheme and port by rule; every resolved address of a name must be public or that host and port
be listed by the operator; the connection goes to the very addresses that were checked, and each socket is checked
once more as it is made, so that nothing between check and connect (another DNS answer, a literal address, a
redirect inside a library) can lead elsewhere. Redirects are off unless asked for, and each hop is checked anew.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from domain.clock import Clock
from net.address import AllowList
from net.answer import Answer, problem, publish_problem, raise_for

__all__ = ["AllowList", "Answer", "Door", "WebSocket", "problem", "publish_problem", "raise_for"]

Lookup = Callable[[str, int], Awaitable[list[str]]]
Params = Mapping[str, str | int] | list[tuple[str, str]]


class WebSocket:
    """An open stream of messages, at most `max_bytes` each. Iterate over it; it ends when the server closes."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        raise NotImplementedError

    async def send(self, message: str | bytes) -> None:
        raise NotImplementedError


class Door:
    """Sends requests for the whole product. Use as `async with Door(clock) as door`, or call `close()`."""

    def __init__(self, clock: Clock, allow: AllowList = AllowList(), *, lookup: Lookup | None = None) -> None:  # noqa: B008
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes all kept connections."""

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
        max_bytes: int = 4 * 1024 * 1024,
        redirects: int = 0,
        purpose: str = "",
    ) -> Answer:
        """One request for reading (or for signing in). Raises Unreachable, or Refused for an address we may not use."""
        raise NotImplementedError

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
        max_bytes: int = 4 * 1024 * 1024,
        purpose: str = "",
    ) -> Answer:
        """A request that publishes: exactly one on the wire, on a fresh connection, never repeated.

        Raises Unreachable or Refused when it was certainly not sent, OutcomeUnknown in every other case.
        """
        raise NotImplementedError

    @asynccontextmanager
    async def websocket(
        self, url: str, *, headers: Mapping[str, str] | None = None, max_bytes: int = 1024 * 1024, idle_s: float = 60.0
    ) -> AsyncIterator[WebSocket]:
        """An open WebSocket (ws, wss). Raises Unreachable when it cannot be opened, breaks or stays silent."""
        raise NotImplementedError
        yield
