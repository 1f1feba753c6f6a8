"""A line of bytes between the product and a network. It counts each request to publish and spoils it as it is told.

Everything else passes as it comes. Only this line sees what really went over the wire: bodies and their number.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.publishing.faults import LIMITED, REFUSED, TIME_OUT, WELL, Fault

READ = 65_536
SERVER_ERRORS = (500, 502, 503, 504)
GARBAGE = (b"<html>\xff\x00 nothing", b'{"id": "12', b"", b"[]")
_PUBLISHING = re.compile(rb"(?:POST|PUT|PATCH) (?:https?://[^/]+)?(\S*) HTTP/1\.1\r\n")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)
_CONNECTION = re.compile(rb"\r\nconnection:[^\r]*", re.I)


@dataclass
class Line:
    """`there` is the network's port, `paths` begin the addresses that publish, where `sends` says so of a body. `seen`
    is told each address and body before any of it goes on. `fault` is what the next request meets; it is used up by
    one. `out_of_time` lets the other side's patience end."""

    there: int
    paths: tuple[str, ...]
    sends: Callable[[bytes], bool] = lambda body: True
    seen: Callable[[str, bytes], None] = lambda address, body: None
    out_of_time: Callable[[], None] = lambda: None
    fault: Fault = field(default_factory=Fault)
    port: int = 0
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def base(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    async def listen(self) -> None:
        """Take connections; after a pause on the same port as before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def pause(self) -> None:
        """Refuse new connections."""
        assert self._server is not None
        self._server.close()
        await asyncio.sleep(0)

    async def close(self) -> None:
        """End all connections as well."""
        await self.pause()
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                head = await reader.readuntil(b"\r\n\r\n")
                found = _PUBLISHING.match(head)
                if found and (address := found[1].decode()).startswith(self.paths):
                    await self._publish(address, head, reader, writer)
                else:
                    await self._pass(head, reader, writer)
        finally:
            writer.close()
            self._open.discard(writer)

    async def _pass(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Both ways, until one side ends."""
        back, there = await asyncio.open_connection("127.0.0.1", self.there)
        self._open.add(there)
        there.write(head)
        ways = {asyncio.create_task(_pour(reader, there)), asyncio.create_task(_pour(back, writer))}
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            there.close()
            self._open.discard(there)

    async def _publish(
        self, address: str, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        head = _CONNECTION.sub(b"", head)[:-2] + b"Connection: close\r\n\r\n"
        if not self.sends(body):
            return await _say(writer, await self._ask(head + body))
        fault, self.fault = self.fault, Fault()
        self.seen(address, body)
        if (reaches := _bytes_going(fault, len(head), len(body))) is not None:
            await self._send(head + body, reaches)
            return _reset(writer)
        if fault.kind == LIMITED:
            return await _say(writer, _answer(429, b'{"error": "too fast", "message": "too fast"}'))
        if fault.kind == "5xx, not applied":
            return await _say(writer, _server_error(fault))
        answer = await self._ask(head + body)
        if fault.kind == TIME_OUT:
            self.out_of_time()
        await _come_back(fault, answer, reader, writer)

    async def _send(self, request: bytes, reaches: int) -> None:
        """The network gets the first bytes, then a reset."""
        _, there = await asyncio.open_connection("127.0.0.1", self.there)
        there.write(request[:reaches])
        await there.drain()
        await asyncio.sleep(0.001)  # so that they arrive before the reset does
        _reset(there)

    async def _ask(self, request: bytes) -> bytes:
        """The whole exchange."""
        back, there = await asyncio.open_connection("127.0.0.1", self.there)
        there.write(request)
        answer = await back.read()
        there.close()
        return answer


def _bytes_going(fault: Fault, head: int, body: int) -> int | None:
    """After how many bytes of the request the line breaks; None when all of it arrives."""
    if fault.kind == "going: first byte":
        return 1
    if fault.kind == "going: in the head":
        return 2 + int(fault.place * (head - 2))
    return head + int(fault.place * body) if fault.kind == "going: in the body" else None


async def _come_back(fault: Fault, answer: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The network has done its part: what of its answer arrives."""
    head = answer.index(b"\r\n\r\n") + 4
    if fault.kind == TIME_OUT:
        await reader.read()  # until the other side has had enough
    elif fault.kind == "half-close":
        writer.write_eof()
        await reader.read()
    elif fault.kind == "5xx, applied":
        await _say(writer, _server_error(fault))
    elif fault.kind == "garbage, applied":
        await _say(writer, _answer(200, GARBAGE[int(fault.place * len(GARBAGE))]))
    elif fault.kind.startswith("coming"):
        arrives = {"nothing": 0, "in the head": 1 + int(fault.place * (head - 1))}
        await _say(writer, answer[: arrives.get(fault.kind[8:], head + int(fault.place * (len(answer) - head)))])
        _reset(writer)
    else:
        assert fault.kind in (WELL, REFUSED), fault.kind
        await _say(writer, answer)


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(READ):
            writer.write(data)
            await writer.drain()


async def _say(writer: asyncio.StreamWriter, data: bytes) -> None:
    with suppress(ConnectionError):
        writer.write(data)
        await writer.drain()


def _answer(status: int, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"Connection: close\r\n\r\n" + body


def _server_error(fault: Fault) -> bytes:
    status = SERVER_ERRORS[int(fault.place * len(SERVER_ERRORS))]
    return _answer(status, b"<html>gateway</html>" if status in (502, 504) else b'{"error": "internal"}')


def _reset(writer: asyncio.StreamWriter) -> None:
    """Closing without lingering makes the system send RST."""
    found = writer.get_extra_info("socket")
    if found is not None:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@asynccontextmanager
async def line_to(there: int, *paths: str, sends: Callable[[bytes], bool] = lambda body: True) -> AsyncIterator[Line]:
    """A line to a port of this machine."""
    line = Line(there, paths, sends)
    await line.listen()
    try:
        yield line
    finally:
        await line.close()
