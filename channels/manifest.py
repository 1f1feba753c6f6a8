"""The channel contract: each folder states the facts of its network in one `MANIFEST`.

A new network is a new folder; nothing else needs to know it. `channels.registry` finds it by its manifest.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

import msgspec

from channels.policies import NO_MORE_THAN_OURS, Policies
from domain.account import Account, Renewed
from domain.clock import Clock, SystemClock
from domain.mention import Mention
from domain.ports import Cursor, Held, Page, Publisher, Source, Stream
from domain.reply import Capability, Frozen, Outgoing, Parent, Way
from net.door import Door

Proof = Literal["record", "key", "upsert", "two_phase", "read_back", "none"]
"""How a doubtful sending can be settled. record: the record key is chosen by us and the server refuses a second one;
key: the server de-duplicates by our key for `key_valid_s`; upsert: a post has one answer, which sending again sets or
replaces (the publisher looks first and never replaces words of somebody else, see `channels.upsert`); two_phase: the
network says of what was prepared whether it was published, and what was not may be; read_back: only by looking;
none: a person looks."""


class SourceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of a channel's own source settings; fields are validated when a source is added or read.

    `interval_s`: seconds between polls in place of the channel's own; never less than its `min_interval_s`.
    """

    interval_s: float | None = None


@dataclass(frozen=True, slots=True)
class Meter:
    """What a source has used of a budget until `resets_at`, and `what` for. `of` is its own; `of_account` that of all
    sources which listen by the same account, where there is one."""

    used: float
    of: float
    unit: str
    resets_at: datetime
    what: str
    of_account: float | None = None


def nothing_elsewhere() -> float:
    """No other source uses the same account."""
    return 0.0


@dataclass(frozen=True, slots=True)
class Listening:
    """What a source is built from. `terms` are the plain search words of the brand's topics, for channels whose
    network can search; `handles` are our own names there (our own posts are never mentions). `clock` is only for
    what a network cannot tell itself (the pace of a replay, the end of a search window). `used_elsewhere`: how much the
    other sources of this account have used by now, on a channel with a meter."""

    settings: Any
    account: Account | None
    terms: tuple[str, ...]
    handles: tuple[str, ...]
    door: Door
    clock: Clock = field(default_factory=SystemClock)
    used_elsewhere: Callable[[], float] = nothing_elsewhere


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides whether a reply can leave by API: the mention's facts and whether we have a working account."""

    has_account: bool
    addressed: bool
    native: dict[str, Any] = field(default_factory=dict)


Verify = Callable[[Listening, Sequence[Held]], Awaitable[Mapping[str, Mention | None]]]
"""Looks at stored posts again, at most `verify_batch` at once, as the source that heard them. By native id: the post
as it reads now; None where it is certainly gone (removed, or no longer public since its author closed or locked the
account). Left out: what cannot be told now. Raises the errors of a read when nothing can be told. What it calls gone is
purged, so an answer that is cut or odd is never "gone"."""


Renew = Callable[[Account, Door], Awaitable[Renewed]]
"""Asks for new secrets with exactly one request (`door.send_once`), and keeps nothing. OutcomeUnknown or Undecodable:
the network may have made new ones that we do not hold; SignInFailed: it no longer takes the present ones; Refused: it
gives no new ones now; Unreachable, RateLimited: certainly nothing changed. After a crash it is asked again with the old
ones: a network that still takes them gives new ones, one that has burnt them says so, and that alone decides."""


def otherwise(situation: Situation) -> bool:
    """Holds in every situation: the last row of each table of answers."""
    return True


