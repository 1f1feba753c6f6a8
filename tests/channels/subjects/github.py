"""GitHub in the conformance suite: the comments of a repository on an Enterprise server, answered by a comment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from channels.github import MANIFEST
from channels.github.convert import server_of
from channels.manifest import Situation
from domain.account import Account
from domain.clock import Clock
from domain.reply import Parent
from tests.channels.network import Network, Post
from tests.channels.proofs import DAY_S, Hearing, Posted, Publishing
from tests.channels.subject import Subject
from tests.emulators.github import LOGIN, OWN_ID, REPO, TOKEN, GitHubServer, Item


class _Books(GitHubServer):
    """Serves what the network holds now as comments of one old issue, and keeps our own beside it. `apart`: as issues
    and discussions of their own."""

    def __init__(self, network: Network, *, apart: bool) -> None:
        super().__init__(page_size=3)
        self.apart = apart
        self.network = network
        self.living: Clock | None = None
        self.root: Item = self.issue("old", minute=-100_000)
        self.served: dict[int, tuple[Post, Item]] = {}

    def refresh(self) -> None:
        held = {post.id: post for post in self.network.posts if not post.withdrawn}
        gone = {id(self.served.pop(number)[1]) for number in self.served.keys() - held.keys()}
        if gone:
            self.posts = [each for each in self.posts if id(each) not in gone]
        for number, post in held.items():
            before = self.served.get(number)
            if before is None:
                self.served[number] = post, self._serve(post)
            elif before[0] is not post:
                self.served[number] = post, before[1]
                self.edit(before[1], post.text, self.clock.now() if self.living else None)
        self.root["changed"] = self.root["at"]

    def _serve(self, post: Post) -> Item:
        if self.apart:
            return self._open(post)
        changed = post.posted_at + timedelta(minutes=30 if "edited" in post.text and self.living is None else 0)
        comment = self.comment(
            self.root, post.text, post.author, id=None if post.broken else 70_000 + post.id, node=f"C_{post.id}",
            at=post.posted_at, changed=changed, dated=post.dated, naive=post.naive,
        )  # fmt: skip
        if post.broken:
            comment["body"] = None
        return comment

    def _open(self, post: Post) -> Item:
        write = self.discussion if post.id % 2 else self.issue
        number = None if post.broken else 1000 + post.id
        made = write("A question", post.text, post.author, node=f"T_{post.id}", at=post.posted_at)
        came = getattr(self.network, "came", {})  # a living network knows when: all that is new has not one moment
        made.update(number=number, changed=came.get(post.id, self.clock.now()))
        return made


@dataclass
class GitHubSubject(Subject):
    """Names begin with the host, for this is not github.com."""

    publish_path: str = f"/api/v3/repos/{REPO}/issues"
    host: str = ""
    apart: bool = False

    def settings(self, network: Network, folder: Path) -> dict[str, Any]:
        self.host = server_of(network.base)  # the port of the local server is another one in each test
        return {"kind": "repository", "repository": REPO}

    def routes(self, network: Network, folder: Path) -> list[web.RouteDef]:
        network.state["server"] = server = _Books(network, apart=self.apart)
        return server.routes()

    def native_id(self, post_id: int) -> str:
        return f"{self.host}/{REPO}#{1000 + post_id}" if self.apart else f"{self.host}/comment-{70_000 + post_id}"

    def account(self, network: Network) -> Account:
        return Account(1, "github", LOGIN, str(OWN_ID), network.base, {"secret_token": TOKEN})

    def parent(self, network: Network) -> Parent:
        return self.issue_to_answer(network, 1)

    def issue_to_answer(self, network: Network, number: int) -> Parent:
        """The issue of this number as our publisher answers it."""
        server = server_of(network.base)
        name, page = f"{server}/{REPO}#{number}", f"{network.base}/{REPO}/issues/{number}"
        native: Item = {"kind": "issue", "repo": REPO, "number": number, "server": server}
        return Parent(name, name, page, "7", "mara_testfield", native | {"answerable": True, "locked": False})

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


# --- proofs ----------------------------------------------------------------------------------------------------


def _ask(network: Network, number: int) -> Parent:
    server: _Books = network.state["server"]
    server.issue("My seat is wet", number=1 + number)
    return SUBJECT.issue_to_answer(network, 1 + number)


def _books(network: Network) -> list[Posted]:
    server = server_of(network.base)
    own = [post for post in network.state["server"].posts if post["author"] == LOGIN]
    return [Posted(f"{server}/comment-{post['id']}", f"{server}/{REPO}#{post['number']}") for post in own]


def _ask_in_discussion(network: Network, number: int) -> Parent:
    """A discussion, or (every other time) a comment in one."""
    server, host = network.state["server"], server_of(network.base)
    talk = server.discussion("Which seat?", number=1 + number)
    top = server.comment(talk, "My seat is wet") if number % 2 else None
    name = _called(host, top or talk)
    native = {"kind": "discussion", "repo": REPO, "number": 1 + number, "server": host, "node": talk["node"]}
    native |= {"top": top["node"] if top else "", "answerable": True, "locked": False}
    return Parent(name, _called(host, talk), f"{network.base}/{REPO}", "7", "mara_testfield", native)


def _books_of_discussions(network: Network) -> list[Posted]:
    host = server_of(network.base)
    own = [post for post in network.state["server"].posts if post["author"] == LOGIN]
    return [Posted(_called(host, post), _called(host, post["under"] or post["on"])) for post in own]


def _called(host: str, post: Item) -> str:
    """A discussion, or a comment in one, whose ids are others in GraphQL."""
    own_id = f"discussioncomment-{post['id'] - 3_000_000_000}"
    return f"{host}/{REPO}#{post['number']}" if post["kind"] == "discussion" else f"{host}/{own_id}"


_READ_BACK = Publishing(name="GitHub, read back", kind="read back", subject=SUBJECT, ask=_ask, books=_books)
PUBLISHING = (
    _READ_BACK,
    replace(
        _READ_BACK,
        name="GitHub, read back in discussions",
        subject=replace(SUBJECT, publish_path="/api/graphql"),
        ask=_ask_in_discussion,
        books=_books_of_discussions,
        sends=lambda body: b"mutation" in body,
    ),
)


def _prepare(network: Network, clock: Clock) -> None:
    server: _Books = network.state["server"]
    server.clock = server.living = clock
    server.page_size = 100


_REPOSITORY = Hearing(
    name="GitHub, repository",
    subject=SUBJECT,
    in_place=True,
    late_s=120.0,
    edits_come=True,
    sweep_s=DAY_S,
    sweep_posts=3000,
    sweep_every_s=6 * 3600.0,
    removal_posts=30,
    removal_polls=3,
    prepare=_prepare,
)
_SEARCH = replace(
    _REPOSITORY,
    name="GitHub, search",
    subject=replace(SUBJECT, apart=True),
    settings={"kind": "search", "query": "norda"},
    in_place=False,
)
HEARING = (
    _REPOSITORY,
    replace(_SEARCH, name="GitHub, repository's issues and discussions", settings={}),
    _SEARCH,
    replace(_SEARCH, name="GitHub, mentions", settings={"kind": "mentions"}, all_ours=True, calls=f"@{LOGIN} "),
)
