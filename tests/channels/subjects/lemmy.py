"""Lemmy in the conformance suite: all comments of a 0.19 instance, answered with a comment."""

from __future__ import annotations

from dataclasses import dataclass
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
from tests.channels.proofs import Posted, Publishing
from tests.channels.subject import Subject
from tests.emulators.lemmy import FIRST, OWN, TOKEN, Instance

HOST = "town.example"


def _serve(instance: Instance, post: Post) -> None:
    row = instance.comment(post.text, post.author, number=post.id, post=0, deleted=post.withdrawn)
    row["published_at"] = post.posted_at.isoformat().replace("+00:00", "" if post.naive else "Z")
    if not post.dated:
        del row["published_at"]
    if post.broken:
        row.update(id=None, content=None, path="")


class _Books(Instance):
    """Serves what the network holds now, and keeps our own comments beside it."""

    def __init__(self, network: Network, version: str) -> None:
        super().__init__(version)
        self.network = network
        self.post("norda parent", number=0, _hidden=True)

    def refresh(self) -> None:
        self.now = self.clock.now()
        self.comments = {key: row for key, row in self.comments.items() if row["creator"]["name"] == OWN}
        for post in self.network.posts:
            _serve(self, post)


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


def _lag(network: Network, seconds: float) -> None:
    network.state["instance"].lag_s = seconds


def _prepare(network: Network, clock: Clock) -> None:
    network.state["instance"].clock = clock


PUBLISHING = (
    Publishing(
        name="Lemmy, read back",
        kind="read back",
        subject=SUBJECT,
        ask=_ask,
        books=_books,
        lag=_lag,
        prepare=_prepare,
    ),
)
