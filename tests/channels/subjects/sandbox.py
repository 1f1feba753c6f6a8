"""The sandbox network in the suite: its real server code, filled with the suite's posts."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from channels.manifest import Situation
from channels.sandbox import MANIFEST
from channels.sandbox.ledger import Ledger
from channels.sandbox.server import Sandbox
from domain.account import Account
from domain.clock import Clock, SetClock
from domain.reply import Parent
from tests.channels.network import NOON, Handler, Network, Post
from tests.channels.proofs import Hearing, Posted, Publishing
from tests.channels.subject import Subject

LATER = NOON + timedelta(hours=1)


class SandboxSubject(Subject):
    """Edits and withdrawals come with new change numbers. An undated post is an unreadable one here."""

    publish_path = "/api/replies"

    def settings(self, network: Network, folder: Path) -> dict[str, Any]:
        return {"base_url": network.base}

    def routes(self, network: Network, folder: Path) -> list[web.RouteDef]:
        sandbox = Sandbox(Ledger(folder / "sandbox.db"), clock=SetClock(LATER))
        network.state["ledger"], network.state["sandbox"] = sandbox.ledger, sandbox
        return [web.RouteDef(r.method, r.path, self._filled(network, sandbox, r.handler), {}) for r in sandbox.routes()]

    def _filled(self, network: Network, sandbox: Sandbox, handler: Any) -> Handler:
        async def filled(request: web.Request) -> web.StreamResponse:
            self._fill(network, sandbox)
            answer = await handler(request)
            assert isinstance(answer, web.StreamResponse)
            return answer

        return filled

    def _fill(self, network: Network, sandbox: Sandbox) -> None:
        """Bring the books to what the suite says is there."""
        known: dict[int, Post] = network.state.setdefault("known", {})
        for post in network.posts:
            if post == known.get(post.id):
                continue
            self._write(post, known.get(post.id), sandbox)
            known[post.id] = post

    def _write(self, post: Post, before: Post | None, sandbox: Sandbox) -> None:
        if before is None:
            moment = post.posted_at.replace(tzinfo=None) if post.naive else post.posted_at
            author = "" if post.broken else post.author
            sandbox.ledger.write(author, post.text, moment, lang=post.lang)
        elif not post.withdrawn:
            sandbox.ledger.edit(str(post.id), post.text, post.posted_at)
        if post.withdrawn:
            sandbox.ledger.withdraw(str(post.id))

    def account(self, network: Network) -> Account | None:
        return Account(1, self.manifest.name, "norda", "norda", network.base, {"secret_token": "sandbox-token"})

    def parent(self, network: Network) -> Parent:
        network.posts = network.posts or [Post(1, "norda, my seat is wet")]
        return Parent("1", "1", f"{network.base}/p/1", "mara_testfield", "mara_testfield", {})

    def published_texts(self, network: Network) -> list[str]:
        ledger: Ledger = network.state["ledger"]
        own = [post for post in ledger.changes(0, 1000, LATER) if post.author == "norda"]
        return [asdict(post)["text"] for post in own]


SITUATIONS = {"no account": Situation(False, False), "otherwise": Situation(True, False)}
SUBJECT = SandboxSubject(MANIFEST, shows_withdrawals=True, situations=SITUATIONS)


# --- proofs ----------------------------------------------------------------------------------------------------


def _ask(network: Network, number: int) -> Parent:
    sandbox: Sandbox = network.state["sandbox"]
    post = sandbox.ledger.write("mara_testfield", "norda, my seat is wet", sandbox.clock.now())
    return Parent(str(post.id), str(post.id), f"{network.base}/p/{post.id}", "mara", "mara_testfield", {})


def _books(network: Network) -> list[Posted]:
    ledger: Ledger = network.state["ledger"]
    posts = ledger.changes(0, 100_000, NOON + timedelta(days=10_000))
    return [Posted(str(post.id), str(post.parent_id)) for post in posts if post.author == "norda"]


def _prepare(network: Network, clock: Clock) -> None:
    network.state["sandbox"].clock = clock


_BY_LOOKING = Publishing(
    name="Sandbox, read back",
    kind="read back",
    subject=SUBJECT,
    ask=_ask,
    books=_books,
    server="sandbox",
    prepare=_prepare,
)
_BLIND = SandboxSubject(replace(MANIFEST, proof="none"), situations=SITUATIONS)
PUBLISHING = (
    _BY_LOOKING,
    replace(_BY_LOOKING, name="Sandbox, nothing to look at", kind="none", rounds=6, subject=_BLIND),
)
HEARING = (Hearing(name="Sandbox", subject=SUBJECT, overlap_posts=100_000, removal_posts=100_000, prepare=_prepare),)
