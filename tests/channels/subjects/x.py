"""X in the conformance suite: a search with our account, answered by POST to an author who named us."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from aiohttp import web

from channels.manifest import Situation
from channels.x import MANIFEST, stream
from domain.account import Account
from domain.clock import Clock
from domain.reply import Parent
from tests.channels.network import NOON, Network, Post
from tests.channels.proofs import Hearing, How, Posted, Publishing, Streamed, own_words
from tests.channels.subject import Subject
from tests.emulators.x import BEARER, BREAK, KEYS, XServer
from tests.emulators.x_books import OWN_ID
from tests.emulators.x_posts import Said, id_at

AUTHOR = "mara_testfield"
SECRETS = {"secret_bearer_token": BEARER} | {f"secret_{name}": key for name, key in KEYS.items()}


class _Books(XServer):
    """Serves what the network holds now; what was edited there becomes a new version."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.served: dict[int, Said] = {}
        self.first_ids: dict[int, int] = {}
        self.search_lag = timedelta(0)
        self.refreshed = NOON - timedelta(days=365)

    def refresh(self) -> None:
        for number in self.served.keys() - {post.id for post in self.network.posts if not post.withdrawn}:
            for version in self.served.pop(number).history:
                self.posts.pop(version)
        for post in self.network.posts:
            if not post.withdrawn:
                self._serve(post)
        self.refreshed = self.now()

    def _serve(self, post: Post) -> None:
        for at, text in self._versions(post):
            said = self.served.get(post.id)
            if said is None:
                said = self.say(text, post.author, at=post.posted_at, lang=post.lang)
                self.first_ids[post.id] = said.id
            elif said.raw != text:
                said = self.edit(said, text, at)
            if self.served.get(post.id) is not said and self.search_lag:
                said.found_from = at + self.search_lag
            self.served[post.id] = said
        self._show(self.served[post.id], post)

    def _versions(self, post: Post) -> list[tuple[datetime, str]]:
        """What is new in it: a living network knows each version and when it was said, also where nobody asked."""
        versions = getattr(self.network, "versions", {}).get(post.id, [(self.now(), post.text)])
        if post.id not in self.served:
            return list(versions)
        return [version for version in versions if version[0] > self.refreshed or len(versions) == 1]

    def _show(self, said: Said, post: Post) -> None:
        said.broken = post.broken
        said.changes = {"id": None, "text": None} if post.broken else {}
        if post.naive:
            said.changes = {"created_at": post.posted_at.replace(tzinfo=None).isoformat()}
        if not post.dated:
            said.changes = {"created_at": None}


@dataclass
class XSubject(Subject):
    """The broken item is served though no search would find it, so that it reaches the connector."""

    publish_path: str = "/2/tweets"
    first_ids: dict[int, int] = field(default_factory=dict)

    def settings(self, network: Network, folder: Path) -> dict[str, Any]:
        return {"kind": "search"}

    def routes(self, network: Network, folder: Path) -> list[web.RouteDef]:
        network.state["server"] = server = _Books(network)
        self.first_ids = server.first_ids
        return server.routes()

    def native_id(self, post_id: int) -> str:
        return str(self.first_ids.get(post_id) or id_at(NOON + timedelta(minutes=post_id)))

    def account(self, network: Network) -> Account:
        return Account(1, "x", "norda", OWN_ID, network.base, SECRETS)

    def parent(self, network: Network) -> Parent:
        server: XServer = network.state["server"]
        said = next((s for s in server.posts.values() if s.author == AUTHOR), None)
        said = said or server.say("@norda where is my train?", AUTHOR, at=NOON)
        return self.post_to_answer(said)

    def post_to_answer(self, said: Said) -> Parent:
        """A post that names us, as our publisher answers it."""
        native = {"id": str(said.id), "summoned": ["norda"]}
        return Parent(str(said.id), str(said.id), f"https://x.com/{AUTHOR}/status/{said.id}", "7001", AUTHOR, native)

    def published_texts(self, network: Network) -> list[str]:
        server: XServer = network.state["server"]
        return [said.raw.removeprefix(f"@{AUTHOR} ") for said in server.own()]


SITUATIONS = {
    "no account": Situation(False, True, {"id": "5", "summoned": ["norda"]}),
    "the author did not summon us": Situation(True, True, {"id": "5", "summoned": []}),
    "otherwise": Situation(True, True, {"id": "5", "summoned": ["norda"]}),
}
SUBJECT = XSubject(MANIFEST, situations=SITUATIONS)


# --- proofs ----------------------------------------------------------------------------------------------------


def _ask(network: Network, number: int) -> Parent:
    server: XServer = network.state["server"]
    return SUBJECT.post_to_answer(server.say("@norda where is my train?", AUTHOR, at=server.now()))


def _books(network: Network) -> list[Posted]:
    server: XServer = network.state["server"]
    return [Posted(str(said.id), str(said.reply_to)) for said in server.own()]


def _prepare(network: Network, clock: Clock) -> None:
    network.state["server"].now = clock.now


PUBLISHING = (
    Publishing(
        name="X, refuses duplicates",
        kind="refuses duplicates",
        rounds=5,
        subject=SUBJECT,
        ask=_ask,
        books=_books,
        prepare=_prepare,
        wording=own_words,
    ),
)


def _prepare_stream(network: Network, clock: Clock) -> None:
    """What the stream brings at once, search has later."""
    _prepare(network, clock)
    network.state["server"].search_lag = timedelta(seconds=28)


def _speak(network: Network, how: How) -> None:
    server: _Books = network.state["server"]
    if how == "on":
        server.refresh()
    elif how == "twice":
        for said in list(server.served.values())[-3:]:
            server.said(said)
    elif how == "half":
        server.push(b'{"data": {"id": "17')
    elif how == "reset":
        server.drop()
    if how != "twice":
        server.push({"on": b"", "half": None, "reset": BREAK, "end": None}[how])


_SEARCH = Hearing(
    name="X, search",
    subject=SUBJECT,
    settings={"daily_budget_usd": 1e6},
    in_place=True,
    late_s=40.0,
    edits_come=True,
    prepare=_prepare,
)
HEARING = (
    _SEARCH,
    replace(
        _SEARCH,
        name="X, mentions",
        settings={**_SEARCH.settings, "kind": "mentions", "owned": True},
        all_ours=True,
        calls="@norda ",
    ),
    replace(
        _SEARCH,
        name="X, stream",
        settings={**_SEARCH.settings, "kind": "stream"},
        late_s=10.0,
        streamed=Streamed(
            path="/2/tweets/search/stream",
            speak=_speak,
            quickly=lambda: mock.patch.object(stream, "BATCH_S", 0.005),
        ),
        prepare=_prepare_stream,
    ),
)
