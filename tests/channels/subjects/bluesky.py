"""Bluesky in the conformance suite: a search with our account, answered by putRecord."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from aiohttp import web

from channels.bluesky import MANIFEST, stream
from channels.manifest import Situation
from domain.account import Account
from domain.clock import Clock
from domain.reply import Parent
from tests.channels.network import Network, Post
from tests.channels.proofs import DAY_S, Hearing, How, News, Posted, Publishing, Streamed
from tests.channels.subject import Subject
from tests.emulators.bluesky import (
    OWN_DID,
    PASSWORD,
    POST,
    BlueskyServer,
    Item,
    cid_for,
    did_for,
    event,
    posted,
    refused,
    rkey_for,
    stamp,
)

AUTHOR = "mara_testfield"
STREAM = "/xrpc/network.bsky.jetstream.subscribeEvents"


def _view(server: BlueskyServer, post: Post) -> Item:
    view = server.view(post.id, post.text, post.author, langs=[post.lang])
    view["indexedAt"] = post.posted_at.replace(tzinfo=None).isoformat() if post.naive else stamp(post.posted_at)
    if not post.dated:
        del view["indexedAt"]
    if post.broken:
        view["uri"], view["record"] = None, {"text": None}
    return view


class _Books(BlueskyServer):
    """Serves what the network holds now."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.served: dict[int, tuple[Post, Item]] = {}

    def refresh(self) -> None:
        held = [post for post in self.network.posts if not post.withdrawn]
        for post in held:
            if post.id not in self.served or self.served[post.id][0] is not post:
                self.served[post.id] = post, _view(self, post)
        self.views = [self.served[post.id][1] for post in held]


@dataclass
class BlueskySubject(Subject):
    """The broken item is served though no search would find it, so that it reaches the connector."""

    publish_path: str = "/xrpc/com.atproto.repo.putRecord"

    def settings(self, network: Network, folder: Path) -> dict[str, Any]:
        return {"kind": "search", "query": "norda", "profiles_url": network.base}

    def routes(self, network: Network, folder: Path) -> list[web.RouteDef]:
        network.state["server"] = server = _Books(network)
        return server.routes()

    def native_id(self, post_id: int) -> str:
        return str(BlueskyServer().view(post_id, "", AUTHOR)["uri"])

    def account(self, network: Network) -> Account:
        return Account(1, "bluesky", "norda.example", OWN_DID, network.base, {"secret_app_password": PASSWORD})

    def parent(self, network: Network) -> Parent:
        return self.post_to_answer(1)

    def post_to_answer(self, number: int) -> Parent:
        """The post with this number as our publisher answers it; the server does not ask whether it is there."""
        uri = self.native_id(number)
        native = {"cid": cid_for({"text": "norda"}), "root": None}
        return Parent(uri, uri, "https://bsky.app/", did_for(AUTHOR), "mara.example", native)

    def published_texts(self, network: Network) -> list[str]:
        return [record["text"] for record in network.state["server"].records.values()]


SITUATIONS = {
    "no account": Situation(False, True, {"cid": "x"}),
    "the author did not address us": Situation(True, False, {"cid": "x"}),
    "the post has no content id": Situation(True, True),
    "otherwise": Situation(True, True, {"cid": "x"}),
}
SUBJECT = BlueskySubject(MANIFEST, situations=SITUATIONS)


# --- proofs ----------------------------------------------------------------------------------------------------


def _books(network: Network) -> list[Posted]:
    records: dict[str, dict[str, Any]] = network.state["server"].records
    return [Posted(f"at://{OWN_DID}/{POST}/{key}", r["reply"]["parent"]["uri"]) for key, r in records.items()]


PUBLISHING = (
    Publishing(
        name="Bluesky, record key",
        kind="record key",
        rounds=6,
        subject=SUBJECT,
        ask=lambda network, number: SUBJECT.post_to_answer(number),
        books=_books,
    ),
)

BREAK = "break"


