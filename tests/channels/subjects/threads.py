"""Threads in the conformance suite: a search with our account, answered in two steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from channels.manifest import Situation
from channels.threads import MANIFEST
from domain.account import Account
from domain.reply import Parent
from tests.channels.network import Network, Post
from tests.channels.proofs import DAY_S, Hearing, Posted, Publishing
from tests.channels.subject import Subject
from tests.emulators.threads import FIRST_ID, OWN_ID, OWN_NAME, TOKEN, ThreadsServer

PARENT = 900_000
Item = dict[str, Any]


def _serve(server: ThreadsServer, post: Post) -> Item:
    made = server.post(post.id, post.text, post.author, post.posted_at)
    if post.naive:
        made["timestamp"] = made["timestamp"].removesuffix("+0000")
    if not post.dated:
        del made["timestamp"]
    if post.broken:
        made["id"], made["text"] = None, None
    return made


class _Books(ThreadsServer):
    """Serves what the network holds now, beside the post that is answered and one of somebody else."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.served: dict[int, tuple[Post, Item]] = {}
        self.parent = self.post(PARENT, "the parent", "mara_testfield", _hidden=True)

    def refresh(self) -> None:
        self.now = self.clock.now()
        shown = [post for post in self.network.posts if not post.withdrawn]
        for post in shown:
            if post.id not in self.served or self.served[post.id][0] is not post:
                self.served[post.id] = post, _serve(self, post)
        self.posts = [self.parent, *(self.served[post.id][1] for post in shown)]


@dataclass
class ThreadsSubject(Subject):
    """The broken item is served though no search would find it, so that it reaches the connector."""

    publish_path: str = f"/v1.0/{OWN_ID}/threads_publish"

    def settings(self, network: Network, folder: Path) -> dict[str, Any]:
        return {"kind": "search", "query": "norda"}

    def routes(self, network: Network, folder: Path) -> list[web.RouteDef]:
        network.state["server"] = server = _Books(network)
        return server.routes()

    def native_id(self, post_id: int) -> str:
        return str(FIRST_ID + post_id)

    def account(self, network: Network) -> Account:
        return Account(1, "threads", OWN_NAME, OWN_ID, network.base, {"secret_token": TOKEN})

    def parent(self, network: Network) -> Parent:
        return self.post_to_answer(PARENT)

    def post_to_answer(self, number: int) -> Parent:
        """The post with this number as our publisher answers it."""
        name = self.native_id(number)
        return Parent(name, name, "https://www.threads.net/", "mara_testfield", "mara_testfield", {"id": name})

    def published_texts(self, network: Network) -> list[str]:
        return [reply["text"] for reply in network.state["server"].replies]


SITUATIONS = {
    "no account": Situation(False, True, {"id": "1"}),
    "the post came without its id": Situation(True, True),
    "otherwise": Situation(True, False, {"id": "1"}),
}
SUBJECT = ThreadsSubject(MANIFEST, situations=SITUATIONS)


# --- proofs ----------------------------------------------------------------------------------------------------


def _ask(network: Network, number: int) -> Parent:
    number += 100_000  # far from the numbers that the server gives
    network.posts = [*network.posts[-20:], Post(number, "norda, my seat is wet")]
    return SUBJECT.post_to_answer(number)


def _books(network: Network) -> list[Posted]:
    return [Posted(reply["id"], reply["replied_to"]["id"]) for reply in network.state["server"].replies]


def _carries(network: Network, body: bytes) -> bytes:
    """What stands in the container that is to be published."""
    container = network.state["server"].containers.get(body.decode().removeprefix("creation_id="), {})
    return urlencode({name: part for name, part in container.items() if name != "status"}).encode()


PUBLISHING = (
    Publishing(
        name="Threads, two phases",
        kind="two phases",
        rounds=6,
        subject=SUBJECT,
        ask=_ask,
        books=_books,
        carries=_carries,
        first_step=f"/v1.0/{OWN_ID}/threads",
    ),
)


_SEARCH = Hearing(
    name="Threads, search",
    subject=SUBJECT,
    in_place=True,
    overlap_posts=50,
    sweep_s=DAY_S,
    sweep_posts=1900,
    sweep_every_s=6 * 3600.0,
)
HEARING = (_SEARCH, replace(_SEARCH, name="Threads, mentions", settings={"kind": "mentions"}, all_ours=True))
