"""Bluesky in the conformance suite: a search with our account, answered by putRecord."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from channels.bluesky import MANIFEST
from channels.manifest import Situation
from domain.account import Account
from domain.reply import Parent
from tests.channels.network import Network, Post
from tests.channels.proofs import DAY_S, Hearing, Posted, Publishing
from tests.channels.subject import Subject
from tests.emulators.bluesky import OWN_DID, PASSWORD, POST, BlueskyServer, Item, cid_for, did_for, stamp

AUTHOR = "mara_testfield"


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

HEARING = (
    Hearing(
        name="Bluesky, search",
        subject=SUBJECT,
        in_place=True,
        overlap_posts=100,
        sweep_s=DAY_S,
        sweep_posts=4000,
        sweep_every_s=3600.0,
    ),
)
