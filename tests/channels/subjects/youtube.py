"""YouTube in the conformance suite: the comments of our own channel, answered by comments.insert."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from channels.manifest import Situation
from channels.youtube import MANIFEST
from domain.account import Account
from domain.clock import Clock
from domain.reply import Parent
from tests.channels.network import NOON, Network, Post
from tests.channels.proofs import Hearing, Posted, Publishing
from tests.channels.subject import Subject
from tests.emulators.youtube import OWN, SECRETS, Item, YouTubeServer

PARENT = "Ugparent"


def _serve(server: YouTubeServer, post: Post) -> Item:
    at: Any = post.posted_at.strftime("%Y-%m-%dT%H:%M:%S") if post.naive else post.posted_at
    edited = post.posted_at + timedelta(minutes=1 if "edited" in post.text else 0)
    author = f"{post.author}_{post.id}" if post.broken else post.author
    comment = server.comment(
        post.text, author, id=None if post.broken else f"Ug{post.id}", at=at, edited=edited, dated=post.dated
    )
    if post.broken:
        comment["text"] = None
    return comment


class _Books(YouTubeServer):
    """Serves what the network holds now, and keeps the replies of our own beside it."""

    def __init__(self, network: Network) -> None:
        super().__init__(page_size=2)
        self.network = network
        self.served: dict[int, tuple[Post, Item]] = {}
        self.comment("norda parent", id=PARENT, status="rejected", at=NOON)

    def refresh(self) -> None:
        held = {post.id: post for post in self.network.posts if not post.withdrawn}
        for number in list(self.served):
            if self.served[number][0] is not held.get(number):
                gone = self.served.pop(number)[1]
                self.comments = {key: each for key, each in self.comments.items() if each is not gone}
        for number, post in held.items():
            if number not in self.served:
                self.served[number] = post, _serve(self, post)


@dataclass
class YouTubeSubject(Subject):
    """The parent of replies is hidden from the listings, so that it is no post."""

    publish_path: str = "/youtube/v3/comments"

    def routes(self, network: Network, folder: Path) -> list[web.RouteDef]:
        network.state["server"] = server = _Books(network)
        return server.routes()

    def native_id(self, post_id: int) -> str:
        return f"Ug{post_id}"

    def account(self, network: Network) -> Account:
        return Account(1, "youtube", "@norda", OWN, network.base, SECRETS)

    def parent(self, network: Network) -> Parent:
        return self.comment_to_answer(network, PARENT)

    def comment_to_answer(self, network: Network, name: str) -> Parent:
        """The top comment of this name as our publisher answers it."""
        network.state["server"].refresh()
        native = {"kind": "comment", "top": name, "video": "norda-video", "may_write": True, "can_reply": True}
        return Parent(name, name, "https://www.youtube.com/", "UCmara", "@mara_testfield", native)

    def published_texts(self, network: Network) -> list[str]:
        server: YouTubeServer = network.state["server"]
        return server.own_texts()


_FINE = {"kind": "comment", "may_write": True, "can_reply": True}
SITUATIONS = {
    "no account": Situation(False, True, _FINE),
    "a video, not a comment": Situation(True, False, {"kind": "video"}),
    "the account has a key but no sign-in": Situation(True, True, _FINE | {"may_write": False}),
    "YouTube takes no reply from us there": Situation(True, True, _FINE | {"can_reply": False}),
    "otherwise": Situation(True, False, _FINE),
}
SUBJECT = YouTubeSubject(MANIFEST, shows_withdrawals=True, situations=SITUATIONS)


# --- proofs ----------------------------------------------------------------------------------------------------


def _ask(network: Network, number: int) -> Parent:
    network.posts = [*network.posts[-20:], Post(number, "norda, my seat is wet")]
    return SUBJECT.comment_to_answer(network, SUBJECT.native_id(number))


def _books(network: Network) -> list[Posted]:
    comments = network.state["server"].comments.values()
    return [Posted(each["id"], each["under"]) for each in comments if each["author"] == "norda"]


def _prepare(network: Network, clock: Clock) -> None:
    server: YouTubeServer = network.state["server"]
    server.daily_units = 10**9


PUBLISHING = (
    Publishing(
        name="YouTube, read back",
        kind="read back",
        subject=SUBJECT,
        ask=_ask,
        books=_books,
        prepare=_prepare,
    ),
)


def _prepare_life(network: Network, clock: Clock) -> None:
    server: YouTubeServer = network.state["server"]
    server.page_size, server.daily_units = 100, 100_000


# What comes later than a quarter of an hour is found by the deep round of the next day, which is no sweep of ours.
_CHANNEL = Hearing(
    name="YouTube, channel",
    subject=SUBJECT,
    in_place=True,
    all_ours=True,
    late_s=900.0,
    overlap_posts=100,
    removal_posts=100,
    removal_polls=6,
    prepare=_prepare_life,
)
HEARING = (
    _CHANNEL,
    replace(
        _CHANNEL,
        name="YouTube, watched videos",
        settings={"kind": "videos", "videos": ["norda-video"], "daily_units": 100_000},
        all_ours=False,
    ),
)
