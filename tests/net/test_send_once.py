"""A publishing request goes out at most once, and we never claim to know what we cannot know."""

from __future__ import annotations

import asyncio
import socket

import pytest

from domain.errors import ChannelError, OutcomeUnknown, Refused, Unreachable
from net.door import Door
from tests.net.raw import GOOD, Visit, door_to, raw_server

BODY = {"status": "Thank you, Mara. We are looking into it.", "in_reply_to_id": "17"}


async def send(door: Door, url: str, method: str = "POST", timeout_s: float = 2.0) -> ChannelError | int:
    try:
        return (await door.send_once(method, url, json=BODY, timeout_s=timeout_s, max_bytes=10_000)).status
    except ChannelError as error:
        return error


async def good(visit: Visit) -> None:
    await visit.whole_request()
    await visit.send(GOOD)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_one_request_each_on_its_own_connection(method: str):
    async with raw_server(good) as server, door_to(server.port) as door:
        assert await send(door, server.base, method) == 200
        assert await send(door, server.base, method) == 200
        assert len(server.requests) == server.connects == 2


async def test_refused_connection_is_certainly_not_sent():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        async with door_to(port) as door:
            assert isinstance(await send(door, f"http://127.0.0.1:{port}"), Unreachable)


async def test_unknown_name_is_certainly_not_sent():
    async def nothing(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    from domain.clock import SystemClock

    async with Door(SystemClock(), lookup=nothing) as door:
        assert isinstance(await send(door, "https://nowhere.example/"), Unreachable)


async def test_failed_tls_is_certainly_not_sent():
    async def no_tls(visit: Visit) -> None:
        await visit.reader.read(100)
        await visit.send(b"HTTP/1.1 400 this is no TLS\r\n\r\n")

    async with raw_server(no_tls) as server, door_to(server.port) as door:
        assert isinstance(await send(door, f"https://127.0.0.1:{server.port}/"), Unreachable)


async def test_stalled_tls_is_certainly_not_sent():
    async def silent(visit: Visit) -> None:
        await visit.reader.read()

    async with raw_server(silent) as server, door_to(server.port) as door:
        found = await send(door, f"https://127.0.0.1:{server.port}/", timeout_s=0.15)
        assert isinstance(found, Unreachable)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("taken", [0, 1, 17, 60, 120, 100_000])
@pytest.mark.parametrize("how", ["reset", "close", "half"])
async def test_broken_while_or_after_sending(method: str, taken: int, how: str):
    async def breaks(visit: Visit) -> None:
        if taken == 100_000:
            await visit.whole_request()
        elif taken:
            await visit.reader.readexactly(taken)
        if how == "reset":
            visit.reset()
        elif how == "half" and visit.writer.can_write_eof():
            visit.writer.write_eof()
            await asyncio.sleep(0.1)

    async with raw_server(breaks) as server, door_to(server.port) as door:
        assert isinstance(await send(door, server.base, method), OutcomeUnknown)
        await asyncio.sleep(0.02)
        assert server.connects == 1


@pytest.mark.parametrize("cut", [1, 9, 16, 17, 40, len(GOOD) - 11, len(GOOD) - 10, len(GOOD) - 1])
@pytest.mark.parametrize("how", ["reset", "close"])
async def test_answer_cut_at_any_byte(cut: int, how: str):
    async def cuts(visit: Visit) -> None:
        await visit.whole_request()
        await visit.send(GOOD[:cut])
        if how == "reset":
            await asyncio.sleep(0.02)
            visit.reset()

    async with raw_server(cuts) as server, door_to(server.port) as door:
        assert isinstance(await send(door, server.base), OutcomeUnknown)
        assert len(server.requests) == server.connects == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"garbage\r\n\r\n",
        b"\x00\xff" * 500,
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n" + b"x" * 20_000,
    ],
)
async def test_an_answer_that_cannot_be_read(answer: bytes):
    async def odd(visit: Visit) -> None:
        await visit.whole_request()
        await visit.send(answer)
        await visit.reader.read()

    async with raw_server(odd) as server, door_to(server.port) as door:
        assert isinstance(await send(door, server.base, timeout_s=1.0), OutcomeUnknown)
        assert len(server.requests) == 1


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\n", GOOD[:-3]])
async def test_silence_after_the_request(first: bytes):
    async def stalls(visit: Visit) -> None:
        await visit.whole_request()
        await visit.send(first)
        await visit.reader.read()

    async with raw_server(stalls) as server, door_to(server.port) as door:
        assert isinstance(await send(door, server.base, timeout_s=0.15), OutcomeUnknown)
        assert len(server.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 408, 429, 500, 502, 503])
async def test_any_status_is_an_answer_and_nothing_follows(status: int):
    async def says(visit: Visit) -> None:
        await visit.whole_request()
        head = f"HTTP/1.1 {status} X\r\nLocation: /again\r\nRetry-After: 0\r\nContent-Length: 2\r\n\r\n{{}}"
        await visit.send(head.encode())

    async with raw_server(says) as server, door_to(server.port) as door:
        assert await send(door, server.base) == status
        await asyncio.sleep(0.02)
        assert len(server.requests) == server.connects == 1


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_kept_connection_that_died_is_not_used(method: str):
    """The server answers a GET, keeps the connection, and closes it once the next request comes in on it."""

    async def one_then_close(visit: Visit) -> None:
        await visit.whole_request()
        await visit.send(GOOD)
        if visit.number == 1:
            await visit.whole_request()

    async with raw_server(one_then_close) as server, door_to(server.port) as door:
        await door.request("GET", server.base)
        assert await send(door, server.base, method) == 200
        assert (await door.request(method, server.base, json=BODY)).status == 200
        assert len(server.requests) == server.connects == 3


async def test_signing_in_is_not_repeated_either():
    async def drops(visit: Visit) -> None:
        await visit.whole_request()

    async with raw_server(drops) as server, door_to(server.port) as door:
        for method in ("POST", "PUT"):
            with pytest.raises(Unreachable):
                await door.request(method, server.base, json=BODY)
        assert server.requests == ["POST / HTTP/1.1", "PUT / HTTP/1.1"]


async def test_cancelling_leaves_no_second_request():
    async def stalls(visit: Visit) -> None:
        await visit.whole_request()
        await visit.reader.read()

    async with raw_server(stalls) as server, door_to(server.port) as door:
        task = asyncio.create_task(door.send_once("PUT", server.base, json=BODY))
        while not server.requests:  # noqa: ASYNC110 - a socket gives no event to wait for
            await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert server.connects == 1


async def test_bad_requests_are_refused_before_anything_is_opened():
    async with raw_server(good) as server, door_to(server.port) as door:
        for call in (
            door.send_once("POST", server.base, headers={"X-A": "b\r\nX-Evil: 1"}),
            door.send_once("POST", server.base, headers={"X\nA": "b"}),
            door.send_once("TRACE", server.base),
            door.send_once("POST", "http://[bad"),
            door.send_once("POST", server.base, json="\ud800"),
            door.send_once("POST", f"http://127.0.0.1:{server.port + 1}/"),
        ):
            with pytest.raises(Refused):
                await call
        assert server.connects == 0