@dataclass(frozen=True, slots=True)
class Answering:
    """One row of a channel's table of answers: in which situation, which way a reply leaves, and whose rule that is.

    `situation`, `reason` and `source` are for people: shown in the desk before anyone drafts, and in the channel's page
    of docs. `source` names where the rule comes from (the network's terms, its API, or a choice of ours).
    """

    situation: str
    holds: Callable[[Situation], bool]
    way: Way
    reason: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The facts of one network. Times in seconds; lengths as `length` counts them."""

    name: str
    title: str
    settings: type[SourceSettings]
    source: Callable[[Listening], Source] | None = None
    stream: Callable[[Listening], Stream] | None = None
    receive: Callable[[Listening, Mapping[str, str], bytes, datetime], Page] | None = None
    """Pure: what the network pushed to us, as a page. Takes the headers (names in lower case), the raw body and now;
    checks first that it comes from its sender (SignInFailed), then reads it (Undecodable). A push that only names what
    was said says that more waits: the source is then asked from the page's cursor, and keeps its own."""
    greet: Callable[[Listening, Mapping[str, str]], str] | None = None
    """Pure: the answer to a question (its query) by which the network finds out that an address is ours; SignInFailed
    when the question is not its own."""
    push_steps: str = ""
    """What a person does with the address to which the network pushes, in plain words; shown beside it."""
    keyless: Callable[[str], list[tuple[str, dict[str, Any]]]] = lambda brand: []
    """Sources (name, settings) that need no account, for `watch "Brand"`."""
    setting_labels: Mapping[str, str] = field(default_factory=dict)
    """What a form asks for when a source is added, by setting. Settings without a label are rarely needed."""
    account_fields: tuple[tuple[str, str], ...] = ()
    """Fields of an account: (name, label); names of secrets start with "secret_"."""
    try_account: Callable[[Account, Door], Any] | None = None
    """Async: signs in and returns the Account completed with handle and external id; raises SignInFailed."""
    renew: Renew | None = None
    """How secrets that end are renewed, long before they do. Without it they do not end, or a person makes new ones."""
    renew_after_s: float = 0.0
    """The network renews nothing younger than this; also when to renew first while it does not tell an end."""
    meter: Callable[[Any, Cursor | None, datetime], Meter] | None = None
    """Pure: what a source with these settings and this cursor has used of its budget by now. The figures stand under
    "meter" in the cursor, and that part stays when the source starts anew: a cursor may hold nothing else."""
    asks_for_terms: Callable[[Any], bool] = lambda settings: False
    """Whether the network is asked for the words of the topics: then other words start a new cursor."""
    takes_all: bool = False
    """Whatever this source serves is for the brand, also what no topic matches."""
    min_interval_s: float = 30.0
    interval_s: float = 120.0
    silence_after_s: float = 86_400.0
    """Longer without any item than this is worth an alarm."""
    sweep_interval_s: float | None = 3600.0
    sweep_window_s: float = 86_400.0
    verify: Verify | None = None
    verify_can: Callable[[Any, bool], bool] = lambda settings, has_account: True
    """By settings of a source, and whether it has an account: whether its posts can be looked at again. Where not,
    `verify` tells nothing, and the sources page says so."""
    verify_within_s: float = 7 * 86_400.0
    """Each stored post is looked at again within this time, as long as it is stored: a duty on some networks."""
    verify_batch: int = 20
    verify_most: Callable[[Any], int] | None = None
    """By settings of a source: how many stored posts it may look at within that time, where looks are billed or
    counted; each is looked at twice at most. More than that are looked at no faster, and that they are late is told."""
    no_training: str = ""
    """Whose rule it is that nothing may be trained on what is said there: a correction then holds for its own mention
    and teaches nothing. Empty: nobody forbids it."""
    no_model: str = ""
    """Whose rule it is that no model may write answers there: the optional one is then not asked. Empty: nobody's."""
    private: bool = False
    """Whether what is said there is read by its author and us alone: a draft then offers no other, private way."""
    messages: str = ""
    """How anybody who is answered there can write to our account in private, and whose word that is; what we would have
    to switch on first does not count. Empty: they cannot, and a draft leads to a way of the brand's own, or to none."""
    max_length: int = 10_000
    length: Callable[[str], int] = len
    worded: Callable[[str, Parent], str] = lambda text, parent: text
    """Pure: the text as it leaves under that post, with the name of its author in front where only that notifies them.
    So it is counted, before anybody approves it."""
    answers: tuple[Answering, ...]
    """How a reply can leave, by situation. The first row that holds counts; the last one holds always."""
    policies: Policies = NO_MORE_THAN_OURS
    """What bounds answers by API, whatever the situation."""
    freeze: Callable[[Outgoing], Frozen] | None = None
    """Pure: the final platform bytes and key of an approved reply."""
    publisher: Callable[[Account, Door], Publisher] | None = None
    proof: Proof = "none"
    key_valid_s: float = 0.0
    settle_s: float = 60.0
    """How long to wait before a read-back counts."""
    open_url: Callable[[str], str] = lambda url: url
    """Where a person answers by hand, from the mention's address."""
    mail_to: Callable[[dict[str, Any]], str] | None = None
    """Pure: the e-mail address to which a person answers by hand, from the mention's `native`; empty when there is
    none. Shown only to those who may answer."""

    def __post_init__(self) -> None:
        if not self.answers or self.answers[-1].holds is not otherwise:
            raise ValueError(f"{self.name}: the last row of its answers must hold otherwise")

    @property
    def is_asked(self) -> bool:
        """Whether we ask the network. Otherwise it only pushes."""
        return self.source is not None or self.stream is not None

    @property
    def is_chosen(self) -> bool:
        """Whether people add its sources one by one. Otherwise it has a switch of its own."""
        return self.is_asked or self.receive is not None

    def mail_link(self, native: dict[str, Any]) -> str:
        """What opens the answer to this mention in a mail program; empty when nobody is named."""
        address = self.mail_to(native) if self.mail_to else ""
        subject = " ".join(str(native.get("subject") or "").split())
        about = f"?subject={quote(f'Re: {subject}', safe='')}" if subject else ""
        return f"mailto:{quote(address, safe='@')}{about}" if address else ""

    def capability(self, situation: Situation) -> Capability:
        """How a reply can leave in this situation, and why."""
        row = next(row for row in self.answers if row.holds(situation))
        return Capability(row.way, row.reason)
