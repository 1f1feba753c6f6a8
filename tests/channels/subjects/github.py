"""GitHub in the conformance suite: the comments of a repository on an Enterprise server, answered by a comment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from channels.github import MANIFEST
from channels.github.convert import server_of
from channels.manifest import Situation
from domain.account import Account
from domain.reply import Parent
from tests.channels.network import Network, Post
from tests.channels.subject import Subject
from tests.emulators.github import LOGIN, OWN_ID, REPO, TOKEN, GitHubServer, Item


class _Books(GitHubServer):
    """Serves what the network holds now as comments of one old issue, and keeps our own beside it."""

    def __init__(self, network: Network) -> None:
        super().__init__(page_size=3)
        self.network = network
        self.root: Item = self.issue("old", minute=-100_000)

    def refresh(self) -> None:
        own = [post for post in self.posts if post["author"] == LOGIN]
        self.posts = [self.root]
        for post in self.network.posts:
            if not post.withdrawn:
                self._serve(post)
        self.posts += own
        self.root["changed"] = self.root["at"]

    def _serve(self, post: Post) -> None:
        changed = post.posted_at + timedelta(minutes=30 if "edited" in post.text else 0)
        self.comment(
            self.root, post.text, post.author, id=None if post.broken else 70_000 + post.id, node=f"C_{post.id}",
            at=post.posted_at, changed=changed, dated=post.dated, naive=post.naive,
        )  # fmt: skip
        if post.broken:
            self.posts[-1]["body"] = None


@dataclass
class GitHubSubject(Subject):
    """Names begin with the host, for this is not github.com."""

    publish_path: str = f"/api/v3/repos/{REPO}/issues"
    host: str = ""

    def settings(self, network: Network, folder: Path) -> dict[str, Any]:
        self.host = server_of(network.base)  # the port of the local server is another one in each test
        return {"kind": "repository", "repository": REPO}

    def routes(self, network: Network, folder: Path) -> list[web.RouteDef]:
        network.state["server"] = server = _Books(network)
        return server.routes()

    def native_id(self, post_id: int) -> str:
        return f"{self.host}/comment-{70_000 + post_id}"

    def account(self, network: Network) -> Account:
        return Account(1, "github", LOGIN, str(OWN_ID), network.base, {"secret_token": TOKEN})

    def parent(self, network: Network) -> Parent:
        server = server_of(network.base)
        name = f"{server}/{REPO}#1"
        native = {"kind": "issue", "repo": REPO, "number": 1, "server": server, "answerable": True, "locked": False}
        return Parent(name, name, f"{network.base}/{REPO}/issues/1", "7", "mara_testfield", native)

    def published_texts(self, network: Network) -> list[str]:
        server: GitHubServer = network.state["server"]
        return server.own_texts()


_FINE = {"answerable": True, "locked": False}
SITUATIONS = {
    "no account": Situation(False, True, _FINE),
    "read on another server": Situation(True, True, {"answerable": False}),
    "the conversation is locked": Situation(True, True, _FINE | {"locked": True}),
    "otherwise": Situation(True, False, _FINE),
}
SUBJECT = GitHubSubject(MANIFEST, shows_withdrawals=True, situations=SITUATIONS)
