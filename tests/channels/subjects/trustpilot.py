"""Trustpilot in the conformance suite: the private reviews of one business unit, answered by reply."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from channels.manifest import Situation
from channels.trustpilot import MANIFEST
from domain.account import Account
from domain.clock import Clock
from domain.reply import Parent
from tests.channels.network import Network, Post
from tests.channels.proofs import DAY_S, ByHand, Hearing, Posted, Publishing
from tests.channels.subject import Subject
from tests.emulators.trustpilot import DOMAIN, UNIT, TrustpilotServer, review_id, secrets, stamp

PARENT = 900_000


class _Books(TrustpilotServer):
    """Serves what the network holds now, beside the review that is answered (which no list shows)."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.living: Clock | None = None
        self.served: dict[int, Post] = {}
        self.review("norda parent", PARENT)

    def refresh(self) -> None:
        held = {post.id: post for post in self.network.posts if not post.withdrawn}
        for number in self.served.keys() - held.keys():
            del self.reviews[review_id(number)]
        for number, post in held.items():
            before = self.served.get(number)
            if before is not post:
                self._serve(post)
            if before and before is not post and self.living:
                self.reviews[review_id(number)]["updatedAt"] = stamp(self.clock.now())
        self.served = held

    def _serve(self, post: Post) -> None:
        moment = post.posted_at.replace(tzinfo=None).isoformat() if post.naive else stamp(post.posted_at)
        review = self.review(post.text, post.id, createdAt=moment if post.dated else None, language=post.lang)
        if post.broken:
            review.update(id=None, text=None)

    def _shows(self, key: str) -> bool:
        return key != review_id(PARENT)


@dataclass
class TrustpilotSubject(Subject):
    """What answers a posted reply is not documented, so each is seen under its review before it counts as sent."""

    publish_path: str = "/v1/private/reviews"

    def routes(self, network: Network, folder: Path) -> list[web.RouteDef]:
        network.state["server"] = server = _Books(network)
        return server.routes()

    def native_id(self, post_id: int) -> str:
        return review_id(post_id)

    def account(self, network: Network) -> Account:
        return Account(1, "trustpilot", DOMAIN, UNIT, network.base, secrets())

    def parent(self, network: Network) -> Parent:
        return self.review_to_answer(PARENT)

    def review_to_answer(self, number: int) -> Parent:
        """The review with this number as our publisher answers it."""
        review = review_id(number)
        return Parent(review, review, f"https://www.trustpilot.com/reviews/{review}", "", "", {"review": review})

    def published_texts(self, network: Network) -> list[str]:
        return [reply["text"] for reply in network.state["server"].replies.values()]


NATIVE = {"review": review_id(1), "rating": 1}
SITUATIONS = {
    "no account": Situation(False, True, NATIVE),
    "answered already": Situation(True, True, NATIVE | {"answered": True}),
    "changed since it was answered": Situation(True, True, NATIVE | {"replaces": "0123456789abcdef"}),
    "otherwise": Situation(True, True, NATIVE),
}
SUBJECT = TrustpilotSubject(MANIFEST, situations=SITUATIONS)


# --- proofs ----------------------------------------------------------------------------------------------------


COLLEAGUE = "Hello, a colleague of Norda has answered this on the site already."


def _ask(network: Network, number: int) -> Parent:
    network.posts = [*network.posts[-20:], Post(number, "norda, my seat is wet")]
    return SUBJECT.review_to_answer(number)


def _books(network: Network) -> list[Posted]:
    replies = network.state["server"].replies
    return [Posted(f"{review}#answer", review) for review, reply in replies.items() if reply["text"] != COLLEAGUE]


def _prepare(network: Network, clock: Clock) -> None:
    network.state["server"].now = clock.now


def _standing(network: Network) -> list[str]:
    replies = network.state["server"].replies
    return [review for review, reply in replies.items() if reply["text"] == COLLEAGUE]


_BY_HAND = ByHand(
    answer=lambda network, review: network.state["server"].reply(int(review[4:], 16), COLLEAGUE), standing=_standing
)
PUBLISHING = (
    Publishing(
        name="Trustpilot, upsert",
        kind="upsert",
        subject=SUBJECT,
        ask=_ask,
        books=_books,
        prepare=_prepare,
        by_hand=_BY_HAND,
    ),
)


def _prepare_life(network: Network, clock: Clock) -> None:
    server: _Books = network.state["server"]
    server.clock = server.living = clock


HEARING = (
    Hearing(
        name="Trustpilot",
        subject=SUBJECT,
        in_place=True,
        all_ours=True,
        overlap_posts=100,
        sweep_s=7 * DAY_S,
        sweep_posts=3000,
        sweep_every_s=6 * 3600.0,
        prepare=_prepare_life,
    ),
)
