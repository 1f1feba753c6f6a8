"""The App Store in the conformance suite: the public feed of one country, answered through App Store Connect."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from channels.appstore import MANIFEST
from channels.manifest import Situation
from domain.account import Account
from domain.clock import Clock
from domain.reply import Parent
from tests.channels.network import Network, Post
from tests.channels.proofs import DAY_S, ByHand, Hearing, Posted, Publishing
from tests.channels.subject import Subject
from tests.emulators.appstore import APP, ISSUER, AppStore, document_id, feed_id, secrets, stamp

PARENT = 900_000


def _serve(store: AppStore, post: Post, country: str = "us", changed_at: datetime | None = None) -> None:
    moment = post.posted_at.replace(tzinfo=None).isoformat() if post.naive else stamp(changed_at or post.posted_at)
    facts = {"nickname": post.author, "at": moment if post.dated else None, "broken": post.broken}
    store.review(post.text, post.id, country=country, **facts)


class _Books(AppStore):
    """Serves what the network holds now, beside the review that is answered (which no feed shows)."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.living: Clock | None = None
        self.served: dict[int, Post] = {}
        _serve(self, Post(PARENT, "norda parent"), country="none")

    def refresh(self) -> None:
        held = {post.id: post for post in self.network.posts if not post.withdrawn}
        for number in self.served.keys() - held.keys():
            del self.reviews[number]
        for number, post in held.items():
            before = self.served.get(number)
            if before is not post:
                _serve(self, post, changed_at=self.clock.now() if before and self.living else None)
        self.served = held


@dataclass
class AppStoreSubject(Subject):
    """Ids of the feed are not those that answers need; a broken review has no id."""

    publish_path: str = "/v1/customerReviewResponses"
    by_account: bool = False

    def settings(self, network: Network, folder: Path) -> dict[str, Any]:
        return {"app_id": APP, "feed_url": network.base}

    def routes(self, network: Network, folder: Path) -> list[web.RouteDef]:
        network.state["store"] = store = _Books(network)
        return store.routes()

    def native_id(self, post_id: int) -> str:
        return document_id(post_id) if self.by_account else feed_id(post_id)

    def account(self, network: Network) -> Account:
        return Account(1, "appstore", "Norda Rail", ISSUER, network.base, secrets())

    def parent(self, network: Network) -> Parent:
        return self.review_to_answer(PARENT)

    def review_to_answer(self, number: int) -> Parent:
        """The review with this number as our publisher answers it."""
        review = document_id(number)
        return Parent(review, review, f"https://apps.apple.com/app/id{APP}", "", "", {"review": review, "app": APP})

    def published_texts(self, network: Network) -> list[str]:
        return [each["attributes"]["responseBody"] for each in network.state["store"].responses.values()]


NATIVE = {"review": document_id(1), "rating": 1}
SITUATIONS = {
    "read in the public feed": Situation(True, True, {"rating": 1}),
    "no account": Situation(False, True, NATIVE),
    "answered already": Situation(True, True, NATIVE | {"answered": True}),
    "changed since it was answered": Situation(True, True, NATIVE | {"replaces": "0123456789abcdef"}),
    "otherwise": Situation(True, True, NATIVE),
}
SUBJECT = AppStoreSubject(MANIFEST, situations=SITUATIONS, looks_again=False)


# --- proofs ----------------------------------------------------------------------------------------------------


COLLEAGUE = "Hello, a colleague of Norda has answered this in the store already."


def _ask(network: Network, number: int) -> Parent:
    network.posts = [*network.posts[-20:], Post(number, "norda, my seat is wet")]
    return SUBJECT.review_to_answer(number)


def _texts(network: Network) -> dict[str, str]:
    """The answers that stand there, by review."""
    responses = network.state["store"].responses
    return {review: each["attributes"]["responseBody"] for review, each in responses.items()}


def _books(network: Network) -> list[Posted]:
    return [Posted(f"r-{review}", review) for review, text in _texts(network).items() if text != COLLEAGUE]


def _prepare(network: Network, clock: Clock) -> None:
    network.state["store"].now = clock.now


_BY_HAND = ByHand(
    answer=lambda network, review: network.state["store"].answer(int(review[:8], 16), COLLEAGUE),
    standing=lambda network: [review for review, text in _texts(network).items() if text == COLLEAGUE],
)
PUBLISHING = (
    Publishing(
        name="App Store, upsert",
        kind="upsert",
        rounds=4,
        subject=SUBJECT,
        ask=_ask,
        books=_books,
        server="store",
        prepare=_prepare,
        by_hand=_BY_HAND,
    ),
)


def _prepare_life(network: Network, clock: Clock) -> None:
    store: _Books = network.state["store"]
    store.clock = store.living = clock
    del store.reviews[PARENT]


# A changed review comes to the top, so what stands still is read again a little less deep than the pages reach.
_FEED = Hearing(
    name="App Store, feed",
    subject=SUBJECT,
    in_place=True,
    all_ours=True,
    edits_come=True,
    overlap_posts=25,
    sweep_s=7 * DAY_S,
    sweep_posts=300,
    sweep_every_s=6 * 3600.0,
    prepare=_prepare_life,
)
HEARING = (
    _FEED,
    replace(_FEED, name="App Store, account", subject=replace(SUBJECT, by_account=True), settings={"kind": "account"}),
)
