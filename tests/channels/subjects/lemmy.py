"""Lemmy in the conformance suite: all comments of a 0.19 instance, answered with a comment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aiohttp import web

from channels.lemmy import MANIFEST
from channels.lemmy.convert import server_of
from channels.manifest import Situation
from domain.account import Account
from domain.clock import Clock
from domain.reply import Parent
from tests.channels.network import Network, Post
from tests.channels.proofs import DAY_S, Hearing, Posted, Publishing
from tests.channels.subject import Subject
from tests.emulators.lemmy import FIRST, OWN, TOKEN, Instance, Item

HOST = "town.example"


def _serve(instance: Instance, post: Post, number: int) -> Item:
    where = f"https://{HOST}/comment/{FIRST + post.id}"
    row = instance.comment(post.text, post.author, number=number, post=0, ap_id=where)
    row["published_at"] = post.posted_at.isoformat().replace("+00:00", "" if post.naive else "Z")
    if not post.dated:
        del row["published_at"]
    if post.broken:
        row.update(id=None, path="")
    return row


class _Books(Instance):
    """Serves what the network holds now, and keeps our own comments beside it."""

    def __init__(self, network: Network, version: str) -> None:
        super().__init__(version)
        self.network = network
        self.served: dict[int, tuple[int, Item, Post]] = {}
        self.arrived = 0
        self.removes = False
        """Every second comment that is taken back is gone at once; the others stay for a while and say so."""
        self.post("A question", number=0, _hidden=True)

    def refresh(self) -> None:
        self.now = self.clock.now()
        held = {post.id: post for post in self.network.posts}
        for number in self.served.keys() - held.keys():
            self._drop(self.served.pop(number)[0])
        for number, post in held.items():
            if number not in self.served:
                self._write(post)
            key, row, before = self.served[number]
            if post is not before:
                self.served[number] = key, row, post
                row.update(content=row["content"] if post.broken else post.text, deleted=post.withdrawn)
                if post.withdrawn and self.removes and number % 2:
                    self._drop(key)

    def _write(self, post: Post) -> None:
        """Numbers rise as things arrive here, whatever their dates."""
        self.arrived += 1
        row = _serve(self, post, self.arrived)
        row["deleted"] = post.withdrawn
        self.served[post.id] = FIRST + self.arrived, row, post
        self.notes.append((700 + self.arrived, "mention", FIRST + self.arrived))

    def _drop(self, key: int) -> None:
        self.comments.pop(key, None)
        self.notes = [note for note in self.notes if note[2] != key]


@dataclass
class LemmySubject(Subject):
    """The post that is answered stands in no list."""

    version: str = "0.19.12"
    publish_path: str = "/api/v3/comment"

    def settings(self, network: Network, folder: Path) -> dict[str, Any]:
        return {"kind": "posts", "base_url": network.base}

    def routes(self, network: Network, folder: Path) -> list[web.RouteDef]:
        network.state["instance"] = instance = _Books(network, self.version)
        return instance.routes()

    def native_id(self, post_id: int) -> str:
        return f"https://{HOST}/comment/{FIRST + post_id}"

    def account(self, network: Network) -> Account:
        own = f"https://{HOST}/u/{OWN}"
        return Account(1, "lemmy", f"{OWN}@{HOST}", own, network.base, {"secret_token": TOKEN})

    def parent(self, network: Network) -> Parent:
        here = {"server": server_of(network.base), "api": network.state["instance"].api}
        native = {"id": FIRST, "post_id": FIRST, "is_comment": False} | here
        where = f"https://{HOST}/post/{FIRST}"
        return Parent(where, where, where, "", "mara", native)

    def comment_to_answer(self, network: Network, number: int) -> Parent:
        """The comment with this number as our publisher answers it."""
        here = {"server": server_of(network.base), "api": network.state["instance"].api, "answerable": True}
        native = {"id": FIRST + number, "post_id": FIRST, "is_comment": True} | here
        where, thread = self.native_id(number), f"https://{HOST}/post/{FIRST}"
        return Parent(where, thread, where, "", "mara", native)

    def published_texts(self, network: Network) -> list[str]:
        instance: Instance = network.state["instance"]
        return [row["content"] for row in instance.comments.values() if row["creator"]["name"] == OWN]


SITUATIONS = {
    "the thread is locked": Situation(True, True, {"answerable": True, "locked": True}),
    "no account": Situation(False, True, {"answerable": True}),
    "read on another instance": Situation(True, True),
    "otherwise": Situation(True, False, {"answerable": True}),
}
SUBJECT = LemmySubject(MANIFEST, shows_withdrawals=True, situations=SITUATIONS)


# --- proofs ----------------------------------------------------------------------------------------------------


def _ask(network: Network, number: int) -> Parent:
    network.posts = [*network.posts[-20:], Post(number, "norda, my seat is wet")]
    return SUBJECT.comment_to_answer(network, number)


def _books(network: Network) -> list[Posted]:
    own = [row for row in network.state["instance"].comments.values() if row["creator"]["name"] == OWN]
    return [Posted(row["ap_id"], f"https://{HOST}/comment/{row['path'].split('.')[-2]}") for row in own]


_LEMMY_1 = replace(SUBJECT, version="1.0.0", publish_path="/api/v4/comment")
_ANSWER = Publishing(
    name="Lemmy 0.19, read back",
    kind="read back",
    subject=SUBJECT,
    ask=_ask,
    books=_books,
    server="instance",
)
PUBLISHING = (_ANSWER, replace(_ANSWER, name="Lemmy 1.0, read back", subject=_LEMMY_1))


def _prepare(network: Network, clock: Clock) -> None:
    network.state["instance"].removes = True


_POSTS = Hearing(
    name="Lemmy 0.19, posts",
    subject=SUBJECT,
    in_place=True,
    overlap_posts=50,
    sweep_s=DAY_S,
    sweep_posts=1900,
    sweep_every_s=3600.0,
    removal_posts=50,
    prepare=_prepare,
)
HEARING = (
    _POSTS,
    replace(_POSTS, name="Lemmy 1.0, posts", subject=_LEMMY_1),
    replace(_POSTS, name="Lemmy 0.19, search", settings={"kind": "search"}, removal_posts=0),
    replace(_POSTS, name="Lemmy 1.0, search", subject=_LEMMY_1, settings={"kind": "search"}, removal_posts=0),
    replace(
        _POSTS,
        name="Lemmy 1.0, mentions",
        subject=_LEMMY_1,
        settings={"kind": "mentions"},
        in_place=False,
        all_ours=True,
        removal_posts=0,
    ),
)
