"""Google Play in the conformance suite: the reviews of one app, answered by reply."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from channels.googleplay import MANIFEST
from channels.manifest import Situation
from domain.account import Account
from domain.clock import Clock
from domain.reply import Parent
from tests.channels.network import Network, Post
from tests.channels.proofs import DAY_S, ByHand, Hearing, Posted, Publishing
from tests.channels.subject import Subject
from tests.emulators.googleplay import EMAIL, NOON, PACKAGE, REACH, GooglePlay, key_file, review_id

PARENT = 900_000


class _Books(GooglePlay):
    """Serves what the network holds now, beside the review that is answered (which no list shows)."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.living: Clock | None = None
        self.served: dict[int, Post] = {}
        self.review("norda parent", PARENT, NOON - timedelta(days=30))

    def refresh(self) -> None:
        held = {post.id: post for post in self.network.posts if not post.withdrawn}
        for number in self.served.keys() - held.keys():
            del self.reviews[review_id(number)]
        for number, post in held.items():
            before = self.served.get(number)
            if before is not post:
                self._serve(post, self.clock.now() if before and self.living else post.posted_at)
        self.served = held

    def _serve(self, post: Post, at: datetime) -> None:
        self.review(post.text, post.id, author=post.author, broken=post.broken)
        self.reviews[review_id(post.id)]["at"] = at if post.dated else None

    def _shows(self, key: str) -> bool:
        reached = self.living is None or self.reviews[key]["at"] > self.clock.now() - REACH
        return key != review_id(PARENT) and reached


@dataclass
class GooglePlaySubject(Subject):
    """Moments are numbers of seconds here, so none lacks its zone. Markup cannot be answered with."""

    publish_path: str = f"/androidpublisher/v3/applications/{PACKAGE}/reviews"
    reply_text: str = "Hello Mara, we are sorry about the cold coach on line 4 & have told the depot. <3 Norda team"

    def settings(self, network: Network, folder: Path) -> dict[str, Any]:
        return {"package": PACKAGE}

    def routes(self, network: Network, folder: Path) -> list[web.RouteDef]:
        network.state["play"] = play = _Books(network)
        return play.routes()

    def native_id(self, post_id: int) -> str:
        return review_id(post_id)

    def account(self, network: Network) -> Account:
        secrets = {"secret_service_account": key_file(network.base)}
        return Account(1, "googleplay", PACKAGE, EMAIL, network.base, secrets)

    def parent(self, network: Network) -> Parent:
        return self.review_to_answer(PARENT)

    def review_to_answer(self, number: int) -> Parent:
        """The review with this number as our publisher answers it."""
        review = review_id(number)
        return Parent(review, review, "https://play.google.com/", "", "", {"review": review, "package": PACKAGE})

    def published_texts(self, network: Network) -> list[str]:
        return [reply["text"] for reply in network.state["play"].replies.values()]


NATIVE = {"review": review_id(1), "package": PACKAGE, "rating": 1}
SITUATIONS = {
    "no account": Situation(False, True, NATIVE),
    "answered already": Situation(True, True, NATIVE | {"answered": True}),
    "changed since it was answered": Situation(True, True, NATIVE | {"replaces": "0123456789abcdef"}),
    "otherwise": Situation(True, True, NATIVE),
}
SUBJECT = GooglePlaySubject(MANIFEST, situations=SITUATIONS)


# --- proofs ----------------------------------------------------------------------------------------------------


COLLEAGUE = "Hello, a colleague of Norda has answered this in the console already."


def _ask(network: Network, number: int) -> Parent:
    network.posts = [*network.posts[-20:], Post(number, "norda, my seat is wet")]
    return SUBJECT.review_to_answer(number)


def _books(network: Network) -> list[Posted]:
    replies = network.state["play"].replies
    return [Posted(f"{review}#answer", review) for review, reply in replies.items() if reply["text"] != COLLEAGUE]


def _prepare(network: Network, clock: Clock) -> None:
    network.state["play"].now = clock.now


def _by_a_colleague(network: Network, review: str) -> None:
    (number,) = re.findall(r"AOqpTO(\d+)-", review)
    network.state["play"].reply(int(number), COLLEAGUE)


def _standing(network: Network) -> list[str]:
    replies = network.state["play"].replies
    return [review for review, reply in replies.items() if reply["text"] == COLLEAGUE]


PUBLISHING = (
    Publishing(
        name="Google Play, upsert",
        kind="upsert",
        subject=SUBJECT,
        ask=_ask,
        books=_books,
        server="play",
        prepare=_prepare,
        wording=lambda text, number: re.sub(r"[<>]", "", text),
        by_hand=ByHand(answer=_by_a_colleague, standing=_standing),
    ),
)


def _prepare_life(network: Network, clock: Clock) -> None:
    play: _Books = network.state["play"]
    play.clock = play.living = clock
    play.token_s = 100_000  # each sign-in signs with a key of 2048 bits, which takes its time


# A changed review comes to the top, so what stands still is read again a little less deep than the first page reaches.
HEARING = (
    Hearing(
        name="Google Play",
        subject=SUBJECT,
        in_place=True,
        all_ours=True,
        edits_come=True,
        overlap_posts=50,
        sweep_s=7 * DAY_S,
        sweep_posts=3000,
        sweep_every_s=DAY_S,
        prepare=_prepare_life,
    ),
)
