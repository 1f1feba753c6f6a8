"""A line between client and server that writes down what passed: requests with a header of interest, and statuses."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Line:
    """`asked` are the If-None-Match headers of the requests in order ("" where there was none), `statuses` the
    answers. `port` is where to connect."""

    port: int = 0
    asked: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)


@asynccontextmanager
async def watched(port: int) -> AsyncIterator[Line]:
    """Pass everything on to this port of this machine; one request per connection is what it can follow."""
    line = Line()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        head = await reader.readuntil(b"\r\n\r\n")
        found = re.search(rb"\r\nif-none-match: ?(.*?)\r\n", head, re.I)
        line.asked.append(found.group(1).decode() if found else "")
        back.write(re.sub(rb"\r\nconnection:[^\r]*", b"", head, flags=re.I)[:-2] + b"Connection: close\r\n\r\n")
        answer = await there.read()
        line.statuses.append(int(answer.split(b" ", 2)[1]))
        writer.write(answer)
        with suppress(ConnectionError):
            await writer.drain()
        for each in (writer, back):
            each.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    async with server:
        yield line
