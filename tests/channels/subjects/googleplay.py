"""Google Play in the conformance suite: the reviews of one app, answered by reply."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from channels.googleplay import MANIFEST
from channels.manifest import Situation
from domain.account import Account
from domain.clock import Clock
from domain.reply import Parent
from tests.channels.network import Network, Post
from tests.channels.proofs import ByHand, Posted, Publishing
from tests.channels.subject import Subject
from tests.emulators.googleplay import EMAIL, NOON, PACKAGE, GooglePlay, key_file, review_id

PARENT = 900


class _Books(GooglePlay):
    """Serves what the network holds now, beside the review that is answered (which no list shows)."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def refresh(self) -> None:
        self.reviews.clear()
        self.review("norda parent", PARENT, NOON - timedelta(days=30))
        for post in self.network.posts:
            if not post.withdrawn:
                self._serve(post)

    def _serve(self, post: Post) -> None:
        self.review(post.text, post.id, author=post.author, broken=post.broken)
        self.reviews[review_id(post.id)]["at"] = post.posted_at if post.dated else None

    def _shows(self, key: str) -> bool:
        return key != review_id(PARENT)


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


def _lag(network: Network, seconds: float) -> None:
    network.state["play"].lag_s = seconds


def _prepare(network: Network, clock: Clock) -> None:
    play = network.state["play"]
    play.clock, play.now = clock, clock.now


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
        lag=_lag,
        prepare=_prepare,
        wording=lambda text, number: re.sub(r"[<>]", "", text),
        by_hand=ByHand(answer=_by_a_colleague, standing=_standing),
    ),
)
