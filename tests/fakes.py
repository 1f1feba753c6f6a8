"""A network of our own for tests, kept in memory, that counts what reaches it; and a motor that only takes notes."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from channels.manifest import Answering, Manifest, Proof, SourceSettings, otherwise
from channels.upsert import Standing, UpsertPublisher
from domain.account import Account
from domain.errors import Gone, OutcomeUnknown, Prepared
from domain.mention import sha256
from domain.ports import Publisher
from domain.reply import ApprovedReply, Frozen, Outgoing, Parent, PublishedReply

CHANNEL = "parley"
BY_HAND = "by hand"


@dataclass(frozen=True, slots=True)
class Answer:
    """How the network takes the next request: `applied` says whether the post became public, then `error` is raised."""

    applied: bool = True
    error: BaseException | None = None
    without_id: bool = False


@dataclass
class FakeNetwork:
    """What reached the network. `posts` are public, `requests` counts every request to publish, `reads` every look.

    `de_duplicates` by key, `hidden` posts do not show in a read-back. `watch` sees each request as it arrives.
    With `one_answer` a post has one answer, which the next one replaces; `replaced` lists those that we replaced
    although they could be seen.
    In `two_steps` a reply is held ready first (`held`); publishing one twice makes two posts, the worst there could be.
    `first_steps` says how the network takes the next first ones.
    """

    posts: list[dict[str, Any]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    answers: deque[Answer] = field(default_factory=deque)
    read_errors: deque[BaseException] = field(default_factory=deque)
    reads: int = 0
    de_duplicates: bool = False
    two_steps: bool = False
    held: list[bytes] = field(default_factory=list)
    first_steps: deque[Answer] = field(default_factory=deque)
    hidden: bool = False
    one_answer: bool = False
    gone: bool = False
    replaced: list[dict[str, Any]] = field(default_factory=list)
    watch: Callable[[ApprovedReply, dict[str, Any]], None] = lambda reply, said: None

    def take(self, reply: ApprovedReply) -> PublishedReply:
        """One request to publish."""
        if self.two_steps and not reply.prepared:
            self._hold(reply)
        said = json.loads(reply.body) | {"account": reply.account.external_id, "key": reply.key}
        if self.two_steps:
            assert self.held[int(reply.prepared)] == reply.body, "held ready for other words"
            said["handle"] = reply.prepared
        self.requests.append(said)
        self.watch(reply, said)
        answer = self.answers.popleft() if self.answers else Answer()
        external_id = self._apply(said) if answer.applied else ""
        if answer.error is not None:
            raise answer.error
        return PublishedReply("" if answer.without_id else external_id, f"https://parley.test/{external_id}")

    def _hold(self, reply: ApprovedReply) -> None:
        answer = self.first_steps.popleft() if self.first_steps else Answer()
        if answer.applied:
            self.held.append(reply.body)
        raise answer.error or Prepared(str(len(self.held) - 1))

    def _apply(self, said: dict[str, Any]) -> str:
        for number, post in enumerate(self.posts):
            if self.de_duplicates and post["key"] == said["key"]:
                return str(number)
            if self.one_answer and post["parent"] == said["parent"]:
                by_us = said["key"] != BY_HAND and not self.hidden
                self.replaced += [post] if by_us else []
                self.posts[number] = said
                return str(number)
        self.posts.append(said)
        return str(len(self.posts) - 1)

    def by_hand(self, text: str, parent: str = "p1") -> None:
        """A colleague answers on the network's own page; no words: takes away what stands there."""
        if text:
            self._apply({"text": text, "parent": parent, "account": "acc-1", "key": BY_HAND})
        else:
            self.posts = [post for post in self.posts if post["parent"] != parent]

    def standing(self, parent: str) -> Standing | None:
        """The one answer under a post."""
        self.reads += 1
        if self.read_errors:
            raise self.read_errors.popleft()
        if self.gone:
            raise Gone
        found = [] if self.hidden else [n for n, post in enumerate(self.posts) if post["parent"] == parent]
        return Standing(self.posts[found[0]]["text"], str(found[0])) if found else None

    def find(self, reply: ApprovedReply) -> PublishedReply | None:
        """One read-back."""
        self.reads += 1
        if self.read_errors:
            raise self.read_errors.popleft()
        if self.two_steps and self.hidden and any(post.get("handle") == reply.prepared for post in self.posts):
            raise OutcomeUnknown("published, but not shown yet")
        if self.hidden:
            return None
        for number, post in enumerate(self.posts):
            if (post["parent"], post["text"]) == (reply.parent.external_id, reply.text):
                return PublishedReply(str(number), f"https://parley.test/{number}")
        return None


@dataclass(frozen=True, slots=True)
class FakePublisher:
    """Publishes to a `FakeNetwork`."""

    network: FakeNetwork

    async def publish(self, reply: ApprovedReply) -> PublishedReply:
        return self.network.take(reply)

    async def find_published(self, reply: ApprovedReply) -> PublishedReply | None:
        return self.network.find(reply)


@dataclass(frozen=True, slots=True)
class FakePlace:
    """The one answer under a post of a `FakeNetwork`."""

    network: FakeNetwork

    async def standing(self, parent: Parent) -> Standing | None:
        return self.network.standing(parent.external_id)

    async def put(self, reply: ApprovedReply) -> Standing:
        sent = self.network.take(reply)
        return Standing(reply.text, sent.external_id, url=sent.url)


def freeze(outgoing: Outgoing) -> Frozen:
    """The final bytes on the fake network."""
    said = {"text": outgoing.text, "parent": outgoing.parent.external_id, "at": outgoing.approved_at.isoformat()}
    body = json.dumps(said, sort_keys=True).encode()
    return Frozen(body, sha256(body)[:16])


ANSWERS = (
    Answering("locked", lambda it: bool(it.native.get("locked")), "none", "the thread is locked", "ours"),
    Answering("account", lambda it: it.has_account, "api", "our account can answer here", "ours"),
    Answering("otherwise", otherwise, "manual", "no account is connected", "ours"),
)


def manifest(network: FakeNetwork, *, proof: Proof = "read_back", key_valid_s: float = 0.0) -> Manifest:
    """The fake network as a channel."""

    def publisher(account: Account, door: Any) -> Publisher:
        return UpsertPublisher(FakePlace(network)) if proof == "upsert" else FakePublisher(network)

    network.one_answer = proof == "upsert"

    return Manifest(
        name=CHANNEL,
        title="Parley",
        settings=SourceSettings,
        answers=ANSWERS,
        freeze=freeze,
        publisher=publisher,
        proof=proof,
        key_valid_s=key_valid_s,
        settle_s=60.0,
    )


@dataclass
class NotedJobs:
    """Takes notes of nudges; tests run the steps themselves."""

    nudges: list[tuple[str, int, datetime]] = field(default_factory=list)

    async def nudge(self, session: Any, kind: str, row_id: int, due_at: datetime) -> None:
        self.nudges.append((kind, row_id, due_at))
