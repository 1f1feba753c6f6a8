"""The door for reading: where it may lead, what it carries, and how much it takes in."""

from __future__ import annotations

import asyncio
import gzip
import socket
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.abc import ResolveResult
from aiohttp.test_utils import TestServer
from yarl import URL

from domain.clock import SystemClock
from domain.errors import RateLimited, Refused, Undecodable, Unreachable
from net.address import is_public
from net.decode import dict_at, text_at
from net.door import AllowList, Door
from net.guard import AddressInfo, Guard
from tests.net.raw import GOOD, RawServer, Visit, door_to, raw_server

PUBLIC = "93.184.215.14"


def no_network(opened: list[str]) -> Callable[[AddressInfo], socket.socket]:
    """Sockets that note where they would lead, and reach public addresses never."""

    def open_socket(info: AddressInfo) -> socket.socket:
        address = str(info[4][0])
        opened.append(address)
        if is_public(address):
            raise OSError(101, "no network in tests")
        return socket.socket(info[0], info[1], info[2])

    return open_socket


def answers(*series: list[str]) -> Callable[[str, int], Awaitable[list[str]]]:
    """A name server that gives another answer each time, the last one for ever."""
    waiting = list(series)

    async def lookup(host: str, port: int) -> list[str]:
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    return lookup


async def trapped(visit: Visit) -> None:
    await visit.whole_request()
    await visit.send(GOOD)


@pytest.fixture
async def trap() -> AsyncIterator[RawServer]:
    """A listener that must never be reached."""
    async with raw_server(trapped) as server:
        yield server
        assert server.connects == 0, "the trap was reached"


@pytest.fixture(autouse=True)
def every_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """The trap cannot listen on port 80: take the port rule away, so that only the address rule is tried."""
    monkeypatch.setattr("net.guard.may_use_port", lambda port: True)


async def refuse_everywhere(door: Door, url: str) -> None:
    """Each way out of the door refuses this address as an address."""
    stream = "ws" + url.removeprefix("http")
    place = URL(url)
    assert place.host is not None
    assert place.port is not None

    async def listen() -> None:
        async with door.websocket(stream):
            pass

    async def read_lines() -> None:
        async with door.lines(url):
            pass

    for way in (
        door.request("GET", url, redirects=3),
        door.request("POST", url, json={}),
        door.send_once("POST", url, json={}),
        door.connect(place.host, place.port, kind="mail", ports={place.port}),
        listen(),
        read_lines(),
    ):
        with pytest.raises(Refused) as caught:
            await way
        assert caught.value.reason == "address"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0", "0.0.0.0", "localhost",
     "LOCALHOST", "localhost.", "127.0.0.1.", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
     "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "①②⑦.⓪.⓪.①", "127。0。0。1", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "１２７.０.０.１",
     "127.0.0.1%00", "127%2e0%2e0%2e1", "[::1%25lo]", "[fe80::1%25lo]", "169.254.169.254", "[fd00:ec2::254]"],
)  # fmt: skip
async def test_literal_forms_never_reach_inside(trap: RawServer, host: str):
    async with Door(SystemClock(), open_socket=no_network([])) as door:
        for way in (
            door.request("GET", f"http://{host}:{trap.port}/"),
            door.send_once("POST", f"http://{host}:{trap.port}/"),
            door.connect(host, trap.port, kind="mail", ports={trap.port}),
            door.connect(host.strip("[]"), trap.port, kind="mail", ports={trap.port}),
        ):
            with pytest.raises((Refused, Unreachable)):
                await way


@pytest.mark.parametrize(
    "found",
    [["127.0.0.1"], ["::1"], [PUBLIC, "127.0.0.1"], ["2606:4700::1111", "127.0.0.1"], ["127.0.0.1", PUBLIC],
     ["::1", PUBLIC], ["::ffff:127.0.0.1"], [PUBLIC, "::1"], ["169.254.169.254"], ["100.64.0.1"], ["fe80::1%lo"]],
)  # fmt: skip
async def test_names_that_lead_inside_are_closed_as_a_whole(trap: RawServer, found: list[str]):
    opened: list[str] = []
    async with Door(SystemClock(), lookup=answers(found), open_socket=no_network(opened)) as door:
        await refuse_everywhere(door, f"http://mixed.example:{trap.port}/")
        await refuse_everywhere(door, f"http://bücher.example:{trap.port}/")
    assert opened == []


