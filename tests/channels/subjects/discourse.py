"""Discourse in the conformance suite: a whole forum read with our key, answered by POST."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aiohttp import web

from channels.discourse import MANIFEST
from channels.discourse.convert import author_id, external_id, server_of
from channels.manifest import Situation
from domain.account import Account
from domain.clock import Clock
from domain.reply import Parent
from tests.channels.network import Network, Post
from tests.channels.proofs import DAY_S, Hearing, Posted, Publishing, own_words
from tests.channels.subject import Subject
from tests.emulators.discourse import FIRST_ID, KEY, OWN, OWN_ID, Forum, Item, cooked, stamp

PARENT_TOPIC, TOPIC = 6, 7


def _serve(forum: Forum, post: Post, *, apart: bool) -> Item:
    item = forum.post(post.text, post.author, number=post.id, topic=1000 + post.id if apart else TOPIC)
    item["created_at"] = post.posted_at.isoformat().replace("+00:00", "" if post.naive else "Z")
    if not post.dated:
        del item["created_at"]
    if post.broken:
        item["id"] = None
    return item


class _Books(Forum):
    """Serves what the network holds now, and keeps our own posts beside it, out of the list."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.living: Clock | None = None
        self.apart = False
        """Each post in a topic of its own: a search finds one post of each."""
        self.served: dict[int, Post] = {}
        self.answered = self.post("norda parent", number=-1, topic=PARENT_TOPIC)

    def refresh(self) -> None:
        self.now = self.clock.now()
        held = {post.id: post for post in self.network.posts}
        for number in self.served.keys() - held.keys():
            gone = self.posts.pop(FIRST_ID + number)
            self.notes = [note for note in self.notes if note["data"]["original_post_id"] != gone["id"]]
        for number, post in held.items():
            if number not in self.served:
                self.notify(_serve(self, post, apart=self.apart), at=self.clock.now() if self.living else None)
            if self.served.get(number) is not post:
                self._change(self.posts[FIRST_ID + number], post)
        self.served = held

    def _change(self, item: Item, post: Post) -> None:
        """What is taken back shows so for a while, or is removed at once."""
        if not post.broken:
            item.update(raw=post.text, cooked=cooked(post.text))
        removed = post.withdrawn and self.living is not None and post.id % 2 == 0
        item.update(user_deleted=post.withdrawn, deleted_at=stamp(post.posted_at) if removed else None)

    def public(self) -> dict[int, Item]:
        return {key: post for key, post in super().public().items() if post is not self.answered}


@dataclass
class DiscourseSubject(Subject):
    """Our own replies stand in a topic of their own, and are compared as typed. Ids name the forum: `here` is the one
    that was set up last."""

    publish_path: str = "/posts.json"
    kind: str = "posts"
    here: Network = field(default_factory=Network)

    def settings(self, network: Network, folder: Path) -> dict[str, Any]:
        return {"kind": self.kind, "base_url": network.base}

    def routes(self, network: Network, folder: Path) -> list[web.RouteDef]:
        network.state["forum"] = forum = _Books(network)
        self.here = network
        return forum.routes()

    def native_id(self, post_id: int) -> str:
        return external_id(server_of(self.here.base), FIRST_ID + post_id)

    def account(self, network: Network) -> Account:
        own = author_id(server_of(network.base), OWN_ID)
        return Account(1, "discourse", OWN, own, network.base, {"secret_api_key": KEY})

    def parent(self, network: Network) -> Parent:
        return self.post_to_answer(network, network.state["forum"].answered)

    def post_to_answer(self, network: Network, post: Item) -> Parent:
        """A post as our publisher answers it."""
        topic, server = post["topic_id"], server_of(network.base)
        native = {"topic_id": topic, "post_number": post["post_number"], "server": server, "answerable": True}
        name = external_id(server, post["id"])
        return Parent(name, f"{server}/t/{topic}", f"{network.base}/t/{topic}/1", "", "mara", native)

    def published_texts(self, network: Network) -> list[str]:
        forum: Forum = network.state["forum"]
        return [post["raw"] for post in forum.posts.values() if post["yours"]]


SITUATIONS = {
    "no account": Situation(False, True, {"answerable": True}),
    "read on another forum": Situation(True, True),
    "otherwise": Situation(True, False, {"answerable": True}),
}
SUBJECT = DiscourseSubject(MANIFEST, shows_withdrawals=True, situations=SITUATIONS)


# --- proofs ----------------------------------------------------------------------------------------------------


def _ask(network: Network, number: int) -> Parent:
    forum: Forum = network.state["forum"]
    post = forum.post("norda, my seat is wet", topic=1000 + number, at=forum.clock.now())
    return SUBJECT.post_to_answer(network, post)


def _books(network: Network) -> list[Posted]:
    """In each topic one post is answered, its first."""
    posts, server = network.state["forum"].posts.values(), server_of(network.base)
    first = {post["topic_id"]: post["id"] for post in posts if post["post_number"] == 1}
    own = [post for post in posts if post["yours"] and post["reply_to_post_number"] == 1]
    return [Posted(external_id(server, post["id"]), external_id(server, first[post["topic_id"]])) for post in own]


PUBLISHING = (
    Publishing(
        name="Discourse, refuses duplicates",
        kind="refuses duplicates",
        subject=SUBJECT,
        ask=_ask,
        books=_books,
        server="forum",
        wording=own_words,
    ),
)


def _prepare(network: Network, clock: Clock) -> None:
    forum: _Books = network.state["forum"]
    forum.clock = forum.living = clock


def _prepare_search(network: Network, clock: Clock) -> None:
    _prepare(network, clock)
    network.state["forum"].apart = True


_POSTS = Hearing(
    name="Discourse, posts",
    subject=SUBJECT,
    in_place=True,
    overlap_posts=50,
    sweep_s=DAY_S,
    sweep_posts=2000,
    sweep_every_s=3600.0,
    removal_posts=50,
    prepare=_prepare,
)
HEARING = (
    _POSTS,
    replace(
        _POSTS,
        name="Discourse, mentions",
        settings={"kind": "mentions"},
        in_place=False,
        all_ours=True,
        overlap_posts=0,
        sweep_posts=300,
        removal_posts=0,
        dear=4,
    ),
    replace(
        _POSTS,
        name="Discourse, search",
        settings={"kind": "search"},
        overlap_posts=0,
        sweep_posts=300,
        removal_posts=0,
        dear=4,
        prepare=_prepare_search,
    ),
)
