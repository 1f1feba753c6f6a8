"""Stack Exchange in the conformance suite: answers and questions that a search finds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from channels.manifest import Situation
from channels.stackexchange import MANIFEST
from tests.channels.network import Network, Post
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

    def refresh(self) -> None:
        self.posts.clear()
        self.comments.clear()
        for post in self.network.posts:
            if not post.withdrawn:
                _serve(self, post)


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