async def test_rebinding_connects_to_what_was_checked_or_not_at_all(trap: RawServer):
    opened: list[str] = []
    lookup = answers([PUBLIC], ["127.0.0.1"])
    async with Door(SystemClock(), lookup=lookup, open_socket=no_network(opened)) as door:
        url = f"http://rebind.example:{trap.port}/"
        with pytest.raises(Unreachable):
            await door.send_once("POST", url, json={})
        assert opened == [PUBLIC]
        await refuse_everywhere(door, url)
    assert opened == [PUBLIC]


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1:{port}/", "//127.0.0.1:{port}/", "http://localhost:{port}/", "http://2130706433:{port}/",
     "http://inner.example:{port}/", "ws://127.0.0.1:{port}/", "http://[::ffff:7f00:1]:{port}/", "file:///etc/passwd",
     "http://a:b@127.0.0.1:{port}/", "http://[bad", "gopher://127.0.0.1:{port}/"],
)  # fmt: skip
async def test_redirects_are_checked_at_each_hop(trap: RawServer, target: str):
    async def redirects(visit: Visit) -> None:
        await visit.whole_request()
        place = target.format(port=trap.port)
        await visit.send(f"HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n".encode())

    async with raw_server(redirects) as server:
        allow = AllowList.parse([f"127.0.0.1:{server.port}"])
        async with Door(SystemClock(), allow, lookup=answers(["127.0.0.1"]), open_socket=no_network([])) as door:
            assert (await door.request("GET", server.base)).status == 302
            with pytest.raises(Refused):
                await door.request("GET", server.base, redirects=3)
            with pytest.raises((Refused, Unreachable)):
                async with door.websocket(server.base.replace("http", "ws")):
                    pass


