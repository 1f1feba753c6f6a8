"""A Facebook Page in the suite: comments under one of our posts, by poll and by push; answers as comments."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web

from channels.facebook import MANIFEST
from channels.manifest import Situation
from domain.account import Account
from domain.clock import Clock
from domain.reply import Parent
from tests.channels.network import NOON, Network, Post
from tests.channels.proofs import DAY_S, Hearing, News, Posted, Publishing, Pushed
from tests.channels.subject import Subject
from tests.emulators.facebook import PAGE_ID, PAGE_NAME, FacebookServer
from tests.emulators.graph import APP_SECRET, SECRETS, Item, sign

OUR_POST, PARENT = f"{PAGE_ID}_1", "1_7777777"


class _Books(FacebookServer):
    """Serves what the network holds now, and keeps the comments of our own beside it."""

    def __init__(self, network: Network) -> None:
        super().__init__(page_size=2)
        self.network = network
        self.real: Clock | None = None
        self.served: dict[int, tuple[Post, Item]] = {}
        self.ours = self.post(None, id=OUR_POST, at=NOON - timedelta(hours=1), changed=NOON)
        self.comment(self.ours, "", id=PARENT, at=NOON)  # a sticker: no post of the suite

    def refresh(self) -> None:
        held = {post.id: post for post in self.network.posts if not post.withdrawn}
        gone = [self.served.pop(number)[1] for number in self.served.keys() - held.keys()]
        if gone:
            self.comments = {key: each for key, each in self.comments.items() if each not in gone}
        for number, post in held.items():
            if number not in self.served:
                self.served[number] = post, self._serve(post)
            elif self.served[number][0] is not post:
                self.served[number][1]["message"] = post.text
                self.served[number] = post, self.served[number][1]

    def _serve(self, given: Post) -> Item:
        before = self.ours["changed"]
        made = self.comment(
            self.ours, given.text, given.author, at=given.posted_at, naive=given.naive, dated=given.dated,
            id=None if given.broken else f"1_{given.id}",
        )  # fmt: skip
        if given.broken:
            made["id"] = ""
        if self.real is not None:  # a comment changes its post when it comes, whatever its own date says
            self.ours["changed"] = max(before, self.real.now())
        return made


class FacebookSubject(Subject):
    """Comments under a post of ours."""

    def routes(self, network: Network, folder: Path) -> list[web.RouteDef]:
        network.state["server"] = server = _Books(network)
        return server.routes()

    def native_id(self, post_id: int) -> str:
        return f"1_{post_id}"

    def pushed(self, network: Network) -> bytes:
        server: _Books = network.state["server"]
        told: dict[str, str] = network.state.setdefault("told", {})
        server.refresh()
        entries = []
        for post in network.posts:
            name = self.native_id(post.id)
            verb = "remove" if post.withdrawn else "edited" if told.get(name, post.text) != post.text else "add"
            entries.append(self.entry(server, post, verb))
            told[name] = post.text
        return server.push(*entries)

    def entry(self, server: FacebookServer, post: Post, verb: str, told: datetime | None = None) -> Item:
        """One change of a post as a push tells of it."""
        name = "" if post.broken else self.native_id(post.id)
        item = {"id": name, "message": post.text, "at": post.posted_at, "post": OUR_POST}
        entry = server.change(item | {"from": {"id": "70", "name": post.author}, "parent": None}, verb, told=told)
        value = entry["changes"][0]["value"]
        if not post.dated:
            del value["created_time"]
        elif post.naive:
            value["created_time"] = post.posted_at.strftime("%Y-%m-%dT%H:%M:%S")
        return entry

    def signed(self, body: bytes, now: datetime, secret: str | None = None) -> dict[str, str]:
        return sign(body, APP_SECRET if secret is None else secret)

    def account(self, network: Network) -> Account:
        return Account(1, "facebook", PAGE_NAME, PAGE_ID, network.base, SECRETS)

    def parent(self, network: Network) -> Parent:
        return self.comment_to_answer(network, PARENT)

    def comment_to_answer(self, network: Network, name: str) -> Parent:
        """The comment of this name as our publisher answers it."""
        network.state["server"].refresh()
        native = {"id": name, "post": OUR_POST, "on_our_page": True, "can_reply": True, "hidden": False}
        return Parent(name, name, "https://www.facebook.com/", "70", "", native)

    def published_texts(self, network: Network) -> list[str]:
        server: FacebookServer = network.state["server"]
        return server.own_texts()


_FINE = {"id": "1_2", "post": OUR_POST, "on_our_page": True, "can_reply": True, "hidden": False}
SITUATIONS = {
    "no account": Situation(False, True, _FINE),
    "not on our Page": Situation(True, True, _FINE | {"on_our_page": False}),
    "hidden comment": Situation(True, True, _FINE | {"hidden": True}),
    "no answers taken": Situation(True, True, _FINE | {"can_reply": False}),
    "otherwise": Situation(True, True, _FINE),
}
SUBJECT = FacebookSubject(MANIFEST, shows_edits=False, publish_path="/v26.0/", situations=SITUATIONS)


# --- proofs ----------------------------------------------------------------------------------------------------


def _ask(network: Network, number: int) -> Parent:
    number += 1_000_000  # far from the numbers that the server gives
    network.posts = [*network.posts[-20:], Post(number, "norda, my seat is wet")]
    return SUBJECT.comment_to_answer(network, SUBJECT.native_id(number))


def _books(network: Network) -> list[Posted]:
    own = [each for each in network.state["server"].comments.values() if each["from"]["id"] == PAGE_ID]
    return [Posted(each["id"], each["parent"]["id"]) for each in own]


def _prepare(network: Network, clock: Clock) -> None:
    server: _Books = network.state["server"]
    server.page_size, server.real = 100, clock


PUBLISHING = (
    Publishing(
        name="Facebook, read back",
        kind="read back",
        subject=SUBJECT,
        ask=_ask,
        books=_books,
        prepare=_prepare,
    ),
)


def _pushed(network: Network, news: list[News]) -> bytes:
    server: _Books = network.state["server"]
    verbs = ["remove" if each.post.withdrawn else "edited" if each.changed else "add" for each in news]
    return server.push(
        *(SUBJECT.entry(server, each.post, verb, each.at) for each, verb in zip(news, verbs, strict=True))
    )


# The window of a sweep is told by our clock, which may be an hour ahead.
_POLLS = Hearing(
    name="Facebook, comments",
    subject=SUBJECT,
    in_place=True,
    all_ours=True,
    late_s=900.0,
    sweep_s=DAY_S - 3600.0,
    sweep_posts=1900,
    sweep_every_s=3600.0,
    prepare=_prepare,
)
HEARING = (
    replace(_POLLS, name="Facebook, polls alone"),
    replace(_POLLS, name="Facebook, pushes and polls", pushed=Pushed(body=_pushed, forgets=0.1), dear=2),
)
