"""Stack Exchange in the conformance suite: answers and questions that a search finds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aiohttp import web

from channels.manifest import Situation
from channels.stackexchange import MANIFEST
from domain.clock import Clock
from tests.channels.network import Network, Post
from tests.channels.proofs import DAY_S, Hearing
from tests.channels.subject import Subject
from tests.emulators.stackexchange import FIRST, Site


def _serve(site: Site, post: Post) -> None:
    answer = site.answer(post.text, post.author, number=post.id, question=0, at=post.posted_at)
    comment = site.comment(post.text, post.author, number=post.id, post=0, at=post.posted_at)
    for row in (answer, comment):
        if not post.dated or post.naive:  # an epoch has no zone to leave out
            del row["creation_date"]
    if post.broken:
        answer.update(answer_id=None, question_id=None)
        comment.update(comment_id=None)


class _Books(Site):
    """Serves what the network holds now."""

    def __init__(self, network: Network) -> None:
        super().__init__(quota=10_000)
        self.network = network
        self.served: dict[int, Post] = {}

    def refresh(self) -> None:
        held = {post.id: post for post in self.network.posts if not post.withdrawn}
        for number in self.served.keys() - held.keys():
            del self.posts[FIRST + number], self.comments[FIRST + number]
        for number, post in held.items():
            if self.served.get(number) is not post:
                _serve(self, post)
        self.served = held


@dataclass
class StackExchangeSubject(Subject):
    """Answers to a question that is not served itself; as comments where that kind is asked for."""

    kind: str = "search"

    def settings(self, network: Network, folder: Path) -> dict[str, Any]:
        return {"api_url": f"{network.base}/2.3", "site": "trains", "kind": self.kind, "tag": "rail"}

    def routes(self, network: Network, folder: Path) -> list[web.RouteDef]:
        network.state["site"] = site = _Books(network)
        return site.routes()

    def native_id(self, post_id: int) -> str:
        return f"trains/{'c' if self.kind == 'comments' else 'p'}/{FIRST + post_id}"


SUBJECT = StackExchangeSubject(MANIFEST, shows_withdrawals=True, situations={"always": Situation(False, False)})


# --- proofs ----------------------------------------------------------------------------------------------------


def _prepare(network: Network, clock: Clock) -> None:
    network.state["site"].quota = 1_000_000_000


_COMMENTS = Hearing(
    name="Stack Exchange, comments",
    subject=replace(SUBJECT, kind="comments"),
    in_place=True,
    late_s=3600.0,
    overlap_s=3600.0,
    removal_posts=100,
    prepare=_prepare,
)
HEARING = (
    _COMMENTS,
    replace(_COMMENTS, name="Stack Exchange, search", subject=SUBJECT, late_s=6 * 3600.0, overlap_s=DAY_S, dear=4),
)
