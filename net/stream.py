"""An open stream as its reader sees it: a WebSocket, or the lines of an answer that goes on for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Literal

import aiohttp

from domain.errors import Unreachable
from net.answer import Answer

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


class Lines:
    """Iterate over it for its lines as bytes, without their ends; an empty one is a sign of life. `answer` is the
    beginning: a status that is not 2xx has a body there and no lines.

    Ends when the server ends the answer. Raises Unreachable when the stream breaks, brings nothing for the idle time,
    or a line above the limit.
    """

    def __init__(self, answer: Answer, response: aiohttp.ClientResponse, idle_s: float, max_bytes: int) -> None:
        self.answer = answer
        self._response = response
        self._idle_s = idle_s
        self._max_bytes = max_bytes

    def close(self) -> None:
        """Drops the connection."""
        self._response.close()

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        begun = bytearray()
        while chunk := await self._chunk():
            begun += chunk
            if b"\n" in chunk:
                *lines, rest = bytes(begun).split(b"\n")
                begun = bytearray(rest)
                for line in lines:
                    yield line.removesuffix(b"\r")
            if len(begun) > self._max_bytes:
                raise Unreachable(f"{self._host}: a line of more than {self._max_bytes} bytes")
        if begun:
            yield bytes(begun)

    @property
    def _host(self) -> str:
        return self._response.url.raw_host or "?"

    async def _chunk(self) -> bytes:
        """The next bytes; none at the end, and at once when the answer was read already."""
        try:
            async with asyncio.timeout(self._idle_s):
                return await self._response.content.readany() if self.answer.ok else b""
        except TimeoutError:
            raise Unreachable(f"{self._host}: the stream was silent for {self._idle_s:g} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{self._host}: the stream broke") from error