class _Jetstream(_Books):
    """Tells on its stream what is said, changed and taken back, keeps a day of it, and serves it again from a place."""

    def __init__(self, network: Any) -> None:
        super().__init__(network)
        self.network: Any = network
        self.log: list[tuple[datetime, int, str]] = []
        self.open: set[asyncio.Queue[str | None]] = set()
        self.seq = 0

    def speak(self) -> None:
        """What is new, and a sign of life: somebody changed their name, which is no post but a place."""
        fresh, self.network.news = self.network.news, []
        for news in fresh:
            self._tell(self._frame(news), news.at, broken=news.post.broken)
        self._tell(event(self.seq + 1, OWN_DID, kind="identity"), self.clock.now())
        while self.log[0][0] < self.clock.now() - timedelta(seconds=DAY_S):
            self.floor = self.log.pop(0)[1] + 1

    def _frame(self, news: News) -> Item:
        post = news.post
        operation = "delete" if post.withdrawn else "update" if news.changed else "create"
        record = self.record(post.text, createdAt=stamp(post.posted_at))
        return posted(self.seq + 1, did_for(AUTHOR), record, rkey=rkey_for(post.id), operation=operation)

    def _tell(self, frame: Item, at: datetime, *, broken: bool = False) -> None:
        """One that cannot be read does not say when it was."""
        self.seq += 1
        frame["payload"]["time"] = None if broken else stamp(at)
        self.log.append((at, self.seq, json.dumps(frame)))
        self.push(self.log[-1][2])

    def push(self, line: str | None) -> None:
        """A line to whoever listens; None is an orderly end."""
        for waiting in self.open:
            waiting.put_nowait(line)

    def drop(self) -> None:
        """What is on its way never arrives."""
        for waiting in self.open:
            while not waiting.empty():
                waiting.get_nowait()

    def _from(self, cursor: int) -> list[str]:
        """By number or, where it is a time, by that; from now on without one."""
        if cursor >= 10**15:
            return [line for at, _, line in self.log if at.timestamp() * 1e6 >= cursor]
        return [line for _, seq, line in self.log if 0 < cursor <= seq]

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        self.speak()
        cursor, socket = int(request.query.get("cursor", "0")), web.WebSocketResponse(protocols=("xrpc.v1.json",))
        if 0 < cursor < self.floor:
            return refused("CursorTooOld", f"cursor is below the floor {self.floor}")
        if not socket.can_prepare(request):
            return web.Response(status=426)
        await socket.prepare(request)
        waiting: asyncio.Queue[str | None] = asyncio.Queue()
        for line in self._from(cursor):
            waiting.put_nowait(line)
        self.open.add(waiting)
        writing = asyncio.create_task(self._write(socket, request, waiting))
        await socket.receive()  # nothing comes but its end
        self.open.discard(waiting)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        return socket

    @staticmethod
    async def _write(socket: web.WebSocketResponse, request: web.Request, waiting: asyncio.Queue[str | None]) -> None:
        while (line := await waiting.get()) not in (None, BREAK):
            await socket.send_str(line or "")
        if line == BREAK and request.transport is not None:
            request.transport.abort()
        await socket.close()


class _StreamSubject(BlueskySubject):
    """All posts, as they are told."""

    def settings(self, network: Network, folder: Path) -> dict[str, Any]:
        return {"kind": "stream", "url": network.base.replace("http", "ws", 1) + STREAM, "profiles_url": ""}

    def routes(self, network: Network, folder: Path) -> list[web.RouteDef]:
        network.state["server"] = server = _Jetstream(network)
        return server.routes()


def _prepare_stream(network: Network, clock: Clock) -> None:
    network.state["server"].clock = clock


def _speak(network: Network, how: How) -> None:
    server: _Jetstream = network.state["server"]
    if how == "on":
        server.speak()
    elif how == "twice":
        for _, _, line in server.log[-3:]:
            server.push(line)
    elif how == "half":
        server.push('{"$type": "mess')
        server.push(None)
    elif how == "reset":
        server.drop()
        server.push(BREAK)
    else:
        server.push(None)


_SEARCH = Hearing(
    name="Bluesky, search",
    subject=SUBJECT,
    in_place=True,
    overlap_posts=100,
    sweep_s=DAY_S,
    sweep_posts=4000,
    sweep_every_s=3600.0,
)
HEARING = (
    _SEARCH,
    Hearing(
        name="Bluesky, stream",
        subject=_StreamSubject(MANIFEST),
        edits_come=True,
        removal_posts=1 << 20,
        streamed=Streamed(
            path=STREAM,
            speak=_speak,
            quickly=lambda: mock.patch.object(stream, "BATCH_S", 0.005),
        ),
        prepare=_prepare_stream,
    ),
)