async def test_the_last_check_stands_alone(trap: RawServer, monkeypatch: pytest.MonkeyPatch):
    """Even if a name's answers went unchecked, the socket is not made."""
    unchecked = ResolveResult(
        hostname="sly.example", host="127.0.0.1", port=trap.port, family=socket.AF_INET, proto=0, flags=0
    )

    async def resolve(guard: Guard, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        return [unchecked]

    monkeypatch.setattr(Guard, "resolve", resolve)
    async with Door(SystemClock()) as door:
        await refuse_everywhere(door, f"http://sly.example:{trap.port}/")


async def test_many_at_once_are_all_refused(trap: RawServer):
    async with Door(SystemClock(), lookup=answers(["127.0.0.1"])) as door:
        url = f"http://busy.example:{trap.port}/"
        found = await asyncio.gather(*(door.request("GET", url) for _ in range(20)), return_exceptions=True)
        assert {type(error) for error in found} == {Refused}


async def test_listed_hosts_pass_by_address_and_by_name():
    async with raw_server(trapped) as server:
        allow = AllowList.parse([f"127.0.0.1:{server.port}", f"own.example:{server.port}"])
        async with Door(SystemClock(), allow, lookup=answers(["127.0.0.1"])) as door:
            assert (await door.request("GET", server.base)).ok
            assert (await door.request("GET", f"http://own.example:{server.port}/")).ok
            assert (await door.send_once("POST", f"http://own.example:{server.port}/", json={})).ok
            with pytest.raises(Refused, match=r"other\.example"):
                await door.request("GET", f"http://other.example:{server.port}/")


async def test_odd_ports_are_closed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.undo()
    async with Door(SystemClock(), lookup=answers([PUBLIC]), open_socket=no_network([])) as door:
        with pytest.raises(Refused, match="port"):
            await door.request("GET", "http://db.example:6379/")
        with pytest.raises(Unreachable):
            await door.request("GET", "https://web.example/")
        with pytest.raises(Refused, match=r"25: this port is not used for mail servers; list mail\.example:25"):
            await door.connect("mail.example", 25, kind="mail", ports={993})
        with pytest.raises(Unreachable):
            await door.connect("mail.example", 993, kind="mail", ports={993})


async def test_a_listed_host_gives_a_socket_and_a_dead_one_says_why():
    async def greets(visit: Visit) -> None:
        await visit.send(b"* OK hello\r\n")

    async with raw_server(greets) as server:
        allow = AllowList.parse([f"own.example:{server.port}"])
        # the first address is dead: the next one counts
        lookup = answers(["127.0.0.2", "127.0.0.1"])
        async with Door(SystemClock(), allow, lookup=lookup) as door:
            sock = await door.connect("own.example", server.port, kind="mail", ports=())
            with sock:
                assert await asyncio.get_running_loop().sock_recv(sock, 100) == b"* OK hello\r\n"
    async with Door(SystemClock(), allow, lookup=answers(["127.0.0.1"])) as door:
        with pytest.raises(Unreachable, match=r"own\.example: cannot connect \(Connection refused\)"):
            await door.connect("own.example", server.port, kind="mail", ports=())


async def test_a_connection_that_takes_too_long_is_given_up():
    async def never(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    async with Door(SystemClock(), lookup=never) as door:
        with pytest.raises(Unreachable, match=r"no connection within 0\.05 s"):
            await door.connect("slow.example", 993, kind="mail", ports={993}, timeout_s=0.05)


@pytest.fixture
async def site() -> AsyncIterator[TestServer]:
    """A site that shows what it was sent, redirects, and misbehaves."""

    async def echo(request: web.Request) -> web.Response:
        answer = web.json_response(
            {"headers": dict(request.headers), "body": await request.text(), "at": str(request.rel_url)}
        )
        answer.set_cookie("tracker", "1")
        return answer

    async def away(request: web.Request) -> web.Response:
        raise web.HTTPFound(request.query["to"])

    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b"x" * 10_000)

    async def slow(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b"x")
            await asyncio.sleep(0.02)

    app = web.Application()
    app.add_routes(
        [web.route("*", "/echo", echo), web.get("/away", away), web.get("/endless", endless), web.get("/slow", slow)]
    )
    server = TestServer(app)
    await server.start_server()
    yield server
    await server.close()


def base(server: TestServer) -> str:
    return str(server.make_url("")).rstrip("/")


async def test_says_who_it_is_and_keeps_no_cookies(site: TestServer):
    async with door_to(site.port or 0) as door:
        for _ in range(2):
            answer = await door.request("GET", f"{base(site)}/echo?a=1", params={"b": "ü&="})
            told = dict_at(answer.json())
        assert text_at(told, "headers", "User-Agent").startswith("Earshot/0.1 (+self-hosted; ")
        assert "Cookie" not in dict_at(told, "headers")
        assert told["at"] == "/echo?a=1&b=%C3%BC%26%3D"
        assert answer.headers["set-cookie"].startswith("tracker=1")


async def test_credentials_stay_with_their_origin(site: TestServer):
    seen: list[bytes] = []

    async def notes(visit: Visit) -> None:
        seen.append(await visit.whole_request())
        await visit.send(GOOD)

    headers = {"Authorization": "Bearer canary", "X-Api-Key": "canary", "Accept": "text/x"}
    async with raw_server(notes) as other, door_to(site.port or 0, other.port) as door:
        same = await door.request("GET", f"{base(site)}/away?to=/echo", headers=headers, redirects=1)
        assert b"canary" in same.body
        assert same.url == f"{base(site)}/echo"
        await door.request("GET", f"{base(site)}/away?to={other.base}/", headers=headers, redirects=1)
    assert b"canary" not in seen[0]
    assert b"text/x" in seen[0]


async def test_redirects_end(site: TestServer):
    loop = f"{base(site)}/away?to=/away%3Fto%3D/echo"
    async with door_to(site.port or 0) as door:
        assert (await door.request("GET", loop)).status == 302
        assert (await door.request("GET", loop, redirects=1)).status == 302
        assert (await door.request("GET", loop, redirects=2)).status == 200


async def test_size_and_time_are_bounded(site: TestServer):
    async with door_to(site.port or 0) as door:
        with pytest.raises(Undecodable, match="more than 50000 bytes"):
            await door.request("GET", f"{base(site)}/endless", max_bytes=50_000)
        with pytest.raises(Unreachable, match=r"within 0\.15 s"):
            await door.request("GET", f"{base(site)}/slow", timeout_s=0.15)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_bomb_is_cut_while_it_unpacks(encoding: str):
    zeros = bytes(64 * 1024 * 1024)
    bomb = gzip.compress(zeros) if encoding == "gzip" else zlib.compress(zeros)
    del zeros

    async def bombs(visit: Visit) -> None:
        await visit.whole_request()
        await visit.send(
            f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(bomb)}\r\n\r\n".encode() + bomb
        )
        await visit.reader.read()

    async with raw_server(bombs) as server, door_to(server.port) as door:
        tracemalloc.start()
        with pytest.raises(Undecodable):
            await door.request("GET", server.base, max_bytes=1_000_000)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 16 * 1024 * 1024


