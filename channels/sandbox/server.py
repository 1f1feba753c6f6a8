"""The sandbox network: a small social network on this machine, to try everything without an account.

It is a process of its own with its own books (`ledger.py`), so what it says was published is a second witness.
docs/channels/sandbox.md describes its API.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from channels.sandbox.answers import HEADERS, Said, Written, cut, inside, number, page, read, refusal
from channels.sandbox.faults import Fault, Faults
from channels.sandbox.ledger import Attempt, Ledger, SandboxPost
from channels.sandbox.pages import render, style
from domain.clock import Clock, SystemClock
from domain.mention import sha256

TOKENS: Mapping[str, str] = {"sandbox-token": "norda"}
"""Token -> account. Known to everybody: this network guards nothing."""
MAX_TEXT = 5000


@dataclass
class Sandbox:
    """One running network. `dedupe` makes it keep only the first reply of each key, as some real ones do;
    off by default, so that a doubled sending shows. `faults_open` lets tests plant faults by POST /faults."""

    ledger: Ledger
    clock: Clock = field(default_factory=SystemClock)
    tokens: Mapping[str, str] = field(default_factory=lambda: dict(TOKENS))
    faults: Faults = field(default_factory=Faults)
    dedupe: bool = False
    lag_s: float = 0.0
    faults_open: bool = False

    def routes(self) -> list[web.RouteDef]:
        """Every address of the network."""
        always = [
            web.get("/", self.front),
            web.get("/style.css", self.style),
            web.get("/p/{id}", self.one),
            web.post("/write", self.write_by_form),
            web.get("/api/me", self.me),
            web.get("/api/posts", self.list_posts),
            web.post("/api/posts", self.write),
            web.get("/api/posts/{id}", self.tell),
            web.put("/api/posts/{id}", self.edit),
            web.delete("/api/posts/{id}", self.withdraw),
            web.get("/api/posts/{id}/replies", self.list_replies),
            web.post("/api/replies", self.reply),
        ]
        test = [web.post("/faults", self.plant), web.delete("/faults", self.heal), web.get("/attempts", self.attempts)]
        return always + (test if self.faults_open else [])

    async def list_posts(self, request: web.Request) -> web.Response:
        """GET /api/posts?after=SEQ&limit=: changes after that number, oldest first."""
        after, limit = number(request, "after", 0, 1 << 62), number(request, "limit", 50, 200)
        posts = self.ledger.changes(after, limit + 1, self.clock.now())
        shown = [self._json(request, post) for post in posts[:limit]]
        return web.json_response({"posts": shown, "more": len(posts) > limit})

    async def tell(self, request: web.Request) -> web.Response:
        """GET /api/posts/ID: one post as it reads now."""
        post = self.ledger.post(request.match_info["id"], self.clock.now())
        if post is None:
            raise refusal(web.HTTPNotFound, "there is no such post")
        return web.json_response(self._json(request, post))

    async def list_replies(self, request: web.Request) -> web.Response:
        """GET /api/posts/ID/replies."""
        replies = self.ledger.replies(request.match_info["id"], self.clock.now())
        return web.json_response({"posts": [self._json(request, post) for post in replies]})

    async def me(self, request: web.Request) -> web.Response:
        """GET /api/me: whose token this is."""
        return web.json_response({"handle": self._account(request)})

    async def write(self, request: web.Request) -> web.Response:
        """POST /api/posts {author, text, parent_id?, lang?}: somebody says something."""
        post = self._store(read(await request.read(), Written))
        return web.json_response(self._json(request, post), status=201)

    async def edit(self, request: web.Request) -> web.Response:
        """PUT /api/posts/ID {author, text}: the author changes the words."""
        said = read(await request.read(), Written)
        self.ledger.edit(request.match_info["id"], said.text, self.clock.now())
        return web.json_response({})

    async def withdraw(self, request: web.Request) -> web.Response:
        """DELETE /api/posts/ID: the author takes it back."""
        self.ledger.withdraw(request.match_info["id"])
        return web.json_response({})

    async def reply(self, request: web.Request) -> web.StreamResponse:
        """POST /api/replies {account, key, parent_id, text} with a bearer token. Each attempt is noted."""
        body = await request.read()
        fault = self.faults.next()
        try:
            said = self._allowed(request, body)
        except web.HTTPException as refusal:
            self._note(None, body, refusal.reason)
            raise
        if fault and not fault.applied and fault.kind not in ("hide", "delay"):
            self._note(said, body, "faulted")
            return await self._misbehave(request, fault, b'{"error": "planted"}')
        post, outcome = self._publish(said, fault)
        self._note(said, body, outcome, post.id)
        answer = msgspec.json.encode(self._json(request, post))
        if fault and fault.kind != "hide":
            return await self._misbehave(request, fault, answer)
        return web.Response(body=answer, status=201, content_type="application/json")

    def _allowed(self, request: web.Request, body: bytes) -> Said:
        """What was said, if this token may say it and the post it answers is there."""
        account = self._account(request)
        said = read(body, Said)
        if said.account != account:
            raise refusal(web.HTTPForbidden, "this token belongs to another account")
        if ":" not in said.parent_id and self._missing(said.parent_id):
            raise refusal(web.HTTPNotFound, "the post you answer is not there")
        if not said.text.strip() or len(said.text) > MAX_TEXT:
            raise refusal(web.HTTPUnprocessableEntity, f"a reply has 1 to {MAX_TEXT} characters")
        return said

    def _missing(self, post_id: str) -> bool:
        post = self.ledger.post(post_id)
        return post is None or bool(post.withdrawn)

    def _publish(self, said: Said, fault: Fault | None) -> tuple[SandboxPost, str]:
        known = self.ledger.keyed(said.account, said.key) if self.dedupe else None
        if known:
            return known, "repeated"
        hidden = fault.seconds if fault and fault.kind == "hide" else self.lag_s
        post = self.ledger.write(
            said.account, said.text, self.clock.now(), parent_id=said.parent_id, key=said.key, hidden_s=hidden
        )
        return post, "stored"

    async def _misbehave(self, request: web.Request, fault: Fault, answer: bytes) -> web.StreamResponse:
        if fault.kind == "delay":
            await self.clock.sleep(fault.seconds)
            return web.Response(body=answer, status=201, content_type="application/json")
        if fault.kind == "fail":
            return web.Response(status=fault.status, body=b'{"error": "planted"}', content_type="application/json")
        if fault.kind == "garbage":
            return web.Response(body=b"<html>\xff\x00 nothing", content_type="text/html")
        return await cut(request, answer, fault.after_bytes)

    def _note(self, said: Said | None, body: bytes, outcome: str, post_id: int | None = None) -> None:
        account, key, parent = (said.account, said.key, said.parent_id) if said else ("", "", "")
        at = self.clock.now().isoformat()
        self.ledger.note(Attempt(at, account, key, parent, sha256(body), outcome, post_id))

    def _account(self, request: web.Request) -> str:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            raise refusal(web.HTTPUnauthorized, "this token is not known")
        return self.tokens[token]

    def _store(self, said: Written) -> SandboxPost:
        if not said.author.strip() or not said.text.strip() or len(said.text) > MAX_TEXT:
            raise refusal(web.HTTPUnprocessableEntity, f"a post has an author and 1 to {MAX_TEXT} characters")
        author = said.author.strip().lstrip("@")[:60]
        return self.ledger.write(author, said.text, self.clock.now(), parent_id=said.parent_id, lang=said.lang)

    def _json(self, request: web.Request, post: SandboxPost) -> dict[str, Any]:
        url = f"{request.url.origin()}/p/{post.id}"
        return {**msgspec.to_builtins(post), "id": str(post.id), "withdrawn": bool(post.withdrawn), "url": url}

    async def front(self, request: web.Request) -> web.Response:
        """GET /: the newest posts with their answers."""
        now = self.clock.now()
        newest = self.ledger.newest(200, now)
        shown = [(post, self.ledger.replies(str(post.id), now)) for post in newest if not inside(post)]
        return page(render("front", threads=shown, ours=set(self.tokens.values())))

    async def one(self, request: web.Request) -> web.Response:
        """GET /p/ID: one post, what it answers, and its answers."""
        now = self.clock.now()
        post = self.ledger.post(request.match_info["id"], now)
        if post is None:
            raise web.HTTPNotFound(text="There is no such post.")
        parent = self.ledger.post(post.parent_id, now) if post.parent_id else None
        replies = self.ledger.replies(str(post.id), now)
        return page(render("one", post=post, parent=parent, replies=replies, ours=set(self.tokens.values())))

    async def style(self, request: web.Request) -> web.Response:
        """GET /style.css."""
        return web.Response(text=style(), content_type="text/css", headers=HEADERS)

    async def write_by_form(self, request: web.Request) -> web.Response:
        """POST /write: the form of the pages; other sites may not use it."""
        if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            raise web.HTTPForbidden(text="This form belongs to the sandbox's own pages.")
        form = {name: str(value) for name, value in (await request.post()).items() if value}
        post = self._store(read(msgspec.json.encode(form), Written))
        raise web.HTTPSeeOther(f"/p/{post.id}")

    async def plant(self, request: web.Request) -> web.Response:
        """POST /faults, only when the server was started for tests."""
        self.faults.add(read(await request.read(), Fault))
        return web.json_response({})

    async def heal(self, request: web.Request) -> web.Response:
        """DELETE /faults."""
        self.faults.clear()
        return web.json_response({})

    async def attempts(self, request: web.Request) -> web.Response:
        """GET /attempts: the books, for tests in another process."""
        return web.json_response(msgspec.to_builtins(self.ledger.attempts()))


@contextlib.asynccontextmanager
async def running(sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve until the block ends; gives the network's address."""
    app = web.Application(client_max_size=256_000)
    app.add_routes(sandbox.routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def serve(
    host: str, port: int, folder: Path, *, ready: Callable[[str], None] = lambda address: None, dedupe: bool = False,
    lag_s: float = 0.0, faults_open: bool = False, clock: Clock | None = None,
) -> None:  # fmt: skip
    """Run the sandbox network until cancelled; its books stand in `folder`. `ready` gets its address."""
    ledger = Ledger(folder / "sandbox.db")
    sandbox = Sandbox(ledger, clock=clock or SystemClock(), dedupe=dedupe, lag_s=lag_s, faults_open=faults_open)
    try:
        async with running(sandbox, host, port) as address:
            ready(address)
            await asyncio.Event().wait()
    finally:
        ledger.close()
