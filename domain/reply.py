"""A Reply is what we say: drafted, approved by a named person, sent once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from domain.account import Account

Way = Literal["api", "manual", "none"]


@dataclass(frozen=True, slots=True)
class Capability:
    """How a reply can leave: by API, by hand, or not at all, and why (shown before anyone drafts)."""

    way: Way
    reason: str


@dataclass(frozen=True, slots=True)
class Parent:
    """The post that is answered, as its channel's publisher needs it."""

    external_id: str
    thread_id: str
    url: str
    author_id: str
    author_handle: str
    native: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A reply about to be frozen: final text, language, what it answers, and the moment of approval."""

    text: str
    lang: str | None
    parent: Parent
    account: Account
    approved_at: datetime
    reply_id: int


@dataclass(frozen=True, slots=True)
class Frozen:
    """The final platform bytes. Fixed at approval and never changed: identical bytes keep the platform's own
    duplicate net working. `key` is what the server (or we, at read-back) recognises the post by."""

    body: bytes
    key: str


@dataclass(frozen=True, slots=True)
class ApprovedReply:
    """A reply with a live approval of exactly these bytes. Built only by `responders.approval`.

    `prepared` is what the network called it in a first step that shows nothing to anybody (see `Prepared`); it is
    stored before the second step may leave.
    """

    reply_id: int
    approval_id: int
    channel: str
    account: Account
    parent: Parent
    text: str
    body: bytes
    key: str
    approved_at: datetime
    first_sent_at: datetime | None = None
    prepared: str = ""


@dataclass(frozen=True, slots=True)
class PublishedReply:
    """Where our reply stands now."""

    external_id: str
    url: str
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One objection of the reply contract: the rule, the words it quotes, what to do. A blocking one stops approval.

    `fix` is the whole reply with this mended, where one key can do that.
    """

    rule: str
    words: str
    advice: str
    blocking: bool = True
    fix: str | None = None

    @property
    def key(self) -> str:
        """The same for the same rule and the same words, whatever else the text says."""
        return f"{self.rule}-{hashlib.sha256(self.words.encode()).hexdigest()[:16]}"
