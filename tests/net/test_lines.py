"""An answer that goes on for ever, read line by line through the door."""

from __future__ import annotations

import asyncio

import pytest

from domain.errors import Unreachable
from tests.net.raw import Behaviour, Visit, door_to, raw_server

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def answers(*parts: bytes, then: str = "") -> Behaviour:
    """Sends the parts one after the other; then waits, or resets."""

    async def behave(visit: Visit) -> None:
        await visit.whole_request()
        for part in parts:
            await visit.send(part)
            await asyncio.sleep(0)
        if then == "wait":
            await asyncio.sleep(300)
        if then == "reset":
            visit.reset()

    return behave


async def read(behaviour: Behaviour, idle_s: float = 1.0) -> list[bytes]:
    async with (
        raw_server(behaviour) as server,
        door_to(server.port) as door,
        door.lines(server.base, max_bytes=1000, idle_s=idle_s) as lines,
    ):
        assert lines.answer.ok
        return [line async for line in lines]


async def test_lines_come_whole_however_they_were_cut():
    parts = [chunk(b'{"a"'), chunk(b':1}\r\n\r\n{"b":'), chunk(b"2}\n"), chunk("három".encode())]
    assert await read(answers(HEAD, *parts, END)) == [b'{"a":1}', b"", b'{"b":2}', "három".encode()]


async def test_each_line_is_there_as_soon_as_it_was_sent():
    first = answers(HEAD, chunk(b"first\r\n"), then="wait")
    async with (
        asyncio.timeout(30),
        raw_server(first) as server,
        door_to(server.port) as door,
        door.lines(server.base) as lines,
    ):
        assert await anext(aiter(lines)) == b"first"


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        (answers(HEAD, chunk(b"first\r\n"), then="reset"), "broke"),
        (answers(HEAD, chunk(b"first\r\n"), b"5\r\nab"), "broke"),
        (answers(HEAD, chunk(b"first\r\n"), then="wait"), r"silent for 0\.2 s"),
        (answers(HEAD, *[chunk(b"x" * 400)] * 3, then="wait"), "more than 1000 bytes"),
        (answers(then="reset"), "broke before an answer"),
    ],
)
async def test_what_breaks_falls_silent_or_shouts_is_unreachable(behaviour: Behaviour, why: str):
    with pytest.raises(Unreachable, match=why):
        await read(behaviour, idle_s=0.2)


async def test_another_status_is_an_answer_with_its_body_and_no_lines():
    head = b"HTTP/1.1 429 Too Many\r\nX-Rate-Limit-Reset: 5\r\nContent-Length: 12\r\n\r\n" + b'{"a": "one"}'
    async with raw_server(answers(head)) as server, door_to(server.port) as door, door.lines(server.base) as lines:
        assert (lines.answer.status, lines.answer.json()) == (429, {"a": "one"})
        assert lines.answer.headers["x-rate-limit-reset"] == "5"
        assert [line async for line in lines] == []
        assert server.requests == ["GET / HTTP/1.1"]


async def test_an_address_nobody_listens_at_is_unreachable():
    async with raw_server(answers()) as server:
        port = server.port
    async with door_to(port) as door:
        with pytest.raises(Unreachable, match="cannot connect"):
            async with door.lines(f"http://127.0.0.1:{port}/"):
                pass
