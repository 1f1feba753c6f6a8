"""An open WebSocket as its reader sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Literal

import aiohttp

from domain.errors import Unreachable

Stream = aiohttp.ClientWebSocketResponse[Literal[False]]
_DATA = (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY)
_ORDERLY = (aiohttp.WSCloseCode.OK, aiohttp.WSCloseCode.GOING_AWAY)


class WebSocket:
    """Iterate over it for its messages as bytes, text not yet decoded: `decode_json` does that.

    Ends when the server closes in good order. Raises Unreachable when the stream breaks, brings nothing for
    the idle time, or sends a message above the limit.
    """

    def __init__(self, stream: Stream, host: str, idle_s: float) -> None:
        self._stream = stream
        self._host = host
        self._idle_s = idle_s

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (message := await self._next()) is not None:
            yield message

    async def send(self, message: str | bytes) -> None:
        """Sends one message: bytes as a binary one, a string as text."""
        try:
            await (self._stream.send_str(message) if isinstance(message, str) else self._stream.send_bytes(message))
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{self._host}: the stream broke") from error

    async def _next(self) -> bytes | None:
        try:
            message = await self._stream.receive()
        except TimeoutError:
            raise Unreachable(f"{self._host}: the stream was silent for {self._idle_s:g} s") from None
        if message.type in _DATA:
            return bytes(message.data)
        if message.type is not aiohttp.WSMsgType.ERROR and self._stream.close_code in _ORDERLY:
            return None
        raise Unreachable(f"{self._host}: the stream broke (code {self._stream.close_code})")
