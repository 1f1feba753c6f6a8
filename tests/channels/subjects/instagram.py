"""Instagram in the suite: comments under one of our photos, by poll and by push; answers to comments."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web

from channels.instagram import MANIFEST
from channels.manifest import Situation
from domain.account import Account
from domain.clock import Clock
from domain.reply import Parent
from tests.channels.network import NOON, Network, Post
from tests.channels.proofs import DAY_S, Hearing, News, Posted, Publishing, Pushed
from tests.channels.subject import Subject
from tests.emulators.graph import APP_SECRET, SECRETS, Item, sign
from tests.emulators.instagram import USER_ID, USERNAME, InstagramServer

PHOTO, PARENT = "17900000000000001", "17870000000009999"


class _Books(InstagramServer):
    """Serves what the network holds now, and keeps the comments of our own beside it."""

    def __init__(self, network: Network) -> None:
        super().__init__(page_size=2)
        self.network = network
        self.served: dict[int, tuple[Post, Item]] = {}
        self.photo = self.post("Our night train", id=PHOTO, at=NOON - timedelta(hours=1))
        self.comment(self.photo, "", id=PARENT, at=NOON)  # a picture: no post of the suite

    def refresh(self) -> None:
        held = {post.id: post for post in self.network.posts if not post.withdrawn}
        gone = [self.served.pop(number)[1] for number in self.served.keys() - held.keys()]
        if gone:
            self.comments = {key: each for key, each in self.comments.items() if each not in gone}
        for number, post in held.items():
            if number not in self.served:
                self.served[number] = post, self._serve(post)
            elif self.served[number][0] is not post:
                self.served[number][1]["text"] = post.text
                self.served[number] = post, self.served[number][1]

    def _serve(self, post: Post) -> Item:
        return self.comment(
            self.photo, post.text, post.author, at=post.posted_at, naive=post.naive, dated=post.dated,
            id="" if post.broken else self.name_of(post.id),
        )  # fmt: skip

    @staticmethod
    def name_of(post_id: int) -> str:
        return f"178700000000{post_id:05d}"


class InstagramSubject(Subject):
    """Comments under a photo of ours."""

    def routes(self, network: Network, folder: Path) -> list[web.RouteDef]:
        network.state["server"] = server = _Books(network)
        return server.routes()

    def native_id(self, post_id: int) -> str:
        return _Books.name_of(post_id)

    def pushed(self, network: Network) -> bytes:
        server: _Books = network.state["server"]
        server.refresh()
        return server.push(*(server.told(each) for each in server.comments.values() if each["text"]))

    def signed(self, body: bytes, now: datetime, secret: str | None = None) -> dict[str, str]:
        return sign(body, APP_SECRET if secret is None else secret)

    def account(self, network: Network) -> Account:
        return Account(1, "instagram", f"@{USERNAME}", USER_ID, network.base, SECRETS)

    def parent(self, network: Network) -> Parent:
        return self.comment_to_answer(network, PARENT)

    def comment_to_answer(self, network: Network, name: str) -> Parent:
        """The top comment of this name as our publisher answers it."""
        network.state["server"].refresh()
        native = {"kind": "comment", "media": PHOTO, "top": name, "hidden": False}
        return Parent(name, name, "https://www.instagram.com/p/x/", "70", "mara_testfield", native)

    def published_texts(self, network: Network) -> list[str]:
        server: InstagramServer = network.state["server"]
        return server.own_texts()


_FINE = {"kind": "comment", "media": PHOTO, "top": PARENT, "hidden": False}
SITUATIONS = {
    "no account": Situation(False, True, _FINE),
    "a photo that only tags us": Situation(True, True, {"kind": "tag", "hidden": False}),
    "hidden comment": Situation(True, True, _FINE | {"hidden": True}),
    "otherwise": Situation(True, True, _FINE),
}
SUBJECT = InstagramSubject(
    MANIFEST, shows_edits=False, push_withdrawals=False, publish_path="/v26.0/", situations=SITUATIONS
)


# --- proofs ----------------------------------------------------------------------------------------------------


def _ask(network: Network, number: int) -> Parent:
    number += 50_000  # far from the numbers that the server gives
    network.posts = [*network.posts[-20:], Post(number, "norda, my seat is wet")]
    return SUBJECT.comment_to_answer(network, SUBJECT.native_id(number))


def _books(network: Network) -> list[Posted]:
    own = [each for each in network.state["server"].comments.values() if each["username"] == USERNAME]
    return [Posted(each["id"], each["parent_id"] or each["media_id"]) for each in own]


def _ask_in_caption(network: Network, number: int) -> Parent:
    """Somebody else's photo whose caption names us."""
    server: _Books = network.state["server"]
    name = server.post(f"@{USERNAME}, my seat is wet", "mara_testfield", names="caption")["id"]
    native = {"kind": "caption", "media": name, "top": name, "hidden": False}
    return Parent(name, name, "https://www.instagram.com/p/x/", "70", "mara_testfield", native)


def _ask_elsewhere(network: Network, number: int) -> Parent:
    """A comment that names us under somebody else's photo: who asks for its answers is shown none."""
    server: _Books = network.state["server"]
    said = server.comment(server.post("A day out", "eva_test"), f"@{USERNAME}, my seat is wet", "mara_testfield")
    name, native = said["id"], {"kind": "mention", "media": said["media_id"], "top": said["id"], "hidden": False}
    return Parent(name, name, "https://www.instagram.com/p/x/", "70", "mara_testfield", native)


_ANSWER = Publishing(name="Instagram, read back", kind="read back", subject=SUBJECT, ask=_ask, books=_books)
PUBLISHING = (
    _ANSWER,
    replace(_ANSWER, name="Instagram, read back in captions", ask=_ask_in_caption),
    replace(_ANSWER, name="Instagram, not shown", kind="none", ask=_ask_elsewhere),
)


def _prepare(network: Network, clock: Clock) -> None:
    network.state["server"].page_size = 50


def _pushed(network: Network, news: list[News]) -> bytes:
    server: _Books = network.state["server"]
    server.refresh()
    known = [server.served.get(each.post.id) for each in news]
    return server.push(*(server.told(comment) for found in known if found for comment in found[1:]))


# The window of a sweep is told by our clock, which may be an hour ahead.
_POLLS = Hearing(
    name="Instagram, comments",
    subject=SUBJECT,
    in_place=True,
    all_ours=True,
    late_s=900.0,
    sweep_s=DAY_S - 3600.0,
    sweep_posts=900,
    sweep_every_s=3600.0,
    prepare=_prepare,
)
HEARING = (
    replace(_POLLS, name="Instagram, polls alone"),
    replace(_POLLS, name="Instagram, pushes and polls", pushed=Pushed(body=_pushed, forgets=0.1), dear=4),
)