async def test_a_dropped_kept_connection_does_not_lose_a_read():
    async def once_each(visit: Visit) -> None:
        await visit.whole_request()
        await visit.send(GOOD)
        if visit.number == 1:
            await visit.whole_request()

    async with raw_server(once_each) as server, door_to(server.port) as door:
        assert (await door.request("GET", server.base)).ok
        assert (await door.request("GET", server.base)).ok
        assert server.connects == 2


async def test_faults_name_the_host_and_no_secret():
    async def cuts(visit: Visit) -> None:
        await visit.whole_request()
        await visit.send(GOOD[:-2])

    async with raw_server(cuts) as server, door_to(server.port) as door:
        with pytest.raises(Unreachable) as caught:
            await door.request("GET", f"{server.base}/?access_token=canary")
        assert str(caught.value) == "127.0.0.1: its answer was cut short or damaged"


Handler = Callable[[web.WebSocketResponse], Awaitable[None]]


async def stream_server(handler: Handler) -> TestServer:
    async def upgrade(request: web.Request) -> web.WebSocketResponse:
        stream = web.WebSocketResponse()
        await stream.prepare(request)
        await handler(stream)
        return stream

    async def limited(request: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "5"})

    app = web.Application()
    app.add_routes([web.get("/stream", upgrade), web.get("/limited", limited)])
    server = TestServer(app)
    await server.start_server()
    return server


async def listen(handler: Handler, path: str = "/stream", idle_s: float = 1.0) -> list[bytes]:
    server = await stream_server(handler)
    url = base(server).replace("http", "ws") + path
    try:
        async with door_to(server.port or 0) as door, door.websocket(url, max_bytes=1000, idle_s=idle_s) as stream:
            return [message async for message in stream]
    finally:
        await server.close()


async def test_a_stream_brings_its_messages_and_ends():
    async def three(stream: web.WebSocketResponse) -> None:
        for message in ("one", "zwei", "három"):
            await stream.send_str(message)
        await stream.send_bytes(b"\xff\x00")
        await stream.close()

    assert await listen(three) == [b"one", b"zwei", "három".encode(), b"\xff\x00"]


async def test_a_stream_that_breaks_falls_silent_or_shouts_is_unreachable():
    async def breaks(stream: web.WebSocketResponse) -> None:
        await stream.send_str("one")
        assert stream._req is not None
        assert stream._req.transport is not None
        stream._req.transport.abort()

    async def silent(stream: web.WebSocketResponse) -> None:
        await stream.receive()

    async def shouts(stream: web.WebSocketResponse) -> None:
        await stream.send_str("x" * 100_000)
        await stream.receive()

    for handler in (breaks, silent, shouts):
        with pytest.raises(Unreachable):
            await listen(handler, idle_s=0.15)


async def test_a_refused_stream_says_why():
    async def never(stream: web.WebSocketResponse) -> None:
        raise AssertionError

    with pytest.raises(RateLimited) as caught:
        await listen(never, "/limited")
    assert caught.value.retry_at is not None


async def test_an_open_stream_is_left_quickly():
    async def quiet(stream: web.WebSocketResponse) -> None:
        await asyncio.sleep(30)

    server = await stream_server(quiet)
    url = base(server).replace("http", "ws") + "/stream"
    loop = asyncio.get_running_loop()
    async with door_to(server.port or 0) as door:
        began = loop.time()
        async with door.websocket(url):
            pass
        assert loop.time() - began < 1.5
    await server.close()
