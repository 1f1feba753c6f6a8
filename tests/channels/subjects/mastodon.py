"""Mastodon in the conformance suite: a hashtag read with our account, answered by POST."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web

from channels.manifest import Situation
from channels.mastodon import MANIFEST
from channels.mastodon.convert import server_of
from domain.account import Account
from domain.clock import Clock
from domain.reply import Parent
from tests.channels.network import NOON, Network, Post
from tests.channels.proofs import DAY_S, Hearing, Posted, Publishing
from tests.channels.subject import Subject
from tests.emulators.mastodon import FIRST_ID, MastodonServer


def _serve(server: MastodonServer, post: Post) -> None:
    number = post.id
    status = server.post(post.text, post.author, number=number, language=post.lang)
    status["created_at"] = post.posted_at.isoformat().replace("+00:00", "" if post.naive else "Z")
    if not post.dated:
        del status["created_at"]
    if post.broken:
        status.update(id=None, content=None)


class _Books(MastodonServer):
    """Serves what the network holds now, and keeps our own replies beside it. Each post mentions us as well."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.served: dict[int, Post] = {}
        self.told_at = NOON
        _serve(self, Post(0, "norda parent"))
        self.posts[str(FIRST_ID)]["_hidden"] = True

    def refresh(self) -> None:
        held = {post.id: post for post in self.network.posts if not post.withdrawn}
        for number in self.served.keys() - held.keys():
            del self.posts[str(FIRST_ID + number)], self.notes[str(number)]
        for number, post in held.items():
            if self.served.get(number) is not post:
                _serve(self, post)
                self._tell(post)
        self.served = held

    def _tell(self, post: Post) -> None:
        """Told when it came, after those before it; a notification shows the post as it reads now."""
        self.told_at = max(self.told_at, post.posted_at)
        before = self.notes.get(str(post.id))
        at = before["created_at"] if before else self.told_at.isoformat()
        self.notify(self.posts[str(FIRST_ID + post.id)], number=post.id, at=at)


@dataclass
class MastodonSubject(Subject):
    """Text of replies is compared without the name of the person in front."""

    publish_path: str = "/api/v1/statuses"

    def settings(self, network: Network, folder: Path) -> dict[str, Any]:
        return {"kind": "hashtag", "tag": "norda", "base_url": network.base}

    def routes(self, network: Network, folder: Path) -> list[web.RouteDef]:
        network.state["server"] = server = _Books(network)
        return server.routes()

    def native_id(self, post_id: int) -> str:
        return f"https://social.example/users/mara_testfield/statuses/{post_id}"

    def account(self, network: Network) -> Account:
        server: MastodonServer = network.state["server"]
        secrets = {"secret_token": server.token}
        return Account(1, "mastodon", "brand@social.example", server.own_id, network.base, secrets)

    def parent(self, network: Network) -> Parent:
        return self.post_to_answer(network, 0)

    def post_to_answer(self, network: Network, number: int) -> Parent:
        """The post with this number as our publisher answers it."""
        server: MastodonServer = network.state["server"]
        server.refresh()
        status = server.posts[str(FIRST_ID + number)]
        native = {
            "id": status["id"],
            "server": server_of(network.base),
            "acct": "mara_testfield",
            "visibility": "public",
            "answerable": True,
        }
        return Parent(
            external_id=status["uri"], thread_id=status["uri"], url=status["url"], author_id="mara",
            author_handle="mara_testfield@social.example", native=native,
        )  # fmt: skip

    def published_texts(self, network: Network) -> list[str]:
        server: MastodonServer = network.state["server"]
        own = [post for post in server.posts.values() if post["account"]["id"] == server.own_id]
        plain = [html.unescape(re.sub(r"<[^>]*>", "", post["content"])) for post in own]
        return [text.removeprefix("@mara_testfield ") for text in plain]


SITUATIONS = {
    "the author's profile says #nobot": Situation(True, True, {"answerable": True, "nobot": True}),
    "no account": Situation(False, True, {"answerable": True}),
    "read on another server": Situation(True, True, {"server": "far.example"}),
    "otherwise": Situation(True, False, {"answerable": True}),
}
SUBJECT = MastodonSubject(MANIFEST, situations=SITUATIONS)


# --- proofs ----------------------------------------------------------------------------------------------------


def _ask(network: Network, number: int) -> Parent:
    network.posts = [*network.posts[-20:], Post(number, "norda, my seat is wet")]
    return SUBJECT.post_to_answer(network, number)


def _books(network: Network) -> list[Posted]:
    server: MastodonServer = network.state["server"]
    own = [post for post in server.posts.values() if post["account"]["id"] == server.own_id]
    return [Posted(post["uri"], SUBJECT.native_id(int(post["in_reply_to_id"]) - FIRST_ID)) for post in own]


def _prepare(network: Network, clock: Clock, *, honours_key: bool) -> None:
    server: MastodonServer = network.state["server"]
    server.clock, server.honours_key = clock, honours_key


_BY_LOOKING = Publishing(
    name="Mastodon, no keys",
    kind="read back",
    subject=SUBJECT,
    ask=_ask,
    books=_books,
    prepare=partial(_prepare, honours_key=False),
)
_KEPT_50_MINUTES = replace(SUBJECT, manifest=replace(MANIFEST, proof="key", key_valid_s=3000.0))
PUBLISHING = (
    _BY_LOOKING,
    replace(
        _BY_LOOKING,
        name="Mastodon, keys",
        kind="key",
        rounds=6,
        subject=_KEPT_50_MINUTES,
        prepare=partial(_prepare, honours_key=True),
    ),
)


def _as_snac(network: Network, clock: Clock) -> None:
    server: MastodonServer = network.state["server"]
    server.clock, server.min_id_gives_newest, server.empty_after_deleted = clock, True, True


_SWEPT: dict[str, Any] = {"sweep_s": DAY_S, "sweep_every_s": 3600.0}
_MENTIONS = Hearing(
    name="Mastodon, mentions",
    subject=SUBJECT,
    settings={"kind": "mentions"},
    all_ours=True,
    overlap_posts=20,
    sweep_posts=3200,
    prepare=partial(_prepare, honours_key=True),
    **_SWEPT,
)
HEARING = (
    Hearing(name="Mastodon, hashtag", subject=SUBJECT, in_place=True, overlap_posts=20, sweep_posts=1600, **_SWEPT),
    Hearing(
        name="Mastodon, search",
        subject=SUBJECT,
        settings={"kind": "search"},
        in_place=True,
        overlap_posts=40,
        sweep_posts=200,
        burst=120,
        **_SWEPT,
    ),
    _MENTIONS,
    replace(_MENTIONS, name="snac2, mentions", prepare=_as_snac),
)
